"""What the Metas of one object share: its format, which finds tags, times and messages."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ..errors import ParseError
from ..formats.base import ObjectInfo, Parser, events_of
from ..formats.timestamps import epoch
from ..model import Source, WorkItem, digest
from ..model.meta import Meta

if TYPE_CHECKING:
    from .deliveries import Deliveries


class ObjectContext:
    """The context of one object's Metas (a `meta.MetaContext`)."""

    def __init__(self, format_name: str, parser: Parser, source: Source, event_time: float) -> None:
        self.format = format_name
        self.source = source
        self.event_time = event_time
        self.deliveries: Deliveries | None = None
        """Of the run that these events are of: a function may say of any event that it failed."""
        self._parser = parser
        # Nearly every parser has the reader of its format's declaration: it is called without a method around it.
        self._read_time = parser._time_of if type(parser).time is Parser.time else parser.time
        self._hashed: tuple[bytes, blake2b] | None = None
        """The last record that was hashed, since one may hold many events."""

    def tag(self, meta: Meta) -> str:
        """Return the tag of the event."""
        beside = self._parser.beside
        if beside is not None:
            return beside(meta._record).get("tag") or self._parser.tag(self._object(meta))
        return self._parser.tag(self._object(meta))

    def time(self, meta: Meta) -> float | None:
        """Return the time of the event, None where it has no time. Raises ParseError where it cannot be read, and
        counts that."""
        beside = self._parser.beside
        if beside is not None and (time := beside(meta._record).get("timestamp")):
            return float(time)
        event = meta._event
        try:
            return self._read_time(event if event.__class__ is dict else self._object(meta))
        except ParseError:
            if self.deliveries is not None:
                self.deliveries.time_faults += 1
            raise

    def message(self, meta: Meta) -> str:
        """Return the event as a sentence, else the record's text."""
        return self._parser.message(self._object(meta)) or meta._record.decode("utf-8", "replace")

    def hash_record(self, record: bytes) -> blake2b:
        """Return a hash of the object's version and a record that holds several events, to go on with."""
        known = self._hashed  # Read once: the threads that send share this object.
        if known is None or record is not known[0]:
            hashed = self.version_hash.copy()
            hashed.update(record)
            known = self._hashed = record, hashed
        return known[1].copy()

    @cached_property
    def version_hash(self) -> blake2b:
        """A hash of the object's version, to copy."""
        return blake2b(digest(self.source.bucket, self.source.key, self.source.version).encode(), digest_size=16)

    def _object(self, meta: Meta) -> dict[str, Any]:
        """Return the event as a dict, even where the function's own type was decoded instead."""
        if isinstance(meta._event, dict):
            return meta._event
        events = [event for _, event in events_of(self._parser.read(meta._record))]
        return events[meta.index or 0] if events else {}


def source_of(item: WorkItem, lane: str) -> Source:
    """Return what a function may know of the object."""
    ref = item.ref
    return Source(bucket=ref.bucket, key=ref.key, version=ref.version, region=ref.region, size=ref.size, lane=lane)


def object_info(item: WorkItem) -> ObjectInfo:
    """Return when the object landed: 1970 where a foreign work item does not say, so that no time is ever "now"."""
    try:
        return ObjectInfo(event_time=epoch(item.event_time))
    except ParseError:
        return ObjectInfo()
