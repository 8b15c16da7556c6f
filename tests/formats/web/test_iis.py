"""IIS."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

FIELDS = b"#Fields: date time c-ip cs-uri-stem cs-username sc-status time-taken"


def test_the_header_names_the_fields() -> None:
    line = one("iis", b"#Software: Microsoft IIS 10.0", FIELDS, b"2026-03-01 09:15:02 192.0.2.41 /a+b - 200 31")
    assert line.event == {
        "date": "2026-03-01",
        "time": "09:15:02",
        "c-ip": "192.0.2.41",
        "cs-uri-stem": "/a+b",
        "cs-username": None,
        "sc-status": 200,
        "time-taken": 31,
    }
    assert (line.tag, line.time) == ("iis", "2026-03-01T09:15:02.000000+00:00")


def test_a_restart_writes_another_header() -> None:
    lines = read(
        "iis",
        FIELDS,
        b"2026-03-01 09:15:02 1.1.1.1 / - 200 1",
        b"#Fields: date time s-port",
        b"2026-03-01 09:15:03 443",
    )
    assert [sorted(line.event) for line in lines][1] == ["date", "s-port", "time"]


def test_without_a_date_column_the_directive_tells_the_day() -> None:
    lines = read("iis", b"#Date: 2026-03-01 00:00:00", b"#Fields: time c-ip", b"09:15:02 192.0.2.41")
    assert lines[0].time == "2026-03-01T09:15:02.000000+00:00"
    assert read("iis", b"#Fields: time c-ip", b"09:15:02 192.0.2.41")[0].time is None


@each_case(("width", "agent"), [(14, 9), (15, 9), (22, 12)])
def test_a_file_that_lost_its_header_has_the_usual_fields(width: int, agent: int) -> None:
    cells = ["2026-03-01", "09:15:02", *(f"c{number}" for number in range(2, width))]
    line = one("iis", " ".join(cells).encode())
    assert (line["cs(User-Agent)"], line.time) == (f"c{agent}", "2026-03-01T09:15:02.000000+00:00")


@each_case(
    "broken",
    [
        b"",
        b"2026-03-01 09:15:02",
        b"2026-13-01 09:15:02 1.1.1.1 / - 200 1",
        b"2026-03-01 09:15:02 1.1.1.1 / - 200",
        b"\xff",
    ],
)
def test_a_broken_row_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("iis", FIELDS, broken)


def test_a_row_of_unknown_fields_is_refused() -> None:
    with pytest.raises(ParseError):
        read("iis", b"2026-03-01 09:15:02 a b c")
