"""Formats of no vendor, Fluentd and syslog."""

from . import SECONDS, Case

CASES = {
    "json": Case("json", {"@timestamp": str(SECONDS * 1000), "\u0000": [None]}),
    "csv": Case(
        "csv",
        b'created_at,"a ""b""",a\r\n2026-03-01 12:00:00,"x,\ny",',
        has={'a "b"': "x,\ny", "a": ""},
        broken=(b'time,a\n2026-03-01T12:00:00Z,"open', b"time,a\n1"),
    ),
    "gelf": Case(
        "gelf",
        {"version": "1.1", "host": "a", "short_message": "b", "timestamp": "1772366400.000"},
        has={"short_message": "b"},
    ),
    "logfmt": Case(
        "logfmt",
        b'ts=1772366400 msg="a \\"b\\" c=d" empty= flag',
        has={"msg": 'a "b" c=d', "empty": "", "flag": ""},
        broken=(b'msg="open', b"no pair at all"),
    ),
    "fluentd-json": Case(
        "web.access",
        b'2026-03-01 13:00:00 +0100\tapp.\xc3\xa4\t{"log":"a\\tb"}',
        has={"log": "a\tb"},
        odd_tag="app.\u00e4",
        broken=(b"2026-03-01T12:00:00Z\ttag", b"2026-03-01T12:00:00Z\ttag\t[1]", b"today\ttag\t{}"),
    ),
    "syslog": Case(
        "syslog",
        b"<191>Mar 1 2026 12:00:00.000 fe80::1 %sender: ",
        has={"facility": 23, "severity": 7, "hostname": "fe80::1"},
        broken=(b"no header", b"<192>Mar  1 12:00:00 host a: b", b"Mar 32 12:00:00 host a: b"),
    ),
    "syslog-rfc3164": Case(
        "syslog",
        b"<0>Mar  1 12:00:00 host su: 'su root' failed",
        has={"facility": 0, "proc_name": "su", "proc_id": None},
        broken=(b"Foo  1 12:00:00 host a: b", b"<34>1 2026-03-01T12:00:00Z host app - - - b"),
    ),
    "syslog-rfc5424": Case(
        "syslog",
        b'<165>99 2026-03-01T13:00:00.000000+01:00 - - - - [a@1 k="\\]\\"\\\\"][b@2]',
        has={"structured_data": {"a@1": {"k": ']"\\'}, "b@2": {}}, "message": "", "hostname": None},
        broken=(
            b"<165>1 2026-03-01T12:00:00Z host app -",
            b"<165>1 noon host app - - - x",
            b"<999>1 - - - - - -",
        ),
    ),
    "heroku": Case(
        "heroku",
        b"<190>1 2026-03-01T12:00:00.000000+00:00 host heroku router - at=info method=GET",
        has={"proc_name": "heroku", "proc_id": "router", "message": "at=info method=GET"},
        broken=(b"at=info method=GET", b"<190>1 never host heroku router - x"),
    ),
}
