"""Rows of columns with spaces between and quotes around what may hold spaces: load balancers, S3 server access."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from ...errors import ParseError
from ..base import Decoded, Format, ObjectInfo
from ..fields import Event
from ..json_format import Interpreter, loads
from ..patterns import abbreviate
from ..row import MakeRow, Shapes, check_shapes, compile_row, loose_row, row_maker
from ..variants import ROWS_OF_ANY_AGE

Arrange = Callable[[list[str]], None]
"""Joins again, in place, the cells that spaces split. Raises ParseError."""

MAX_QUOTES = 1_000
"""Quotes in a line. One with more was written to cost time."""


@dataclass(frozen=True, kw_only=True)
class QuotedFormat(Format):
    """A format of rows that only ever grew at the end: older files have fewer columns, but at least `fewest`; cells
    after the known columns are kept under `extra`. A record may also be a JSON object: log delivery writes both.

    `quoted` names the columns that are always in quotes: where all are, and `arrange` is not set, a line takes a fifth
    less time. `quoted_list` is the one column that may hold several texts in quotes, `"h2","http/1.1"`, which become
    one without.

    `shapes` are looked at in rows that `integers` and `decimals` have not shown to be of this format.
    """

    columns: tuple[str, ...]
    fewest: int
    quoted: frozenset[str] = frozenset()
    integers: frozenset[str] = frozenset()
    decimals: frozenset[str] = frozenset()
    shapes: Shapes = field(default_factory=dict)
    arrange: Arrange | None = None
    quoted_list: str = ""
    accepts_objects: bool = True

    @property
    def shared_variants(self) -> tuple[str, ...]:
        return (f"{ROWS_OF_ANY_AGE}, from {self.fewest} columns on",)

    def parser(self, about: ObjectInfo) -> QuotedParser:
        return QuotedParser(self, about)


class QuotedParser(Interpreter):
    """A parser that reads a row like the last one with as many quotes, and looks more closely where that fails."""

    def __init__(self, declared: QuotedFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._declared = declared
        self._makers: dict[int, MakeRow] = {}
        makers, closely = self._makers, self._closely

        def decode(record: bytes) -> Decoded:
            parts = record.decode().split('"')
            try:
                return makers[len(parts)](parts)
            except (KeyError, ValueError):
                return closely(record)

        self.decode = decode

    def _closely(self, record: bytes) -> Decoded:
        if record.lstrip()[:1] == b"{":
            return self.interpret(loads(record))
        line = record.decode()
        quotes = line.count('"')
        if quotes > MAX_QUOTES:
            raise ParseError(f"at most {MAX_QUOTES} quotes were expected, not {quotes}")
        try:
            return self._read(line, split(line))
        except ParseError:
            shielded = _shield_request(line)
            if shielded == line:
                raise
        return self._read(shielded, [cell.replace(_SHIELDED, '"') for cell in split(shielded)])

    def _read(self, line: str, cells: list[str]) -> Event:
        declared, quotes = self._declared, line.count('"')
        if declared.arrange is not None:
            declared.arrange(cells)
        if len(cells) < declared.fewest:
            raise ParseError(f"at least {declared.fewest} cells were expected, not {len(cells)}")
        columns = declared.columns[: len(cells)]
        event = self._row(columns, cells)
        if declared.arrange is not None and not declared.quoted_list:
            return event
        check_shapes(event, declared.shapes)
        if len(columns) < len(cells):
            return event
        if declared.arrange is None:
            self._makers[quotes + 1] = _maker(columns, declared.quoted, declared.integers, declared.decimals)
        else:
            quoted = frozenset((declared.quoted_list,)) if quotes else frozenset()
            make = _maker(columns, quoted, declared.integers, declared.decimals)
            self._makers[quotes + 1] = make if quotes <= 2 else _joining(make)
        return event

    def _row(self, columns: tuple[str, ...], cells: list[str]) -> Event:
        declared, known = self._declared, len(columns)
        try:
            event = row_maker(columns, declared.integers, declared.decimals)(cells[:known])
        except ValueError:
            if any('"' in cell for cell in cells):
                raise ParseError("misplaced quotes split the columns") from None
            return check_shapes(loose_row(columns, cells, declared.integers | declared.decimals), declared.shapes)
        return event if len(cells) == known else {**event, "extra": cells[known:]}


_SHIELDED = "\udc22"
"""Stands for a quote inside a request: a lone surrogate, which no decoded line has."""


def _shield_request(line: str) -> str:
    """Return the line without the quotes inside its request, the first text in quotes: only the version of HTTP shows
    where `GET /?q="a b" HTTP/1.1` ends."""
    start = line.find('"') + 1
    end = _request_end().search(line, start)
    if not start or end is None:
        return line
    return line[:start] + line[start : end.start()].replace('"', _SHIELDED) + line[end.start() :]


@cache
def _request_end() -> re.Pattern[str]:
    return re.compile(r' HTTP/\d(?:\.\d)?"(?= )', re.ASCII)


def _joining(make: MakeRow) -> MakeRow:
    """Return the function for lines with a list of quoted texts, cut at the quotes, from that for one text."""

    def join(parts: Sequence[str]) -> Event:
        if any(between != "," for between in parts[2:-1:2]):
            raise ValueError
        return make([parts[0], ",".join(parts[1:-1:2]), parts[-1]])

    return join


@lru_cache(maxsize=64)
def _maker(
    columns: tuple[str, ...], quoted: frozenset[str], integers: frozenset[str], decimals: frozenset[str]
) -> MakeRow:
    """Return the function from a line, cut at its quotes, to the event of these columns: `split` and `row_maker` in
    one, for lines of the documented form only. It raises ValueError for others."""
    names = [f"c{at}" for at in range(len(columns))]
    bare: list[list[str]] = [[]]  # The names between one quoted cell and the next.
    parts = ["b0"]
    for column, name in zip(columns, names, strict=True):
        if column in quoted:
            parts += [name, f"b{len(bare)}"]
            bare.append([])
        else:
            bare[-1].append(name)
    lines, odd = [f"{', '.join(parts)}, = cells"], []
    for at, inside in enumerate(bare):
        before = [] if at == 0 else [f"l{at}"]
        after = [] if at == len(bare) - 1 else [f"r{at}"]
        if inside:
            lines.append(f"{', '.join(before + inside + after)}, = b{at}.split(' ')")
            odd += before + after  # Empty, or the quote there belongs to the text inside.
        else:
            odd.append(f"b{at} != {' ' if before and after else ''!r}")
    if odd:
        lines.append(f"if {' or '.join(odd)}: raise ValueError")
    return compile_row(lines, columns, names, integers, decimals)


def split(line: str) -> list[str]:
    """Return the cells of a line, without their quotes. Raises ParseError for a quote that is not closed."""
    if "\\" in line:
        return _split_with_care(line)
    # Every other part is between quotes. One that is not begins with a space, or the quote before it belongs to
    # the text inside (user agents hold any).
    bare, *parts = line.split('"')
    cells = bare.split()
    quoted = True
    for part in parts:
        if quoted:
            cells.append(part)
        elif part != " ":
            if part and part[0] != " ":
                return _split_with_care(line)
            cells += part.split()
        quoted = not quoted
    return cells if quoted else _split_with_care(line)


def _split_with_care(line: str) -> list[str]:
    """Split where quotes contain quotes, in pairs or single ones."""
    try:
        return _cells(line, paired=True)
    except ParseError:
        return _cells(line, paired=False)


def _cells(line: str, paired: bool) -> list[str]:
    text, at = f"{line} ", 0
    cells: list[str] = []
    while at < len(text):
        if text[at] == '"':
            stop = _closing(text, at + 1, paired)
            cells.append(text[at + 1 : stop])
        else:
            stop = text.index(" ", at)
            if stop > at:
                cells.append(text[at:stop])
        at = stop + 1
    return cells


def _closing(text: str, start: int, paired: bool) -> int:
    """Return the position of the quote that ends a cell: a space follows it and no backslash precedes it; if inner
    quotes are `paired`, it is not the end of an inner pair, whose first quote follows a space."""
    depth, at = 1, text.find('"', start)
    while at >= 0:
        if text[at - 1] == "\\":
            pass
        elif text[at + 1] == " ":
            depth -= 1
            if depth == 0:
                return at
        elif paired and text[at - 1] == " ":
            depth += 1
        at = text.find('"', at + 1)
    raise ParseError(f"a quote is not closed: {abbreviate(text[start - 1 :])}")
