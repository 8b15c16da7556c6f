"""Access logs: Apache, nginx, Fastly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

COMMON = b'192.0.2.41 - liz [01/Mar/2026:10:15:02 +0100] "GET /a?b=c HTTP/1.1" 200 2326'
COMBINED = COMMON + b' "https://example.com/" "Mozilla/5.0 (X11; \\"Linux\\")"'
TIME = "2026-03-01T09:15:02.000000+00:00"


def test_apaches_common_log() -> None:
    line = one("apache-access", COMMON)
    assert line.event == {
        "remote_host": "192.0.2.41",
        "remote_logname": None,
        "remote_user": "liz",
        "time": "01/Mar/2026:10:15:02 +0100",
        "request": "GET /a?b=c HTTP/1.1",
        "request_method": "GET",
        "request_uri": "/a?b=c",
        "request_protocol": "HTTP/1.1",
        "status": 200,
        "bytes": 2326,
        "referer": None,
        "user_agent": None,
    }
    assert (line.tag, line.time) == ("apache.access", TIME)


@each_case(
    ("line", "fields"),
    [
        (COMBINED, {"referer": "https://example.com/", "user_agent": 'Mozilla/5.0 (X11; \\"Linux\\")'}),
        (b"www.example.com:443 " + COMBINED, {"vhost": "www.example.com:443", "remote_host": "192.0.2.41"}),
        (COMBINED + b" 512 4096", {"extra": "512 4096"}),
        (COMMON.replace(b"liz", b"liz smith"), {"remote_user": "liz smith"}),
        (COMMON.replace(b"2326", b"-"), {"bytes": None}),
        (COMMON.replace(b"GET /a?b=c HTTP/1.1", b"\\x16\\x03"), {"request": "\\x16\\x03"}),
        (COMMON.replace(b"192.0.2.41", b"2001:db8::1"), {"remote_host": "2001:db8::1"}),
    ],
)
def test_apaches_other_logs_and_odd_requests(line: bytes, fields: dict[str, Any]) -> None:
    reading = one("apache-access", line)
    assert {name: reading[name] for name in fields} == fields
    assert reading.time == TIME


def test_a_request_that_is_not_three_words_is_not_split() -> None:
    assert "request_method" not in one("apache-access", COMMON.replace(b"GET /a?b=c HTTP/1.1", b"-")).event


def test_nginx_names_its_variables() -> None:
    line = one("nginx-access", COMBINED.replace(b"liz", b"-"))
    assert (line.tag, line.time) == ("nginx.access", TIME)
    assert (line["remote_user"], line["status"], line["body_bytes_sent"]) == (None, 200, 2326)
    assert (line["request_method"], line["server_protocol"]) == ("GET", "HTTP/1.1")
    assert not {"extra", "server_name"} & line.event.keys()


@each_case(
    ("suffix", "fields"),
    [
        (b' "198.51.100.7, 192.0.2.1"', {"http_x_forwarded_for": "198.51.100.7, 192.0.2.1"}),
        (b' "-"', {"http_x_forwarded_for": None}),
        (b" 0.226 - .", {"extra": "0.226 - ."}),
        (
            b" 464 0.003 [shop-web-80] [] 10.0.4.17:80 13 0.002 200 0123456789abcdef0123456789abcdef",
            {
                "request_length": 464,
                "request_time": 0.003,
                "proxy_upstream_name": "shop-web-80",
                "upstream_status": 200,
            },
        ),
        (
            b" 464 0.003 [] [] - - - - 0123456789abcdef0123456789abcdef",
            {"proxy_upstream_name": None, "upstream_addr": None, "upstream_status": None},
        ),
    ],
)
def test_the_columns_that_nginx_and_its_ingress_append(suffix: bytes, fields: dict[str, Any]) -> None:
    reading = one("nginx-access", COMBINED + suffix)
    assert {name: reading[name] for name in fields} == fields


LISTS = b" 464 0.003 [shop-web-80] [] %s 0123456789abcdef0123456789abcdef"


@each_case(
    ("columns", "values"),
    [
        (
            b"10.0.0.1:80, 10.0.0.2:80 0, 5 0.001, 0.006 502, 200",
            ["10.0.0.1:80, 10.0.0.2:80", "0, 5", "0.001, 0.006", "502, 200"],
        ),
        (
            b"10.0.0.1:80 : 10.0.0.2:80 0 : 5 0.001 : - 502 : 200",
            ["10.0.0.1:80 : 10.0.0.2:80", "0 : 5", "0.001 : -", "502 : 200"],
        ),
        (b"a, b : c - 0.1, - : 0.2 200", ["a, b : c", None, "0.1, - : 0.2", 200]),
    ],
)  # fmt: skip
def test_a_request_that_the_ingress_sent_again_has_lists(columns: bytes, values: list[Any]) -> None:
    line = one("nginx-access", COMBINED + LISTS % columns)
    names = ("upstream_addr", "upstream_response_length", "upstream_response_time", "upstream_status")
    assert [line[name] for name in names] == values
    assert line["req_id"] == "0123456789abcdef0123456789abcdef"


FORWARDED = b"198.51.100.7, 203.0.113.9, 192.0.2.41"


@each_case(
    ("old", "new", "fields"),
    [
        (b"192.0.2.41 - liz", b"192.0.2.41 shop.example.com liz", {"remote_user": "liz", "vhost": "shop.example.com"}),
        (b"192.0.2.41 - liz", b"192.0.2.41 localhost:80 -", {"remote_user": None, "vhost": "localhost:80"}),
        (b"192.0.2.41 - liz", b"192.0.2.41 10.0.4.17 liz", {"remote_user": "liz", "vhost": "10.0.4.17"}),
        (b"192.0.2.41 - liz", b"192.0.2.41 -", {"remote_user": None, "vhost": None}),
        (b"192.0.2.41 - liz", b"192.0.2.41", {"remote_user": None, "vhost": None}),
        (b"192.0.2.41 ", FORWARDED + b" ", {"remote_host": FORWARDED.decode(), "remote_user": "liz"}),
        (b"192.0.2.41 - liz", b"198.51.100.7, 192.0.2.41 - -", {"remote_host": "198.51.100.7, 192.0.2.41"}),
        (b"192.0.2.41 - liz", FORWARDED, {"remote_host": FORWARDED.decode(), "remote_user": None}),
        (b'"GET', b'shop.example.com "GET', {"vhost": "shop.example.com", "extra": None}),
        (b'"GET', b'"shop.example.com" "GET', {"vhost": "shop.example.com", "extra": None}),
        (b'"GET', b'0.048 "GET', {"vhost": None, "extra": "0.048"}),
        (b'"GET', b'- "GET', {"vhost": None, "extra": None}),
        (b"01/Mar/2026:10:15:02 +0100", b"2026-03-01T10:15:02+01:00", {"remote_user": "liz"}),
        (b"01/Mar/2026:10:15:02 +0100", b"1772356502", {"remote_user": "liz"}),
    ],
)
@each_case("tail", [b"", b' "https://example.com/" "Mozilla"'])
def test_columns_that_are_added_left_out_or_written_otherwise(
    old: bytes, new: bytes, fields: dict[str, Any], tail: bytes
) -> None:
    assert old in COMMON
    for name in ("apache-access", "nginx-access"):
        line = one(name, COMMON.replace(old, new, 1) + tail)
        renamed = {"vhost": "server_name", "remote_host": "remote_addr"} if name == "nginx-access" else {}
        assert {field: line.event.get(renamed.get(field, field)) for field in fields} == fields
        assert (line["request_method"], line["status"], line.time) == ("GET", 200, TIME)


def test_what_is_before_the_request_comes_before_what_is_behind() -> None:
    assert one("apache-access", COMBINED.replace(b'"GET', b'0.048 "GET') + b" 512")["extra"] == "0.048 512"


def test_a_logname_is_apaches_and_a_name_of_nginx() -> None:
    line = COMMON.replace(b"- liz", b"identd liz")
    assert one("apache-access", line)["remote_logname"] == "identd"
    assert one("nginx-access", line)["server_name"] == "identd"


def test_mod_ssls_request_log() -> None:
    line = one(
        "apache-access",
        b'[01/Mar/2026:10:15:02 +0100] 192.0.2.41 TLSv1.3 TLS_AES_256_GCM_SHA384 "GET /a HTTP/1.1" 2326',
    )
    assert line.event == {
        "remote_host": "192.0.2.41",
        "time": "01/Mar/2026:10:15:02 +0100",
        "ssl_protocol": "TLSv1.3",
        "ssl_cipher": "TLS_AES_256_GCM_SHA384",
        "request": "GET /a HTTP/1.1",
        "bytes": 2326,
    }
    assert line.time == TIME
    plain = one("apache-access", b'[01/Mar/2026:10:15:02 +0100] 192.0.2.41 - - "GET /a HTTP/1.1" - more')
    assert (plain["ssl_protocol"], plain["bytes"], plain["extra"]) == (None, None, "more")


@each_case("name", ["apache-access", "nginx-access"])
@each_case(
    "time",
    [
        {"time_local": "01/Mar/2026:10:15:02 +0100"},
        {"time_iso8601": "2026-03-01T10:15:02+01:00"},
        {"msec": "1772356502.000"},
        {"msec": 1772356502},
        {"time_local": "", "@timestamp": "2026-03-01T09:15:02Z"},
        {"time": "01/Mar/2026:10:15:02 +0100"},
        {"time": "[01/Mar/2026:10:15:02 +0100]"},
    ],
)
def test_an_access_log_may_be_json(name: str, time: dict[str, Any]) -> None:
    if "time_local" in time and name == "apache-access":
        time = {"timestamp": time["time_local"] or time["@timestamp"]}
    line = one(name, json.dumps({**time, "status": "200"}).encode())
    assert (line["status"], line.time) == ("200", TIME)


def test_json_without_a_time_has_none() -> None:
    assert one("nginx-access", b'{"status":"200"}').time is None


def test_nginx_with_a_server_name_before() -> None:
    assert one("nginx-access", b"www.example.com " + COMBINED)["server_name"] == "www.example.com"


@each_case(
    ("line", "time"),
    [
        (b'{"timestamp":"2026-03-01T09:15:02+0000","url":"/"}', TIME),
        (b'{"time_start":"2026-03-01T09:15:02Z","status":"200"}', TIME),
        (b'{"url":"/"}', None),
        (COMBINED, TIME),
        (b"<134>2026-03-01T09:15:03Z cache-fra-1 logs[62]: " + COMMON, TIME),
        (b'<134>2026-03-01T09:15:03Z cache-fra-1 logs[62]: {"timestamp":1772356502}', TIME),
        (b'<134>2026-03-01T09:15:02Z cache-fra-1 logs[62]: {"url":"/"}', TIME),
    ],
)
def test_fastly_in_json_or_apaches_format_with_or_without_syslog(line: bytes, time: str | None) -> None:
    reading = one("fastly-access", line)
    assert (reading.tag, reading.time) == ("fastly.access", time)


def test_headers_within_headers_are_refused() -> None:
    with pytest.raises(ParseError):
        read("fastly-access", b"<134>2026-03-01T09:15:03Z a b[1]: " * 5000 + b"{}")


@each_case("name", ["apache-access", "nginx-access", "fastly-access"])
@each_case(
    "broken",
    [b"", b"hello", COMMON[:-9], COMMON.replace(b"200", b"OK"), COMMON.replace(b"Mar", b"Foo"), b"\xff\0" + COMMON],
)
def test_what_is_not_an_access_line_is_refused(name: str, broken: bytes) -> None:
    with pytest.raises(ParseError):
        read(name, broken)


@each_case("broken", [b"{", b'{"timestamp":"soon"}', b"<134>hello", b"<134>2026-03-01T09:15:03Z a b[1]: {"])
def test_broken_json_of_fastly_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("fastly-access", broken)


@each_case("name", ["apache-access", "nginx-access", "fastly-access"])
@each_case(
    "header",
    [
        b"Mar  1 09:15:03 web-3 nginx: ",
        b"<190>Mar 11 09:15:03 web-3 nginx: ",
        b"<190>1 2026-03-01T09:15:03Z web-3 a - - - ",
    ],
)
def test_a_syslog_header_is_no_address(name: str, header: bytes) -> None:
    behind, alone = one(name, header + COMBINED), one(name, COMBINED)
    assert behind["hostname"] == "web-3"
    assert (behind.time, {field: behind[field] for field in alone.event}) == (alone.time, alone.event)


def test_json_behind_a_syslog_header_has_its_own_time_or_that_of_the_header() -> None:
    header = b"<190>2026-03-01T09:15:02Z web-3 nginx: "
    assert (
        one("nginx-access", header + b'{"msec":"1772356501.0","status":200}').time == "2026-03-01T09:15:01.000000+00:00"
    )
    reading = one("nginx-access", header + b'{"status":200}')
    assert (reading.time, reading["status"]) == ("2026-03-01T09:15:02.000000+00:00", 200)


@each_case("name", ["apache-access", "nginx-access"])
def test_a_line_that_begins_with_its_time_is_an_ssl_request_log_or_refused(name: str) -> None:
    line = b'[01/Mar/2026:09:15:02 +0000] 192.0.2.41 - - "GET / HTTP/1.1" 512'
    assert (one(name, line)["ssl_protocol"], one(name, line)["bytes"]) == (None, 512)
    for other in (line.replace(b" 512", b" 200 512"), line.replace(b"- -", b"- liz")):
        with pytest.raises(ParseError):
            read(name, other)
