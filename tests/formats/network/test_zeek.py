"""Zeek."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import Reading, one, read

HEADER = (
    b"#separator \\x09",
    b"#set_separator\t,",
    b"#empty_field\t(empty)",
    b"#unset_field\t-",
    b"#path\tdns",
    b"#open\t2026-03-01-09-00-00",
    b"#fields\tts\tid.orig_p\tquery\tanswers\tAA\trtt",
    b"#types\ttime\tport\tstring\tvector[string]\tbool\tinterval",
)


def row(cells: bytes, *header: bytes) -> Reading:
    return one("zeek", *(header or HEADER), cells, b"#close\t2026-03-01-10-00-00")


def test_a_row_has_the_types_that_the_header_names() -> None:
    reading = row(b"1772356502.481290\t53\ta\\x09b\tx,y\tT\t-")
    assert reading.event == {
        "ts": 1772356502.48129,
        "id.orig_p": 53,
        "query": "a\tb",
        "answers": ["x", "y"],
        "AA": True,
        "rtt": None,
        "_path": "dns",
    }
    assert (reading.tag, reading.time) == ("zeek.dns", "2026-03-01T09:15:02.481290+00:00")


@each_case(("cell", "value"), [(b"(empty)", []), (b"-", None), (b"x,-", ["x", None])])
def test_empty_and_unset_containers(cell: bytes, value: Any) -> None:
    assert row(b"1772356502.0\t53\tq\t" + cell + b"\tF\t0.5")["answers"] == value


def test_a_log_without_a_path() -> None:
    (reading,) = read("zeek", b"#fields\tts\tuid", b"1772356502.0\tC1")
    assert (reading.tag, reading.event) == ("zeek.unknown", {"ts": "1772356502.0", "uid": "C1"})


def test_a_header_in_the_middle_begins_another_log() -> None:
    other = (b"#separator \\x2c", b"#path,conn", b"#fields,ts,uid", b"1772356502.0,C1")
    dns, conn = read("zeek", *HEADER, b"1772356502.0\t53\t(empty)\t-\tF\t0.5", *other)
    assert (dns.tag, dns["query"]) == ("zeek.dns", "")
    assert (conn.tag, conn["uid"]) == ("zeek.conn", "C1")


@each_case("time", [b"1772356502.48129", b'"2026-03-01T09:15:02.481290Z"'])
def test_json_lines(time: bytes) -> None:
    reading = one("zeek", b'{"_path":"conn","ts":' + time + b',"uid":"C1"}')
    assert (reading.tag, reading.time) == ("zeek.conn", "2026-03-01T09:15:02.481290+00:00")
    assert one("zeek", b'{"ts":1}').tag == "zeek.unknown"


@each_case(
    "broken",
    [
        b"1772356502.0\t53",
        b"soon\t53\tq\t-\tF\t0.5",
        b"1772356502.0\tport\tq\t-\tF\t0.5",
        b"1772356502.0\t53\tq\t-\tyes\t0.5",
        b"1e400\t53\tq\t-\tF\t0.5",
        b"{",
        b"\xff",
    ],
)
def test_a_row_that_is_not_as_its_header_says_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        row(broken)


def test_a_row_before_any_header_is_refused() -> None:
    with pytest.raises(ParseError, match="#fields"):
        read("zeek", b"1772356502.0\t53")
    with pytest.raises(ParseError, match="#types"):
        read("zeek", b"#fields\ta\tb", b"#types\tstring", b"1\t2")
