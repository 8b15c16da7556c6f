"""The inner loop: records of one object to events, events to functions. Whatever happens in it is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import msgspec

from ..errors import ENDS, OutOfRange, TooMany, message_of
from ..formats.base import DocumentOpener, Overrides, Parser, events_of
from ..model import Books
from ..model.meta import Meta, MetaCache, MetaContext
from ..model.positions import Positions
from ..reader.framing import RecordFault
from ..wording import plural
from .deliveries import Deliveries
from .failures import FailureLog

_FEW = 3
_NONE = (object(),) * _FEW
"""Names that no object has."""


class Loop:
    """Decodes records and hands each event to `deliveries`; `books` counts what became of the records.

    An object with more than `limit` unparsable records is not read on: `too_many` is set, and the loop stops. `only`
    narrows to some events (a drained item).
    """

    def __init__(
        self, parser: Parser, context: MetaContext, deliveries: Deliveries, log: FailureLog, books: Books, *,
        limit: int, only: Positions | None,
    ) -> None:  # fmt: skip
        self.too_many: TooMany | None = None
        self._deliveries = deliveries
        self.begin_document(parser, context)
        self._log = log
        self._books = books
        self._limit = limit
        self._only = only
        self._usual_type: type = deliveries.record_type or dict
        self._slow = self._not_parsed = 0

    def begin_document(self, parser: Parser, context: MetaContext) -> None:
        """Decode what comes from here on by this parser, which knows nothing of other documents."""
        self._parser = parser
        self._context = context
        self._refuses_blank = False
        """Whether the parser has refused a blank line: then the others are passed over at once, as an exception for
        each of a million would take seconds."""
        self._decode: Callable[[bytes], Any] = parser.decode
        self._opener: DocumentOpener | None = None
        if self._deliveries.record_type is not None:
            self._decode = msgspec.json.Decoder(self._deliveries.record_type).decode
        elif parser.opener is not None:
            self._opener, self._decode = parser.opener, parser.opener.decode

    def deliver(self, positions: Sequence[int], records: Sequence[bytes]) -> int:
        """Deliver the records and return how many were read: fewer where too many of them could not be parsed.

        Whatever a parser raises costs its record; whatever a function raises costs its event, for this function.
        """
        if not self._refuses_blank or (records[0].strip() and all(records)):
            return self._deliver(positions, records)
        rest = [(at, record) for at, record in zip(positions, records, strict=True) if record.strip()]
        kept = [at for at, _ in rest]
        read = self._deliver(kept, [record for _, record in rest]) if rest else 0
        count = len(records) if read == len(rest) else positions.index(kept[read - 1]) + 1
        self._books.headers += count - read
        return count

    def _deliver(self, positions: Sequence[int], records: Sequence[bytes]) -> int:
        self._deliveries.begin_slice(positions, records)
        count = len(records) if self._gather(positions, records) else self._deliver_each(positions, records)
        self._deliveries.advance(self._books.events)
        return count

    def _deliver_each(self, positions: Sequence[int], records: Sequence[bytes]) -> int:
        decode, context, usual_type, deliveries = self._decode, self._context, self._usual_type, self._deliveries
        call, opener = deliveries.direct_call, self._opener
        is_event, most = (opener.has_none_of, opener.most_names) if opener else (bool, 0)
        # Nearly every event goes through here: what is looked up three times in turn costs a third of one call.
        names = opener.names if opener else ()
        is_few, (name, other, third) = len(names) <= _FEW, (*names, *_NONE)[:_FEW]
        self._slow = self._not_parsed = 0
        count = len(records)
        for position, record in zip(positions, records, strict=True):
            try:
                event = decode(record)
                if opener is not None and (
                    event.__class__ is not dict
                    or (
                        name in event or other in event or third in event
                        if is_few
                        else len(event) <= most and not is_event(event)
                    )
                ):
                    event = opener.interpret(event)
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - a parser may be the user's own
                self._reject(position, record, fault)
                call = deliveries.direct_call
                if self.too_many is not None:
                    count = positions.index(position) + 1
                    break
                continue
            if event.__class__ is usual_type:
                meta = Meta(position, event, record, context)
                try:
                    call(meta, event)
                except ENDS:
                    raise
                except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
                    deliveries.fail(meta, fault)
                    call = deliveries.direct_call  # The function may have been suspended.
            else:
                self._slow += 1
                self._slow_path(position, record, event)
                call = deliveries.direct_call
        self._books.parsed += count - self._not_parsed
        self._books.events += count - self._slow
        return count

    def _gather(self, positions: Sequence[int], records: Sequence[bytes]) -> bool:
        """Put all records into the batch of the only function at once, in C. Returns False, with nothing done, without
        such a batch, or where a record needs a closer look."""
        # Decoding plain JSON twice is decoding it once; another parser may keep a state.
        batch = self._deliveries.open_batch if self._parser.is_event_json else None
        if batch is None:
            return False
        try:
            events = list(map(self._decode, records))
        except ENDS:
            raise
        except BaseException:  # noqa: BLE001 - the records are then looked at one by one
            return False
        if set(map(type, events)) != {self._usual_type} or not self._are_events(events):
            return False
        batch.extend(zip(map(Meta, positions, events, records, repeat(self._context)), events, strict=True))
        self._books.parsed += len(events)
        self._books.events += len(events)
        return True

    def _are_events(self, events: list[Any]) -> bool:
        """Tell whether none of the objects may be a document around events."""
        opener = self._opener
        if opener is None:
            return True
        if len(opener.names) <= _FEW:
            name, other, third = (*opener.names, *_NONE)[:_FEW]
            suspects = [event for event in events if name in event or other in event or third in event]
        else:
            suspects = [event for event in events if not opener.has_none_of(event)]
        return not any(len(event) <= opener.most_names for event in suspects)

    def finish(self, position: int) -> None:
        """Deliver the events that waited for a later record, as events of the last one. What waited and cannot be
        parsed, as a line that log rotation has cut, costs that record and not the object."""
        self._not_parsed = 0
        try:
            decoded = self._parser.finish()
            waiting = decoded if decoded is None or isinstance(decoded, dict) else list(events_of(decoded))
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - a parser may be the user's own
            self._reject_waiting(position, fault)
        else:
            if waiting is not None:
                self._slow_path(position, b"", waiting)

    def _reject_waiting(self, position: int, fault: BaseException) -> None:
        """Count the last record as unparsable: until now it was one that holds no event, or one that is passed over."""
        if self._books.headers:
            self._books.headers -= 1
        elif self._books.skipped:
            self._books.skipped -= 1
        else:
            raise fault
        self._books.unparsable += 1
        self._log.add_unparsable(fault, position, b"", is_cut=True)

    def read_header(self, record: bytes) -> None:
        """Let the parser see a record that is otherwise passed over."""
        try:
            self._parser.decode(record)
        except ENDS:
            raise
        except BaseException:  # noqa: BLE001 - it is counted at its own turn
            return

    def record_fault(self, fault: RecordFault) -> None:
        """Count a record that the reader could not give."""
        self._add_unparsable(fault.position, fault.sample, fault.error, is_cut=True)

    def _slow_path(self, position: int, record: bytes, decoded: object) -> None:
        """Deliver a record that holds no event, or several, or one that its parser says more of than the event."""
        try:
            events = list(events_of(decoded))
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - the iterator of a user's parser
            self._not_parsed += 1
            self._add_unparsable(position, record, fault)
            return
        if decoded is None:
            self._not_parsed += 1
            self._books.headers += 1
        single = isinstance(decoded, dict)
        for index, (overrides, event) in enumerate(events):
            if single or self._only is None or (position, index) in self._only:
                self._books.events += 1
                meta = _meta(position, event, record, self._context, overrides)
                if not single:
                    meta.index, meta._cache = index, {**(meta._cache or {}), "siblings": len(events)}
                self._call(meta, event)
        if not single and not self._parser.joins_records:
            self._check_indexes(position, len(events))
        self._deliveries.advance(self._books.events)  # Full batches must not grow on.

    def _call(self, meta: Meta, event: Any) -> None:
        """Deliver an event as a dict, or as the type into which others were decoded at once."""
        if (struct := self._deliveries.record_type) is not None:
            try:
                event = meta._event = msgspec.convert(event, struct, str_keys=True)
            except (msgspec.ValidationError, RecursionError) as fault:
                self._deliveries.fail(meta, fault)
                return
        self._deliveries.call(meta, event)

    def _check_indexes(self, position: int, count: int) -> None:
        """An event that is wanted of a record and is not there is no success."""
        missing = self._only.missing_of(position, count) if self._only is not None else []
        if missing:
            named = ", ".join(f"{position}.{index}" for index in missing[:10])
            fault = OutOfRange(f"record {position} holds {plural(count, 'event')}, counted from 0: there is no {named}")
            self._log.add_missing(fault, position, missing)

    def _reject(self, position: int, record: bytes, fault: BaseException) -> None:
        """Count a record that the decoder did not take, unless a slower look at it takes it after all; that may also
        say better what is wrong."""
        self._slow += 1
        is_blank = not record.strip()
        self._refuses_blank = self._refuses_blank or (is_blank and self._parser.is_stateless)
        try:
            if not is_blank:
                try:
                    # What a type of the user's refused may be an event still.
                    is_typed = self._deliveries.record_type is not None
                    decoded = self._parser.read(record) if is_typed else self._parser.recover(record, fault)
                except ENDS:
                    raise
                except BaseException as better:  # noqa: BLE001 - a parser may be the user's own
                    fault = better
                else:
                    self._slow_path(position, record, decoded)
                    return
            self._not_parsed += 1
            self._add_unparsable(position, record, fault)
        finally:
            del fault  # It refers to this frame, and so to the record, which may be large: a cycle would hold it.

    def _add_unparsable(self, position: int, record: bytes, fault: BaseException, *, is_cut: bool = False) -> None:
        if not record.strip():
            self._books.headers += 1  # A blank line is a line, but not an event.
            return
        self._books.unparsable += 1
        self._log.add_unparsable(fault, position, record, is_cut=is_cut)
        if self._books.unparsable > self._limit:
            self.too_many = TooMany(self._limit, fault, message_of(fault))


def _meta(position: int, event: Any, record: bytes, context: MetaContext, overrides: Overrides) -> Meta:
    """Make the Meta of an event that its parser may say more of."""
    meta = Meta(position, event, overrides.get("record", record), context)
    if overrides:
        cache: MetaCache = {}
        if overrides.get("tag") is not None:
            cache["tag"] = overrides["tag"]
        if overrides.get("message") is not None:
            cache["message"] = overrides["message"]
        if "encoding" in overrides:
            cache["encoding"] = overrides["encoding"]
        if "timestamp" in overrides:
            cache |= {"timestamp": float(overrides["timestamp"]), "time_source": "event"}
        meta._cache = cache
    return meta
