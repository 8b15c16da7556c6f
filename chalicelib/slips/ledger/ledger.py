"""The ledger: what was done of every object, so that a batch delivered again repeats nothing.

Each unit of work has one item of the LedgerTable, with two writes for an ordinary object: when it begins (an attempt is
counted before a byte is read, so that a crash is noticed) and when it ends, with its books. Checkpoints come between
only where an object takes longer than `checkpoint_seconds`. First beginnings and ends share requests.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from secrets import token_hex

from ..aws.dynamodb import BATCH_GET, Attributes, DynamoDB, Table, Values
from ..aws.partiql import BATCH_STATEMENTS, UNMET, StatementResult
from ..aws.retry import Backoff
from ..errors import BooksUnwritten, ItemUnreadable, NotFound, StoreError, StoreRefused
from ..model import WorkItem, digest
from ..model.ports import NOBODY, AtWork, FinishedWork, Holder, Progress, Token
from ..model.utc import DAY, iso
from .items import (
    FINAL,
    LedgerItem,
    decode_item,
    decode_progress,
    describe_beginning,
    describe_work,
    encode_books,
    read_number,
    read_text,
)
from .many_works import ManyWorks

KEY = "work_id"
INDEX, FORMER_INDEX = "of_object", "by_object"
"""For the works on an object. It holds keys alone, so that the end of a work does not write it; the former one, which
functions of the version before query until they are deployed, held all attributes."""
INDEX_HASH = "object_id"
"""A digest of bucket and key: a key may be longer than an index takes."""
INDEX_RANGE = "begun_at"
ATTRIBUTES = (KEY, INDEX_HASH, INDEX_RANGE)
"""All texts."""
TTL_ATTRIBUTE = "expires_at"
_FINAL_VALUES = {":done": "done", ":failed": "failed"}
SETTLED = {"", *UNMET}
"""Codes of an end that is written, or is none of ours."""
WRITERS = 16
LONGEST_HOLD = 1800.0
"""Seconds: twice as long as Lambda lets a function run."""

log = logging.getLogger("slips")


class DynamoLedger:
    """The ledger in DynamoDB (a `ports.Ledger`).

    An item of the table, besides the texts of `LedgerItem`:

        token        how often the work was begun; each beginning adds one
        token_name   a name that no other beginning has: a work that TTL deleted is counted from one again
        holder       the Kinesis record whose invocation is at work on it, until `held_until` (seconds since the epoch)
        chain        what `resume_from` was counted by
        from_work    the work that left this one to do; with `tries`, it had to wait
        v            the number of the item's shape, where it is not 1 (see `model.work_items`)

    Each beginning has a token, and every later write names it: a zombie of an earlier invocation changes nothing that a
    later one has begun or finished. The version before knows `token` alone, which is enough for it.

    What the table refuses for the moment is sent again for as long as the backoff says: a write may be sent twice, and
    takes effect once.
    """

    def __init__(
        self,
        client: DynamoDB,
        table: str,
        ttl_days: int,
        clock: Callable[[], float] = time.time,
        backoff: Backoff | None = None,
    ) -> None:
        self._table = Table(client, table, KEY, backoff)
        self._backoff = self._table.backoff
        self._ttl = ttl_days * DAY
        self._clock = clock
        self._many = ManyWorks(client, table, KEY, self._ttl, self._backoff)

    def begin(self, item: WorkItem, holder: Holder = NOBODY) -> Progress | AtWork | None:
        """Count an attempt and return where to resume; None when the work is done. Work that another record's holder
        has begun is left to it until its time is over. Raises StoreError, ItemUnreadable."""
        # The same record comes again only when the invocation that had it is over, also where it was killed at once.
        # Nobody holds work for longer than a function runs.
        free = (
            "attribute_not_exists(#held_until) OR #held_until <= :instant OR #held_until > :latest OR #holder = :holder"
        )
        progress, attributes = self._begin(
            item, holder, f"attribute_not_exists(#state) OR (NOT #state IN (:done, :failed) AND ({free}))"
        )
        if progress is not None or read_text(attributes, "state") in FINAL:
            return progress
        return AtWork(read_number(attributes, "held_until"))

    def begin_new(self, works: Sequence[tuple[WorkItem, Holder]]) -> list[Progress | StoreError | None]:
        """Count the first attempt of each work that the ledger does not know; for any other, return None, and count
        nothing. Where nobody knows, return the fault. The works are different ones."""
        begun = self._many.begin(works, self._clock(), self._backoff.end())
        settle = self._pool.map if any(result.code for _, result in begun) and len(works) > 1 else map
        return list(settle(self._settle_new, works, begun))

    def _settle_new(
        self, work: tuple[WorkItem, Holder], begun: tuple[str, StatementResult]
    ) -> Progress | StoreError | None:
        """Return what became of a first beginning by `begun`, the name of its token and the result."""
        (item, holder), (name, result) = work, begun
        if not result.code:
            return Progress(token=Token(1, name))
        try:
            if result.code in UNMET:
                known = result.item or self._table.get(item.work_id, self._backoff.end()) or {}
                # When the answer is lost, the request is sent again.
                return Progress(token=Token(1, name)) if read_text(known, "token_name") == name else None
            if result.is_transient:
                return self._many.fault(result)
            return self._begin(item, holder, "attribute_not_exists(#state)")[0]
        except (ItemUnreadable, StoreRefused):  # At its turn it becomes an error item.
            return None
        except StoreError as fault:
            return fault

    def _begin(self, item: WorkItem, holder: Holder, condition: str) -> tuple[Progress | None, Attributes]:
        """Count an attempt where the condition is met. Return the progress, and the item as it is now."""
        now, name = self._clock(), token_hex(8)
        once, each = describe_work(item, now), describe_beginning(item, holder, name, now, self._ttl)
        values: dict[str, object] = {
            **{f":{attribute}": value for attribute, value in {**once, **each}.items()},
            ":one": 1,
            ":instant": int(now),
            ":latest": int(now + LONGEST_HOLD),
        }
        changes = [
            *(f"#{attribute} = :{attribute}" for attribute in each),
            *(f"#{attribute} = if_not_exists(#{attribute}, :{attribute})" for attribute in once),
        ]
        update = f"SET {', '.join(changes)} ADD #attempts :one, #token :one"
        # When the answer is lost, the request is sent again: one beginning is one attempt.
        new = f"({condition}) AND (attribute_not_exists(#token_name) OR #token_name <> :token_name)"
        end = self._backoff.end()
        begun = self._table.update(item.work_id, update, new, values | _FINAL_VALUES, end=end)
        attributes = (self._table.get(item.work_id, end) or {}) if begun is None else begun
        return decode_progress(attributes) if read_text(attributes, "token_name") == name else None, attributes

    def peek(self, item: WorkItem) -> Progress | None:
        """Return where to resume without counting an attempt; None when the work is done. Raises StoreError,
        ItemUnreadable."""
        attributes = self._table.get(item.work_id)
        if attributes is None:
            return Progress(attempts=0, token=Token(0))
        return None if attributes.get("state", {}).get("S") in FINAL else decode_progress(attributes)

    def checkpoint(self, item: WorkItem, progress: Progress, *, is_over: bool = False) -> bool:
        """Note that everything before `progress.resume_from` is safe, and count attempts from there; `is_over`: another
        record goes on from there. False when another invocation owns the work. Raises StoreError."""
        values = {
            ":state": "continued",
            ":at": progress.resume_from,
            ":chain": progress.chain,
            ":books": encode_books(progress.books),
            ":attempts": progress.attempts,
            ":nobody": 0,
        }
        update = (
            "SET #state = :state, #resume_from = :at, #chain = :chain, #books = :books, #attempts = :attempts, "
            "#changed_at = :now" + (", #held_until = :nobody" if is_over else "")
        )
        return self._update_own(item, progress.token, update, values, self._backoff.end())

    def finish(self, ended: Sequence[FinishedWork]) -> None:
        """Write the books of work that ended. Raises BooksUnwritten when some could not be written."""
        end = self._backoff.end()
        unwritten: list[str] = []
        faults: list[StoreError] = []

        def write(work: FinishedWork, result: StatementResult) -> None:
            try:
                if result.is_transient:
                    raise self._many.fault(result)
                # A table that refuses as many as are written at once is down: it would be asked 500 times.
                if len(faults) >= WRITERS and self._backoff.is_over(end):
                    raise faults[0]
                self._finish(work, end)
            except StoreError as fault:
                unwritten.append(work.item.work_id)
                faults.append(fault)

        unsettled = [(work, result) for work, result in self._finish_many(ended, end) if result.code not in SETTLED]
        if len(unsettled) == 1:
            write(*unsettled[0])
        elif unsettled:
            list(self._pool.map(write, *zip(*unsettled, strict=True)))
        if faults:
            raise BooksUnwritten(unwritten, faults[0]) from faults[0]

    def _finish_many(self, ended: Sequence[FinishedWork], end: float) -> Iterator[tuple[FinishedWork, StatementResult]]:
        chunks = [ended[start : start + BATCH_STATEMENTS] for start in range(0, len(ended), BATCH_STATEMENTS)]
        now = iso(self._clock())
        write = self._pool.map if len(chunks) > 1 else map
        for chunk, results in zip(chunks, write(lambda each: self._many.finish(each, now, end), chunks), strict=True):
            yield from zip(chunk, results, strict=True)

    def _finish(self, ended: FinishedWork, end: float) -> None:
        values = {":state": ended.state, ":books": encode_books(ended.books)}
        update = "SET #state = :state, #books = :books, #changed_at = :now"
        self._update_own(ended.item, ended.token, update, values, end)

    def give_back(self, begun: Sequence[FinishedWork]) -> None:
        """Take back the attempts, and what they own. Where that cannot be written, they count."""
        # Without the token's name the update happens once, however often it is sent.
        update = "SET #attempts = #attempts - :one, #held_until = :nobody, #changed_at = :now REMOVE #token_name"
        end = self._backoff.end()
        faults: list[StoreError] = []

        def write(work: FinishedWork) -> None:
            try:
                if not faults:
                    self._update_own(work.item, work.token, update, {":one": 1, ":nobody": 0}, end)
            except StoreError as fault:
                faults.append(fault)

        list((self._pool.map if len(begun) > 1 else map)(write, begun))
        if faults:
            log.warning("%s", faults[0])

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        """Many small objects end together: they are written in parallel."""
        return ThreadPoolExecutor(WRITERS, thread_name_prefix="slips-ledger")

    def of_object(self, bucket: str, key: str, limit: int = 50) -> list[LedgerItem]:
        """Read the books of the last works on an object, of all its versions and drains, newest first. Raises
        StoreError."""
        values = {":object": digest(bucket, key)}
        newest = self._table.query_all(INDEX, f"#{INDEX_HASH} = :object", values, forward=False, limit=limit)
        work_ids = [read_text(keys, KEY) for keys in newest]
        works = self.of_works(work_ids)
        return [works[work_id] for work_id in work_ids if work_id in works]

    def find_receivers(self, item: WorkItem) -> set[str]:
        """Return the functions that got this content of the object in other work that ended. Raises StoreError."""
        return {
            name
            for work in self.of_object(item.bucket_name, item.object_key)
            if work.state in FINAL and work.work_id != item.work_id and item.object_etag in (work.version, work.etag)
            for name in work.books.processors
        }

    def of_works(self, work_ids: Sequence[str]) -> dict[str, LedgerItem]:
        """Read the books of those of these works that were begun. Raises StoreError."""
        chunks = [work_ids[start : start + BATCH_GET] for start in range(0, len(work_ids), BATCH_GET)]
        items = [decode_item(item) for chunk in self._pool.map(self._get_chunk, chunks) for item in chunk]
        return {item.work_id: item for item in items}

    def _get_chunk(self, work_ids: Sequence[str]) -> list[Attributes]:
        return list(self._table.get_many(work_ids))

    def get(self, work_id: str) -> LedgerItem:
        """Read the books of a unit of work. Raises NotFound, StoreError."""
        attributes = self._table.get(work_id)
        if attributes is None:
            raise NotFound(f"the ledger has no work {work_id}")
        return decode_item(attributes)

    def _update_own(self, item: WorkItem, token: Token, update: str, values: Values, end: float) -> bool:
        """Update what this beginning owns; False when it no longer does."""
        own = {
            **values, ":token": token.number, ":token_name": token.name, ":now": iso(self._clock()), **_FINAL_VALUES,
        }  # fmt: skip
        condition = "#token = :token AND #token_name = :token_name AND NOT #state IN (:done, :failed)"
        try:
            return self._table.update(item.work_id, update, condition, own, end=end) is not None
        except StoreRefused as fault:
            # What was done is done, and what failed is in the ErrorTable: work that comes again repeats it.
            log.error("the ledger does not take the books of %s: %s", item.work_id, fault)
            return True
