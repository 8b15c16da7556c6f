"""Error logs: nginx and Apache."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read
from ..whole import events_in

NGINX = b"2026/03/01 09:15:02 [error] 9841#77: "
APACHE = b"[Sun Mar 01 09:15:02.481290 2026] [core:error] [pid 35708:tid 4328636416] "


def test_nginx_says_of_which_request() -> None:
    line = one(
        "nginx-error",
        NGINX
        + b'*1031 open() "/a, b" failed (2: No file), client: 192.0.2.41, server: , request: "GET /x, y HTTP/1.1", '
        b'upstream: "http://10.0.4.17:80/", host: "example.com", referrer: "https://a/"',
    )
    assert line.event == {
        "time": "2026/03/01 09:15:02",
        "level": "error",
        "pid": 9841,
        "tid": 77,
        "connection": 1031,
        "message": 'open() "/a, b" failed (2: No file)',
        "client": "192.0.2.41",
        "server": "",
        "request": "GET /x, y HTTP/1.1",
        "upstream": "http://10.0.4.17:80/",
        "host": "example.com",
        "referrer": "https://a/",
    }
    assert (line.tag, line.time) == ("nginx.error", "2026-03-01T09:15:02.000000+00:00")


def test_what_fastcgi_writes_keeps_its_lines() -> None:
    trace = (
        b'*3 FastCGI sent in stderr: "PHP message: Fatal error\r\nStack trace:\n#0 {main}\n\n  thrown" while reading'
    )
    whole = NGINX + trace + b", client: 192.0.2.41, server: _"
    last, *events = reversed(events_in("nginx-error", whole + b"\n" + whole + b"\n" + NGINX + b"done\n"))
    for event in events:
        assert event["message"].splitlines() == trace[3:].decode().splitlines()
        assert (event["connection"], event["client"], event["server"]) == (3, "192.0.2.41", "_")
    assert (len(events), last["message"]) == (2, "done")


def test_nginx_without_a_request_and_with_more_than_usual() -> None:
    assert one("nginx-error", NGINX + b"signal 1 (SIGHUP) received")["message"] == "signal 1 (SIGHUP) received"
    more = one("nginx-error", NGINX + b"*1 x, client: 192.0.2.41, zone: a, server: b")
    assert (more["message"], more["server"]) == ("x, zone: a", "b")


@each_case("broken", [b"", b"hello", b"2026/03/01 09:15:02 error 1#1: x", b"2026/13/01 09:15:02 [error] 1#1: x"])
def test_what_is_not_a_nginx_error_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("nginx-error", broken)


@each_case(
    ("line", "fields"),
    [
        (APACHE.replace(b"core:error", b"ssl:trace8") + b"x", {"module": "ssl", "level": "trace8"}),
        (
            APACHE + b"[client 192.0.2.41:52814] AH00128: File does not exist",
            {"module": "core", "level": "error", "pid": 35708, "tid": 4328636416, "client": "192.0.2.41:52814",
             "error_code": "AH00128", "message": "AH00128: File does not exist"},
        ),
        (b"[Sun Mar 01 09:15:02 2026] [error] [client 2001:db8::1] x", {"level": "error", "client": "2001:db8::1"}),
        (b"[Sun Mar  1 09:15:02 2026] [:notice] [pid 9] (2)No file: AH00558: x", {"pid": 9, "error_code": "AH00558"}),
    ],
)  # fmt: skip
def test_apache_of_every_release(line: bytes, fields: dict[str, Any]) -> None:
    reading = one("apache-error", line)
    assert {name: reading[name] for name in fields} == fields
    assert reading.tag == "apache.error"
    assert reading.time is not None
    assert reading.time.startswith("2026-03-01T09:15:02")


@each_case("time", [b"Sun Mar 01 09:15:02.481290 2026", b"Sun Mar  1 09:15:02 2026", b"2026-03-01T09:15:02"])
def test_lines_without_apaches_header_belong_to_the_one_before(time: bytes) -> None:
    line = b"[" + time + b"] [error] [client 192.0.2.41] "
    trace = b"Traceback (most recent call last):\n  File x\n[42] is not a list\n\nValueError"
    first, second = events_in("apache-error", line + trace + b"\n" + line + b"x\n")
    assert (first["message"], first["client"], second["message"]) == (trace.decode(), "192.0.2.41", "x")


def test_lines_before_the_first_header_are_refused() -> None:
    with pytest.raises(ParseError):
        events_in("apache-error", b"  File x\n" + APACHE + b"x\n")


def test_what_apache_does_not_say_is_absent() -> None:
    assert set(one("apache-error", b"[Sun Mar 01 09:15:02 2026] [error] x").event) == {"time", "level", "message"}


@each_case("broken", [b"", b"hello", b"[now] [error] x", b"[Sun Foo 01 09:15:02 2026] [error] x", b"\xff",
     b"[Sun Mar  1 09:15:02 2026] 127.0.0.1:52814 Accepted", b"[Sun Mar  1 09:15:02 2026] [worker] x",
     b"[2026-03-01 09:15:02,481] INFO [Broker 1] Started"],
)  # fmt: skip
def test_what_is_not_an_apache_error_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("apache-error", broken)
