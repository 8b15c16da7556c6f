"""One object on its way through its format to the functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..config.settings import Limits
from ..formats.chain import Chain
from ..model import Books, Failure, ProcessorBooks, Stage, WorkItem
from ..model.meta import Meta
from ..model.ports import Progress
from ..model.positions import Positions
from ..reader.framing import Batch, RecordFilter
from .delivery import Delivery, Slot, converter
from .failures import FailureLog
from .functions import Function
from .loop import Loop
from .object_context import ObjectContext, object_info, source_of
from .slices import SliceSizer


class ObjectRun:
    """Delivers the records of one object, from `progress` on, and keeps its books.

    `take` works in slices, so that the caller can look at the clock between them. At any such moment `next_position`
    is the first record not yet read, and after `settle` everything before it is delivered, counted, or in the failures.
    """

    def __init__(
        self, item: WorkItem, chain: Chain, functions: Sequence[Function], lane: str, limits: Limits, progress: Progress
    ) -> None:
        about = object_info(item)
        self.item = item
        self.landed_at = about.event_time
        self.format = chain.name
        self.lane = lane
        self.token = progress.token
        self.is_suspect = progress.attempts > 1
        self.state = "started"
        self.first_position = self.next_position = self._committed = max(progress.resume_from, item.resume_from)
        self.imbalance = ""
        self.stored_bytes = 0
        """How much of the object was read for it."""
        self._before = progress.books
        self._only = Positions.parse(item.positions) if item.positions else None
        self._parser = chain.parser(about)
        resumed = progress.resume_from > 1  # A work item that was continued names the place itself.
        names = [function.name for function in functions]
        self._log = FailureLog(item, chain.name, lane, limits.sample_bytes, names, is_resumed=resumed)
        self._expected: int | None = None
        self._told = 0
        # Where all functions ask for bytes, the reader searches; records that are joined must all be decoded.
        self._prefiltered = all(function.needles for function in functions) and not self._parser.joins
        wanted = functions[0].type if len(functions) == 1 and self._parser.plain else None
        slots: list[Slot] = []
        self._deliveries = [
            Delivery(
                function, slots, self._log, limits.errors_per_object,
                search=not (self._prefiltered and len(functions) == 1),
                convert=converter(function.type, direct=self._parser.plain) if function.type and not wanted else None,
            )
            for function in functions
        ]  # fmt: skip
        for delivery in self._deliveries:
            if delivery.function.name in item.suspended:
                delivery.suspend()
        context = ObjectContext(chain.name, self._parser, source_of(item, lane), about.event_time)
        self._loop = Loop(
            self._parser, context, slots, self._log, self._passed,
            limit=limits.errors_per_object, only=self._only, wanted=wanted, waiting=self._waiting,
        )  # fmt: skip

    @property
    def needs_headers(self) -> bool:
        """Whether its parser must see more records than those that are wanted."""
        return bool(self._parser.prologue or self._parser.directive)

    @property
    def has_moved(self) -> bool:
        """Whether it is beyond where it began."""
        return self.next_position > self.first_position or self.state != "started"

    def want(self) -> RecordFilter:
        """What the reader should give."""
        needles = {needle for delivery in self._deliveries for needle in delivery.function.needles}
        return RecordFilter(
            resume_from=self.next_position,
            only=self._only,
            needles=tuple(sorted(needles)) if self._prefiltered else (),
            header_records=self._parser.prologue,
            header_prefix=self._parser.directive,
        )

    def take(self, batch: Batch, sizer: SliceSizer) -> Iterator[None]:
        """Deliver a batch, slice by slice."""
        if self.state != "started":
            return
        for header in batch.headers:
            self._loop.header(header)
        yield from self._slices(batch, sizer)
        self._close(batch)
        self._give_up()

    def end(self) -> None:
        """The object is at its end: deliver what waited for more records, unless only other events are wanted."""
        if self.state != "started":
            return
        last = self.next_position - 1
        if self._only is None or self._only.touches(last):
            self._loop.finish(last)
            self._passed()
        self.state = "done"

    def settle(self) -> None:
        """Deliver what waits for a batch to fill."""
        for delivery in self._deliveries:
            delivery.settle(at_end=self.state != "started")

    def unflushed(self, fault: BaseException) -> None:
        """`on_flush` failed: whatever the functions took since the last commit is quarantined."""
        for delivery in self._deliveries:
            count = delivery.uncommitted()
            if count:
                given = self._only.since(self._committed) if self._only else None
                last = self.next_position - 1 if delivery.suspended_at is None else delivery.suspended_at
                self._log.unflushed(fault, delivery.function.name, self._committed, last, count, given)
                delivery.take_back(count)

    def fail(self, stage: Stage, fault: Exception) -> None:
        """Nothing more can be read: the rest of the object becomes an error item."""
        if self.state == "started":
            self.state = "failed"
            self._log.fail_rest(stage, fault, self.next_position)

    def take_failures(self) -> list[Failure]:
        """The error items since the last call; the caller must make them safe."""
        return self._log.take()

    def committed(self) -> None:
        """Everything before `next_position` is safe."""
        self._committed = self.next_position
        for delivery in self._deliveries:
            delivery.commit()

    @property
    def suspended(self) -> tuple[str, ...]:
        """The functions that get nothing more of the object."""
        return tuple(each.function.name for each in self._deliveries if each.suspended_at is not None)

    def segment(self) -> Books:
        """The books of this run alone; these must balance."""
        books = self._loop.books
        books.bytes = self.stored_bytes
        books.processors = {each.function.name: each.books() for each in self._deliveries}
        return books

    def books(self) -> Books:
        """The books of the object: of this run and of those it continues."""
        return add(self._before, self.segment())

    def _slices(self, batch: Batch, sizer: SliceSizer) -> Iterator[None]:
        records, start = batch.records, 0
        while start < len(records):
            room = min((delivery.room for delivery in self._deliveries), default=len(records))
            end = min(start + min(sizer.size, room), len(records))
            positions: Sequence[int] = (
                range(batch.first + start, batch.first + end) if batch.positions is None else batch.positions[start:end]
            )
            sizer.start()
            delivered = self._loop.deliver(positions, records[start:end])
            self._passed()
            sizer.stop(delivered)
            self._read_to(positions[delivered - 1] + 1, delivered)
            if self._loop.too_many is not None:
                return
            start = end
            yield

    def _waiting(self) -> list[tuple[Meta, Any]] | None:
        return self._deliveries[0].waiting if len(self._deliveries) == 1 and self._parser.plain else None

    def _passed(self) -> None:
        """Tell the deliveries how many events went through their slots."""
        events = self._loop.books.events - self._told
        self._told += events
        for delivery in self._deliveries:
            delivery.passed(events)

    def _read_to(self, position: int, taken: int) -> None:
        """Everything before `position` is read; `taken` of it reached the parser."""
        covered = position - self.next_position if self._only is None else taken
        books = self._loop.books
        books.records += covered
        books.skipped += covered - taken
        self.next_position = position

    def _close(self, batch: Batch) -> None:
        """The end of a batch: count what was passed over, and hold the reader's own count against it."""
        if self._loop.too_many is not None:
            return
        for fault in batch.faults:
            self._loop.record_fault(fault)
        end = batch.first + batch.count
        if end > self.next_position:
            self._read_to(end, len(batch.faults))
        accounted = len(batch.records) + batch.skipped + batch.out_of_range + len(batch.faults)
        if batch.count != accounted or self._expected not in (None, batch.first):
            self.imbalance = (
                f"batch at {batch.first}: {batch.count} records, {accounted} given; expected {self._expected}"
            )
        self._expected = end

    def _give_up(self) -> None:
        if self._loop.too_many is not None:
            self.fail("parse", self._loop.too_many)
        elif self._deliveries and all(delivery.suspended_at is not None for delivery in self._deliveries):
            self.state = "failed"


def add(first: Books, second: Books) -> Books:
    """The books of two parts of one object, together."""
    names = dict.fromkeys([*first.processors, *second.processors])
    none = ProcessorBooks()
    parts = {name: (first.processors.get(name, none), second.processors.get(name, none)) for name in names}
    return Books(
        records=first.records + second.records,
        parsed=first.parsed + second.parsed,
        unparsable=first.unparsable + second.unparsable,
        skipped=first.skipped + second.skipped,
        headers=first.headers + second.headers,
        events=first.events + second.events,
        bytes=max(first.bytes, second.bytes),
        processors={
            name: ProcessorBooks(
                one.delivered + two.delivered, one.filtered + two.filtered, one.quarantined + two.quarantined
            )
            for name, (one, two) in parts.items()
        },
    )
