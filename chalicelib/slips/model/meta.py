"""Meta: what a function learns of an event in addition to the event itself."""

from __future__ import annotations

from datetime import UTC, datetime
from struct import Struct
from typing import Any, Literal, Protocol, TypedDict

import msgspec

from ..errors import ParseError
from . import Source

_pack_place = Struct(">qqq").pack


class MetaCache(TypedDict, total=False):
    """What is known of an event without asking its format: what its parser said of it, what was looked up before, and,
    where the event has an `index`, how many events its record holds."""

    tag: str
    timestamp: float
    time_source: Literal["event", "object"]
    time_fault: str
    message: str
    encoding: str
    siblings: int


class Blake2(Protocol):
    """What hashlib.blake2b makes, as far as it is needed here."""

    def copy(self) -> Blake2:
        """Return another one that goes on from here."""
        ...

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the hash so far, in hex digits."""
        ...


class MetaContext(Protocol):
    """What the events of one object share."""

    format: str
    source: Source

    def tag(self, meta: Meta) -> str:
        """Return the tag of the event."""
        ...

    def time(self, meta: Meta) -> float | None:
        """Return the time of the event, None where it has no time. Raises ParseError where it cannot be read."""
        ...

    def message(self, meta: Meta) -> str:
        """Return the event as a sentence, else the record's text."""
        ...

    @property
    def event_time(self) -> float:
        """When the object landed."""
        ...

    @property
    def version_hash(self) -> Blake2:
        """A hash of the object's version, to copy."""
        ...

    def hash_record(self, record: bytes) -> Blake2:
        """Return a hash of the object's version and a record that holds several events, to go on with."""
        ...


class Meta(msgspec.Struct, gc=False, eq=False):
    """Where an event comes from, and what it is. What costs time (tag, time, id) is worked out when first read. A Meta
    is equal to itself alone, so it may be a key of a dict."""

    # gc=False: a Meta refers to an event but nothing refers back, so the cycle collector need not traverse it; with
    # 300,000 of them a second that is a third of the engine's time. Few fields, for the same reason.
    position: int
    """The record's number in its object, from 1: for lines, the line's number."""
    _event: Any
    _record: bytes
    _context: MetaContext
    index: int | None = None
    """The event's number in its record, from 0, where a record holds several; else None."""
    _cache: MetaCache | None = None

    @property
    def tag(self) -> str:
        """The kind of event, such as `aws.cloudtrail.AwsApiCall`."""
        cache = self._open_cache()
        if "tag" not in cache:
            cache["tag"] = self._context.tag(self)
        return cache["tag"]

    @property
    def timestamp(self) -> float:
        """When it happened, in seconds since the epoch, UTC; see `time_source`."""
        return self._find_time()["timestamp"]

    @property
    def datetime(self) -> datetime:
        """When it happened, as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.timestamp, UTC)

    @property
    def time_source(self) -> Literal["event", "object"]:
        """`"event"`, or `"object"` where the event has no time that can be read, and that of its object is taken
        instead."""
        return self._find_time().get("time_source", "event")

    @property
    def time_fault(self) -> str | None:
        """Why the event's time could not be read; None where it could, and where the event has none."""
        return self._find_time().get("time_fault")

    @property
    def format(self) -> str:
        """The format's name, as in slips.yml."""
        return self._context.format

    @property
    def message(self) -> str:
        """The event as a sentence for a person where its format makes one, else the record's text."""
        cache = self._open_cache()
        if "message" not in cache:
            cache["message"] = self._context.message(self)
        return cache["message"]

    @property
    def encoding(self) -> str:
        """How the record's bytes were read: `"utf-8"`; where they are not that, `"windows-1252"` (Latin-1 is a part of
        it), `"utf-16"`, `"utf-32"`, or `"utf-8-replaced"`, with U+FFFD for what is broken in UTF-8."""
        return (self._cache or {}).get("encoding", "utf-8")

    @property
    def source(self) -> Source:
        """The object: bucket, key, version, region, size and lane; shared by its events and read-only."""
        return self._context.source

    @property
    def event_id(self) -> str:
        """32 hex digits: the same for the same raw record at the same place of the same object version, in every run
        and release, and never the same for another raw record, even where another chain cuts the object there."""
        record, index = self._record, self.index
        if index is None:
            index = -1
            hashed = self._context.version_hash.copy()
            hashed.update(record)
        else:
            hashed = self._context.hash_record(record)
        # All of one length, so that no end of a record can be taken for it.
        hashed.update(_pack_place(self.position, index, len(record)))
        return hashed.hexdigest()

    def _find_time(self) -> MetaCache:
        cache = self._cache  # Read once: another thread may make another one at the same time.
        if cache is not None and "timestamp" in cache:
            return cache
        found: MetaCache = {}
        try:
            time = self._context.time(self)
        except ParseError as fault:
            time, found["time_fault"] = None, str(fault)
        if time is None:
            time, found["time_source"] = self._context.event_time, "object"
        found["timestamp"] = time
        if cache is None:
            self._cache = found
            return found
        cache.update(found)
        return cache

    def _open_cache(self) -> MetaCache:
        if self._cache is None:
            self._cache = {}
        return self._cache

    def __repr__(self) -> str:
        at = self.position if self.index is None else f"{self.position}.{self.index}"
        source = self._context.source
        return f"Meta({self.format} event {at} of s3://{source.bucket}/{source.key})"
