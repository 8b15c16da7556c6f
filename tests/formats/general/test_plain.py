"""Formats of no vendor."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read


@each_case(
    ("line", "event"),
    [
        (b"level=info port=8080", {"level": "info", "port": "8080"}),
        (b'msg="a \\"quoted\\" \\n line" tls', {"msg": 'a "quoted" \n line', "tls": ""}),
        (b'empty="" bare= x=1=2  y=z', {"empty": "", "bare": "", "x": "1=2", "y": "z"}),
        (b"a=1 a=2", {"a": ["1", "2"]}),
    ],
)
def test_logfmt_pairs(line: bytes, event: dict[str, Any]) -> None:
    assert one("logfmt", line).event == event


@each_case("name", [b"time", b"ts", b"timestamp"])
def test_logfmt_has_its_time_under_a_usual_name(name: bytes) -> None:
    assert (
        one("logfmt", b"level=info " + name + b"=2026-03-01T09:15:02+01:00").time == "2026-03-01T08:15:02.000000+00:00"
    )


@each_case("broken", [b"just words", b'a="open', b'a=b"c"', b"=1", b"time=soon a=1"])
def test_what_is_not_logfmt_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("logfmt", broken)


def test_csv_rows_are_named_by_the_first_row() -> None:
    rows = read("csv", b"\xef\xbb\xbftime,msg", b'2026-03-01 09:15:02,"a, ""b""\nc"', b"2026-03-01T09:15:03Z,d,more")
    assert [row["msg"] for row in rows] == ['a, "b"\nc', "d"]
    assert rows[0].time == "2026-03-01T09:15:02.000000+00:00"
    assert rows[1]["extra"] == ["more"]


@each_case("broken", [b"only", b'2026-03-01,"open', b"soon,x"])
def test_a_broken_csv_row_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("csv", b"time,msg", broken)


def test_gelf_has_its_time_in_seconds() -> None:
    record = one("gelf", b'{"version":"1.1","host":"h","short_message":"up","timestamp":"1772356502.481"}')
    assert (record.tag, record.time) == ("gelf", "2026-03-01T09:15:02.481000+00:00")
    assert one("gelf", b'{"short_message":"no time"}').time is None


@each_case("broken", [b"", b"[]x", b'{"timestamp":"soon"}'])
def test_what_is_not_gelf_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("gelf", broken)
