"""A format: a name in slips.yml, and for each object a parser from records to events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from ..errors import ENDS, ParseError
from .fields import Event, FieldReader, TimeSpec, describe, tag_template, time_reader
from .text_repair import UTF8, repair_text

Overrides = dict[str, Any]
"""What a parser may set for one event: any of `tag`, `timestamp` (seconds, UTC), `message`, `record`, the bytes of an
event that was joined from several records, and `encoding`, where its text was not UTF-8."""
NOTHING: Overrides = {}

Decoded = Event | Iterable[Event | tuple[Overrides, Event]] | None
"""The result of decoding a record: one event, several, or None for a documented header or comment line."""


DELIMITERS = {"": ",", "\\t": "\t", "tab": "\t"}
"""The delimiters that slips.yml writes otherwise than as themselves: `s3-csv`, `s3-csv:tab`."""


class ObjectInfo(msgspec.Struct, frozen=True):
    """An object as its parser knows it: `event_time` (seconds since the epoch, UTC) is when it landed; under
    `array_keys` its documents hold their events, where its chain names keys other than the format's; `delimiter` is
    between its cells, where its chain names one."""

    event_time: float = 0.0
    array_keys: tuple[str, ...] = ()
    delimiter: str = ""


def events_of(decoded: object) -> Iterator[tuple[Overrides, Event]]:
    """Yield every event of a decoded record, with the parser's overrides for it.

    Raises ParseError for a value that is neither an event nor several.
    """
    if decoded is None:
        return
    if isinstance(decoded, dict):
        yield NOTHING, decoded
        return
    if isinstance(decoded, tuple):
        decoded = [decoded]
    if isinstance(decoded, str | bytes) or not isinstance(decoded, Iterable):
        raise _no_object(decoded)
    for item in decoded:
        match item:
            case dict():
                yield NOTHING, item
            case (dict() as overrides, dict() as event):
                yield overrides, event
            case _:
                raise _no_object(item)


def _no_object(value: object) -> ParseError:
    excerpt = f" {str(value)[:40]!r}" if isinstance(value, str | bytes | int | float) else ""
    return ParseError(f"an object was expected, not {type(value).__name__}{excerpt}")


class DocumentOpener(NamedTuple):
    """How to decode records of JSON of which few are documents around events, without a call for each of the others.

    An object of at most `most_names` members, of which one has one of the `names`, may be a document: `interpret`
    returns its events. `has_none_of` looks for the names in C, which is slower than to look for three in turn.
    """

    decode: Callable[[bytes], Any]
    names: tuple[str, ...]
    has_none_of: Callable[[Event], bool]
    most_names: int
    interpret: Callable[[Any], Decoded]


class Parser(ABC):
    """A parser of the records of one object; each object has its own, since headers are state.

    `decode` raises for a broken record; a ParseError names the reason.
    """

    header_records: int = 0
    """How many records at the start of an object are decoded even where they are skipped: they hold the header."""
    header_prefix: bytes = b""
    """Records that begin with this are decoded even where they are skipped: they change the header."""
    decode: Callable[[bytes], Decoded]
    """The event or events of a record (without its line end). An attribute, so that a parser whose work is done by
    one function of a library can be that function."""
    decode_carefully: Callable[[bytes], Decoded] | None = None
    """Called where `decode` refuses a record: slower, but it accepts more, or explains better what is wrong."""
    beside: Callable[[bytes], Overrides] | None = None
    """What a record says of its only event beside it, such as a time in a column of its own; asked where a function
    asks for it."""
    is_event_json: bool = False
    """Whether a record is the JSON of its event and nothing else, so that a type of the user's can be made of it."""
    opens_arrays: bool = False
    """Whether a record may also be a document whose array holds its events."""
    is_stateless: bool = True
    """Whether a record that was refused once would be refused each time."""
    joins_records: bool = False
    """Whether an event may be made of several records, so that none may be filtered out by its bytes."""
    opener: DocumentOpener | None = None
    """Where `decode` does more than to decode JSON because an object may be a document around events: the two apart."""
    repairs_text: bool = True
    """Whether a record that `decode` refuses is decoded again as text in another encoding, if it is that."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        self.about = about
        self._tag_of = declared.tag_of
        self._time_of = time_reader(declared.time, about.event_time)

    def read(self, record: bytes) -> Decoded:
        """Call `decode`, and `recover` where that fails; with what stands beside the event. Raises ParseError with the
        last reason."""
        try:
            try:
                decoded = self.decode(record)
            except Exception as fault:  # noqa: BLE001 - it is raised again
                decoded = self.recover(record, fault)
            return [(self.beside(record), decoded)] if self.beside and isinstance(decoded, dict) else decoded
        except RecursionError as reason:
            raise ParseError("nested too deeply") from reason
        except ValueError as reason:  # Of decoders: of JSON, of text, of numbers.
            raise reason if isinstance(reason, ParseError) else ParseError(str(reason)) from reason

    def recover(self, record: bytes, fault: BaseException) -> Decoded:
        """Return the events of a record that `decode` has refused: as text that is repaired, or by `decode_carefully`.
        Raises `fault`, or what says better what is wrong."""
        repaired = repair_text(record) if self.repairs_text else None
        if repaired is None:
            try:
                return self._decode_carefully(record, fault)
            finally:
                del fault  # It refers to this frame, and so to the record: a cycle would hold both.
        try:
            decoded = self.decode(repaired.record)
        except ENDS:
            raise
        except BaseException as better:  # noqa: BLE001 - a parser may be the user's own
            decoded = self._decode_carefully(repaired.record, better)
        if decoded is None or repaired.encoding == UTF8:
            return decoded
        said: Overrides = {"encoding": repaired.encoding}
        return [({**overrides, **said}, event) for overrides, event in events_of(decoded)]

    def _decode_carefully(self, record: bytes, fault: BaseException) -> Decoded:
        try:
            if self.decode_carefully is None:
                raise fault
            return self.decode_carefully(record)
        finally:
            del fault  # See above.

    def tag(self, event: Event) -> str:
        """Return the tag of an event, such as `aws.cloudtrail.AwsApiCall`."""
        return str(self._tag_of(event))

    def time(self, event: Event) -> float | None:
        """Return seconds since the epoch (UTC) of an event, None where it has no time. Raises ParseError for an invalid
        time."""
        return self._time_of(event)

    def finish(self) -> Decoded:
        """Return the events that still waited for a later record when the object ended; None where nothing waits."""
        return None

    def message(self, event: Event) -> str | None:
        """Return the event as a sentence for a person, None where the format makes none."""
        text = event.get("message")
        return text if isinstance(text, str) else None


@dataclass(frozen=True, kw_only=True)
class Format(ABC):
    """A format: what slips.yml names, what `slips formats` prints, and the source of parsers.

    `tag` is a template (`aws.cloudtrail.<eventType>`) or a function of the event, for `time` see `fields.TimeSpec`; the
    table of formats shows the first line of a function's docstring.
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
    """The framing it usually comes in."""
    accepts_objects: bool = False
    """Whether its parser is an `Interpreter`, for decoded objects, so that `[s3-csv, csv, snowflake-login]` works."""
    only_decodes: bool = False
    """Whether, before another format in a chain, it hands over its whole event and not a message inside it."""
    signatures: tuple[str, ...] = ()
    """What distinguishes its events from those of other formats, for `slips detect`; see the module `signatures`."""
    specificity: float = 0.8
    """How much a parsed record proves (0 to 1): little for a format that accepts nearly anything."""
    inner_paths: tuple[str, ...] = ("message",)
    """As an envelope, before another format in a chain: the paths of the inner record."""
    variants: tuple[str, ...] = ()
    """How else than in the example its records may be written, in words, for docs/formats.md. A test reads a record of
    each: tests/formats/variants."""
    refused: tuple[str, ...] = ()
    """What it could be taken to read, and refuses. A test tries a record of each."""

    @abstractmethod
    def parser(self, about: ObjectInfo) -> Parser:
        """Return a parser for one object."""

    @cached_property
    def tag_of(self) -> FieldReader:
        """Return the function that makes the tag of an event."""
        return tag_template(self.tag) if isinstance(self.tag, str) else self.tag

    @property
    def tag_text(self) -> str:
        """Return the tag as documented, with `<field>` for a field of the event."""
        return describe(self.tag)

    @property
    def shared_variants(self) -> tuple[str, ...]:
        """Return the variants that every format of its class reads."""
        return ()

    @property
    def time_text(self) -> str:
        """Return where the time is, in words."""
        return describe(self.time)
