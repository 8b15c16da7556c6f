"""The records of a whole object, decoded on this machine, outside of any invocation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import msgspec
import orjson

from ...config import Limits
from ...errors import ParseError, ReadError
from ...formats.base import Decoded, ObjectInfo, Overrides, Parser
from ...formats.chain import Chain
from ...formats.fields import Event
from ...model import ObjectRef
from ...model.ports import ObjectStore
from ...reader.framing import FramingOptions, RecordFilter
from ...reader.objects import ObjectReader


class UndecodedRecord(NamedTuple):
    """A record at its position, or what waited at the end of a document. `read` returns its events, and raises whatever
    the parser raises, or what the reader said of it."""

    position: int
    read: Callable[[], Decoded]
    parser: Parser


def read_records(
    chain: Chain, source: ObjectStore, ref: ObjectRef, event_time: float, limits: Limits | None = None
) -> Iterator[UndecodedRecord]:
    """Yield the records of an object that landed at `event_time`. The last one raises the ReadError that ends the
    object, if one does."""
    parser = chain.parser(ObjectInfo(event_time=event_time))
    want = RecordFilter(header_records=parser.header_records, header_prefix=parser.header_prefix)
    options = FramingOptions(argument=chain.argument, array_keys=chain.array_keys)
    position = 1
    try:
        for batch in ObjectReader(source, ref, limits or Limits()).read_batches(chain.framing, options, want):
            if batch.begins_document:
                yield UndecodedRecord(position - 1, parser.finish, parser)
                parser = chain.parser(ObjectInfo(event_time=event_time))
            for at, record in enumerate(batch.records, batch.first):
                if record.strip():
                    yield UndecodedRecord(at, partial(parser.read, record), parser)
            for fault in batch.faults:
                yield UndecodedRecord(fault.position, partial(_raise, fault.error), parser)
            position = batch.first + batch.count
        yield UndecodedRecord(position - 1, parser.finish, parser)
    except ReadError as fault:
        yield UndecodedRecord(position, partial(_raise, fault), parser)


def _raise(fault: BaseException) -> Decoded:
    raise fault


class EventLine(NamedTuple):
    """An event as the commands print it. `time_fault`: why its time could not be read; it then has the object's."""

    tag: str
    timestamp: float
    position: int
    event: Event
    time_fault: str = ""

    def encode(self, **more: str) -> bytes:
        """Return the event as a line of JSON, behind `more`."""
        line = {
            **more,
            "tag": self.tag,
            "timestamp": self.timestamp,
            "position": self.position,
            "event": self.event,
        }
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:  # It holds an integer above 64 bits.
            return msgspec.json.encode(line, enc_hook=str)


def event_line(record: UndecodedRecord, overrides: Overrides, event: Event, event_time: float) -> EventLine:
    """Return an event of a record with its tag and time."""
    parser, fault = record.parser, ""
    try:
        time = overrides["timestamp"] if "timestamp" in overrides else parser.time(event)
    except ParseError as reason:
        time, fault = None, str(reason)
    tag = overrides.get("tag") or parser.tag(event)
    return EventLine(tag, event_time if time is None else time, record.position, event, fault)
