"""Web servers, load balancers and caches."""

from . import Read, Refused, written

CLOCK = "[01/Mar/2026:09:15:02 +0000]"
GET = '"GET / HTTP/1.1" 200 5'
AGENT = '"-" "curl/8.5.0"'
TIMERS = "200 1060 - - ---- 29/29/3/1/0 0/0"

READ: Read = {
    "apache-access": {
        "common, combined, and the virtual host before or after the address": (
            written(f"192.0.2.41 - liz {CLOCK} {GET}", {"remote_user": "liz", "status": 200, "user_agent": None}),
            written(f"192.0.2.41 - - {CLOCK} {GET} {AGENT}", {"remote_user": None, "user_agent": "curl/8.5.0"}),
            written(f"a.example:443 192.0.2.41 - - {CLOCK} {GET} {AGENT}", {"vhost": "a.example:443"}),
            written(f"192.0.2.41 a.example - {CLOCK} {GET} {AGENT}", {"vhost": "a.example", "remote_logname": None}),
        ),
        "no user, or a name with spaces": (
            written(f"192.0.2.41 - {CLOCK} {GET} {AGENT}", {"remote_host": "192.0.2.41", "remote_user": None}),
            written(f"192.0.2.41 - Liz Blue {CLOCK} {GET} {AGENT}", {"remote_user": "Liz Blue"}),
        ),
        "a list of forwarded addresses first": written(
            f"192.0.2.41, 198.51.100.7 - - {CLOCK} {GET} {AGENT}", {"remote_host": "192.0.2.41, 198.51.100.7"}
        ),
        "ISO or epoch time in the brackets": (
            written(f"192.0.2.41 - - [2026-03-01T10:15:02+01:00] {GET}", {"bytes": 5}),
            written(f"192.0.2.41 - - [1772356502] {GET}", {"bytes": 5}),
        ),
        "a field before the request, and more columns at the end, under `extra`": (
            written(f"192.0.2.41 - - {CLOCK} 0.004 {GET} {AGENT}", {"extra": "0.004", "request": "GET / HTTP/1.1"}),
            written(f"192.0.2.41 - - {CLOCK} {GET} {AGENT} 1234 x", {"extra": "1234 x"}),
        ),
        "`-` for status and bytes, and any request, with escaped quotes": (
            written(f'192.0.2.41 - - {CLOCK} "-" - -', {"status": None, "bytes": None}),
            written(f'192.0.2.41 - - {CLOCK} "\\"a" 400 0 {AGENT}', {"request": '\\"a'}),
        ),
        "mod_ssl's ssl_request_log": written(
            f'{CLOCK} 192.0.2.41 TLSv1.3 TLS_AES_128_GCM_SHA256 "GET / HTTP/1.1" 5', {"ssl_protocol": "TLSv1.3"}
        ),
        "JSON, a line each": written({"time": "2026-03-01T09:15:02Z", "status": 200}, {"status": 200}),
    },
    "nginx-access": {
        "combined, with the server's name before or after the address": (
            written(f"192.0.2.41 - liz {CLOCK} {GET} {AGENT}", {"remote_user": "liz", "http_user_agent": "curl/8.5.0"}),
            written(f"a.example 192.0.2.41 - - {CLOCK} {GET} {AGENT}", {"server_name": "a.example"}),
            written(f"192.0.2.41 a.example - {CLOCK} {GET} {AGENT}", {"server_name": "a.example"}),
        ),
        "no user": written(f"192.0.2.41 - {CLOCK} {GET} {AGENT}", {"remote_addr": "192.0.2.41", "remote_user": None}),
        "a list of forwarded addresses first, or X-Forwarded-For at the end": (
            written(f"192.0.2.41, 198.51.100.7 - - {CLOCK} {GET} {AGENT}", {"remote_addr": "192.0.2.41, 198.51.100.7"}),
            written(f'192.0.2.41 - - {CLOCK} {GET} {AGENT} "198.51.100.7"', {"http_x_forwarded_for": "198.51.100.7"}),
        ),
        "`$time_iso8601` or `$msec` in the brackets": (
            written(f"192.0.2.41 - - [2026-03-01T10:15:02+01:00] {GET} {AGENT}"),
            written(f"192.0.2.41 - - [1772356502.000] {GET} {AGENT}"),
        ),
        "ingress-nginx, also a request to several upstreams": written(
            f"192.0.2.41 - - {CLOCK} {GET} {AGENT} 77 0.004 [shop-80] [] 10.0.4.17:80, 10.0.4.18:80 0, 5 0.001, 0.003 "
            "502, 200 0123456789abcdef0123456789abcdef",
            {"upstream_status": "502, 200", "request_length": 77, "proxy_alternative_upstream_name": None},
        ),
        "other columns at the end, under `extra`": written(
            f"192.0.2.41 - - {CLOCK} {GET} {AGENT} 0.004 .", {"extra": "0.004 ."}
        ),
        "JSON (`escape=json`) with `time_local`, `time_iso8601`, `msec` or another usual time": (
            written({"time_local": "01/Mar/2026:10:15:02 +0100", "status": "200"}, {"status": "200"}),
            written({"time_iso8601": "2026-03-01T10:15:02+01:00"}),
            written({"msec": "1772356502.000"}),
        ),
    },
    "fastly-access": {
        "JSON, or Apache's common and combined lines": written(
            f"192.0.2.41 - - {CLOCK} {GET} {AGENT}", {"remote_host": "192.0.2.41", "status": 200}
        ),
    },
    "apache-error": {
        "2.2's lines, without module and process": written(
            "[Sun Mar 01 09:15:02 2026] [error] [client 192.0.2.41] File does not exist: /a", {"client": "192.0.2.41"}
        ),
        "ISO times": written("[2026-03-01T09:15:02] [core:error] [pid 7] AH00128: x", {"error_code": "AH00128"}),
        "messages of several lines": written(
            "[Sun Mar 01 09:15:02 2026] [php:error] [pid 7] a\n#0 b", {"message": "a\n#0 b", "module": "php"}
        ),
    },
    "nginx-error": {
        "messages of several lines": written(
            "2026/03/01 09:15:02 [error] 7#8: *9 FastCGI sent in stderr: a\nb, client: 192.0.2.41, server: x",
            {"client": "192.0.2.41", "message": "FastCGI sent in stderr: a\nb"},
        ),
        "no connection": written("2026/03/01 09:15:02 [notice] 7#8: signal 17", {"tid": 8, "message": "signal 17"}),
    },
    "haproxy": {
        "HTTP, TCP and connection error lines": (
            written(
                f'192.0.2.41:5 [01/Mar/2026:09:15:02] fe be/app 0/0/1/27/28 {TIMERS} {{a}} "GET / HTTP/1.1"',
                {"status_code": 200, "captured_headers": [["a"]], "http_request": "GET / HTTP/1.1"},
            ),
            written("192.0.2.41:5 [01/Mar/2026:09:15:02] fe be/app 0/0/28 212 -- 1/1/1/1/0 0/0", {"bytes_read": 212}),
            written("192.0.2.41:5 [01/Mar/2026:09:15:02] fe/1: SSL handshake failure", {"bind_name": "1"}),
        ),
        "own fields before the timers or at the end": (
            written(
                f'192.0.2.41:5 [01/Mar/2026:09:15:02] fe be/app a.example 0/0/1/27/28 {TIMERS} "GET / HTTP/1.1"',
                {"own_fields": ["a.example"], "status_code": 200},
            ),
            written(
                f'192.0.2.41:5 [01/Mar/2026:09:15:02] fe be/app 0/0/1/27/28 {TIMERS} "GET / HTTP/1.1" x y',
                {"extra": "x y"},
            ),
        ),
        "a request that was cut off": written(
            f'192.0.2.41:5 [01/Mar/2026:09:15:02] fe be/app 0/0/1/27/28 {TIMERS} "GET /a', {"http_request": "GET /a"}
        ),
        "a bare `haproxy[14]:` before it": written(
            "haproxy[14]: 192.0.2.41:5 [01/Mar/2026:09:15:02] fe/1: SSL handshake failure", {"proc_id": "14"}
        ),
        "after a syslog header also notices, and lines of your own `log-format`, as `message`": (
            written("Mar  1 09:15:02 lb-1 haproxy[14]: Proxy fe started.", {"message": "Proxy fe started."}),
            written(
                "Mar  1 09:15:03 lb-1 haproxy[14]: 192.0.2.41:5 [01/Mar/2026:09:15:02] fe own 1",
                {"client_port": 5, "message": "fe own 1"},
            ),
        ),
    },
    "iis": {
        "any fields, as `#Fields` names them, also where they change later in the file": written(
            "#Fields: date time c-ip\n2026-03-01 09:15:02 192.0.2.41\n#Fields: date time sc-status\n"
            "2026-03-01 09:15:02 200",
            {"c-ip": "192.0.2.41"},
            {"sc-status": 200},
        ),
        "spaces, tabs or commas between cells": (
            written("#Fields: date\ttime\tcs(User-Agent)\n2026-03-01\t09:15:02\ta b", {"cs(User-Agent)": "a b"}),
            written('#Fields: date-time,subject\n2026-03-01T09:15:02Z,"a, b"', {"subject": "a, b"}),
        ),
        "quoted cells": written(
            '#Fields: date time cs(User-Agent)\n2026-03-01 09:15:02 "a ""b"" c"', {"cs(User-Agent)": 'a "b" c'}
        ),
        "`time` alone under `#Date`": written("#Date: 2026-03-01 00:00:00\n#Fields: time c-ip\n09:15:02 192.0.2.41"),
        "ProxySG's `localtime` and other single times": (
            written("#Fields: localtime c-ip\n[01/Mar/2026:10:15:02 +0100] 192.0.2.41", {"c-ip": "192.0.2.41"}),
            written("#Fields: x-timestamp-unix c-ip\n1772356502 192.0.2.41"),
        ),
        "no header: the default or all fields of IIS": written(
            "2026-03-01 09:15:02 10.0.4.17 GET / - 443 - 192.0.2.41 curl/8.5.0 200 0 0 31", {"sc-status": 200}
        ),
        "more cells than columns, under `extra`": written(
            "#Fields: date time c-ip\n2026-03-01 09:15:02 192.0.2.41 x", {"extra": ["x"]}
        ),
    },
    "squid": {
        "seconds with or without a fraction": written(
            "1772356502 117 192.0.2.41 TCP_MISS/200 5 GET http://a.example/ - HIER_NONE/- text/html", {"bytes": 5}
        ),
        "more columns at the end, under `extra`": written(
            "1772356502.000 117 192.0.2.41 TCP_MISS/200 5 GET http://a.example/ - HIER_NONE/- text/html curl/8",
            {"extra": "curl/8"},
        ),
    },
}

REFUSED: Refused = {
    "apache-access": {
        "error logs, and lines without a time in brackets": (
            "[Sun Mar 01 09:15:02 2026] [error] x",
            f"192.0.2.41 - - 01/Mar/2026 {GET}",
        )
    },
    "nginx-access": {
        "error logs, and lines without a time in brackets": (
            "2026/03/01 09:15:02 [error] 7#8: x",
            f"192.0.2.41 - - 01/Mar/2026 {GET}",
        )
    },
    "fastly-access": {"lines in a log format without a time in brackets": (f"192.0.2.41 {GET}",)},
    "apache-error": {
        "lines whose level is not one of Apache's, such as Kafka's": (
            "[2026-03-01 09:15:02,000] [KAFKA:INFO] [Broker 0] x",
            "[2026-03-01 09:15:02,000] INFO x",
        )
    },
    "nginx-error": {"access logs": (f"192.0.2.41 - - {CLOCK} {GET}",)},
    "haproxy": {"other lines without a syslog header": ("Proxy fe started.", "192.0.2.41:5 fe be/app 0/0/28")},
    "iis": {
        "IIS's own log file format (commas, no header) and NCSA's": (
            "192.0.2.41, -, 3/1/2026, 9:15:02, W3SVC1, WEB-3, 10.0.4.17, 31, 221, 1234, 200, 0, GET, /, -,",
            f"192.0.2.41 - - {CLOCK} {GET}",
        ),
        "rows with fewer cells than `#Fields`, and rows without a header whose date, time or status is invalid": (
            "#Fields: date time c-ip\n2026-03-01 09:15:02",
            "2026-03-01 9h15 10.0.4.17 GET / - 443 - 192.0.2.41 curl/8.5.0 200 0 0 31",
        ),
    },
    "squid": {
        "emulated common or combined lines: see [apache-access](#apache-access)": (
            f"192.0.2.41 - - {CLOCK} {GET} TCP_MISS:HIER_DIRECT",
        )
    },
}
