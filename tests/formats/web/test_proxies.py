"""HAProxy and Squid."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

CLIENT = b"192.0.2.41:52814 [01/Mar/2026:09:15:02.481] "
HTTP = CLIENT + b"https~ app/app-3 0/0/1/27/28 200 1060 - - ---- 29/29/3/1/0 0/0"
TCP = CLIENT + b"db db/db-1 0/0/5007 212 -- 0/0/0/0/3 0/0"
TIME = "2026-03-01T09:15:02.481000+00:00"


def test_an_http_line() -> None:
    line = one("haproxy", HTTP + b' {www.example.com|curl} {nginx} "GET / HTTP/1.1" TLSv1.3')
    assert (line.tag, line.time) == ("haproxy", TIME)
    assert (line["client_port"], line["Tr"], line["status_code"], line["retries"]) == (52814, 27, 200, 0)
    assert (line["frontend_name"], line["backend_name"], line["server_name"]) == ("https~", "app", "app-3")
    assert (line["http_request"], line["extra"]) == ("GET / HTTP/1.1", "TLSv1.3")
    assert line["captured_headers"] == [["www.example.com", "curl"], ["nginx"]]


@each_case(
    ("line", "fields"),
    [
        (
            HTTP.replace(b"0/0/1/27/28 200 1060", b"-1/-1/-1/-1/+0 503 +216") + b' "GET /cut',
            {"TR": -1, "bytes_read": 216},
        ),
        (
            HTTP.replace(b"app/app-3", b"app/<NOSRV>") + b' "<BADREQ>"',
            {"server_name": "<NOSRV>", "http_request": "<BADREQ>"},
        ),
        (HTTP.replace(b"app/app-3", b"app/") + b' "GET / HTTP/1.0"', {"backend_name": "app"}),
        (TCP, {"Tt": 5007, "bytes_read": 212, "termination_state": "--", "retries": 3}),
        (CLIENT + b"https/1: SSL handshake failure", {"bind_name": "1", "message": "SSL handshake failure"}),
    ],
)
def test_the_other_lines(line: bytes, fields: dict[str, Any]) -> None:
    reading = one("haproxy", line)
    assert {name: reading[name] for name in fields} == fields
    assert reading.time == TIME


@each_case("own", [b"www.example.com", b"- 0123abcd", b"a/b/c d e"])
@each_case("kind", [HTTP + b' {a} "GET / HTTP/1.1"', TCP])
def test_fields_of_a_log_format_of_ones_own_before_the_timers(kind: bytes, own: bytes) -> None:
    plain = one("haproxy", kind)
    place = b" app/app-3 " if b"app-3" in kind else b" db/db-1 "
    for header in (b"", b"Mar  1 09:15:03 lb-1 haproxy[14]: "):
        line = one("haproxy", header + kind.replace(place, place + own + b" "))
        assert line.time == TIME
        assert line.event.items() >= {"own_fields": own.decode().split(), "Tc": plain["Tc"]}.items()
        assert {name: line[name] for name in plain.event} == plain.event


def test_another_log_format_keeps_client_and_date() -> None:
    line = one("haproxy", b"Mar  1 09:15:03 lb-1 haproxy[14]: " + CLIENT + b"GET / in 28 ms")
    assert (line["client_ip"], line["hostname"], line.message, line.time) == (
        "192.0.2.41",
        "lb-1",
        "GET / in 28 ms",
        TIME,
    )


def test_by_syslog_with_its_notices() -> None:
    line = one("haproxy", b"<134>Mar  1 09:15:03 lb-1 haproxy[14]: " + TCP)
    assert (line["hostname"], line["Tt"], line.time) == ("lb-1", 5007, TIME)
    assert "message" not in line.event
    notice = one("haproxy", b"Mar  1 09:15:03 lb-1 haproxy[14]: Server app/app-3 is DOWN")
    assert (notice.message, notice.time) == ("Server app/app-3 is DOWN", "2026-03-01T09:15:03.000000+00:00")
    modern = one("haproxy", b"<134>1 2026-03-01T09:15:03Z lb-1 haproxy 14 - - " + TCP)
    assert modern["proc_id"] == "14"


@each_case("broken", [b"", b"hello", HTTP[:60], TCP.replace(b"Mar", b"Foo"), b"<134>hello"])
def test_what_is_not_a_haproxy_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("haproxy", broken)


def test_squids_native_log() -> None:
    line = one(
        "squid", b"1772356502.481    117 192.0.2.41 TCP_MISS/200 318399 GET http://a/ - HIER_DIRECT/2.2.2.2 text/html"
    )
    assert line.event == {
        "time": 1772356502.481,
        "elapsed": 117,
        "remotehost": "192.0.2.41",
        "code": "TCP_MISS",
        "status": 200,
        "bytes": 318399,
        "method": "GET",
        "URL": "http://a/",
        "rfc931": "-",
        "peerstatus": "HIER_DIRECT",
        "peerhost": "2.2.2.2",
        "type": "text/html",
    }
    assert (line.tag, line.time) == ("squid", TIME)


def test_squid_by_syslog_and_with_more_columns() -> None:
    line = one(
        "squid", b"Mar  1 09:15:03 proxy-1 squid[9]: 1772356502.481 0 ::1 NONE/000 0 NONE error:x - HIER_NONE/- - a b"
    )
    assert (line["hostname"], line["extra"], line.time) == ("proxy-1", "a b", TIME)


@each_case(
    "broken",
    [b"", b"hello", b"1772356502.481 117 192.0.2.41 TCP_MISS/200 1 GET http://a/ -", b"soon 1 a B/200 1 GET u - C/d t"],
)
def test_what_is_not_a_squid_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("squid", broken)


def test_haproxy_behind_a_tag_whose_header_a_collector_took() -> None:
    line = one("haproxy", b"haproxy[4711]: " + HTTP + b' "GET / HTTP/1.1"')
    assert (line["proc_name"], line["proc_id"], line["http_request"]) == ("haproxy", "4711", "GET / HTTP/1.1")


def test_squid_may_leave_out_the_milliseconds() -> None:
    whole = get("squid").example
    assert one("squid", whole.replace(b".481", b"")).time == "2026-03-01T09:15:02.000000+00:00"
