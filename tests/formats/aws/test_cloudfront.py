"""CloudFront's standard and real-time logs."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.aws import cloudfront
from slips.formats.aws.cloudfront import REALTIME, STANDARD
from slips.formats.base import ObjectInfo
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

FIELDS = b"#Fields: date time c-ip cs(User-Agent) sc-status time-taken"
ROW = b"2026-03-01\t12:00:00\t192.0.2.41\tMozilla/5.0%20(X11)\t200\t0.049"
NOON = "2026-03-01T12:00:00.000000+00:00"


def test_fields_name_the_columns() -> None:
    request = one("cloudfront", b"#Version: 1.0", FIELDS, ROW)
    assert request.event == {
        "date": "2026-03-01",
        "time": "12:00:00",
        "c-ip": "192.0.2.41",
        "cs(User-Agent)": "Mozilla/5.0%20(X11)",
        "sc-status": 200,
        "time-taken": 0.049,
    }
    assert (request.tag, request.time) == ("aws.cloudfront", NOON)


@each_case(
    "header",
    [FIELDS.replace(b" ", b"\t"), FIELDS.lower().replace(b"user-agent", b"User-Agent"), FIELDS[len("#Fields: ") :]],
)
def test_headers_of_other_styles(header: bytes) -> None:
    assert one("cloudfront", header, ROW).event == one("cloudfront", FIELDS, ROW).event


def test_a_dash_is_none_and_spaces_may_replace_tabs() -> None:
    request = one("cloudfront", FIELDS, b"2026-03-01 12:00:00 192.0.2.41 - 000 -")
    assert [request[name] for name in ("cs(User-Agent)", "sc-status", "time-taken")] == [None, 0, None]


def test_without_a_header_the_documents_order_counts() -> None:
    cells = ["2026-03-01", "12:00:00", *["-"] * (len(STANDARD) - 2)]
    for count in (len(STANDARD), 24):
        request = one("cloudfront", "\t".join(cells[:count]).encode())
        assert (list(request.event), request.time) == (list(STANDARD[:count]), NOON)
    assert one("cloudfront", "\t".join([*cells, "new"]).encode())["extra"] == ["new"]


def test_json_of_version_2_is_left_as_it_is() -> None:
    event = {"date": "2026-03-01", "time": "12:00:00", "sc-status": "200", "cs(Referer)": "-"}
    request = one("cloudfront", json.dumps(event).encode())
    assert (request.event, request.time) == (event, NOON)


@each_case(
    ("fields", "time"),
    [
        ('{"timestamp(ms)":"1772366400481","timestamp":"1"}', "2026-03-01T12:00:00.481000+00:00"),
        ('{"timestamp":1772366400}', NOON),
        ('{"date":"2026-03-01"}', None),
        ('{"date":"-","time":"-"}', None),
    ],
)
def test_times_of_json_without_date_and_time(fields: str, time: str | None) -> None:
    assert one("cloudfront", fields.encode()).time == time


def test_a_real_time_row_of_all_fields() -> None:
    cells = {**dict.fromkeys(REALTIME, "-"), "timestamp": "1772366400.481", "sc-status": "200", "asn": "64496"}
    request = one("cloudfront-realtime", "\t".join(cells.values()).encode())
    assert (request.tag, request.time) == ("aws.cloudfront_realtime", "2026-03-01T12:00:00.481000+00:00")
    assert (request["timestamp"], request["sc-status"], request["asn"]) == (1772366400.481, 200, 64496)
    assert request["c-ip"] is None


def test_a_real_time_row_of_some_fields_keeps_them_without_names() -> None:
    request = one("cloudfront-realtime", b"1772366400.481\t192.0.2.41\t200")
    assert request.event == {"timestamp": 1772366400.481, "extra": ["192.0.2.41", "200"]}


def test_a_header_names_the_configured_real_time_fields() -> None:
    request = one("cloudfront-realtime", b"timestamp\tc-ip\tsc-status", b"1772366400\t192.0.2.41\t200")
    assert (request.event, request.time) == ({"timestamp": 1772366400, "c-ip": "192.0.2.41", "sc-status": 200}, NOON)


@each_case(
    "broken",
    [
        b"",
        ROW,
        b"{",
        b"\xff",
        b"\t".join([b"yesterday", b"12:00:00", *[b"-"] * 31]),
        b"\t".join([b"soon", *[b"-"] * 45]),
        b'{"date":"yesterday","time":"12:00:00"}',
    ],
)
def test_what_is_not_a_request_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cloudfront", broken)


@each_case("broken", [b"", b"soon\t192.0.2.41", b"-\t192.0.2.41", b"\t".join([b"soon", *[b"-"] * 45])])
def test_what_is_not_a_real_time_request_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cloudfront-realtime", broken)


def test_a_row_shorter_than_its_fields_is_refused() -> None:
    with pytest.raises(ParseError, match="6 cells were expected, not 5"):
        read("cloudfront", FIELDS, ROW.rpartition(b"\t")[0])


ODD = [
    "-",
    "",
    "0",
    "007",
    "020",
    "7" * 25,
    "0.1",
    "0.",
    ".5",
    "0.x",
    "-1",
    "1.5e3",
    "\u0663",
    "é",
    "asn",
    "200",
    "1772356502",
    "{",
]


@given(
    st.integers(37, 69),
    st.lists(st.tuples(st.integers(0, 68), st.sampled_from(ODD)), max_size=3),
    st.booleans(),
)
@example(41, [(5, "\u0663")], False)
@example(41, [(5, "7" * 25)], False)
@example(41, [(4, "020")], False)
def test_the_usual_row_gives_what_the_careful_way_gives(
    width: int, changes: list[tuple[int, str]], is_named: bool
) -> None:
    known = get("cloudfront-realtime")
    cells = [*known.example.decode().split("\t"), *["0.5"] * 30][:width]
    if is_named:  # As a header, but for the cells that show a row.
        cells = [
            cell if at in (0, 4, 11) else name for at, (cell, name) in enumerate(zip(cells, REALTIME, strict=False))
        ]
    for at, text in changes:
        cells[at % len(cells)] = text
    results = []
    for usual in (cloudfront._usual_realtime, None):
        parser = known.parser(ObjectInfo())
        assert isinstance(parser, cloudfront.CloudFrontParser)
        parser._usual = usual
        try:
            results.append(repr(parser.read("\t".join(cells).encode())))
        except ParseError as fault:
            results.append(f"ParseError: {fault}")
    assert results[0] == results[1]


def test_a_header_names_the_columns_of_an_ordinary_real_time_row_too() -> None:
    row = get("cloudfront-realtime").example
    names = ("timestamp", "s-ip", "c-ip", *REALTIME[3 : row.count(b"\t") + 1])
    assert one("cloudfront-realtime", "\t".join(names).encode(), row).event["s-ip"] == "192.0.2.41"


def test_an_ordinary_real_time_row_is_a_usual_one() -> None:
    row = get("cloudfront-realtime").example.decode()
    cells = row.split("\t")
    make = cloudfront._usual_realtime(len(cells))
    assert make is not None
    assert make((row, cells)) == one("cloudfront-realtime", row.encode()).event
