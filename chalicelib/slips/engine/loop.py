"""The inner loop: records of one object to events, events to functions. Whatever happens in it is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import msgspec

from ..errors import TooMany
from ..formats.base import Overrides, Parser
from ..formats.chain import events_of
from ..model import Books
from ..model.meta import Meta, MetaCache, MetaContext
from ..model.positions import Positions
from ..reader.framing import RecordFault
from .delivery import FAULTS, Slot
from .failures import FailureLog, message_of

Waiting = Callable[[], list[tuple[Meta, Any]] | None]


class Loop:
    """Decodes records and goes through `slots` with each event. `books` counts what became of the records; of an object
    with more than `limit` unparsable ones `too_many` is set, and the loop stops.

    `passed` is called after each record of several events, so that full batches do not grow on. `only` narrows to some
    events (a drained item). `wanted` is the type of the user's that records are decoded into,
    where only one function takes them and they are plain JSON. `waiting` gives the batch that all events go into, where
    only one function takes them, and decoding twice is decoding once.
    """

    def __init__(
        self, parser: Parser, context: MetaContext, slots: list[Slot], log: FailureLog, passed: Callable[[], None], *,
        limit: int, only: Positions | None, wanted: type[msgspec.Struct] | None, waiting: Waiting = lambda: None,
    ) -> None:  # fmt: skip
        self.books = Books()
        self.too_many: TooMany | None = None
        self._parser = parser
        self._context = context
        self._slots = slots
        self._log = log
        self._passed = passed
        self._limit = limit
        self._only = only
        self._wanted = wanted
        self._waiting = waiting
        self._decode: Callable[[bytes], Any] = parser.decode
        if wanted is not None:
            self._decode = msgspec.json.Decoder(wanted).decode
        self._odd = self._not_parsed = 0

    def deliver(self, positions: Sequence[int], records: Sequence[bytes]) -> int:
        """Deliver the records; the answer is how many were read: fewer where too many of them could not be parsed.

        Whatever a parser raises costs its record, whatever a function raises its event, for this function.
        """
        if self._gather(positions, records):
            return len(records)
        decode, context, usual = self._decode, self._context, self._wanted or dict
        call, failed = self._slot()
        self._odd = self._not_parsed = 0
        count = len(records)
        for position, record in zip(positions, records, strict=True):
            try:
                event = decode(record)
            except Exception as fault:  # noqa: BLE001 - a parser may be the user's own
                self._refused(position, record, fault)
                if self.too_many is None:
                    call, failed = self._slot()
                    continue
                count = positions.index(position) + 1
                break
            if event.__class__ is usual:
                meta = Meta(position, event, record, context)
                try:
                    call(meta, event)
                except FAULTS as fault:
                    failed(meta, fault)
                    call, failed = self._slot()  # The function may have been given up.
            else:
                self._odd += 1
                self._expand(position, record, event)
                call, failed = self._slot()
        self.books.parsed += count - self._not_parsed
        self.books.events += count - self._odd
        return count

    def _gather(self, positions: Sequence[int], records: Sequence[bytes]) -> bool:
        """Put all of the records into the batch of the only function at once, in C; False where that cannot be done,
        also because one of them is odd: then nothing was done."""
        waiting = self._waiting()
        if waiting is None:
            return False
        try:
            events = list(map(self._decode, records))
        except Exception:  # noqa: BLE001 - they are looked at one by one then
            return False
        if set(map(type, events)) != {self._wanted or dict}:
            return False
        waiting.extend(zip(map(Meta, positions, events, records, repeat(self._context)), events, strict=True))
        self.books.parsed += len(events)
        self.books.events += len(events)
        return True

    def finish(self, position: int) -> None:
        """Deliver the events that waited for a later record, as events of the last one."""
        self._not_parsed = 0
        decoded = self._parser.finish()
        if decoded is not None:
            self._expand(position, b"", decoded)

    def header(self, record: bytes) -> None:
        """Let the parser see a record that is passed over."""
        try:
            self._parser.decode(record)
        except Exception:  # noqa: BLE001 - it was counted when its own turn came
            return

    def record_fault(self, fault: RecordFault) -> None:
        """A record that the container could not give."""
        self._unparsable(fault.position, fault.sample, fault.error)

    def _expand(self, position: int, record: bytes, decoded: object) -> None:
        """A record that is no event, or several, or one of which its parser said more."""
        try:
            found = list(events_of(decoded))
        except Exception as fault:  # noqa: BLE001 - the iterator of a user's parser
            self._not_parsed += 1
            self._unparsable(position, record, fault)
            return
        if decoded is None:
            self._not_parsed += 1
            self.books.headers += 1
        single = isinstance(decoded, dict)
        for index, (overrides, event) in enumerate(found):
            if single or self._only is None or (position, index) in self._only:
                self.books.events += 1
                meta = _meta(position, event, record, self._context, overrides)
                if not single:
                    meta.index, meta._cache = index, {**(meta._cache or {}), "siblings": len(found)}
                self._to_all(meta, event)
        self._passed()

    def _slot(self) -> Slot:
        """What the loop calls. A single function is called without a loop around it: that is one event in thirty."""
        return self._slots[0] if len(self._slots) == 1 else (self._to_all, _never)

    def _to_all(self, meta: Meta, event: Any) -> None:
        for call, failed in self._slots:
            try:
                call(meta, event)
            except FAULTS as fault:
                failed(meta, fault)

    def _refused(self, position: int, record: bytes, fault: Exception) -> None:
        """A record that the decoder did not take. Another look may take it, or say better what is wrong."""
        self._odd += 1
        explain = self._parser.explain or (self._parser.decode if self._wanted else None)
        if explain is not None and record.strip():
            try:
                decoded = explain(record)
            except Exception as said:  # noqa: BLE001 - see above
                fault = said
            else:
                self._taken_after_all(position, record, decoded, fault)
                return
        self._not_parsed += 1
        self._unparsable(position, record, fault)

    def _taken_after_all(self, position: int, record: bytes, decoded: Any, fault: Exception) -> None:
        if self._wanted is None or not isinstance(decoded, dict):
            self._expand(position, record, decoded)
            return
        self.books.events += 1  # It is an event, though not one of the user's type.
        for _, failed in self._slots:
            failed(Meta(position, decoded, record, self._context), fault)

    def _unparsable(self, position: int, record: bytes, fault: Exception) -> None:
        if not record.strip():
            self.books.headers += 1  # A blank line is a line, but no event.
            return
        self.books.unparsable += 1
        self._log.unparsable(fault, position, record)
        if self.books.unparsable > self._limit:
            self.too_many = TooMany(self._limit, fault, message_of(fault))


def _never(meta: Meta, fault: BaseException) -> None:  # noqa: ARG001 - the shape of Failed
    """`_to_all` raises nothing."""
    raise fault


def _meta(position: int, event: Any, record: bytes, context: MetaContext, overrides: Overrides) -> Meta:
    """The Meta of an event of which its parser may have said more."""
    meta = Meta(position, event, overrides.get("record", record), context)
    if overrides:
        said: MetaCache = {}
        if overrides.get("tag") is not None:
            said["tag"] = overrides["tag"]
        if overrides.get("message") is not None:
            said["message"] = overrides["message"]
        if "timestamp" in overrides:
            said |= {"timestamp": float(overrides["timestamp"]), "time_source": "event"}
        meta._cache = said
    return meta
