"""One object on its way through its format to the functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..config.typed import Limits
from ..errors import ReadError
from ..formats.base import Overrides
from ..formats.chain import Chain, events_of
from ..formats.json_format import JsonFormat
from ..meta import Meta
from ..model import Books, Failure, ProcessorBooks, Stage, WorkItem
from ..ports import Progress
from ..positions import Positions
from ..reader.base import Batch, Want
from .delivery import Deliver, Delivery
from .failures import FailureLog, TooMany
from .functions import Function
from .origin import ObjectOrigin, landed, source_of
from .pace import Pace


class ObjectRun:
    """Delivers the records of one object, from `progress` on, and keeps its books.

    `steps` works in slices, so that the caller can look at the clock between them. At any such moment `next_position`
    is the first record not yet read, and after `settle` everything before it is delivered, counted, or in the failures.
    """

    def __init__(
        self, item: WorkItem, chain: Chain, functions: Sequence[Function], lane: str, limits: Limits, progress: Progress
    ) -> None:
        about = landed(item)
        self.item = item
        self.format = chain.name
        self.lane = lane
        self.state = "started"
        self.next_position = self._committed = max(progress.resume_from, item.resume_from)
        self.imbalance = ""
        self._before = progress.books
        self._limits = limits
        self._only = Positions.parse(item.positions) if item.positions else None
        self._parser = chain.parser(about)
        self._origin = ObjectOrigin(chain.name, self._parser, source_of(item, lane), about.event_time)
        self._log = FailureLog(item, chain.name, lane, limits.sample_bytes)
        self._books = Books()
        self._no_events = self._not_parsed = 0
        self._too_many: TooMany | None = None
        self._expected: int | None = None
        self._slots: list[Deliver] = []
        self._prefiltered = all(function.needles for function in functions)
        search, direct = not (self._prefiltered and len(functions) == 1), _is_plain_json(chain)
        self._deliveries = [
            Delivery(function, self._slots, self._log, limits.errors_per_object, search=search, direct=direct)
            for function in functions
        ]

    def want(self) -> Want:
        """What the reader should give."""
        needles = {needle for delivery in self._deliveries for needle in delivery.function.needles}
        return Want(
            resume_from=self.next_position,
            only=self._only,
            needles=tuple(sorted(needles)) if self._prefiltered else (),
            prologue=self._parser.prologue,
            directive=self._parser.directive,
        )

    def steps(self, batches: Iterable[Batch], pace: Pace) -> Iterator[None]:
        """Deliver, slice by slice. A fault of the bytes ends the object: what was read stands, the rest is an error."""
        try:
            for batch in batches:
                for header in batch.headers:
                    self._header(header)
                yield from self._slices(batch, pace)
                self._close(batch)
                if self._given_up():
                    return
        except ReadError as fault:
            self.fail("read", fault)
        if self.state == "started":
            self.state = "done"

    def settle(self) -> None:
        """Deliver what waits for a batch to fill."""
        for delivery in self._deliveries:
            delivery.drain(at_end=self.state != "started")

    def unflushed(self, fault: BaseException) -> None:
        """`on_flush` failed: whatever the functions took since the last commit is quarantined."""
        for delivery in self._deliveries:
            count = delivery.uncommitted()
            if count:
                last = self.next_position - 1
                self._log.unflushed(fault, delivery.function.name, self._committed, last, count)
                delivery.take_back(count)

    def fail(self, stage: Stage, fault: Exception) -> None:
        """Nothing more can be read: the rest of the object becomes an error item."""
        self.state = "failed"
        self._log.left(stage, fault, self.next_position)

    def take_failures(self) -> list[Failure]:
        """The error items since the last call; the caller must make them safe."""
        return self._log.take()

    def committed(self) -> None:
        """Everything before `next_position` is safe."""
        self._committed = self.next_position
        for delivery in self._deliveries:
            delivery.commit()

    def segment(self) -> Books:
        """The books of this run alone; these must balance."""
        books = self._books
        books.processors = {each.function.name: each.books() for each in self._deliveries}
        return books

    def books(self) -> Books:
        """The books of the object: of this run and of those it continues."""
        return add(self._before, self.segment())

    def _slices(self, batch: Batch, pace: Pace) -> Iterator[None]:
        records, start = batch.records, 0
        while start < len(records):
            end = min(start + pace.size, len(records))
            positions: Sequence[int] = (
                range(batch.first + start, batch.first + end) if batch.positions is None else batch.positions[start:end]
            )
            pace.start()
            delivered = self._deliver(positions, records if end - start == len(records) else records[start:end])
            pace.stop(delivered)
            self._read_to(positions[delivered - 1] + 1, delivered)
            if self._too_many is not None:
                return
            start = end
            yield

    def _deliver(self, positions: Sequence[int], records: Sequence[bytes]) -> int:
        """The inner loop: decode, wrap, call. Whatever a parser raises costs its record, never the object.

        The answer is how many records were read: fewer where too many of them could not be parsed."""
        decode, slots, origin = self._parser.decode, self._slots, self._origin
        self._no_events = self._not_parsed = 0
        count = len(records)
        for position, record in zip(positions, records, strict=True):
            try:
                event = decode(record)
            except Exception as fault:  # noqa: BLE001 - a parser may be the user's own
                self._unparsable(position, record, fault)
                if self._too_many is None:
                    continue
                count = positions.index(position) + 1
                break
            if event.__class__ is dict:
                meta = Meta(position, None, event, record, origin)
                for deliver in slots:
                    deliver(meta, event)
            else:
                self._expanded(position, record, event)
        self._books.parsed += count - self._not_parsed
        self._books.events += count - self._no_events
        return count

    def _expanded(self, position: int, record: bytes, decoded: object) -> None:
        """A record that is no event, or several, or one of which its parser said more."""
        try:
            found = list(events_of(decoded))
        except Exception as fault:  # noqa: BLE001 - the iterator of a user's parser
            self._unparsable(position, record, fault)
            return
        self._no_events += 1
        if decoded is None:
            self._not_parsed += 1
            self._books.headers += 1
        for index, (overrides, event) in enumerate(found):
            if self._only is None or (position, index) in self._only:
                self._books.events += 1
                meta = Meta(position, index, event, record, self._origin)
                _override(meta, overrides)
                for deliver in self._slots:
                    deliver(meta, event)

    def _unparsable(self, position: int, record: bytes, fault: Exception) -> None:
        self._no_events += 1
        self._not_parsed += 1
        if not record.strip():
            self._books.headers += 1  # A blank line is a line, but no event.
            return
        self._refuse(position, record, fault)

    def _refuse(self, position: int, record: bytes, fault: Exception) -> None:
        self._books.unparsable += 1
        self._log.record("parse", fault, (position, None), record)
        if self._books.unparsable > self._limits.errors_per_object:
            self._too_many = TooMany(self._limits.errors_per_object, fault)

    def _header(self, record: bytes) -> None:
        try:
            self._parser.decode(record)
        except ValueError:
            return  # It was counted when its own turn came.

    def _read_to(self, position: int, taken: int) -> None:
        """Everything before `position` is read; `taken` of it reached the parser."""
        covered = position - self.next_position if self._only is None else taken
        self._books.records += covered
        self._books.skipped += covered - taken
        self.next_position = position

    def _close(self, batch: Batch) -> None:
        """The end of a batch: count what was passed over, and hold the reader's own count against it."""
        if self._too_many is not None:
            return
        for fault in batch.faults:
            self._refuse(fault.position, fault.sample, fault.error)
        end = batch.first + batch.count
        if end > self.next_position:
            self._read_to(end, len(batch.faults))
        accounted = len(batch.records) + batch.skipped + batch.passed + len(batch.faults)
        if batch.count != accounted or self._expected not in (None, batch.first):
            self.imbalance = (
                f"batch at {batch.first}: {batch.count} records, {accounted} given; expected {self._expected}"
            )
        self._expected = end

    def _given_up(self) -> bool:
        if self._too_many is not None:
            self.fail("parse", self._too_many)
        elif self._deliveries and all(delivery.given_up_at is not None for delivery in self._deliveries):
            self.state = "failed"
        return self.state == "failed"


def _override(meta: Meta, overrides: Overrides) -> None:
    """What the parser said of this event beside it."""
    if overrides:
        meta._tag = overrides.get("tag")
        meta._message = overrides.get("message")
        if "timestamp" in overrides:
            meta._time, meta._time_source = float(overrides["timestamp"]), "event"


def _is_plain_json(chain: Chain) -> bool:
    """Whether a record is the event's own JSON, so that it can be decoded into the user's type at once."""
    last = chain.stages[-1]
    return isinstance(last, JsonFormat) and last.derive is None and not last.containers and chain.is_direct


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
