"""Rows: columns from a header or fixed, numbers, cells that mean nothing, JSON among them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.base import ObjectInfo
from slips.formats.table_format import TableFormat, TableParser, header_naming, header_row, split_at_commas
from tests.each_case import each_case

from .whole import events_in


def parser(**declared: Any) -> TableParser:
    """Return a parser of comma-separated rows."""
    defaults = {"name": "rows", "tag": "rows", "time": (), "description": "", "document": "", "example": b""}
    return TableFormat(split=split_at_commas, **{**defaults, **declared}).parser(ObjectInfo())


def test_the_first_row_names_the_columns() -> None:
    rows = parser(header=header_row)
    assert rows.decode(b"\xef\xbb\xbfa,b") is None
    assert rows.decode(b"1,2") == {"a": "1", "b": "2"}
    assert rows.header_records == 1


def test_a_later_row_that_is_the_header_is_no_event() -> None:
    rows = parser(header=header_row)
    assert [rows.decode(row) for row in (b"a,b", b"1,2", b"a,b", b"a,c")] == [
        None, {"a": "1", "b": "2"}, None, {"a": "a", "b": "c"}
    ]  # fmt: skip


def test_a_cell_may_be_longer_than_the_csv_module_takes_by_itself() -> None:
    rows = parser(header=header_row)
    rows.decode(b"a,b")
    assert rows.decode(b'1,"%s"' % (b"x" * 200_000)) == {"a": "1", "b": "x" * 200_000}


def test_a_header_is_known_by_a_column_in_any_letter_case_wherever_it_comes() -> None:
    rows = parser(header=header_naming("TIME"))
    assert rows.decode(b"time,a") is None
    assert rows.decode(b"1,2") == {"time": "1", "a": "2"}
    assert rows.decode(b"b,Time") is None
    assert rows.decode(b"1,2") == {"b": "1", "Time": "2"}


def test_a_row_before_the_header_is_refused() -> None:
    with pytest.raises(ParseError, match="before the header"):
        parser(header=header_naming("TIME")).decode(b"1,2")


def test_more_cells_are_kept_and_fewer_are_refused() -> None:
    rows = parser(columns=("a", "b"))
    assert rows.decode(b"1,2,3,4") == {"a": "1", "b": "2", "extra": ["3", "4"]}
    with pytest.raises(ParseError, match="2 cells were expected, not 1"):
        rows.decode(b"1")
    assert parser(columns=("a", "b"), short_rows=True).decode(b"1") == {"a": "1"}


def test_cells_that_mean_nothing_are_none_and_columns_of_numbers_hold_numbers() -> None:
    rows = parser(columns=("a", "b", "C", "d"), absent=("-",), numbers=("A", "b", "c"))
    assert rows.decode(b"-,7,1.5,8") == {"a": None, "b": 7, "C": 1.5, "d": "8"}


def test_absent_cells_of_several_kinds_and_numbers_of_every_look() -> None:
    rows = parser(columns=("a", "b", "c", "d", "e"), absent=("", "-"), numbers=("a", "b", "c", "d"))
    assert rows.decode(b",-,007,1e5,") == {"a": None, "b": None, "c": 7, "d": "1e5", "e": None}
    long, other = "9" * 21, "\u0663"
    assert rows.decode(f"-5,+1.5e2,{long},{other},x".encode()) == {
        "a": -5, "b": 150.0, "c": long, "d": other, "e": "x"
    }  # fmt: skip


def test_a_header_of_hostile_names_is_no_code_and_the_columns_may_change() -> None:
    rows = parser(header=header_naming("TIME"), absent=("-",), numbers=("time",))
    names = ["time", "'); raise SystemExit(", "a\\", "{x}", "time"]
    assert rows.decode(",".join(names).encode()) is None
    assert rows.decode(b"1,2,-,4,5") == {"time": 5, names[1]: "2", names[2]: None, names[3]: "4"}
    assert rows.decode(b"b,Time") is None
    assert rows.decode(b"1,2") == {"b": "1", "Time": 2}


def test_more_columns_than_are_compiled_are_read_too() -> None:
    names = tuple(f"c{at}" for at in range(300))
    rows = parser(columns=names, absent=("-",), numbers=("c1",))
    assert rows.decode(",".join(["-", "7", *["x"] * 298]).encode()) == {"c0": None, "c1": 7} | dict.fromkeys(
        names[2:], "x"
    )


@given(st.lists(st.text(st.sampled_from("ab,\" \\\n\r'"), max_size=6), min_size=1, max_size=5), st.sampled_from([0, 1]))
def test_cells_are_those_that_the_csv_module_writes(cells: list[str], quoting: Literal[0, 1]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting).writerow(cells)
    row = file.getvalue().removesuffix("\r\n")
    assume(row)
    assert split_at_commas(row) == cells


@given(st.text(st.sampled_from('ab,"\n'), min_size=1, max_size=12))
def test_any_text_gives_what_the_csv_module_makes_of_it(text: str) -> None:
    try:
        expected = list(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error:
        expected = []
    if len(expected) == 1:
        assert split_at_commas(text) == expected[0]
    else:
        with pytest.raises(ParseError):
            split_at_commas(text)


def test_a_separator_of_unicode_ends_no_row() -> None:
    assert split_at_commas("a\u2028b,c\x85d") == ["a\u2028b", "c\x85d"]


def test_a_directive_is_not_a_row() -> None:
    rows = parser(columns=("a",), header_prefix=b"#")
    assert rows.decode(b"#Version: 1.0") is None
    assert rows.header_prefix == b"#"


def test_json_counts_as_a_row_only_where_that_is_declared() -> None:
    both = parser(columns=("a", "b"), json_rows=True, numbers=("a",))
    assert both.decode(b' {"a":"1"}') == {"a": "1"}
    assert both.decode(b'[{"a":1},{"a":2}]') == [{"a": 1}, {"a": 2}]
    assert parser(columns=("a",)).decode(b'{"a":1}') == {"a": '{"a":1}'}
    with pytest.raises(ValueError, match="expected"):
        both.decode(b"[1]")


def test_lines_of_json_that_a_framing_of_rows_took_for_one_are_as_many_events() -> None:
    rows = parser(columns=("a", "b"), json_rows=True)
    assert rows.decode(b'{"a":"x,"}\r\n{"a":"y"}\r') == [{"a": "x,"}, {"a": "y"}]
    with pytest.raises(ValueError, match="unexpected"):
        rows.decode(b'{"a":"x,"}\n{"a":')


@each_case("broken", [b'"open', b'"a"b,c', b"", b"a\nb"])
def test_what_is_not_a_row_of_csv_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        parser(columns=("a",)).decode(broken)


@each_case(
    ("chain", "delimiter"),
    [
        ("s3-csv:;,csv", ";"),
        ("s3-csv:|,csv,snowflake-login", "|"),
        ("s3-csv:tab,snowflake-login", "\t"),
        ("s3-csv:\\t,csv", "\t"),
        ("s3-tsv,csv", "\t"),
        ("s3-csv,csv", ","),
    ],
)
def test_the_delimiter_of_the_chain_is_between_the_cells(chain: str, delimiter: str) -> None:
    rows = f'EVENT_TIMESTAMP{delimiter}USER_NAME\n2026-03-01T09:15:02Z{delimiter}"a,{delimiter}b"'
    assert events_in(chain, rows.encode()) == [
        {"EVENT_TIMESTAMP": "2026-03-01T09:15:02Z", "USER_NAME": f"a,{delimiter}b"}
    ]


def test_a_format_with_cells_of_its_own_kind_keeps_them() -> None:
    rows = b"#Fields: date time cs(User-Agent)\n2026-03-01 09:15:02 a"
    assert events_in("s3-csv:;,iis", rows) == [{"date": "2026-03-01", "time": "09:15:02", "cs(User-Agent)": "a"}]


@each_case(("delimiter", "written"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_a_header_with_another_delimiter_says_what_to_write(delimiter: str, written: str) -> None:
    with pytest.raises(ParseError, match=re.escape(f"[s3-csv:{written}, csv]")):
        events_in("csv", f"time{delimiter}level\n2026-03-01T09:15:02Z{delimiter}info".encode())
    assert events_in("csv", b"level\ninfo; a") == [{"level": "info; a"}]


@each_case(
    "row",
    [
        "1,2", "a,b", "a,2", "\ufeffa,b", "\ufeff1,2", "1", "1,2,3", '"1",2', '1,"2"', "1,2\r", "1,2\r\n", "1\n,2", "",
        ",", "1;2", "é,\u2028",
    ],
)  # fmt: skip
@each_case("header", ["a,b", "a"])
def test_a_row_after_others_is_read_like_the_first(header: str, row: str) -> None:
    outcomes = []
    for rows in ([header], [header, header.replace("a", "1").replace("b", "2")] * 2):
        reader = parser(header=header_row)
        for before in rows:
            reader.decode(before.encode())
        try:
            outcomes.append(repr(reader.decode(row.encode())))
        except ParseError as fault:
            outcomes.append(str(fault))
    assert outcomes[0] == outcomes[1]
