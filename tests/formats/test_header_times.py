"""One grammar of header times: any writing of one instant gives that instant, in each format that may have a header."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.header_times import zone_of
from slips.formats.syslog_header import read_relay_header
from slips.formats.zones import NAMED_ZONES, use_timezones
from tests.each_case import each_case

from .reading import one, read

INSTANT = datetime(2026, 3, 1, 9, 15, 2, tzinfo=UTC)
AT = INSTANT.isoformat(timespec="microseconds")
HOUR = 3600

LINES = {
    "syslog": "{} fw-1 app[1]: x",
    "syslog-rfc3164": "{} fw-1 app: x",
    "cef": "{} fw-1 CEF:0|A|B|1|1|n|5|act=a",
    "leef": "{} fw-1 LEEF:1.0|A|B|1|1|act=a",
    "cisco-asa": "{} fw-1 : %ASA-6-302013: Built",
    "checkpoint": '{} fw-1 CheckPoint 1930 - [action:"Accept"; origin:"192.0.2.1"]',
    "haproxy": "{} fw-1 haproxy[14]: Server app/app-3 is DOWN",
    "juniper-srx": "{} fw-1 RT_FLOW: RT_FLOW_SESSION_DENY: denied",
    "snort-alert": "{} fw-1 snort[1]: [1:2008578:4] ET SCAN {{UDP}} 192.0.2.41:5116 -> 198.51.100.7:5060",
    "zscaler-nss": "{} fw-1\treason=Allowed\tevent_id=1",
}
"""A line of each format with a time, and a host after it."""

OFFSETS = st.integers(-23 * 4, 23 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@st.composite
def zones(draw: st.DrawFn) -> tuple[timedelta, str]:
    """A zone and a way of writing it."""
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(NAMED_ZONES)))
        return timedelta(hours=NAMED_ZONES[name]), name
    away = draw(OFFSETS)
    hours, minutes = divmod(abs(int(away.total_seconds())) // 60, 60)
    sign = "-" if away < timedelta() else "+"
    spellings = [f"{sign}{hours:02}:{minutes:02}", f"{sign}{hours:02}{minutes:02}", f"UTC{sign}{hours}:{minutes:02}"]
    spellings += [f"{sign}{hours:02}", f"GMT{sign}{hours}"] if not minutes else []
    spellings += ["Z"] if not away else []
    return away, draw(st.sampled_from(spellings))


@st.composite
def header_times(draw: st.DrawFn) -> str:
    """A way of writing the instant that the grammar of headers has."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["1772356502", "1772356502.0", "1772356502.000000000", "1 1772356502.0"]))
    away, zone = draw(zones() | st.just((timedelta(), "")))
    zone = draw(st.sampled_from(["", " "])) + zone if zone else ""
    local = INSTANT.astimezone(timezone(away))
    hour = draw(st.sampled_from([f"{local.hour:02}", str(local.hour)]))
    clock = f"{hour}:{local.minute:02}:{local.second:02}" + draw(st.sampled_from(["", ".0", ",000", ".000000000"]))
    if draw(st.booleans()):
        date = draw(st.sampled_from([f"{local:%Y-%m-%d}T", f"{local:%Y-%m-%d} ", f"{local:%Y/%m/%d} "]))
        return f"{date}{clock}{zone}"
    day = draw(st.sampled_from([f"{local.day:02}", f"{local.day:>2}", str(local.day)]))
    year, weekday = str(local.year), draw(st.sampled_from(["", f"{local:%a} "]))
    mark = draw(st.sampled_from(["", "*", "."]))
    shape = draw(st.sampled_from([
        "{month} {day} {clock}{zone}", "{month} {day} {year} {clock}{zone}", "{year} {month} {day} {clock}{zone}",
        "{month} {day} {clock}{zone} {year}", "{month} {day} {clock} {year} {bare}",
    ]))  # fmt: skip
    return (
        mark
        + weekday
        + shape.format(month=f"{local:%b}", day=day, clock=clock, zone=zone, year=year, bare=zone.strip()).rstrip()
    )


BEFORE = st.sampled_from([
    "", "<134>", "<134> ", "<189>45: ", "<189>: ", "000046: ", "<189>45: 000046: ", "83 <40>",
    "<14>Feb 28 23:00:01 relay ", "2026-02-28T20:00:00-03:00 relay ", "Feb 28 23:00:01 192.0.2.9 <134>",
    "Feb 28 23:00:01 192.0.2.9 000046: ",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_writing_of_an_instant_is_that_instant_in_every_format(data: st.DataObject) -> None:
    time, before = data.draw(header_times()), data.draw(BEFORE)
    if time[0] in "*.":
        before = before.replace("83 <40>", "")
    for name, line in LINES.items():
        reading = one(name, (before + line.format(time)).encode())
        assert reading.time == AT, (name, before + time)
        assert reading.event.get("hostname") == "fw-1", (name, before + time)


@each_case(
    ("line", "fields"),
    [
        ("<189>45: rtr-1: 000046: *Mar  1 09:15:02.000: %SYS-5-CONFIG_I: x", {"hostname": "rtr-1", "message": "x"}),
        ("<190>: 2026 Mar 01 10:15:02 CET: %AUTHPRIV-6-MSG: START: x", {"proc_name": "%AUTHPRIV-6-MSG"}),
        ("Mar  1 09:15:01 192.0.2.9 46: Mar  1 09:15:02: %A-1-B: x", {"hostname": "192.0.2.9", "message": "x"}),
        ("<134>1 1772356502.0 MX84 flows src=192.0.2.1", {"hostname": "MX84", "message": "flows src=192.0.2.1"}),
        ("<34>1 2026-03-01T09:15:02Z web-3 app 17 ID4 all of it", {"msg_id": "ID4", "message": "all of it"}),
        ('<34>1 2026-03-01T09:15:02Z web-3 app 17 ID4 [a@1 x="1] y', {"msg_id": "ID4", "message": '[a@1 x="1] y'}),
        ("<34>1 2026-03-01T09:15:02Z web-3 app 17 ID4", {"msg_id": "ID4", "message": ""}),
        ("<34>1 2026-03-01T09:15:02Z web-3 hello", {"hostname": "web-3", "message": "hello"}),
        ("<13>Mar  1 09:15:01 relay <34>1 2026-03-01T09:15:02Z web-3 app 17 - - x", {"proc_id": "17", "facility": 4}),
        ("Mar  1 09:15:02 CET-1 app: x", {"hostname": "CET-1"}),
        ("Mar  1 09:15:02 web-3 2025-01-01 00:00:00 ERROR x", {"hostname": "web-3", "proc_name": None}),
        ("Mar  1 09:15:02 ASA app: x", {"hostname": "ASA", "proc_name": "app"}),
        ("Mar  1 09:15:02 2026 web-3: x", {"hostname": None, "proc_name": "web-3"}),
    ],
)
def test_what_else_a_header_has(line: str, fields: dict[str, Any]) -> None:
    reading = one("syslog", line.encode())
    assert reading.time == AT
    assert {name: reading[name] for name in fields} == fields


@each_case(
    ("line", "fields"),
    [
        ("<134>kernel: sd 2:0:0:0: error", {"proc_name": "kernel", "message": "sd 2:0:0:0: error"}),
        ("<134>su[7]: x", {"proc_name": "su", "proc_id": "7", "message": "x"}),
        ("<134> id=firewall sn=1 msg=x", {"proc_name": None, "message": "id=firewall sn=1 msg=x"}),
        ("<134>1 yesterday web-3 x", {"message": "1 yesterday web-3 x"}),
    ],
)
def test_a_priority_needs_no_time(line: str, fields: dict[str, Any]) -> None:
    reading = one("syslog", line.encode())
    assert (reading.time, reading["hostname"], reading["facility"], reading["severity"]) == (None, None, 16, 6)
    assert {name: reading[name] for name in fields} == fields


@each_case("before", ["Mar  1 09:15:02 ", "<13>Mar  1 09:15:02 "])
def test_what_aix_passes_on_has_its_own_host(before: str) -> None:
    reading = one("syslog", f"{before}Message forwarded from web-3: sshd[17]: x".encode())
    assert (reading["hostname"], reading["proc_name"], reading["proc_id"], reading["message"]) == (
        "web-3", "sshd", "17", "x",
    )  # fmt: skip


def test_headers_without_end_are_a_message() -> None:
    line = one("syslog", b"Mar  1 09:15:02 a " * 20_000 + b"b: x")
    assert line.time == AT


def test_the_host_may_come_before_the_time() -> None:
    assert read_relay_header("<189>45: rtr-1: 000046: *Mar  1 09:15:02 CET: ")["hostname"] == "rtr-1"
    assert read_relay_header("<189>000046: *Mar  1 09:15:02 CET: ")["hostname"] is None


def test_a_zone_of_slips_yml_is_one_in_a_header() -> None:
    line = b"Mar  1 14:45:02 XST fw-1 app: x"
    assert one("syslog", line)["hostname"] == "XST"
    use_timezones({"XST": "+05:30"})
    try:
        reading = one("syslog", line)
        assert (reading.time, reading["hostname"]) == (AT, "fw-1")
        assert one("cisco-asa", b"Mar  1 14:45:02 XST: %ASA-6-302013: Built").time == AT
    finally:
        use_timezones({})


@each_case(
    ("text", "zone"),
    [
        ("Mar  1 09:15:02", ""), ("Mar 01 2026 09:15:02", ""), ("Mar  1 09:15:02 2026", ""),
        ("2026-03-01T09:15:02Z", "Z"), ("2026-03-01 09:15:02-04:00", "-04:00"), ("1772356502.5", ""), (None, ""),
        ("Mar 01 09:15:02 CEST 2026", "CEST"), ("Mar 01 09:15:02.5 +02", "+02"),
    ],
)  # fmt: skip
def test_the_zone_of_a_header(text: str | None, zone: str) -> None:
    assert zone_of({"datetime": text}) == zone


PAN_OS = "1,2026/03/01 05:15:02,012001001234,SYSTEM,general,0,2026/03/01 05:15:02,,general,,0,0,general,informational,x"


@each_case(
    ("name", "record"),
    [
        ("paloalto", PAN_OS),
        ("paloalto", PAN_OS.replace("x", '"x"')),
        ("fortigate", "date=2026-03-01 time=05:15:02 devname=fw-1 logid=1 type=traffic"),
        ("cef", "CEF:0|A|B|1|1|n|5|rt=Mar 01 2026 05:15:02"),
        ("leef", "LEEF:1.0|A|B|1|1|devTime=Mar 01 2026 05:15:02"),
        ("leef", "LEEF:1.0|A|B|1|1|devTime=20260301051502\tdevTimeFormat=yyyyMMddHHmmss"),
        ("checkpoint", 'x [time:"2026-03-01 05:15:02"; action:"Accept"]'),
        ("haproxy", "haproxy[14]: 192.0.2.41:5 [01/Mar/2026:05:15:02.000] fe be: Connection closed"),
    ],
)
@pytest.mark.parametrize("zone", ["-0400", "-04:00", "EDT"])
def test_the_zone_of_a_header_holds_for_a_record_that_has_none(name: str, record: str, zone: str) -> None:
    assert one(name, f"<134>Mar 01 2026 05:15:04 {zone} fw-1 {record}".encode()).time == AT


@each_case(
    ("name", "record"),
    [
        ("fortigate", 'date=2026-03-01 time=10:15:02 tz="+0100" devname=fw-1 logid=1 type=traffic'),
        ("cef", "CEF:0|A|B|1|1|n|5|rt=Mar 01 2026 10:15:02 CET"),
        ("cef", "CEF:0|A|B|1|1|n|5|rt=Mar 01 2026 10:15:02 dtz=GMT+01:00"),
        ("cef", "CEF:0|A|B|1|1|n|5|rt=soon end=1772356502000 dtz=CET"),
        ("haproxy", "haproxy[14]: 192.0.2.41:5 [01/Mar/2026:10:15:02 +0100] fe be: Connection closed"),
    ],
)
def test_the_zone_of_a_record_goes_before_that_of_the_header(name: str, record: str) -> None:
    assert one(name, f"Mar 01 2026 05:15:04 -0400 fw-1 {record}".encode()).time == AT


def test_a_record_without_a_time_that_can_be_read_has_that_of_its_header() -> None:
    assert one("cef", b"Mar 01 2026 09:15:02 fw-1 CEF:0|A|B|1|1|n|5|rt=soon").time == AT


def test_a_line_of_haproxys_that_is_not_of_its_own_shapes_has_its_accept_date() -> None:
    line = one("haproxy", b"Mar  1 09:15:03 lb-1 haproxy[9]: -:4762 [01/Mar/2026:09:15:02] fe be/app custom 1/2/3 200")
    assert (line.time, line["client_port"], line["message"]) == (AT, 4762, "fe be/app custom 1/2/3 200")


def test_pairs_of_zscalers_after_a_priority() -> None:
    line = one("zscaler-nss", b"<134>2026-03-01 09:15:02\treason=Allowed\tevent_id=1")
    assert (line.time, line["facility"], line["time"]) == (AT, 16, "2026-03-01 09:15:02")


@each_case(
    "repeated", [" ", "1: ", "a: ", "<1>", "Mar  1 09:15:02 a ", "2026-03-01T09:15:02Z ", "1 ", "*", "+01", "UTC "]
)
@pytest.mark.parametrize("name", ["syslog", "haproxy", "cisco-asa"])
def test_a_hostile_header_costs_no_more_than_its_length(name: str, repeated: str) -> None:
    record = (repeated * (20_000 // len(repeated)) + "!").encode()
    began = process_time()
    with suppress(ParseError):
        read(name, record)
    assert process_time() - began < 0.5
