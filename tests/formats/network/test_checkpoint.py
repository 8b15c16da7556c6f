"""Check Point's Log Exporter."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

HEAD = b"<134>1 2026-03-01T09:15:03Z gw-1 CheckPoint 1930 - "


@each_case(
    ("line", "fields"),
    [
        (
            HEAD + b'[action:"Accept"; s_port:"52814"; Log delay:"12"; ifname:"eth0";]',
            {"s_port": 52814, "Log delay": "12"},
        ),
        (HEAD + rb'[a:"x \"y\" \]"; b:"say "hi" now" ;c:""]', {"a": 'x "y" ]', "b": 'say "hi" now', "c": ""}),
        (b'[action:"Drop"]', {"action": "Drop"}),
        (
            HEAD + b'[a:"b"; sys_message::"The eth0 is down: c"; d:"e"]',
            {"sys_message": "The eth0 is down: c", "d": "e"},
        ),
        (b'[sys_message::"x"]', {"sys_message": "x"}),
        (b"time=1772356502|rule=a|b||c |action=Drop|url=x|", {"rule": "a|b||c ", "action": "Drop", "url": "x"}),
        (rb"time=1772356502|url=x\|", {"url": "x|"}),
        (b'time:"1772356502"; action:"Drop";', {"time": 1772356502, "action": "Drop"}),
        (rb"time=1772356502|action=Drop|cn=a\=b\|c|time=1772356502|", {"time": 1772356502, "cn": "a=b|c"}),
        (HEAD + b"time=1772356502|action=Drop", {"hostname": "gw-1", "action": "Drop"}),
        (b"CEF:0|Check Point|VPN-1|R81|Accept|tcp|0|act=Accept rt=1772356502000", {"act": "Accept"}),
        (b"LEEF:2.0|Check Point|VPN-1|R81|Accept|cat=fw\taction=Accept", {"action": "Accept"}),
    ],
)
def test_every_format_of_the_exporter(line: bytes, fields: dict[str, Any]) -> None:
    reading = one("checkpoint", line)
    assert {name: reading[name] for name in fields} == fields
    assert reading.tag == "checkpoint"


@each_case(
    ("line", "time"),
    [
        (HEAD + b'[time:"1772356502"; a:"b"]', "2026-03-01T09:15:02.000000+00:00"),
        (HEAD + b'[a:"b"]', "2026-03-01T09:15:03.000000+00:00"),
        (HEAD.replace(b"T", b" ").replace(b"Z", b"") + b'[a:"b"]', "2026-03-01T09:15:03.000000+00:00"),
        (b"CEF:0|Check Point|VPN-1|R81|Accept|tcp|0|rt=1772356502000", "2026-03-01T09:15:02.000000+00:00"),
        (b'a:"b"', None),
    ],
)
def test_the_time_is_the_logs_else_the_headers(line: bytes, time: str | None) -> None:
    assert one("checkpoint", line).time == time


@each_case(
    "broken",
    [b"", b"hello", HEAD + b"[]", HEAD + b'[a:"b', HEAD + b'[a:"b"; stray]', HEAD + b'[a:::"b"]', b'time:"soon"'],
)
def test_what_is_not_a_check_point_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("checkpoint", broken)


@each_case(
    "record",
    [
        b"LEEF:2.0|Check Point|VPN-1|1.0|Accept|devTime=1772356502000\tsrc=192.0.2.41",
        b"CEF:0|Check Point|VPN-1|1|Accept|n|5|end=Mar 01 2026 10:15:02 dtz=CET",
    ],
)
def test_cef_and_leef_have_their_own_times(record: bytes) -> None:
    assert one("checkpoint", b"Mar  1 09:15:04 gw-1 " + record).time == "2026-03-01T09:15:02.000000+00:00"
