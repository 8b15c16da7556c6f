"""Zscaler NSS feeds."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read


@each_case(
    ("record", "tag"),
    [
        (b'{"sourcetype":"zscalernss-web","event":{"datetime":"Sun Mar  1 09:15:02 2026"}}', "zscaler.web"),
        (b'{"sourcetype":"zscalernss-fw","event":{"datetime":"2026-03-01 09:15:02"}}', "zscaler.firewall"),
        (b'{"sourcetype":"zscalernss-audit","event":{"time":"Sun Mar 01 09:15:02 2026"}}', "zscaler.audit"),
        (b'{"sourcetype":"zscalernss-dns","event":{"epochtime":"1772356502"}}', "zscaler.dns"),
        (b'{"time":"Sun Mar 01 09:15:02 2026","tunneltype":"ipsec"}', "zscaler.tunnel"),
        (b'{"datetime":"2026-03-01T09:15:02Z","csip":"10.0.4.17"}', "zscaler.firewall"),
        (b'{"Datetime":"2026-03-01T09:15:02Z"}', "zscaler.unknown"),
        (b"2026-03-01 09:15:02\treason=Allowed\turlcategory=News", "zscaler.web"),
        (b"CEF:0|Zscaler|NSSWeblog|5|Allowed|Allowed|3|rt=1772356502000 urlcat=News", "zscaler.web"),
        (b"LEEF:1.0|Zscaler|NSS|4|Allowed|devTime=Mar 01 2026 09:15:02\turl=a", "zscaler.unknown"),
    ],
)
def test_every_output_type_has_its_feed_and_time(record: bytes, tag: str) -> None:
    reading = one("zscaler-nss", record)
    assert (reading.tag, reading.time) == (tag, "2026-03-01T09:15:02.000000+00:00")


@each_case(
    ("width", "tag", "column", "at"),
    [(34, "web", "cip", 21), (36, "firewall", "cdip", 9), (18, "dns", "reqtype", 8), (14, "audit", "adminid", 7)],
)
def test_default_csv_is_recognized_by_its_width(width: int, tag: str, column: str, at: int) -> None:
    cells = ["Sun Mar 01 09:15:02 2026", *(f"c{number}" for number in range(1, width))]
    row = one("zscaler-nss", ",".join(f'"{cell}"' for cell in cells).encode())
    assert (row.tag, row[column]) == (f"zscaler.{tag}", f"c{at}")
    assert len(row.event) == width


def test_csv_of_another_width_is_a_time_and_the_rest() -> None:
    row = one("zscaler-nss", b'"2026-03-01 09:15:02","a, b","c"')
    assert row.event == {"time": "2026-03-01 09:15:02", "extra": ["a, b", "c"]}


@each_case(
    ("broken", "reason"),
    [
        (b"2026-03-01 09:15:02\thello", "between tabs"),
        (b'"2026-03-01 09:15:02","a","b', "not closed"),
        (b"hello,a,b", "begins with a time"),
    ],
)
def test_a_broken_line_is_refused_by_its_reason(broken: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read("zscaler-nss", broken)


def test_an_event_without_a_time() -> None:
    assert one("zscaler-nss", b'{"sourcetype":"zscalernss-casb","event":{"tenant":"a"}}').time is None


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"{",
        b'"text"',
        b"[1]",
        b'{"time":"soon"}',
        b'"2026-03-01 09:15:02","a',
        b"no\ttabs=1\there",
        b"\xff",
    ],
)
def test_what_is_not_a_feed_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("zscaler-nss", broken)


@each_case(
    "record",
    [
        b"CEF:0|Zscaler|NSSWeblog|6|Allowed|n|3|rt=1772356502000 act=Allowed",
        b"CEF:0|Zscaler|NSSWeblog|6|Allowed|n|3|end=Mar 01 2026 10:15:02 dtz=CET",
        b"LEEF:1.0|Zscaler|NSS|6|Allowed|devTime=01/03/2026 09.15.02\tdevTimeFormat=dd/MM/yyyy HH.mm.ss",
    ],
)
def test_cef_and_leef_have_their_own_times(record: bytes) -> None:
    assert one("zscaler-nss", b"Mar  1 09:15:04 nss-1 " + record).time == "2026-03-01T09:15:02.000000+00:00"


@each_case(
    ("record", "action"),
    [
        (b'{"datetime":"Sun Mar 01 09:15:02 2026","action":"Allowed"}', "Allowed"),
        (b'{"sourcetype":"zscalernss-dns","event":{"datetime":"Sun Mar 01 09:15:02 2026"}}', None),
        (b"Sun Mar 01 09:15:02 2026,1,Sign In" + b",x" * 11, "Sign In"),
    ],
)
@each_case("header", [b"<134>", b"<134>Mar  1 09:15:04 nss-1 ", b"Mar  1 09:15:04 nss-1 "])
def test_a_header_may_be_before_json_and_csv(record: bytes, action: str | None, header: bytes) -> None:
    line = one("zscaler-nss", header + record)
    assert (line.time, line.event.get("action")) == ("2026-03-01T09:15:02.000000+00:00", action)
    assert line.event.get("hostname") == ("nss-1" if b"nss" in header else None)


@each_case(
    ("record", "field"),
    [
        (b"CEF:0|Zscaler|NSSWeblog|6|Allowed|n|3|rt=1772356502000 request=a/{b}", "request"),
        (b"2026-03-01 09:15:02\taction=Allowed\turl=a/{b}", "url"),
        (b"Sun Mar 01 09:15:02 2026,a,{b}", "extra"),
    ],
)
def test_a_brace_at_the_end_of_another_output_is_not_json(record: bytes, field: str) -> None:
    assert "{b}" in str(one("zscaler-nss", record)[field])


def test_a_separator_alone_is_refused() -> None:
    with pytest.raises(ParseError):
        read("zscaler-nss", b"\x1c")  # White space to str, and not to bytes.
