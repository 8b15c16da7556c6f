"""The expression of nearly every line of a format gives the event that the careful way gives, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.line_format import LineFormat
from slips.formats.registry import all_formats, get
from slips.formats.row import UsualLine
from slips.formats.web import haproxy
from tests.each_case import each_case


def traffic(line: str) -> Any:
    found = haproxy._HTTP.find(line)
    return None if found is None else haproxy._event(0, found.groups())


FORMATS = {known.name: known for known in all_formats() if isinstance(known, LineFormat) and known.usual}
WAYS: dict[str, tuple[Callable[[str], Any], Callable[[str], Any]]] = {
    "haproxy": (lambda line: haproxy._traffic(line) if haproxy._USUAL.read(line) else None, traffic),
    **{name: (known.usual.read, known.parse) for name, known in FORMATS.items() if known.usual},
}
PARTS = [
    *" \t\"'-/\\[]{}|:.,07é\n\u00a0\u0663", "-1", "+5", "  ", '" "', " -", "- ", "7" * 25, ' "x"', "{a|b} ", ", x",
]  # fmt: skip


def careful(read: Callable[[str], Any], line: str) -> str:
    try:
        return repr(read(line))
    except ParseError as fault:
        return f"ParseError: {fault}"


@each_case("name", WAYS)
def test_the_example_is_a_usual_line(name: str) -> None:
    usual, other = WAYS[name]
    line = get(name).example.decode()
    assert repr(usual(line)) == repr(other(line))


@given(
    st.sampled_from(sorted(WAYS)),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2), st.sampled_from(PARTS)), min_size=1, max_size=2),
)
def test_a_usual_line_gives_what_the_careful_way_gives(name: str, changes: list[tuple[int, int, str]]) -> None:
    usual, other = WAYS[name]
    line = get(name).example.decode()
    for at, length, part in changes:
        at %= len(line) + 1
        line = line[:at] + part + line[at + length :]
    event = usual(line)
    assert event is None or repr(event) == careful(other, line.rstrip())


@each_case("name, part", [("nginx-access", ' "-"'), ("apache-access", ' "https://example.com/" "Mozilla/5.0"')])
def test_a_usual_line_may_end_earlier(name: str, part: str) -> None:
    usual, other = WAYS[name]
    line = get(name).example.decode().removesuffix(part)
    assert repr(usual(line)) == repr(other(line))


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
    usual = UsualLine(r"(\w+)", ("name",))
    declared = LineFormat(
        name="x", tag="x", time=(), description="", document="", example=b"", usual=usual, parse=lambda line: {"": line}
    )
    assert declared.decode(b"a \t") == {"name": "a"}
    assert declared.decode(b"- ") == {"": "- "}


def test_a_group_may_be_missing_where_an_empty_one_is_none() -> None:
    columns = ("name", "port", "note")
    line = UsualLine(r"(\w*)(?::(\d+))?(?: (.*))?", columns, integers=("port",), absent=columns[:2], absent_text="")
    assert line.read("a:7 x") == {"name": "a", "port": 7, "note": "x"}
    assert line.read("") == {"name": None, "port": None, "note": None}
