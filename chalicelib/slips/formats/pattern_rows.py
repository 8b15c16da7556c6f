"""Pattern formats of rows: cells under columns with types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ..config.patterns.settings import PatternFormat
from ..config.patterns.types import TYPES
from ..errors import ParseError
from .fields import Event
from .json_format import Derive
from .line_format import Parse
from .patterns import abbreviate
from .row import MakeRow, absent_or, define_row
from .table_format import Split, split_at_delimiter, split_at_spaces

_UNCHECKED = frozenset({"text", "time"})
"""Types whose cells are left as they are: a time is read when it is asked for."""


def split_of(settings: PatternFormat) -> Split:
    if settings.separator == " ":
        return split_at_spaces
    return split_at_delimiter(settings.separator, quotes=settings.quotes)


def row_parser(settings: PatternFormat) -> Parse:
    split = split_of(settings)
    columns = [name for name, _ in settings.columns]
    cells = [f"c{at}" for at in range(len(columns))]
    kinds = [kind for _, kind in settings.columns]
    checks = {f"check_{kind}": _cell_check(kind) for kind in {*kinds} - _UNCHECKED}
    values = [
        absent_or(settings.absent, cell, _cell_value(kind, cell)) for kind, cell in zip(kinds, cells, strict=True)
    ]
    make: MakeRow = define_row([f"{', '.join(cells)}, = cells"], columns, values, **checks)

    def parse(row: str) -> Event:
        row_cells = split(row)
        if len(row_cells) != len(columns):
            raise ParseError(f"{len(columns)} cells were expected, not {len(row_cells)}")
        try:
            return make(row_cells)
        except ValueError as fault:
            raise _explain(settings, row_cells) or fault from fault

    return parse


def _cell_value(kind: str, cell: str) -> str:
    if kind in _UNCHECKED:
        return cell
    if kind == "int":
        return f"int({cell}) if {cell}.isdigit() and {cell}.isascii() and len({cell}) < 40 else check_int({cell})"
    return f"check_{kind}({cell})"


_CONVERSIONS: Mapping[str, Callable[[str], object]] = {
    "int": int, "float": float, "bool": lambda text: text.lower() == "true"
}  # fmt: skip


def _cell_check(kind: str) -> Callable[[str], object]:
    """Return the function that gives the value of a whole cell. It raises ValueError for one of another type."""
    match_whole = re.compile(TYPES[kind].pattern).fullmatch
    convert = _CONVERSIONS.get(kind, str)

    def check(cell: str) -> object:
        if match_whole(cell) is None:
            raise ValueError(f"not of type {kind}: {abbreviate(cell)}")
        return convert(cell)

    return check


def _explain(settings: PatternFormat, cells: Sequence[str]) -> ParseError | None:
    for (name, kind), cell in zip(settings.columns, cells, strict=True):
        if kind not in _UNCHECKED and cell not in settings.absent and not re.fullmatch(TYPES[kind].pattern, cell):
            return ParseError(f"{name} is not of type {kind}: {abbreviate(cell)}")
    return None


def derive_types(settings: PatternFormat) -> Derive:
    """Return the function that gives the columns of rows under a header their types."""
    checks = [(name, kind, _cell_check(kind)) for name, kind in settings.columns if kind not in _UNCHECKED]

    def derive(event: Event) -> None:
        for name, kind, check in checks:
            cell = event.get(name)
            if cell is not None:
                try:
                    event[name] = check(cell)
                except ValueError as fault:
                    raise ParseError(f"{name} is not of type {kind}: {abbreviate(cell)}") from fault

    return derive
