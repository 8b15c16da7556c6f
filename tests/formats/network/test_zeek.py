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


@each_case(
    ("cell", "text"),
    [
        (rb"\\\\192.0.2.9\\x64$", r"\\192.0.2.9\x64$"),
        (rb"a\\", "a" + chr(92)),
        (rb"\\\x64", r"\d"),
        (rb"caf\xc3\xa9 \xE2\x82\xac", "caf\u00e9 \u20ac"),
        (rb"\xe9t\xe9", "\u00e9t\u00e9"),
        (rb"\xzz\x4", r"\xzz\x4"),
        (rb"\x2d", "-"),
    ],
)
def test_escapes_stand_for_bytes_and_two_backslashes_for_one(cell: bytes, text: str) -> None:
    assert row(b"1772356502.0\t53\t" + cell + b"\t" + cell + b"\tF\t0.5").event.items() >= {"query": text}.items()
    assert row(b"1772356502.0\t53\tq\t" + cell + b",y\tF\t0.5")["answers"] == [text, "y"]


@each_case(
    ("fields", "stream"),
    [
        (b'"uid":"C1","conn_state":"SF"', "conn"),
        (b'"uid":"C1","trans_id":7', "dns"),
        (b'"uid":"C1","trans_depth":1,"host":"a.example"', "http"),
        (b'"name":"bad_TCP_checksum","peer":"zeek"', "weird"),
        (b'"note":"Scan::Port_Scan","peer":"zeek"', "notice"),
        (b'"_path":"own","conn_state":"SF"', "own"),
        (b'"uid":"C1"', "unknown"),
    ],
)
def test_json_without_a_path_is_named_by_a_field_that_its_stream_alone_has(fields: bytes, stream: str) -> None:
    reading = one("zeek", b'{"ts":1772356502.5,' + fields + b"}")
    assert (reading.tag, reading.time) == (f"zeek.{stream}", "2026-03-01T09:15:02.500000+00:00")


def test_the_writer_for_kafka_puts_an_event_under_its_stream() -> None:
    reading = one("zeek", b'{"http":{"ts":1772356502.5,"uid":"C1"}}')
    assert (reading.tag, reading.event) == ("zeek.http", {"_path": "http", "ts": 1772356502.5, "uid": "C1"})


def test_without_its_own_time_an_event_has_that_of_its_writing() -> None:
    assert (
        one("zeek", b'{"_path":"stats","_write_ts":"2026-03-01T09:15:02Z"}').time == "2026-03-01T09:15:02.000000+00:00"
    )


@each_case("time", [b"1772356502.48129", b'"2026-03-01T09:15:02.481290Z"'])
def test_json_lines(time: bytes) -> None:
    reading = one("zeek", b'{"_path":"conn","ts":' + time + b',"uid":"C1"}')
    assert (reading.tag, reading.time) == ("zeek.conn", "2026-03-01T09:15:02.481290+00:00")
    assert one("zeek", b'{"ts":1772356502}').tag == "zeek.unknown"


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
