"""Suricata and Snort."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

ALERT = (
    b"[1:2008578:4] ET SCAN Sipvicious [**] [Classification: Info Leak] [Priority: 2] "
    b"{UDP} 192.0.2.41:5116 -> 198.51.100.7:5060"
)


def test_a_fast_alert_has_the_names_of_snort_3() -> None:
    alert = one("snort-alert", b"03/01/2026-09:15:02.481290  [**] " + ALERT)
    assert alert.event == {
        "timestamp": "03/01/2026-09:15:02.481290",
        "gid": 1,
        "sid": 2008578,
        "rev": 4,
        "msg": "ET SCAN Sipvicious",
        "class": "Info Leak",
        "priority": 2,
        "proto": "UDP",
        "src_addr": "192.0.2.41",
        "src_port": 5116,
        "dst_addr": "198.51.100.7",
        "dst_port": 5060,
    }
    assert (alert.tag, alert.time) == ("snort.alert", "2026-03-01T09:15:02.481290+00:00")


@each_case(
    ("header", "event_time", "time"),
    [
        (b"03/01-09:15:02.5", datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T09:15:02.500000+00:00"),
        (b"12/31-23:59:59", datetime(2026, 1, 1, tzinfo=UTC), "2025-12-31T23:59:59.000000+00:00"),
        (b"02/29-12:00:00", datetime(2024, 3, 1, tzinfo=UTC), "2024-02-29T12:00:00.000000+00:00"),
        (b"03/01/24-09:15:02", datetime(2026, 3, 1, tzinfo=UTC), "2024-03-01T09:15:02.000000+00:00"),
    ],
)
def test_the_year_is_the_alerts_or_the_latest_before_the_object(header: bytes, event_time: datetime, time: str) -> None:
    assert one("snort-alert", header + b"  [**] " + ALERT, event_time=event_time.timestamp()).time == time


@each_case(
    ("line", "fields"),
    [
        (b"03/01-09:15:02 [Drop] [**] " + ALERT, {"action": "Drop", "msg": "ET SCAN Sipvicious"}),
        (b"03/01-09:15:02 [**] <eth0> " + ALERT, {"iface": "eth0"}),
        (
            b'03/01-09:15:02 [**] [1:1:1] "a [b] c" [**] [Priority: 1] [AppID: http] {TCP} 1.1.1.1:1 -> 2.2.2.2:2',
            {"msg": "a [b] c", "AppID": "http"},
        ),
        (
            b"03/01-09:15:02 [**] [1:408:5] ICMP [**] {ICMP} fe80::1 -> fe80::2",
            {"src_addr": "fe80::1", "src_port": None},
        ),
        (
            b"03/01-09:15:02 [**] [1:1:1] x [**] {TCP} [2001:db8::1]:80 -> 2001:db8::2:443",
            {"src_addr": "2001:db8::1", "dst_port": 443},
        ),
        (b"03/01-09:15:02 [**] [1:1:1] x[**] [Priority: 2] {TCP} 1.1.1.1:1 -> 2.2.2.2:2", {"msg": "x", "priority": 2}),
        (b"03/01-09:15:02 [**] [116:1:1] (decoder) no addresses [**]", {"msg": "(decoder) no addresses"}),
        (
            b"Mar  1 09:15:02 ids-1 snort[22]: [1:1:1] x [Priority: 2]: {UDP} 1.1.1.1:1 -> 2.2.2.2:2",
            {"hostname": "ids-1", "priority": 2},
        ),
    ],
)
def test_the_variants_of_an_alert(line: bytes, fields: dict[str, Any]) -> None:
    alert = one("snort-alert", line)
    assert {name: alert[name] for name in fields} == fields
    assert alert.time == "2026-03-01T09:15:02.000000+00:00"


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"[**] " + ALERT,
        b"13/41-09:15:02 [**] " + ALERT,
        b"03/01-09:15:02 [**] [1:1:1] x {TCP} 1.1.1.1",
        b"03/01-09:15:02 no number",
    ],
)
def test_what_is_not_an_alert_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("snort-alert", broken)


def test_an_eve_event_has_the_tag_of_its_type_and_its_offset() -> None:
    event = one(
        "suricata-eve", b'{"timestamp":"2026-03-01T10:15:02.481290+0100","event_type":"alert","alert":{"gid":1}}'
    )
    assert (event.tag, event.time) == ("suricata.alert", "2026-03-01T09:15:02.481290+00:00")
    assert one("suricata-eve", b'{"stats":{}}').tag == "suricata.unknown"


@each_case("broken", [b"", b"{", b"[1]", b'{"timestamp":"soon"}'])
def test_what_is_not_an_eve_event_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("suricata-eve", broken)
