"""The expression of nearly every line of a format gives the event that the careful way gives, or none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.fields import Event
from slips.formats.line_format import LineFormat
from slips.formats.registry import all_formats, get
from slips.formats.usual_lines import UsualLine, UsualRows
from slips.formats.web import haproxy
from tests.each_case import each_case


def traffic(line: str) -> Any:
    found = haproxy._HTTP.find(line)
    return None if found is None else haproxy._event(0, found.groups())


def usual(known: LineFormat, line: str) -> Any:
    known.decode(known.example)  # A row is usual after another one of the same columns.
    return known.usual.read(line) if known.usual else None


FORMATS = {known.name: known for known in all_formats() if isinstance(known, LineFormat) and known.usual}
WAYS: dict[str, tuple[Callable[[str], Any], Callable[[str], Any]]] = {
    "haproxy": (lambda line: haproxy._traffic(line) if haproxy._USUAL.read(line) else None, traffic),
    **{name: (partial(usual, known), known.parse) for name, known in FORMATS.items()},
}
PARTS = [
    *" \t\"'-/\\[]{}|:.,07é\n\u00a0\u0663", "-1", "+5", "  ", '" "', " -", "- ", "7" * 25, ' "x"', '","', '""',
    "{a|b} ", ", x",
]  # fmt: skip


def careful(read: Callable[[str], Any], line: str) -> str:
    try:
        return repr(read(line))
    except ParseError as fault:
        return f"ParseError: {fault}"


@each_case("name", WAYS)
def test_the_example_is_a_usual_line(name: str) -> None:
    way, other = WAYS[name]
    line = get(name).example.decode()
    assert repr(way(line)) == repr(other(line))


@given(
    st.sampled_from(sorted(WAYS)),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2), st.sampled_from(PARTS)), min_size=1, max_size=2),
)
def test_a_usual_line_gives_what_the_careful_way_gives(name: str, changes: list[tuple[int, int, str]]) -> None:
    way, other = WAYS[name]
    line = get(name).example.decode()
    for at, length, part in changes:
        at %= len(line) + 1
        line = line[:at] + part + line[at + length :]
    event = way(line)
    assert event is None or repr(event) == careful(other, line.rstrip())


@each_case("name, part", [("nginx-access", ' "-"'), ("apache-access", ' "https://example.com/" "Mozilla/5.0"')])
def test_a_usual_line_may_end_earlier(name: str, part: str) -> None:
    way, other = WAYS[name]
    line = get(name).example.decode().removesuffix(part)
    assert repr(way(line)) == repr(other(line))


@each_case("date", [b"03/01/26", b"03/01/2026"])
def test_a_usual_alert_may_have_a_year(date: bytes) -> None:
    way, other = WAYS["snort-alert"]
    line = get("snort-alert").example.replace(b"03/01", date).decode()
    assert repr(way(line)) == repr(other(line))


def test_a_column_is_left_out_where_the_last_group_is_absent() -> None:
    columns = ("name", "size", "share", "note")
    pattern = r"(\S+) (\d+) ([\d.]+)(?: (\S+))?"
    line = UsualLine(pattern, columns, integers=("size",), decimals=("share",), absent=("name",), last_is_optional=True)
    assert line.read("a 7 0.5 x") == {"name": "a", "size": 7, "share": 0.5, "note": "x"}
    assert line.read("- 7 0.5") == {"name": None, "size": 7, "share": 0.5}
    assert line.read("a x 0.5") is None
    assert UsualLine(pattern, columns).read("- 7 0.5") == {"name": "-", "size": "7", "share": "0.5", "note": None}


def test_a_decoder_leaves_lines_of_another_shape_to_the_format() -> None:
    others: list[str] = []
    decode = UsualLine(r"(\w+) ([^ ]+)", ("name", "word"), without="\\").decoder(lambda line: others.append(line))
    assert decode(b"a b") == {"name": "a", "word": "b"}
    assert [decode(line) for line in (b"a b c", rb"a b\n", "é".encode())] == [None] * 3
    assert others == ["a b c", r"a b\n", "é"]


def test_a_usual_line_may_have_spaces_at_its_end() -> None:
    decode = declared(UsualLine(r"(\w+)", ("name",)), lambda line: {"": line}).decode
    assert decode(b"a \t") == {"name": "a"}
    assert decode(b"- ") == {"": "- "}


def test_a_group_may_be_missing_where_an_empty_one_is_none() -> None:
    columns = ("name", "port", "note")
    line = UsualLine(r"(\w*)(?::(\d+))?(?: (.*))?", columns, integers=("port",), absent=columns[:2], absent_text="")
    assert line.read("a:7 x") == {"name": "a", "port": 7, "note": "x"}
    assert line.read("") == {"name": None, "port": None, "note": None}


def test_a_number_may_be_empty_or_missing_where_that_is_declared() -> None:
    line = UsualLine(r"(\d*)(?::(\d+))?", ("in", "out"), integers=("in", "out"), blank=("in", "out"))
    assert line.read("1:2") == {"in": 1, "out": 2}
    assert line.read("") == {"in": "", "out": None}


def test_a_row_like_the_one_before_is_not_looked_at_closely() -> None:
    others: list[str] = []

    def parse(line: str) -> Event | None:
        others.append(line)
        return dict(zip("abc", line.replace('"', "").split(","), strict=False)) if line else None

    rows = UsualRows(lambda columns: {"b": "[0-9]*+"} if len(columns) < 3 else None, integers=("b",))
    decode = declared(rows, parse).decode
    assert decode(b'"1","2"') == {"a": "1", "b": "2"}
    assert decode(b'"x","3"') == {"a": "x", "b": 3}
    assert decode(b'"","" ') == {"a": "", "b": ""}
    assert others == ['"1","2"']
    for row in ('"1","x"', '1,"2"', '"1"2","3"', '"1"', '"1","2"', '"1","2","3"', '"1","2","4"', "", '"5","6"'):
        decode(row.encode())
    assert others[1:] == ['"1","x"', '1,"2"', '"1"2","3"', '"1"', '"1","2"', '"1","2","3"', '"1","2","4"', ""]


def test_rows_whose_columns_change_all_the_time_are_compiled_only_so_often() -> None:
    compiled: list[tuple[str, ...]] = []

    def shapes(columns: tuple[str, ...]) -> dict[str, str]:
        compiled.append(columns)
        return {}

    decode = declared(UsualRows(shapes), lambda line: {line: ""}).decode
    for at in (*range(20), *range(100)):
        assert decode(b"%d" % at) == {str(at): ""}
    assert len(compiled) == len(set(compiled)) == 32


def declared(usual: UsualLine | UsualRows, parse: Callable[[str], Event | None]) -> LineFormat:
    return LineFormat(
        name="x", tag="x", time=(), description="", document="", example=b"", usual=usual, parse=parse
    )  # fmt: skip
