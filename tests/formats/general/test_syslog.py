"""Syslog of both kinds, and Heroku's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.syslog_header import read_relay_header
from tests.each_case import each_case

from ..reading import one, read

LINE = b"Mar  1 09:15:02 web-3 sshd[4711]: Accepted publickey for deploy"


def test_a_line_has_the_five_fields_of_the_class_based_slips() -> None:
    line = one("syslog", LINE)
    assert line.event == {
        "datetime": "Mar  1 09:15:02",
        "hostname": "web-3",
        "proc_name": "sshd",
        "proc_id": "4711",
        "message": "Accepted publickey for deploy",
    }
    assert (line.tag, line.time, line.message) == (
        "syslog",
        "2026-03-01T09:15:02.000000+00:00",
        "Accepted publickey for deploy",
    )


@each_case(
    ("line", "fields"),
    [
        (b"Mar  1 09:15:02 web-3 sudo: pam", {"proc_name": "sudo", "proc_id": None, "message": "pam"}),
        (b"Mar 1 09:15:02 web-3 sshd[1]: x", {"hostname": "web-3", "proc_id": "1"}),
        (b"Mar  1 09:15:02 fe80::1 kernel: [1.5] eth0", {"hostname": "fe80::1", "message": "[1.5] eth0"}),
        (b"Mar  1 09:15:02 sshd[1]: x", {"hostname": None, "proc_name": "sshd", "message": "x"}),
        (b"Mar  1 09:15:02 web-3 last message repeated 2 times", {"proc_name": None, "hostname": "web-3"}),
        (b"Mar  1 09:15:02 web-3 postfix/smtpd[1]:x: y", {"proc_name": "postfix/smtpd", "message": "x: y"}),
        (b"Mar  1 09:15:02 web-3 app: trailing \t", {"message": "trailing"}),
        (b"<13>Feb  5 17:32:18 192.0.2.9 Use it", {"facility": 1, "severity": 5, "message": "Use it"}),
        (b"Thu Feb 26 08:40:33 2026 auth.info dropbear[1]: x", {"datetime": "Feb 26 08:40:33 2026", "proc_id": "1"}),
    ],
)
def test_the_variants_of_rfc_3164(line: bytes, fields: dict[str, Any]) -> None:
    event = one("syslog", line).event
    assert {name: event[name] for name in fields} == fields


@each_case(
    ("header", "event_time", "time"),
    [
        (b"Dec 31 23:59:58", datetime(2026, 1, 1, tzinfo=UTC), "2025-12-31T23:59:58.000000+00:00"),
        (b"Jan  1 00:00:03", datetime(2025, 12, 31, 23, 59, tzinfo=UTC), "2026-01-01T00:00:03.000000+00:00"),
        (b"Feb 29 12:00:00", datetime(2024, 3, 1, tzinfo=UTC), "2024-02-29T12:00:00.000000+00:00"),
        # Long before the object: a file that was rotated late. Not half a year after it.
        (b"Sep 15 12:00:00", datetime(2026, 3, 1, tzinfo=UTC), "2025-09-15T12:00:00.000000+00:00"),
        (b"Mar  6 12:00:00", datetime(2026, 3, 1, tzinfo=UTC), "2026-03-06T12:00:00.000000+00:00"),
        (b"Feb 29 12:00:00", datetime(2027, 6, 1, tzinfo=UTC), "2024-02-29T12:00:00.000000+00:00"),
        (b"Feb 29 12:00:00", datetime(2100, 6, 1, tzinfo=UTC), "2096-02-29T12:00:00.000000+00:00"),
        (b"Mar  1 2019 09:15:02.25", datetime(2026, 3, 1, tzinfo=UTC), "2019-03-01T09:15:02.250000+00:00"),
        (b"2019-12-02T16:49:23+02:00", datetime(2026, 3, 1, tzinfo=UTC), "2019-12-02T14:49:23.000000+00:00"),
    ],
)
def test_the_year_is_the_headers_or_the_latest_before_the_object(
    header: bytes, event_time: datetime, time: str
) -> None:
    assert one("syslog", header + b" web-3 app[1]: x", event_time=event_time.timestamp()).time == time


def test_rfc_5424_adds_priority_message_id_and_structured_data() -> None:
    line = one(
        "syslog",
        b'<165>1 2026-03-01T09:15:02.003+01:00 web-3 app 4711 ID4 [a@1 x="1\\"\\]" x="2"][b@1] \xef\xbb\xbfsent',
    )
    assert line.event == {
        "datetime": "2026-03-01T09:15:02.003+01:00",
        "hostname": "web-3",
        "proc_name": "app",
        "proc_id": "4711",
        "msg_id": "ID4",
        "structured_data": {"a@1": {"x": ['1"]', "2"]}, "b@1": {}},
        "message": "sent",
        "version": 1,
        "facility": 20,
        "severity": 5,
    }
    assert line.time == "2026-03-01T08:15:02.003000+00:00"


def test_in_rfc_5424_a_dash_is_none_and_not_a_time() -> None:
    line = one("syslog-rfc5424", b"<165>4 - - - - - -")
    assert (line["datetime"], line["hostname"], line["proc_id"], line["structured_data"]) == (None, None, None, {})
    assert (line["message"], line.time) == ("", None)


@each_case("start", [b"1 ", b"83 <40>1 "])
def test_rfc_5424_without_priority_or_with_an_octet_count(start: bytes) -> None:
    assert one("syslog", start + b"2026-03-01T09:15:02Z web-3 app - - - hello")["message"] == "hello"


@each_case(
    ("name", "broken"),
    [
        ("syslog", b"hello"),
        ("syslog", b"Foo  1 09:15:02 web-3 app[1]: x"),
        ("syslog", b"Feb 30 09:15:02 web-3 app[1]: x"),
        ("syslog", b"<999>Feb  5 17:32:18 web-3 x"),
        ("syslog", b"<134>"),
        ("syslog-rfc5424", b"<165>1 2026-03-01T09:15:02Z web-3 app"),
        ("syslog", b"\xff\xfe"),
        ("syslog-rfc3164", b"<165>1 2026-03-01T09:15:02Z web-3 app - - - x"),
        ("syslog-rfc5424", LINE),
        ("syslog-rfc5424", b"<165>1 yesterday web-3 app - - - x"),
        ("heroku", LINE),
    ],
)
def test_what_is_not_syslog_is_refused(name: str, broken: bytes) -> None:
    with pytest.raises(ParseError):
        read(name, broken)


@each_case(
    ("line", "process", "message"),
    [
        (b"83 <40>1 2026-03-01T09:15:02+00:00 host app web.3 - State changed \r", "web.3", "State changed"),
        (b"<158>1 2026-03-01T09:15:02+00:00 host heroku router - - at=info", "router", "at=info"),
        (b"2026-03-01T09:15:02.481290+00:00 app[web.1]: Processing  ", "web.1", "Processing"),
    ],
)
def test_heroku_leaves_out_the_structured_data(line: bytes, process: str, message: str) -> None:
    reading = one("heroku", line)
    assert (reading["proc_id"], reading["message"], reading.tag) == (process, message, "heroku")
    assert reading.time is not None
    assert reading.time.startswith("2026-03-01T09:15:02")


@each_case(
    ("header", "fields"),
    [
        ("", {}),
        ("<134>", {"facility": 16, "severity": 6}),
        ("<166>Mar 01 2026 09:15:02 fw-2 : ", {"datetime": "Mar 01 2026 09:15:02", "hostname": "fw-2"}),
        ("<166>:Mar  1 09:15:02 CET: ", {"datetime": "Mar  1 09:15:02 CET", "hostname": None}),
        ("Mar  1 09:15:03 192.0.2.9 Mar  1 09:15:02: ", {"datetime": "Mar  1 09:15:02", "hostname": "192.0.2.9"}),
        ("Mar  1 09:15:03 relay 99 <14>1 2026-03-01T09:15:02Z fw-2 app - ", {"hostname": "fw-2", "facility": 1}),
        ("anything: ", {"header": "anything"}),
    ],
)
def test_of_several_headers_before_a_line_the_devices_own_counts(header: str, fields: dict[str, Any]) -> None:
    event = read_relay_header(header)
    assert {name: event[name] for name in fields} == fields
    assert bool(event) == bool(header)
