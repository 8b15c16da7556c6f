"""Formats of no single vendor."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"

READ: Read = {
    "csv": {
        "quoted cells with commas, quotes and line breaks": written(
            f'time,msg\n{ISO},"a, ""b""\nc"', {"msg": 'a, "b"\nc'}
        ),
        "a repeated header, as in files appended to each other": written(
            f"time,msg\n{ISO},a\ntime,msg\n{ISO},b", {"msg": "a"}, {"msg": "b"}
        ),
        "more cells than columns, under `extra`": written(f"time,msg\n{ISO},a,b,c", {"msg": "a", "extra": ["b", "c"]}),
    },
    "heroku": {
        "drains with and without RFC 6587's count, PRI and structured data": (
            written("83 <40>1 2026-03-01T09:15:02+00:00 host app web.3 - up", {"proc_id": "web.3", "message": "up"}),
            written("1 2026-03-01T09:15:02+00:00 host app web.3 - - up", {"proc_name": "app", "message": "up"}),
        ),
        "the lines of `heroku logs`": written("2026-03-01T09:15:02+00:00 app[web.3]: up", {"proc_id": "web.3"}),
    },
    "logfmt": {
        "a key alone, as an empty value": written(f"time={ISO} tls", {"tls": ""}),
        "quoted values with escapes": written(f'time={ISO} msg="a \\"b\\"\\nc"', {"msg": 'a "b"\nc'}),
        "a repeated key, as a list": written(f"time={ISO} a=1 a=2", {"a": ["1", "2"]}),
    },
    "syslog": {
        "RFC 5424, also with missing or broken structured data": (
            written(f'<34>1 {ISO} web-3 app 17 ID4 [a@1 b="c"] x', {"structured_data": {"a@1": {"b": "c"}}}),
            written(f'<34>1 {ISO} web-3 app 17 ID4 [a@1 b="c] x', {"message": '[a@1 b="c] x'}),
        ),
        "a PRI without a time": written("<134>su[7]: x", {"proc_name": "su", "facility": 16}, time=None),
        "AIX's `Message forwarded from`": written(
            "Mar  1 09:15:02 Message forwarded from web-3: sshd[17]: x", {"hostname": "web-3", "proc_name": "sshd"}
        ),
        "no program before the message": written(
            "Mar  1 09:15:02 web-3 all of it", {"hostname": "web-3", "message": "all of it"}
        ),
    },
    "syslog-rfc3164": {
        "a PRI without a time": written("<134>su[7]: x", {"proc_name": "su", "facility": 16}, time=None),
    },
    "syslog-rfc5424": {
        "RFC 6587's count before it": written(f"49 <34>1 {ISO} web-3 app 17 ID4 - x", {"hostname": "web-3"}),
        "no PRI": written(f"1 {ISO} web-3 app 17 ID4 - x", {"hostname": "web-3", "message": "x"}),
        "no time (`-`)": written("<34>1 - web-3 app 17 ID4 - x", {"hostname": "web-3"}, time=None),
        "missing or broken structured data, part of the message": (
            written(f"<34>1 {ISO} web-3 app 17 ID4 x", {"message": "x"}),
            written(f'<34>1 {ISO} web-3 app 17 ID4 [a@1 b="c] x', {"message": '[a@1 b="c] x'}),
        ),
    },
}

REFUSED: Refused = {
    "csv": {
        "rows with fewer cells than the header": ("time,msg\na",),
        "another delimiter than its chain names": (f"time;msg\n{ISO};a", f"time\tmsg\n{ISO}\ta", f"time|msg\n{ISO}|a"),
    },
    "heroku": {"other lines without a version behind the PRI": (f"<40>{ISO} host app web.3 - up",)},
    "logfmt": {"text without `=`, and unclosed quotes": ("all of it", 'a="b')},
    "syslog": {"lines with neither time nor PRI": ("all of it", "web-3 app: x"), "a PRI above 191": ("<192>su: x",)},
    "syslog-rfc3164": {"RFC 5424": (f"<34>1 {ISO} web-3 app 17 ID4 - x",)},
    "syslog-rfc5424": {"RFC 3164": ("<34>Mar  1 09:15:02 web-3 app: x",)},
}
