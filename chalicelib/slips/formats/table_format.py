"""Formats whose records are rows: cells under columns that a header, a directive or the vendor's document names."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from ..errors import ParseError
from .base import Decoded, Format, ObjectInfo
from .fields import Event
from .json_format import Derive, Interpreter, loads
from .patterns import abbreviate
from .row import MakeRow, plain_row, table_row
from .values import with_numbers

Split = Callable[[str], list[str]]
csv.field_size_limit(1 << 30)  # The reader bounds records; the module itself takes no cell above 128 KiB.


def split_at_commas(row: str) -> list[str]:
    """Return the cells of a CSV row (RFC 4180); quoted cells may hold commas, quotes and line breaks."""
    return _csv_cells(row, ",")


def split_at_tabs(row: str) -> list[str]:
    """Return the cells of a TSV row, without quoting."""
    return row.split("\t")


def split_at_spaces(row: str) -> list[str]:
    """Return the cells of a row with one or more spaces between."""
    return row.split()


def split_at_delimiter(delimiter: str, *, quotes: bool) -> Split:
    """Return the function from a row to its cells, in quotes (RFC 4180) or not."""
    if not quotes:
        return lambda row: row.split(delimiter)
    return lambda row: _csv_cells(row, delimiter)


@lru_cache(maxsize=8)  # Each object asks.
def _split_of_chain(delimiter: str) -> Split:
    """Return the function from a row to its cells where the chain names the delimiter: `[s3-csv:;, csv]`. Rows with
    tabs between may have quotes, too."""
    return split_at_delimiter(delimiter, quotes=True)


def _csv_cells(row: str, delimiter: str) -> list[str]:
    quotes = row.count('"')
    if not quotes:
        if "\r" not in row and "\n" not in row and row:
            return row.split(delimiter)
    elif row[0] == row[-1] == '"':
        cells = row[1:-1].split(f'"{delimiter}"')
        if quotes == 2 * len(cells):  # Each is in quotes, and none holds one.
            return cells
    lines = row.splitlines(keepends=True)
    try:
        reader = csv.reader(lines, _dialect(delimiter))
        rows = [next(reader)] if len(lines) == 1 else list(islice(reader, 2))
    except csv.Error as fault:
        raise ParseError(f"not a CSV row: {fault}") from fault
    if len(rows) != 1:
        raise ParseError(f"one CSV row was expected, not {'several' if rows else 'nothing'}")
    return rows[0]


@lru_cache(maxsize=8)  # To make a dialect takes as long as to read a third of a row.
def _dialect(delimiter: str) -> Any:
    return csv.reader([], delimiter=delimiter, strict=True).dialect


_OTHER_DELIMITERS = (";", "\t", "|")


def header_row(cells: list[str], known: tuple[str, ...]) -> list[str] | None:
    """Take the first row for the header, always, and each later one that is the same: files that were appended to each
    other have several. Raises ParseError for one column that looks like several with another delimiter between. For
    `TableFormat.header`."""
    if known:
        return cells if cells and cells[0] == known[0] and tuple(cells) == known else None
    mark = next((mark for mark in _OTHER_DELIMITERS if mark in cells[0]), "") if len(cells) == 1 else ""
    if mark:
        written = "tab" if mark == "\t" else mark
        raise ParseError(f"one column, {abbreviate(cells[0])}: for its delimiter, write [s3-csv:{written}, csv]")
    return cells


def header_naming(*names: str) -> Callable[[list[str], tuple[str, ...]], list[str] | None]:
    """Take any row with one of these cells, in any letter case, for a header: for `TableFormat.header`."""
    folded = frozenset(name.casefold() for name in names)

    def header(cells: list[str], known: tuple[str, ...]) -> list[str] | None:  # noqa: ARG001 - the shape of `header`
        return None if folded.isdisjoint(map(str.casefold, cells)) else cells

    return header


@dataclass(frozen=True, kw_only=True)
class TableFormat(Format):
    """A format of rows.

    `header(cells, known)` looks at a row, with the columns known so far (empty before the first header), and gives
    the columns where the row is a header, else None; without `header`, `columns` are fixed. `header_prefix` marks lines
    that may change the columns (`#`), `is_comment` those that are neither header nor row. Cells equal to one of
    `absent` become None. A row with fewer cells than columns is a ParseError unless `short_rows`; more cells than
    columns are kept under `extra`. The columns named in `numbers`, in any letter case, hold numbers. With `json_rows` a
    row may also be a JSON object, where the vendor's export has both shapes; that is left as it is.
    """

    split: Split
    columns: tuple[str, ...] = ()
    header: Callable[[list[str], tuple[str, ...]], list[str] | None] | None = None
    header_prefix: bytes = b""
    absent: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    short_rows: bool = False
    json_rows: bool = False
    derive: Derive | None = None
    accepts_objects: bool = True

    def parser(self, about: ObjectInfo) -> TableParser:
        return TableParser(self, about)


class TableParser(Interpreter):
    """A parser that remembers the columns of the last header."""

    def __init__(self, declared: TableFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about, derive=declared.derive)
        self._declared = declared
        own = declared.split
        self._split = _split_of_chain(about.delimiter) if about.delimiter and own is split_at_commas else own
        self._columns = declared.columns
        self._compiled_for: tuple[str, ...] = ()
        self._compiled: MakeRow | None = None
        self._plain: Callable[[bytes], Event | None] | None = None
        """What makes the event of a row without quotes, where it may be cut at a delimiter."""
        is_plain = own is split_at_commas and declared.header is header_row
        is_plain = is_plain and not (declared.derive or declared.json_rows or declared.header_prefix)
        self._delimiter = (about.delimiter or ",") if is_plain else ""
        self.header_records = 1 if declared.header else 0
        self.header_prefix = declared.header_prefix
        self.decode = self._decode

    def _decode(self, record: bytes) -> Decoded:
        if self._plain is not None and (event := self._plain(record)) is not None:
            return event
        declared = self._declared
        if declared.json_rows and record.lstrip()[:1] in (b"{", b"["):
            # To s3-csv a quote after a comma opens a cell, so that it may take lines of JSON for one row.
            lines = [loads(line) for line in record.split(b"\n") if line.strip()]
            return self.interpret(lines[0] if len(lines) == 1 else lines)
        cells = self._split(record.decode().removeprefix("\ufeff"))
        columns = declared.header(cells, self._columns) if declared.header else None
        if columns is not None:
            self._columns = tuple(columns)
            return None
        if declared.header_prefix and record.startswith(declared.header_prefix):
            return None
        event = self._row(cells)
        return event if self._derive is None else self.derive_fields(event)

    def _row(self, cells: list[str]) -> Event:
        declared, columns = self._declared, self._columns
        if columns is not self._compiled_for:
            self._compiled_for = columns
            numbers = frozenset(numeric_columns(columns, declared.numbers))
            self._compiled = table_row(columns, declared.absent, numbers)
            self._plain = plain_row(columns, self._delimiter, declared.absent, numbers) if self._delimiter else None
        if self._compiled is not None and len(cells) == len(columns):
            return self._compiled(cells)
        if not columns:
            raise ParseError("a row came before the header that names its columns")
        if len(cells) < len(columns) and not declared.short_rows:
            raise ParseError(f"{len(columns)} cells were expected, not {len(cells)}")
        event: Event = dict(zip(columns, cells, strict=False))
        if declared.absent:
            event = {name: None if cell in declared.absent else cell for name, cell in event.items()}
        if len(cells) > len(columns):
            event["extra"] = cells[len(columns) :]
        return with_numbers(event, frozenset(numeric_columns(columns, declared.numbers))) if declared.numbers else event


@lru_cache(maxsize=64)
def numeric_columns(columns: tuple[str, ...], numbers: tuple[str, ...]) -> list[str]:
    """Return the columns that are named in `numbers`, in any letter case."""
    folded = {name.casefold() for name in numbers}
    return [column for column in columns if column.casefold() in folded]
