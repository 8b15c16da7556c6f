"""A pattern format for slips.yml, proposed from samples: a line with fields, or columns with types."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import yaml

from ....config.field import Field
from ....config.patterns.keys import FORMATS
from ....config.patterns.section import read_formats
from ....config.patterns.settings import PatternFormat
from ....config.patterns.types import TYPES
from ....config.problems import Problems
from ....errors import ParseError, SlipsError
from ....formats.base import ObjectInfo, Parser
from ....formats.fields import Event
from ....formats.pattern_format import pattern_format
from .columns import infer_line
from .samples import Samples
from .shapes import RecordShape, infer_shape
from .times import EARLIEST, LATEST, PATTERNS

_SECTION = re.compile(r"^formats:[ \t]*(?:#.*)?$", re.MULTILINE)
_TRIED = 50
"""Events in which a time is looked for."""
_MOST_FIELDS = 20
"""Fields in which it is."""
_CELL_TYPES = ("int", "float", "bool", "ip", "time")
_SEPARATORS = {"\t": "tab"}


class PatternProposal(msgspec.Struct, kw_only=True):
    """A pattern format to edit: its `keys` in slips.yml, and how many of the records it reads (`read`)."""

    name: str
    keys: dict[str, Any]
    fields: tuple[str, ...]
    time: str
    read: int

    @property
    def text(self) -> str:
        """The section of slips.yml."""
        return f"formats:\n{self._entry()}"

    def insert(self, text: str) -> str:
        """Return slips.yml with the format. Raises SlipsError where its section is not one that can be added to."""
        match = _SECTION.search(text)
        if match:
            return f"{text[: match.end()]}\n{self._entry().rstrip()}{text[match.end() :]}"
        if re.search(r"^formats\b", text, re.MULTILINE):
            raise SlipsError(f"write {self.name} into the formats of slips.yml yourself: they are in one line")
        return f"{text.rstrip()}\n\n{self.text}"

    def _entry(self) -> str:
        entry = yaml.safe_dump({self.name: self.keys}, sort_keys=False, allow_unicode=True, width=1000)
        return "".join(f"  {line}\n" for line in entry.splitlines())


def propose_pattern(name: str, samples: Samples) -> PatternProposal | None:
    """Propose a pattern format for these records; None where they are JSON or pairs, which a pattern does not read, or
    where no pattern reads what a parser in Python would."""
    shape = infer_shape(samples)
    if shape.kind not in ("delimited", "text"):
        return None
    keys = _columns(shape, samples) if shape.kind == "delimited" else _line(samples)
    settings = _read(name, keys)
    if settings is None:
        return None
    events = _parse(settings, samples)
    if len(events) < shape.read - bool(shape.header):
        return None
    fields = tuple(dict.fromkeys(field for event in events for field in event))
    time = _find_time(name, keys, events[:_TRIED], fields[:_MOST_FIELDS])
    if time is not None:
        keys = _with_time(keys, time)
    return PatternProposal(name=name, keys=keys, fields=fields, time=time.field if time else "", read=len(events))


class _TimeCandidate(NamedTuple):
    """A field, or a template of two, and the pattern of its times; empty: any shape that SLIPS knows."""

    field: str
    pattern: str = ""


def _read(name: str, keys: dict[str, Any]) -> PatternFormat | None:
    """Return the format as slips.yml would have it; None where it is refused."""
    problems = Problems()
    formats = read_formats(Field({name: keys}, "formats", problems, FORMATS), {name})
    return None if problems.faults else formats[name]


def _parser(settings: PatternFormat) -> Parser:
    return pattern_format(settings).parser(ObjectInfo())


def _parse(settings: PatternFormat, samples: Samples) -> list[Event]:
    parser, events = _parser(settings), []
    for record in samples.records:
        try:
            event = parser.read(record.encode("utf-8", "replace"))
        except ParseError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events


def _line(samples: Samples) -> dict[str, Any]:
    keys: dict[str, Any] = {"line": infer_line(samples.records)}
    if samples.framing == "multiline":
        keys["multiline"] = "indented"
    elif samples.framing.startswith("multiline:"):
        keys["multiline"] = True
    return keys


def _columns(shape: RecordShape, samples: Samples) -> dict[str, Any]:
    rows = list(csv.reader(samples.records, delimiter=shape.delimiter))
    rows = [row for row in rows if len(row) == len(shape.fields)]
    names = rows.pop(0) if shape.header else list(shape.fields)
    types = {name: _infer_type([row[at] for row in rows]) for at, name in enumerate(names)}
    keys: dict[str, Any] = {"header": True} if shape.header else {}
    keys["columns"] = {name: kind for name, kind in types.items() if not shape.header or kind != "text"}
    if not keys["columns"]:
        del keys["columns"]
    if shape.delimiter != ",":
        keys["separator"] = _SEPARATORS.get(shape.delimiter, shape.delimiter)
    return keys


def _infer_type(values: Sequence[str]) -> str:
    present = [value for value in values if value not in ("", "-")]
    for kind in _CELL_TYPES:
        # A number with a zero before it is a name.
        if kind in ("int", "float") and any(re.match(r"[+-]?0[0-9]", value) for value in present):
            continue
        if present and all(re.fullmatch(TYPES[kind].pattern, value) for value in present):
            return kind
    return "text"


def _find_time(
    name: str, keys: dict[str, Any], events: Sequence[Event], fields: Sequence[str]
) -> _TimeCandidate | None:
    """Return the first field, or two that follow each other, in which all events hold a time."""
    for time in _candidates(fields):
        settings = _read(name, {**keys, "time": {key: value for key, value in time._asdict().items() if value}})
        if settings is not None and events and _holds_times(_parser(settings), time.field, events):
            return time
    return None


def _candidates(fields: Sequence[str]) -> Iterator[_TimeCandidate]:
    pairs = [f"<{first}> <{second}>" for first, second in pairwise(fields)]
    for names in (fields, pairs):
        yield from map(_TimeCandidate, names)
        for field in names:
            yield from (_TimeCandidate(field, pattern) for pattern in PATTERNS if not pattern.startswith("["))


def _with_time(keys: dict[str, Any], time: _TimeCandidate) -> dict[str, Any]:
    """Return the format with the time: the type of its field says which it is, unless it is made of two."""
    rest: dict[str, Any] = {"pattern": time.pattern} if time.pattern else {}
    if time.field.startswith("<"):
        rest = {"field": time.field, **rest}
    elif "line" in keys:
        line = re.sub(rf"%\{{\w+:{re.escape(time.field)}\}}", f"%{{time:{time.field}}}", keys["line"])
        keys = {**keys, "line": line}
    else:
        keys = {**keys, "columns": {**keys.get("columns", {}), time.field: "time"}}
    return {**keys, "time": rest} if rest else keys


def _holds_times(parser: Parser, field: str, events: Sequence[Event]) -> bool:
    try:
        times = [parser.time(event) for event in events]
    except ParseError:
        return False
    # Shorter, it is a number or a day.
    long_enough = all(len(str(event.get(field, field))) >= len("1772356502") for event in events)
    return long_enough and all(time is not None and EARLIEST <= time < LATEST for time in times)
