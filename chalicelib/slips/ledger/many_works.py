"""First beginnings and ends of work, up to 25 to a request (`aws.partiql`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from secrets import token_hex
from typing import Final

from ..aws.dynamodb import DynamoDB
from ..aws.partiql import BATCH_STATEMENTS, DENIED, Statement, StatementResult, execute, insert, update
from ..aws.retry import Backoff
from ..errors import StoreError
from ..model import WorkItem
from ..model.ports import FinishedWork, Holder
from .items import FINAL, describe_beginning, describe_work, encode_books

NOT_SENT: Final = StatementResult("NotSent")
"""That of work which is written alone."""

log = logging.getLogger("slips")


class ManyWorks:
    """The requests for many works of a ledger's table, each of another one. What such a request does not settle, for
    whatever reason, is to be written alone."""

    def __init__(self, client: DynamoDB, table: str, key: str, ttl: int, backoff: Backoff) -> None:
        """`ttl` is in seconds."""
        self._client = client
        self._table = table
        self._key = key
        self._ttl = ttl
        self._backoff = backoff
        self._is_denied = False

    def begin(
        self, works: Sequence[tuple[WorkItem, Holder]], now: float, end: float
    ) -> list[tuple[str, StatementResult]]:
        """Count the first attempt of each; DuplicateItem for one that the ledger knows. Return the names of the tokens,
        too."""
        # Each call of the system for random bytes lets another thread run first: one is enough.
        random = token_hex(8)
        names = [f"{random}-{number}" for number in range(len(works))]
        statements = [
            insert(
                self._table,
                {
                    self._key: item.work_id,
                    **describe_work(item, now),
                    **describe_beginning(item, holder, name, now, self._ttl),
                    "attempts": 1,
                    "token": 1,
                },
            )
            for (item, holder), name in zip(works, names, strict=True)
        ]
        return list(zip(names, self._send(statements, end), strict=True))

    def finish(self, ended: Sequence[FinishedWork], now: str, end: float) -> list[StatementResult]:
        """Write the ends; ConditionalCheckFailed for one that another invocation has begun, or finished."""
        return self._send(
            [
                update(
                    self._table,
                    {self._key: work.item.work_id},
                    {"state": work.state, "books": encode_books(work.books), "changed_at": now},
                    {"token": work.token.number, "token_name": work.token.name},
                    {"state": FINAL},
                )
                for work in ended
            ],
            end,
        )

    def fault(self, result: StatementResult) -> StoreError:
        """Return the exception that says what DynamoDB refused."""
        return StoreError(f"table {self._table}: {result.message}")

    def _send(self, statements: Sequence[Statement], end: float) -> list[StatementResult]:
        if len(statements) < 2 or self._is_denied:
            return [NOT_SENT] * len(statements)
        results: list[StatementResult] = []
        for start in range(0, len(statements), BATCH_STATEMENTS):
            results += execute(self._client, statements[start : start + BATCH_STATEMENTS], self._backoff, end)
        if not self._is_denied and any(result.code in DENIED for result in results):
            self._is_denied = True
            log.warning(
                "the role may not write the ledger for many objects at once, so that each costs two requests: allow it "
                "dynamodb:PartiQLInsert and dynamodb:PartiQLUpdate on the table %s",
                self._table,
            )
        return results
