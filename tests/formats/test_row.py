"""Functions made for the columns of a header."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.row import MAX_COLUMNS, loose_row, plain_row, row_maker, table_row
from tests.each_case import each_case

COLUMNS = ("name", "count", "took")
KINDS = (frozenset({"count"}), frozenset({"took"}))


def test_numbers_are_numbers_and_a_dash_is_none() -> None:
    make = row_maker(COLUMNS, *KINDS)
    assert make(["a", "7", "-1"]) == {"name": "a", "count": 7, "took": -1.0}
    assert make(["-", "-", "-"]) == {"name": None, "count": None, "took": None}


@each_case("cells", [["a", "7"], ["a", "7", "0.1", "b"], ["a", "x", "0.1"], ["a", "7", "x"], []])
def test_another_row_is_a_value_error(cells: list[str]) -> None:
    with pytest.raises(ValueError, match=r"unpack|int\(\)|float"):
        row_maker(COLUMNS, *KINDS)(cells)


def test_one_column_is_a_row_too() -> None:
    assert row_maker(("only",))(["cell"]) == {"only": "cell"}


@each_case("name", ['"', "'", "\\", "\n", "{}", "c0", "int", 'x": __import__("os")', "é\u2028"])
def test_a_name_in_a_header_is_text_whatever_it_holds(name: str) -> None:
    assert row_maker((name, "n"), frozenset({"n"}))(["a", "1"]) == {name: "a", "n": 1}


@each_case("row", [b"", b'"1";2', b"1;2\r", b"1;\n2", b"\xef\xbb\xbf1;2", b"1", b"1;2;3", b"a;2"])
def test_a_row_that_needs_a_closer_look_is_not_plain(row: bytes) -> None:
    assert plain(("a", "b"))(row) is None


def test_a_plain_row_is_cut_at_its_delimiter() -> None:
    assert plain(("a", 'b"'))(b"1;\xc3\xa9") == {"a": "1", 'b"': "é"}
    assert plain(("a", "b", "c"), ("-",), frozenset("bc"))(b"-;7;x") == {"a": None, "b": 7, "c": "x"}
    assert plain(("a",))(b"1") == {"a": "1"}
    assert plain(("a",))(b"") is None


def test_too_many_columns_are_not_compiled() -> None:
    names = tuple(map(str, range(MAX_COLUMNS + 1)))
    assert plain_row(names, ";", (), frozenset()) is None
    assert table_row(names, (), frozenset()) is None


def plain(
    columns: tuple[str, ...], absent: tuple[str, ...] = (), numbers: frozenset[str] = frozenset()
) -> Callable[[bytes], Any]:
    read = plain_row(columns, ";", absent, numbers)
    assert read is not None
    return read


def test_a_header_of_too_many_columns_is_refused() -> None:
    assert len(row_maker(tuple(map(str, range(MAX_COLUMNS))))([""] * MAX_COLUMNS)) == MAX_COLUMNS
    for count in (0, MAX_COLUMNS + 1):
        with pytest.raises(ParseError, match=f"not {count}"):
            row_maker(tuple(map(str, range(count))))


def test_a_loose_row_keeps_an_invalid_number_as_text_and_further_cells_as_extra() -> None:
    row = loose_row(COLUMNS, ["7", "many", "0.5", "b", "c"], {"count", "took"})
    assert row == {"name": "7", "count": "many", "took": 0.5, "extra": ["b", "c"]}
    with pytest.raises(ParseError, match="3 cells were expected, not 2"):
        loose_row(COLUMNS, ["a", "-"], ())
