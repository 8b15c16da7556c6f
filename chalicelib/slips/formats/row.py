"""Rows of cells to events, as fast as handwritten code: one function for the columns of one header."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..errors import ParseError
from .fields import Event
from .patterns import Pattern
from .values import number

MakeRow = Callable[[Sequence[str]], Event]
"""From cells to an event. Raises ValueError for cells that do not match the columns in number, and for a bad number."""

Shapes = Mapping[str, Pattern]
"""The columns that tell a format's rows from those of another that lies under the same prefix, and their shapes."""

MAX_COLUMNS = 256
"""More columns than that are an attack by a header: each costs some code."""


@lru_cache(maxsize=64)
def row_maker(
    columns: tuple[str, ...], integers: frozenset[str] = frozenset(), decimals: frozenset[str] = frozenset()
) -> MakeRow:
    """Return the function from cells to events of these columns; `-` is None, `integers` and `decimals` are the columns
    of numbers. Raises ParseError above `MAX_COLUMNS`."""
    if not 0 < len(columns) <= MAX_COLUMNS:
        raise ParseError(f"1 to {MAX_COLUMNS} columns were expected, not {len(columns)}")
    cells = [f"c{at}" for at in range(len(columns))]
    return compile_row([f"{', '.join(cells)}, = cells"], columns, cells, integers, decimals)


@lru_cache(maxsize=64)
def table_row(columns: tuple[str, ...], absent: tuple[str, ...], numbers: frozenset[str]) -> MakeRow | None:
    """Return the function from as many cells as columns to their event: cells equal to one of `absent` are None, and
    `numbers` are the columns of numbers, of which an invalid one stays text. None where there are too many columns."""
    if not 0 < len(columns) <= MAX_COLUMNS:
        return None
    names = [f"c{at}" for at in range(len(columns))]
    values = _table_values(columns, names, absent, numbers)
    return define_row([f"{', '.join(names)}, = cells"], columns, values)


@lru_cache(maxsize=64)
def plain_row(
    columns: tuple[str, ...], delimiter: str, absent: tuple[str, ...], numbers: frozenset[str]
) -> Callable[[bytes], Event | None] | None:
    """Return the function from the bytes of a row to the event that `table_row` makes of its cells; None for a row with
    quotes or line breaks, with more or fewer cells than columns, or with a header's first cell."""
    if not 0 < len(columns) <= MAX_COLUMNS:
        return None
    names = [f"c{at}" for at in range(len(columns))]
    marks = " or ".join(f"{mark!r} in row" for mark in '"\r\n\ufeff')
    lines = [
        "row = cells.decode()",
        f"if not row or {marks}: return None",
        f"try: {', '.join(names)}, = row.split({delimiter!r})",
        "except ValueError: return None",
        f"if c0 == {columns[0]!r}: return None",
    ]
    return define_row(lines, columns, _table_values(columns, names, absent, numbers))


def _table_values(
    columns: Sequence[str], names: Sequence[str], absent: tuple[str, ...], numbers: frozenset[str]
) -> Iterator[str]:
    for column, name in zip(columns, names, strict=True):
        value = name
        if column in numbers:
            value = f"(int({name}) if {name}.isdigit() and {name}.isascii() and len({name}) <= 20 else number({name}))"
        if absent:
            value = f"None if {name} {f'== {absent[0]!r}' if len(absent) == 1 else f'in {absent!r}'} else {value}"
        yield value


def compile_row(
    lines: Iterable[str],
    columns: Sequence[str],
    names: Sequence[str],
    integers: Collection[str],
    decimals: Collection[str],
) -> MakeRow:
    """Return the function that runs these lines of Python, which name the cells, and makes the event of them.

    Its source is put together, as `collections.namedtuple` does it: a dict display with its calls of `int` in place
    takes two thirds of the time of `dict(zip(…))` and a loop over the numbers. Names from a header get into it only by
    `repr`, as a string literal.
    """
    values = [
        f'None if {name} == "-" else {conversion(column, name, integers, decimals)}'
        for column, name in zip(columns, names, strict=True)
    ]
    return define_row(lines, columns, values)


def define_row(
    lines: Iterable[str], columns: Sequence[str], values: Iterable[str], **names: Any
) -> Callable[[Any], Any]:
    """Return the function `make(cells)` that runs these lines of Python, and makes the event of the columns and the
    expressions of their values, which may use `names`. See `compile_row`."""
    body = "\n    ".join((*lines, f"return {display(columns, values)}"))
    namespace: dict[str, Any] = {"number": number, **names}
    exec(f"def make(cells):\n    {body}\n", namespace)  # noqa: S102 - see above
    make: Callable[[Any], Any] = namespace["make"]
    return make


def display(columns: Iterable[str], values: Iterable[str]) -> str:
    """Return the expression of an event of these columns."""
    return f"{{{', '.join(f'{column!r}: {value}' for column, value in zip(columns, values, strict=True))}}}"


def absent_or(absent: Sequence[str], cell: str, value: str) -> str:
    """Return the expression of a value that is None where the cell is one of `absent`."""
    if tuple(absent) == ("",) and value == cell:
        return f"{cell} or None"
    tests = [cell] if "" in absent else []
    others = [text for text in absent if text]
    if others:
        tests.append(f"{cell} != {others[0]!r}" if len(others) == 1 else f"{cell} not in {tuple(others)!r}")
    return f"({value}) if {' and '.join(tests)} else None" if tests else value


def conversion(column: str, name: str, integers: Collection[str], decimals: Collection[str]) -> str:
    """Return the expression of the value of a cell, which is a number where its column is one of numbers."""
    if column in integers:
        return f"int({name})"
    return f"float({name})" if column in decimals else name


def loose_row(columns: Sequence[str], cells: Sequence[str], numbers: Collection[str]) -> Event:
    """Return the event of a row that `row_maker`'s function refused: an invalid number stays text, cells without a
    column are kept under `extra`. Raises ParseError where cells are missing."""
    if len(cells) < len(columns):
        raise ParseError(f"{len(columns)} cells were expected, not {len(cells)}")
    event: Event = {
        name: None if cell == "-" else number(cell) if name in numbers else cell
        for name, cell in zip(columns, cells, strict=False)
    }
    if len(cells) > len(columns):
        event["extra"] = list(cells[len(columns) :])
    return event


def check_shapes(event: Event, shapes: Shapes) -> Event:
    """Return the event of a row. Raises ParseError for a cell of another shape: a row of another format would be read
    with its cells under wrong columns. An absent cell has any shape."""
    for column, shape in shapes.items():
        value = event.get(column)
        if value is not None:
            shape.match(value if value.__class__ is str else str(value))
    return event
