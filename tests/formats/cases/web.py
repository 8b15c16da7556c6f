"""Web servers, load balancers and caches."""

from . import Case

_TIME = b"[01/Mar/2026:13:00:00 +0100]"

CASES = {
    "apache-access": Case(
        "apache.access",
        b'2001:db8::1 - "" ' + _TIME + b' "\\x16\\x03\\"" 408 -',
        has={"status": 408, "bytes": None},
        broken=(b'192.0.2.1 - - [noon] "GET / HTTP/1.1" 200 1', b"192.0.2.1 - - " + _TIME + b' "GET / 200 1', b"a b c"),
    ),
    "apache-error": Case(
        "apache.error",
        b"[Sun Mar 01 12:00:00 2026] [notice] caught SIGTERM, shutting down",
        has={"level": "notice"},
        broken=(b"[noon] [error] a", b"a", b"[Sun Feb 30 12:00:00 2026] [error] a"),
    ),
    "nginx-access": Case(
        "nginx.access",
        b"unix: - a b " + _TIME + b' "" 499 0 "-" "-" 0.000',
        has={"status": 499, "remote_user": "a b", "extra": "0.000"},
        broken=(b'192.0.2.1 - - [30/Feb/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1', b"a"),
    ),
    "nginx-error": Case(
        "nginx.error",
        b'2026/03/01 12:00:00 [emerg] 1#2: open() "a, client: b" failed',
        has={"pid": 1, "level": "emerg"},
        broken=(b"2026/03/01 [error] a", b"2026/02/30 12:00:00 [error] 1#1: a"),
    ),
    "fastly-access": Case(
        "fastly.access",
        b'<134>2026-03-01T12:00:00Z cache-fra-1 log[1]: {"url":"/"}',
        has={"url": "/", "hostname": "cache-fra-1"},
        broken=(b"{", b"plain text", b'{"timestamp":"noon"}'),
    ),
    "haproxy": Case(
        "haproxy",
        b'192.0.2.1:1 [01/Mar/2026:12:00:00.000] f b/<NOSRV> -1/-1/-1/-1/+5 -1 +0 - - PR-- 1/1/0/0/+3 0/0 "<BADREQ>"',
        has={"server_name": "<NOSRV>", "status_code": -1, "retries": 3},
        broken=(b"192.0.2.1:1 [noon] f b/s 1/2/3 4 -- 1/1/1/1/0 0/0", b"a"),
    ),
    "squid": Case(
        "squid",
        b"1772366400.000 -1 - NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -",
        has={"status": 0, "elapsed": -1},
        broken=(b"noon 1 a TCP_MISS/200 1 GET b - NONE/- -", b"1772366400.000 1"),
    ),
    "iis": Case(
        "iis",
        b"#Date: 2026-03-01 11:00:00\n#Fields: time cs(User-Agent) sc-status",
        time=None,
        broken=(b"2026-03-01 12:00:00 GET /",),
    ),
}
