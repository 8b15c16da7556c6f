"""The shape of nearly every line of a format, or of its rows: one expression and one function for the whole line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from .fields import Event
from .row import absent_or, conversion, define_row, display

Parse = Callable[[str], Event | None]
Read = Callable[[bytes], Event | None]


class UsualLine:
    """The shape of nearly every line of a format, whose groups are values under `columns`; any other line is left to
    the format. The pattern sees that `integers` and `decimals` are numbers, but those in `blank` may be empty or
    missing; in `absent` a `-`, or another `absent_text`, is None. With `last_is_optional` the event of a line without
    the last group has no such column. A line has none of the characters in `without`: to look for them is
    cheaper than to exclude them in each group, since `[^"]` takes half the time of `[^"\\\\]`.

    >>> UsualLine(r"(\\w+) (\\d{1,20})", ("name", "count"), integers=("count",)).read("a 7")
    {'name': 'a', 'count': 7}
    """

    def __init__(
        self, pattern: str, columns: Sequence[str], *, integers: Collection[str] = (), decimals: Collection[str] = (),
        absent: Collection[str] = (), absent_text: str = "-", blank: Collection[str] = (),
        last_is_optional: bool = False, without: str = "",
    ) -> None:  # fmt: skip
        self._pattern = pattern
        self._columns = tuple(columns)
        self._numbers = integers, decimals
        self._absent = absent
        self._absent_text = absent_text
        self._blank = blank
        self._last_is_optional = last_is_optional
        self._without = without

    @cached_property
    def read(self) -> Callable[[str], Event | None]:
        """Return the function from a line to its event, None for a line of another shape. It is compiled when the first
        line needs it."""
        return self._define("cells", "None")

    def decoder(self, parse: Callable[[str], Event | None]) -> Callable[[bytes], Event | None]:
        """Return the function from the bytes of any line to its event: `parse` reads those of another shape. That it is
        one function saves a usual line three calls."""
        return self._define("cells.decode()", "parse(line)", parse=parse)

    def _define(self, line: str, other: str, **names: Any) -> Callable[[Any], Any]:
        """Return the function that makes an event of `line`, and gives `other` where that has another shape."""
        cells = [f"c{at}" for at in range(len(self._columns))]
        values = list(map(self._value, self._columns, cells))
        tests = [f"{mark!r} in line" for mark in self._without] + ["(found := match(line)) is None"]
        lines = [f"line = {line}", f"if {' or '.join(tests)}: return {other}", f"{', '.join(cells)}, = found.groups()"]
        if self._last_is_optional:
            lines.append(f"if {cells[-1]} is None: return {display(self._columns[:-1], values[:-1])}")
        return define_row(lines, self._columns, values, match=self._match, **names)

    @cached_property
    def _match(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile(self._pattern, re.ASCII).fullmatch

    def _value(self, column: str, cell: str) -> str:
        value = conversion(column, cell, *self._numbers)
        if column in self._blank:
            value = f"{cell} and {value}"
        return absent_or((self._absent_text,), cell, value) if column in self._absent else value


class UsualRows:
    """The shape of nearly every row of a format: its cells are in quotes, none holds a quote, and their columns are
    those of the row before. `shapes` gives the expressions of the cells of such columns, where they are not
    `[^"]*+`; None for columns that are not to be compiled. See `UsualLine` for `integers`, which may be empty."""

    def __init__(
        self, shapes: Callable[[tuple[str, ...]], Mapping[str, str] | None], *, integers: Collection[str] = ()
    ) -> None:
        self._shapes = shapes
        self._integers = integers
        self._row: UsualLine | None = None

    def read(self, line: str) -> Event | None:
        """Return the event of a row like the one before, None for any other row."""
        return self._row.read(line) if self._row else None

    def decoder(self, parse: Parse) -> Read:
        """Return the function from the bytes of any row to its event: `parse` reads those of another shape."""
        compiled: dict[tuple[str, ...], tuple[UsualLine, Read] | None] = {}

        def read_first(record: bytes) -> Event | None:
            return parse_other(record.decode())

        read: Read = read_first

        def parse_other(line: str) -> Event | None:
            nonlocal read
            event = parse(line)
            if event:
                columns = tuple(event)
                if columns not in compiled and len(compiled) < _MOST_COMPILED:
                    compiled[columns] = self._compile(columns, parse_other)
                if (row := compiled.get(columns)) is not None:
                    self._row, read = row
            return event

        return lambda record: read(record)

    def _compile(self, columns: tuple[str, ...], parse: Parse) -> tuple[UsualLine, Read] | None:
        shapes = self._shapes(columns)
        if shapes is None:
            return None
        numbers = [column for column in columns if column in self._integers]
        row = UsualLine(quoted_cells(columns, shapes), columns, integers=numbers, blank=numbers)
        return row, row.decoder(parse)


_MOST_COMPILED = 32
"""Sets of columns that are compiled, which takes as long as reading hundreds of rows each."""


def quoted_cells(columns: Sequence[str], shapes: Mapping[str, str]) -> str:
    """Return the expression of a row of these columns, each cell in quotes and a group."""
    cells = (f"({shapes.get(column, _CELL)})" for column in columns)
    return '"{}"'.format('","'.join(cells))


_CELL = '[^"]*+'
