"""One object on its way through its format to the functions."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from ..config.settings import Limits
from ..errors import OutOfRange, message_of
from ..formats.chain import Chain
from ..model import Books, Failure, Stage, WorkItem
from ..model.meta import Meta
from ..model.ports import Progress
from ..model.positions import Positions
from ..model.utc import Clock
from ..reader.framing import Batch, RecordFilter
from ..wording import plural
from .deliveries import Deliveries
from .delivery import Delivery
from .failures import FailureLog
from .fault_kinds import ended_state
from .functions import Function
from .loop import Loop
from .object_books import add_books, forget_other_chain
from .object_context import ObjectContext, object_info, source_of
from .pauses import Pauses
from .retries import Retry
from .slices import SliceSizer

PIECE = 500
"""Events of a drained item that are flushed together, before `WorkItem.split` divides them."""


class ObjectRun:
    """Delivers the records of one object, from `progress` on, and keeps its books.

    Records go to the `Loop`, which makes events of them; events go to the `Deliveries`, which call the functions; what
    fails in either goes into the `FailureLog`.

    `deliver` works in slices, so that the caller can look at the clock between them. At any such moment `next_position`
    is the first record not yet read, and after `flush_batches` everything before it is delivered, counted, or in the
    failures.
    """

    def __init__(
        self, item: WorkItem, chain: Chain, functions: Sequence[Function], lane: str, limits: Limits,
        progress: Progress, *, pauses: Pauses | None = None, retry: Retry | None = None, on_missing: str = "",
    ) -> None:  # fmt: skip
        """`pauses` are those of this process; without a `retry`, nothing waits for another try."""
        pauses = pauses or Pauses(time.monotonic)
        self.chain = chain
        self.counting = chain.counting(limits.max_line_bytes)
        item, progress = forget_other_chain(item, progress, self.counting)
        info = object_info(item)
        self.item = item
        self.landed_at = info.event_time
        self.format = chain.name
        self.lane = lane
        self.token = progress.token
        self.is_suspect = progress.attempts > 1
        self.state = "started"
        self.ended: str = ""
        """`gone` or `superseded`, where the object is no longer there."""
        self.first_position = self.next_position = self._committed = max(progress.resume_from, item.resume_from)
        self._imbalance = ""
        self.seconds = 0.0
        """How long it was worked on, with all others that the object was read for."""
        self.stored_bytes = 0
        """How much of the object was read for it."""
        has_later_books = item.resume_from > progress.resume_from
        self._before = (item.books if has_later_books else None) or progress.books
        self._books = Books()
        self._only = Positions.parse(item.positions) if item.positions else None
        self._expected = 1
        self.is_handed_over = False
        """Whether another record goes on with it."""
        self.is_in_pieces = item.split > 1
        """Whether few events at a time are flushed together; else as many as come until a commit."""
        self._piece = max(1, PIECE // item.split) if self.is_in_pieces else sys.maxsize
        self._flushed_events = 0
        names = [function.name for function in functions]
        limit = limits.errors_per_object
        self._info = info
        self._parser = chain.parser(info)
        self._log = FailureLog(
            item, chain.name, lane, limits.sample_bytes, names, chain=self.counting, retry=retry, on_missing=on_missing
        )
        self._deliveries = Deliveries(functions, self._parser, self._log, limit, item, self.first_position, pauses)
        if self._deliveries.all_suspended:  # Nothing of the object is read.
            self.state = "failed"
        self._source = source_of(item, lane)
        self._loop = Loop(
            self._parser, self._context(), self._deliveries, self._log, self._books, limit=limit, only=self._only
        )

    def _context(self) -> ObjectContext:
        context = ObjectContext(self.chain.name, self._parser, self._source, self._info.event_time)
        context.deliveries = self._deliveries
        return context

    @property
    def is_whole(self) -> bool:
        """Whether it takes more than some positions."""
        return self._only is None

    @property
    def needs_headers(self) -> bool:
        """Whether its parser must see more records than those that are wanted."""
        return bool(self._parser.header_records or self._parser.header_prefix)

    @property
    def has_moved(self) -> bool:
        """Whether it is beyond where it began."""
        return self.next_position > self.first_position or self.state != "started"

    def record_filter(self) -> RecordFilter:
        """Say what the reader should give."""
        return RecordFilter(
            resume_from=self.next_position,
            only=self._only,
            needles=self._deliveries.needles,
            header_records=self._parser.header_records,
            header_prefix=self._parser.header_prefix,
        )

    def deliver(self, batch: Batch, sizer: SliceSizer) -> Iterator[None]:
        """Deliver a batch, slice by slice."""
        if self.state != "started":
            return
        if batch.begins_document:
            self._begin_document(batch.first)
        for header in batch.headers:
            self._loop.read_header(header)
        yield from self._slices(batch, sizer)
        if self._loop.too_many is None:
            self._close(batch)
        if self._loop.too_many is not None:
            self.fail("parse", self._loop.too_many)
        elif self._deliveries.all_suspended:
            self.state = "failed"

    def _begin_document(self, position: int) -> None:
        """Another member of an archive begins: its header, and what is joined, is its own."""
        if self.next_position == position:  # Else that document was done when this run began.
            self._finish_document()
        self._parser = self.chain.parser(self._info)
        self._loop.begin_document(self._parser, self._context())

    def _finish_document(self) -> None:
        """Deliver what waited for more records, unless only other events are wanted."""
        last = self.next_position - 1
        if self._only is None or self._only.touches(last):
            self._loop.finish(last)

    def end(self) -> None:
        """The object is at its end."""
        if self.state != "started":
            return
        self._finish_document()
        count, wanted = self._expected - 1, self.first_position - 1 if self._only is None else self._only.last
        if wanted > count:
            at = self.first_position if self._only is None else count + 1
            self._fail_from(at, "read", OutOfRange(f"record {max(wanted, at)} of {count}: the object holds no more"))
        self.state = "done" if self.state == "started" else self.state

    def flush_batches(self) -> None:
        """Deliver the batches that are not full."""
        self._deliveries.flush_batches(at_end=self.state != "started")

    def fail_unflushed(self, fault: BaseException, names: Collection[str] = ()) -> None:
        """Quarantine what the functions of these names (of none: all) took since the last commit, because `on_flush`
        failed."""
        only = self._only.since(self._committed) if self._only else None
        at_end = self.state != "started"
        self._deliveries.fail_unflushed(fault, names, self._committed, self.next_position - 1, only, at_end=at_end)

    def fail_events(self, failed: Mapping[Delivery, Mapping[Meta, BaseException]]) -> None:
        """Quarantine those events that `on_flush` has named."""
        self._deliveries.fail_events(failed, self.next_position - 1, at_end=self.state != "started")

    def fail(self, stage: Stage, fault: BaseException) -> None:
        """End the run: nothing more can be read, and the rest of the object becomes an error item."""
        if self.state == "started":
            self._fail_from(self.next_position, stage, fault)

    def _fail_from(self, position: int, stage: Stage, fault: BaseException) -> None:
        self.state = "failed"
        if ended := ended_state(fault):
            self.ended, self._books.note = ended, message_of(fault)
        self._log.fail_rest(stage, fault, position)

    @property
    def is_unauthorized(self) -> bool:
        """Whether a destination of a function has refused its credentials."""
        return self._log.is_unauthorized

    def take_failures(self, now: Clock = time.time) -> list[Failure]:
        """Return the error items since the last call; the caller must make them safe."""
        failures = self._log.take(now)
        waits_for = [failure.fingerprint for failure in failures if failure.retry_at]
        self._books.waits_for = list(dict.fromkeys([*self._books.waits_for, *waits_for]))
        return failures

    def take_imbalance(self) -> str:
        """Say once what does not add up; empty where the books balance."""
        imbalance, self._imbalance = self._imbalance, ""
        return imbalance or (self.segment().imbalance() if self.state != "started" else "")

    @property
    def has_piece(self) -> bool:
        """Whether a piece was given that is to be flushed alone."""
        return self._books.events - self._flushed_events >= self._piece and self._deliveries.has_unflushed

    def note_flush(self) -> None:
        """Note that everything before `next_position` is flushed, or among the failures."""
        self._committed = self.next_position
        self._flushed_events = self._books.events
        self._deliveries.commit(self.next_position)

    @property
    def time_faults(self) -> int:
        """Events whose time was asked for, and could not be read."""
        return self._deliveries.time_faults

    @property
    def suspended(self) -> tuple[str, ...]:
        """The functions that get nothing more of the object."""
        return self._deliveries.suspended

    def segment(self) -> Books:
        """Return the books of this run alone; these must balance."""
        self._books.bytes = self.stored_bytes
        self._books.processors = self._deliveries.books()
        return self._books

    def books(self) -> Books:
        """Return the books of the object: of this run and of those it continues."""
        return add_books(self._before, self.segment())

    def rest(self, *, is_in_ledger: bool = True) -> WorkItem:
        """Return the work from `next_position` on, with the books up to there where the ledger does not have them."""
        return msgspec.structs.replace(
            self.item, resume_from=self.next_position, chain=self.counting, suspended=self.suspended,
            waiting=self._deliveries.waiting, not_before=0,
            books=None if is_in_ledger else self.books(),
        )  # fmt: skip

    def _slices(self, batch: Batch, sizer: SliceSizer) -> Iterator[None]:
        records, start = batch.records, 0
        while start < len(records):
            most = min(sizer.size, self._deliveries.capacity, self._piece)
            end = min(start + most, len(records))
            positions: Sequence[int] = (
                range(batch.first + start, batch.first + end) if batch.positions is None else batch.positions[start:end]
            )
            sizer.start()
            count = self._loop.deliver(positions, records[start:end])
            sizer.stop(count)
            self._read_to(positions[count - 1] + 1, count)
            if self._loop.too_many is not None:
                return
            start = end
            yield

    def _read_to(self, position: int, parsed: int) -> None:
        """Count everything before `position` as read; `parsed` of it reached the parser."""
        covered = position - self.next_position if self._only is None else parsed
        self._books.records += covered
        self._books.skipped += covered - parsed
        self.next_position = position

    def _close(self, batch: Batch) -> None:
        """Count what the batch passed over, and compare with the reader's own count."""
        for fault in batch.faults:
            self._loop.record_fault(fault)
        end = batch.first + batch.count
        if end > self.next_position:
            self._read_to(end, len(batch.faults))
        accounted = len(batch.records) + batch.skipped + batch.out_of_range + len(batch.faults)
        if batch.count != accounted or self._expected not in (1, batch.first):
            self._imbalance = (
                f"batch at {batch.first}: {plural(batch.count, 'record')}, {accounted} accounted for; "
                f"expected {self._expected}"
            )
        self._expected = end
