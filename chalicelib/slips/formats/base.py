"""What a format is: a name in slips.yml, and for each object a parser from records to events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from ..errors import ParseError
from .fields import Event, FieldReader, TimeSpec, describe, tag_template, time_reader

Overrides = dict[str, Any]
"""What a parser may say of one event beside it: any of `tag`, `timestamp` (seconds, UTC), `message`, and `record`, the
bytes of an event that was joined from several records."""

Decoded = Event | Iterable[Event | tuple[Overrides, Event]] | None
"""What became of a record: one event, several, or None for a header or comment line that the format documents."""


class ObjectInfo(msgspec.Struct, frozen=True):
    """What a parser may know of the object: `event_time` (seconds since the epoch, UTC) is when it landed; `unpacked`
    whether the container has looked for events inside of documents already."""

    event_time: float = 0.0
    unpacked: bool = False


class Parser(ABC):
    """Reads the records of one object. A new one for every object, since headers are state.

    `decode` says no to a broken record with an exception; ParseError is one that names the reason.
    """

    header_records: int = 0
    """So many records at the start of an object are decoded even when they are to be skipped: they hold the header."""
    header_prefix: bytes = b""
    """Records that begin with this are decoded even when they are to be skipped: they change the header."""
    decode: Callable[[bytes], Decoded]
    """The event or events of a record (without its line end). An attribute, so that a parser whose work is done by
    one function of a library can be that function."""
    decode_carefully: Callable[[bytes], Decoded] | None = None
    """Asked when `decode` refused a record: slower, but it takes more, or says better what is wrong."""
    is_event_json: bool = False
    """Whether a record is the JSON of its event and nothing else, so that a type of the user's can be made of it."""
    joins_records: bool = False
    """Whether an event may be made of several records, so that none may be left out for want of some bytes."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        self.about = about
        self._tag_of = declared.tag_of
        self._time_of = time_reader(declared.time, about.event_time)

    def read(self, record: bytes) -> Decoded:
        """`decode`, and `decode_carefully` where that refuses. Raises ParseError with what the last of them says."""
        try:
            return self.decode(record)
        except Exception as fault:  # noqa: BLE001 - whatever it is, another look may take the record
            return self._again(record, fault)

    def _again(self, record: bytes, fault: Exception) -> Decoded:
        try:
            if self.decode_carefully is None:
                raise fault
            return self.decode_carefully(record)
        except RecursionError as said:
            raise ParseError("nested too deeply") from said
        except ValueError as said:  # Of decoders: of JSON, of text, of numbers.
            raise said if isinstance(said, ParseError) else ParseError(str(said)) from said

    def tag(self, event: Event) -> str:
        """The tag of an event, as in `aws.cloudtrail.AwsApiCall`."""
        return str(self._tag_of(event))

    def time(self, event: Event) -> float | None:
        """Seconds since the epoch (UTC) of an event, None where it carries no time. Raises ParseError for a time that
        is none."""
        return self._time_of(event)

    def finish(self) -> Decoded:
        """The events that still waited for a later record when the object ended; None where nothing waits."""
        return None

    def message(self, event: Event) -> str | None:
        """The event as a sentence for a person, None where the format makes none."""
        text = event.get("message")
        return text if isinstance(text, str) else None


@dataclass(frozen=True, kw_only=True)
class Format(ABC):
    """A format: what slips.yml names, what `slips formats` prints, and the maker of parsers.

    `tag` is a template (`aws.cloudtrail.<eventType>`) or a function of the event, `time` see `fields.TimeSpec`; the
    first line of a function's docstring is what the table of formats shows.
    """

    name: str
    tag: str | FieldReader
    time: TimeSpec
    description: str
    document: str
    """The vendor's document that defines it."""
    example: bytes
    """A real-looking record; its first test."""
    framing: str = "s3-lines"
    """The container it usually comes in."""
    accepts_objects: bool = False
    """Whether its parser is an `Interpreter`, for decoded objects, so that `[s3-csv, csv, snowflake-login]` works."""
    only_decodes: bool = False
    """Whether, before another format in a chain, it hands over its whole event and not a message inside it."""
    signatures: tuple[str, ...] = ()
    """What tells its events from those of other formats, for `slips detect`; see the module `signatures`."""
    specificity: float = 0.8
    """How much it says (0 to 1) that a record could be parsed: little, where a format takes nearly anything."""
    inner_paths: tuple[str, ...] = ("message",)
    """As an envelope, before another format in a chain: the paths at which the inner record may stand."""

    @abstractmethod
    def parser(self, about: ObjectInfo) -> Parser:
        """A parser for one object."""

    @cached_property
    def tag_of(self) -> FieldReader:
        """The function that makes the tag of an event."""
        return tag_template(self.tag) if isinstance(self.tag, str) else self.tag

    @property
    def tag_text(self) -> str:
        """The tag as documented, `<field>` standing for a field of the event."""
        return describe(self.tag)

    @property
    def time_text(self) -> str:
        """Where the time stands, in words."""
        return describe(self.time)
