"""Writes of DynamoDB in PartiQL, many to a request: each has its own condition, and its own answer.

Amazon DynamoDB Developer Guide, "PartiQL - a SQL-compatible query language for Amazon DynamoDB". Of its statements only
these two are used, and `slips run` refuses any other in a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from .dynamodb import Attributes, DynamoDB, Values, error_code, to_attributes
from .retry import Backoff, is_transient

BATCH_STATEMENTS: Final = 25
"""Amazon DynamoDB API Reference, BatchExecuteStatement: statements a request."""
UNMET: Final = frozenset({"DuplicateItem", "ConditionalCheckFailed"})
"""Codes of a statement whose condition the item does not meet."""
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
"""Codes of a statement, and of a whole request, that the role may not send."""
_TRANSIENT: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
"""Codes of a statement that may succeed later (Amazon DynamoDB API Reference, BatchStatementError)."""

Statement = dict[str, Any]
"""As boto3 takes it: `Statement`, `Parameters`, `ReturnValuesOnConditionCheckFailure`."""


class StatementResult(NamedTuple):
    """What became of a statement. `code` is that of its error or of the whole request's, and empty where it took
    effect; `item` is the one that is there, where DynamoDB shows it to a statement whose condition is not met."""

    code: str = ""
    message: str = ""
    item: Attributes | None = None
    is_transient: bool = False


def insert(table: str, item: Values) -> Statement:
    """Return the statement that puts an item unless there is one of its key: then the code is DuplicateItem."""
    return {
        "Statement": _insert_text(table, tuple(item)),
        "Parameters": list(to_attributes(item).values()),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def update(table: str, key: Values, changes: Values, equal: Values, unequal: Mapping[str, Sequence[str]]) -> Statement:
    """Return the statement that sets the `changes` of an item whose attributes are `equal` to some values and `unequal`
    to others; else, and where there is none of that key, the code is ConditionalCheckFailed."""
    differing = tuple((name, value) for name, values in unequal.items() for value in values)
    where = (*((name, "=") for name in (*key, *equal)), *((name, "<>") for name, _ in differing))
    parameters = [*to_attributes(changes).values(), *to_attributes({**key, **equal}).values()]
    return {
        "Statement": _update_text(table, tuple(changes), where),
        "Parameters": [*parameters, *({"S": value} for _, value in differing)],
    }


@lru_cache(64)  # The ledger sends the same few texts for every object.
def _insert_text(table: str, names: tuple[str, ...]) -> str:
    return f'INSERT INTO "{table}" VALUE {{{", ".join(f"{name!r}: ?" for name in names)}}}'


@lru_cache(64)
def _update_text(table: str, changed: tuple[str, ...], where: tuple[tuple[str, str], ...]) -> str:
    changes = " ".join(f'SET "{name}" = ?' for name in changed)
    conditions = " AND ".join(f'"{name}" {sign} ?' for name, sign in where)
    return f'UPDATE "{table}" {changes} WHERE {conditions}'


def execute(client: DynamoDB, statements: Sequence[Statement], backoff: Backoff, end: float) -> list[StatementResult]:
    """Send up to 25 statements, each of another key, and return their results. What fails for the moment is sent again
    until `end`, on the clock of `backoff`; what of it took effect, though its answer was lost, then finds its condition
    unmet."""
    from botocore.exceptions import BotoCoreError, ClientError

    results: dict[int, StatementResult] = {}
    unsettled: Sequence[int] = range(len(statements))
    for _ in backoff.attempts(end):
        try:
            response = client.batch_execute_statement(Statements=[statements[number] for number in unsettled])
        except (BotoCoreError, ClientError) as fault:
            code = error_code(fault) or type(fault).__name__
            received = [StatementResult(code, str(fault), is_transient=is_transient(fault))] * len(unsettled)
        else:
            received = [_read(each.get("Error")) for each in response["Responses"]]
        results |= zip(unsettled, received, strict=True)
        unsettled = [number for number, result in results.items() if result.is_transient]
        if not unsettled:
            break
    return [results[number] for number in range(len(statements))]


def _read(error: Mapping[str, Any] | None) -> StatementResult:
    if not error:
        return StatementResult()
    code = str(error.get("Code", ""))
    return StatementResult(code, f"{code}: {error.get('Message', '')}", error.get("Item"), code in _TRANSIENT)
