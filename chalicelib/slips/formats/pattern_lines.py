"""Pattern formats of lines, compiled to one regular expression and one function for each pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from ..config.patterns.line import Part, PartPattern, can_be_missing, compile_line, parse_beginning, parse_line
from ..config.patterns.settings import PatternFormat
from ..config.patterns.times import time_shape
from ..config.patterns.types import TYPES
from ..errors import ParseError
from .fields import Event
from .json_format import loads
from .line_format import Parse
from .patterns import abbreviate
from .row import absent_or, define_row

_ESCAPED = re.compile(r"\\(.)")


def line_parser(settings: PatternFormat) -> Parse:
    """Return the parser of lines: the first pattern that fits is taken."""
    lines = [_Line(settings, text) for text in settings.lines]
    if len(lines) == 1:
        return lines[0].compile(otherwise=lines[0].refuse)
    makers = [line.compile(otherwise=lambda text: None) for line in lines]  # noqa: ARG005

    def parse(text: str) -> Event | None:
        for make in makers:
            event = make(text)
            if event is not None:
                return event
        raise max(lines, key=lambda line: line.locate(text)[1]).explain(text)  # It says best what is wrong.

    return parse


class _Line:
    """One pattern of a line."""

    def __init__(self, settings: PatternFormat, text: str) -> None:
        self._settings = settings
        self._parts = parse_line(text)
        self._pieces = compile_line(self._parts, settings.absent, _own_times(settings))

    def compile(self, otherwise: Callable[[str], None]) -> Parse:
        """Return the function from a line to its event; `otherwise` is called with one of another shape."""
        fields = [part for part in self._parts if part.name]
        cells = [f"c{at}" for at in range(len(fields))]
        absent, last = self._settings.absent, self._parts[-1]
        values = [_value(part, cell, absent) for part, cell in zip(fields, cells, strict=True)]
        body = [
            "match = match_line(cells)",
            "if match is None: return otherwise(cells)",
            f"{', '.join(cells)}, = match.groups()",
            *([f"{cells[-1]} = {cells[-1]}.rstrip()"] if last.name and last.kind in ("text", "rest") else []),
        ]
        return define_row(
            body, [part.name for part in fields], values, otherwise=otherwise, loads=loads, unescape=_unescape,
            match_line=re.compile("".join(piece.pattern for piece in self._pieces)).fullmatch,
        )  # fmt: skip

    def refuse(self, line: str) -> NoReturn:
        """Raise the ParseError of a line of another shape."""
        raise self.explain(line)

    def explain(self, line: str) -> ParseError:
        """Return the error for a line of another shape, with the place where it differs."""
        piece, at = self.locate(line)
        expected = f"{piece.part} was expected" if piece else "nothing more was expected"
        place = f"{expected} at character {at + 1}: {abbreviate(line[at:])}"
        return ParseError(f"not a valid {self._settings.name} line: {place}")

    def locate(self, line: str) -> tuple[PartPattern | None, int]:
        """Return the first piece that does not match, and where; pieces match one by one as they do together."""
        at = 0
        empty: PartPattern | None = None
        for piece in self._pieces:
            match = re.compile(piece.pattern).match(line, at)
            if match is None:
                return empty or piece, at
            # A field may be empty; where something else follows it, it was meant to be that.
            empty = piece if piece.part.kind and match.end() == at else None
            at = match.end()
        return empty, at


def beginning_pattern(settings: PatternFormat, text: str) -> str:
    """Return the regular expression of how a record of several lines begins."""
    pieces = compile_line(parse_beginning(text), times=_own_times(settings), is_end=False)
    return "".join(piece.pattern for piece in pieces)


def _own_times(settings: PatternFormat) -> Mapping[str, str]:
    """Return the shape of those fields whose times slips.yml describes by patterns, and of those without a name."""
    shape = "|".join(map(time_shape, settings.time.patterns))
    return dict.fromkeys((*settings.time.fields, ""), shape) if shape else {}


def _value(part: Part, cell: str, absent: Sequence[str]) -> str:
    """Return the expression of a field's value."""
    code = TYPES[part.kind].code.format(cell)
    if can_be_missing(part.kind):
        return cell if code == cell else f"None if {cell} is None else {code}"
    if part.kind == "json":
        return code
    is_never_empty = part.kind in ("word", "notspace")
    return absent_or([text for text in absent if text] if is_never_empty else absent, cell, code)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
