"""Tables of the commands: on a terminal with a header, as wide as it is, in a few colors; in a pipe plain and uncut,
where only cells of usual length are aligned."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, Literal, NamedTuple

import click

from .output import escaped, write_styled

GAP: Final = "  "
_ALIGNED: Final = 0.9
"""The share of the cells that are aligned in a pipe: a few long ones would make every line long."""
_STYLES: Final = {"header": "1", "quiet": "2", "good": "32", "warning": "33", "bad": "31", "name": "36"}
"""Codes of ECMA-48, Select Graphic Rendition: the 16 colors, which each theme of a terminal makes readable."""

Style = Literal["", "header", "quiet", "good", "warning", "bad", "name"]


class TableColumn(NamedTuple):
    """A column: where a terminal is too narrow, those with the highest `rank` are cut first, down to `least`
    characters, and then left out; rank 0 stays as it is. `keeps` is the end of a text that says most. `usual` is how
    wide the column is where its rows are not known yet."""

    title: str
    rank: int = 0
    least: int = 8
    keeps: Literal["start", "end"] = "start"
    align: Literal["left", "right"] = "left"
    style: Style = ""
    usual: int = 0


def is_drawn() -> bool:
    """Whether rows are for a person: standard output is a terminal, or --color asks for what a terminal shows."""
    return sys.stdout.isatty() or _asked_color() is True


def _asked_color() -> bool | None:
    """What --color says; None without it."""
    context = click.get_current_context(silent=True)
    return context.color if context is not None else None


def has_color() -> bool:
    """Whether standard output gets colors: as --color says; else a terminal does, unless NO_COLOR is set."""
    asked = _asked_color()
    if asked is not None:
        return asked
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """The columns of the terminal; None where there is none, and nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


class RowPrinter:
    """Prints rows in aligned columns, below a header: on a terminal, or always (`headed`). The first rows say how wide
    the columns are; where rows come one by one, `usual` does, too. Cells are escaped here."""

    def __init__(self, columns: Sequence[TableColumn], *, headed: bool = False, usual: bool = False) -> None:
        self._columns = columns
        self._headed = headed
        self._usual = usual
        self._layout: _Layout | None = None

    def print(self, rows: Iterable[Sequence[str]]) -> None:
        """Print these rows; nothing, if there are none."""
        lines = [[escaped(cell) for cell in row] for row in rows]
        if lines and self._layout is None:
            drawn = is_drawn()
            headed = drawn or self._headed
            self._layout = _Layout(self._columns, lines, terminal_width(), header=headed, usual=drawn and self._usual)
            if headed:
                _print_line(self._layout.line([column.title for column in self._columns], "header"))
        for line in lines:
            if self._layout is not None:
                _print_line(self._layout.line(line))


def print_rows(columns: Sequence[TableColumn], rows: Iterable[Sequence[str]], *, headed: bool = False) -> None:
    """Print all rows of a table; nothing, if there are none."""
    RowPrinter(columns, headed=headed).print(rows)


def _print_line(spans: list[tuple[str, Style]]) -> None:
    codes = _STYLES if has_color() else {}
    write_styled([(text, codes.get(style, "")) for text, style in spans], sys.stdout)


class _Layout:
    """The columns that are shown, and how wide they are."""

    def __init__(
        self, columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], width: int | None, *,
        header: bool, usual: bool,
    ) -> None:  # fmt: skip
        self._columns = columns
        titles = [column.title if header else "" for column in columns]
        cells = [sorted(text_width(row[at]) for row in rows) for at in range(len(columns))]
        natural = [max(column.usual if usual else 0, own[-1]) for column, own in zip(columns, cells, strict=True)]
        # A column that no row has anything for says nothing.
        self._shown = [at for at in range(len(columns)) if natural[at]]
        self._is_cut = width is not None
        if width is None:
            natural = [own[ceil(_ALIGNED * len(own)) - 1] for own in cells]
        self._widths = [max(text_width(title), widest) for title, widest in zip(titles, natural, strict=True)]
        if width is not None:
            self._fit(width)

    def _fit(self, width: int) -> None:
        least = [
            min(width_, max(column.least, len(column.title))) if column.rank else width_
            for column, width_ in zip(self._columns, self._widths, strict=True)
        ]
        by_rank = sorted((at for at in self._shown if self._columns[at].rank), key=lambda at: -self._columns[at].rank)
        for at in by_rank[:-1]:
            if self._total(least) <= width:
                break
            self._shown.remove(at)
        for at in by_rank:
            if at in self._shown:
                over = self._total(self._widths) - width
                self._widths[at] -= max(0, min(over, self._widths[at] - least[at]))

    def _total(self, widths: Sequence[int]) -> int:
        return sum(widths[at] for at in self._shown) + len(GAP) * (len(self._shown) - 1)

    def line(self, cells: Sequence[str], style: Style = "") -> list[tuple[str, Style]]:
        """The parts of a line, each with its style."""
        spans: list[tuple[str, Style]] = []
        for at in self._shown:
            column, width = self._columns[at], self._widths[at]
            is_last = at == self._shown[-1]
            text = cut(cells[at], width, column.keeps) if column.rank and self._is_cut else cells[at]
            blanks = " " * max(0, width - text_width(text))
            before, after = (blanks, "") if column.align == "right" else ("", "" if is_last else blanks)
            spans += [(before, ""), (text, style or column.style), (after + ("" if is_last else GAP), "")]
        return spans


def text_width(text: str) -> int:
    """The columns of a terminal that a text takes: two for a wide character, none for a mark on the one before."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int, keeps: Literal["start", "end"] = "start") -> str:
    """Shorten a text to `width` columns with `…`, and keep its start or its end."""
    if text_width(text) <= width:
        return text
    room = width - 1
    kept: list[str] = []
    for char in text if keeps == "start" else reversed(text):
        room -= _char_width(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + "…" if keeps == "start" else "…" + "".join(reversed(kept))
