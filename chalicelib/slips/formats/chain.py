"""A format chain of slips.yml, `[s3-lines, json, g-suite-login]`, made ready to read objects.

The first name is the framing, the last the format; the links between them unwrap: `json` and `csv` decode the record
for the last format, any other one (`syslog`, `docker-json`, `cloudwatch-logs`, …) is an envelope whose message the next
one reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec

from ..errors import ParseError, RegistrationError
from ..model import digest
from .base import DELIMITERS, Decoded, Format, ObjectInfo, Overrides, Parser, events_of
from .fields import Event, lookup
from .json_format import Interpreter
from .registry import get
from .registry import names as registered

_OF_RECORD = ("record", "encoding")
"""What an envelope's parser says of the record, and with it of each event inside."""
CUT_BY_LIMIT = ("s3-csv", "s3-json", "s3-json-stream", "s3-xml", "s3-multiline")
"""Framings whose records depend on `limits.max_line_bytes` where one is broken."""
MOST_COUNTING = 200
"""Characters: every continued and drained work item carries it."""


@dataclass(frozen=True)
class Chain:
    """A framing, its argument (`s3-json:items`), and the formats that follow; the last one gives the chain its name."""

    framing: str
    argument: str
    links: tuple[Format, ...]

    @property
    def name(self) -> str:
        """Return the name that `on_format` matches."""
        return self.links[-1].name

    @property
    def array_keys(self) -> tuple[str, ...]:
        """Return the keys under which a document of this format holds its events."""
        named = (self.argument,) if self.argument else ()
        return named or tuple(getattr(self._needed[0], "array_keys", ()))

    @property
    def delimiter(self) -> str:
        """Return the delimiter that the framing names, empty where it is the format's own."""
        if self.framing == "s3-tsv":
            return "\t"
        return DELIMITERS.get(self.argument, self.argument) if self.framing == "s3-csv" and self.argument else ""

    def counting(self, max_line_bytes: int) -> str:
        """Say by what positions are counted, the same for chains that count alike: positions of one mean nothing in
        another. A framing that may cut a broken record elsewhere by its limit counts by that, too."""
        if max_line_bytes not in self._counting:  # Each object asks.
            self._counting[max_line_bytes] = self._describe_counting(max_line_bytes)
        return self._counting[max_line_bytes]

    @cached_property
    def _counting(self) -> dict[int, str]:
        return {}

    def _describe_counting(self, max_line_bytes: int) -> str:
        framing = f"{self.framing}:{self.argument}" if self.argument else self.framing
        text = " ".join([framing, *(link.name for link in self._needed)])
        if self.array_keys and not self.argument:
            text += f", events in {' or '.join(self.array_keys)}"
        if self.framing in CUT_BY_LIMIT:
            text += f", max_line_bytes {max_line_bytes}"
        return text if len(text) <= MOST_COUNTING else f"{text[:MOST_COUNTING]}… {digest(text)[:8]}"

    def parser(self, about: ObjectInfo) -> Parser:
        """Return a parser for one object."""
        about_first = msgspec.structs.replace(about, array_keys=self.array_keys, delimiter=self.delimiter)
        first = self._needed[0].parser(about_first)
        if self.is_direct:
            return first
        return _ChainParser(self._needed, [first, *(link.parser(about) for link in self._needed[1:])], about)

    @property
    def is_direct(self) -> bool:
        """Tell whether the last format decodes the records itself."""
        return len(self._needed) == 1

    @cached_property
    def _needed(self) -> tuple[Format, ...]:
        """Return the links without a `json` before a format that decodes JSON itself."""
        needed: list[Format] = []
        for link in self.links:
            if needed and needed[-1].name == "json" and link.framing == "s3-json" and link.accepts_objects:
                needed.pop()
            needed.append(link)
        return tuple(needed)


def compile_chain(names: Sequence[str], framings: frozenset[str], find: Callable[[str], Format] = get) -> Chain:
    """Return the chain of these names; `framings` are those that the reader knows, `find` returns a format by name.

    Raises RegistrationError for an unknown name, and for a framing that is not the first.
    """
    head, _, argument = names[0].partition(":")
    if f"s3-{head}" in framings and head not in registered():  # `lines` is short for s3-lines; `json` is a format.
        head = f"s3-{head}"
    rest = names[1:] if head in framings else names
    for name in rest[1:] if head not in framings else rest:
        if name.partition(":")[0] in framings:
            raise RegistrationError(f'"{name}" is a framing: write it first in the format chain')
    links = tuple(find(name) for name in rest) or (find(head),)
    if head not in framings:
        head, _, argument = links[0].framing.partition(":")
    elif not argument:
        usual, _, usual_argument = links[0].framing.partition(":")
        argument = usual_argument if usual == head else ""
    chain = Chain(head, argument, links)
    # A document with all of its events in one line, as CloudTrail writes it, may be longer than any line: s3-json reads
    # lines as s3-lines does, and such a document by its elements.
    streamed = head == "s3-lines" and chain.is_direct and chain.array_keys and chain.links[-1].framing == "s3-json"
    return replace(chain, framing="s3-json") if streamed else chain


class _ChainParser(Parser):
    """A parser that passes a record through several formats. Where the last finds no time that it can read, its
    envelope's counts."""

    repairs_text = False  # Each link repairs its own.

    def __init__(self, links: Sequence[Format], parsers: Sequence[Parser], about: ObjectInfo) -> None:
        super().__init__(links[-1], about)
        self._parsers = parsers
        self._links = links
        self._last = parsers[-1]
        self.header_records = parsers[0].header_records
        self.header_prefix = parsers[0].header_prefix
        self.is_stateless = all(parser.is_stateless for parser in parsers)
        self.joins_records = any(parser.joins_records for parser in parsers)
        self.decode = self._decode

    def tag(self, event: Event) -> str:
        return self._last.tag(event)

    def time(self, event: Event) -> float | None:
        return self._last.time(event)

    def message(self, event: Event) -> str | None:
        return self._last.message(event)

    def _decode(self, record: bytes) -> Decoded:
        decoded = self._parsers[0].read(record)
        if decoded is None:
            return None
        events = list(events_of(decoded))
        for at in range(1, len(self._parsers)):
            events = [inner for overrides, event in events for inner in self._inner(at, overrides, event)]
        return events[0][1] if len(events) == 1 and not events[0][0] else events

    def finish(self) -> Decoded:
        events: list[tuple[Overrides, Event]] = []
        for at, parser in enumerate(self._parsers):
            events = [inner for overrides, event in events for inner in self._inner(at, overrides, event)]
            events.extend(events_of(parser.finish()))
        return events

    def _inner(self, at: int, outer_overrides: Overrides, event: Event) -> Iterator[tuple[Overrides, Event]]:
        outer, parser = self._parsers[at - 1], self._parsers[at]
        payload: Any = event if self._links[at - 1].only_decodes else self._payload(at, event)
        if isinstance(payload, dict | list) and isinstance(parser, Interpreter):
            decoded = parser.interpret(payload)
        else:
            decoded = parser.read(_text(payload))
        for overrides, inner in events_of(decoded):
            if kept := {name: outer_overrides[name] for name in _OF_RECORD if name in outer_overrides}:
                overrides = {**overrides, **kept}
            if "timestamp" not in overrides and _readable_time(parser, inner) is None:
                time = outer_overrides.get("timestamp")
                time = _readable_time(outer, event) if time is None else time
                overrides = overrides if time is None else {**overrides, "timestamp": time}
            yield overrides, inner

    def _payload(self, at: int, event: Event) -> Any:
        link = self._links[at - 1]
        for path in link.inner_paths:
            value = lookup(event, path)
            if isinstance(value, str | dict | list):
                return value
        raise ParseError(f"{link.name}: no {' or '.join(link.inner_paths)} to read as {self._links[at].name}")


def _readable_time(parser: Parser, event: Event) -> float | None:
    """Return the time of an event, None where it has none that can be read."""
    try:
        return parser.time(event)
    except ParseError:
        return None


def _text(payload: Any) -> bytes:
    text = payload.get("message") if isinstance(payload, dict) else payload
    if not isinstance(text, str):
        raise ParseError(f"text was expected, not {type(payload).__name__}")
    return text.rstrip("\r\n").encode()  # Docker's json-file keeps the line end inside `log`.
