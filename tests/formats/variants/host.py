"""Hosts, containers and what runs on them."""

import json

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
AUDIT = "type=LOGIN msg=audit(1772356502.000:29): pid=1 uid=0"
CSV = (
    '2026-03-01 09:15:02.000 UTC,"app","shop",4711,"192.0.2.41:52814",69a40456.1267,3,"SELECT",'
    '2026-03-01 09:15:00 UTC,4/17,0,ERROR,42P01,"a ""b""\nc",,,,,,"select 1",15,'
)
KEA = "DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:10:00:01], cid=[no info], tid=0x9a: lease 192.0.2.41 has been allocated"
EXPORT = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1772356502000000\n"
BINARY = b"MESSAGE\n" + (3).to_bytes(8, "little") + b"a\nb\n"
RECORD = '<AUDIT_RECORD NAME="Connect" TIMESTAMP="2026-03-01T09:15:02Z" CONNECTION_ID="17"/>'


def docker(log: str, stream: str = "stdout") -> str:
    return json.dumps({"log": log, "stream": stream, "time": ISO})


READ: Read = {
    "auditd": {
        "with or without `node=` and `msg=`": (
            written(f"node=web-3 {AUDIT}", {"node": "web-3", "type": "LOGIN"}),
            written(AUDIT.replace("msg=", ""), {"serial": 29}),
        ),
        "fields repeated by name (`log_format = ENRICHED`)": written(
            f'{AUDIT}\x1dUID="root"', {"uid": 0, "UID": "root"}
        ),
        "output of ausearch, also with `-i`, whose `----` and `time->` lines are skipped": (
            written(f"----\ntime->Sun Mar  1 09:15:02 2026\n{AUDIT}", {"pid": 1}),
            written("type=LOGIN msg=audit(03/01/2026 09:15:02.000:29) : pid=1 uid=root", {"uid": "root", "pid": 1}),
        ),
        "the pairs inside `msg='…'`": written(f"{AUDIT} msg='op=login acct=\"root\" res=success'", {"acct": "root"}),
        "text between the pairs, as `message`": written(
            "type=AVC msg=audit(1772356502.000:29): avc:  denied  { read } for  pid=1", {"pid": 1}
        ),
    },
    "cri": {
        "partial lines (`P`), joined for each stream": written(
            f"{ISO} stdout P a\n{ISO} stderr F x\n{ISO} stdout F b", {"message": "x"}, {"message": "ab"}
        ),
        "any offset, and empty messages": written("2026-03-01T10:15:02.000000000+01:00 stderr F", {"message": ""}),
    },
    "docker-json": {
        "lines cut at 16 KiB, joined for each stream": written(
            "\n".join([docker("aaaa"), docker("aaaa"), docker("b\n")]), {"log": "aaaaaaaab\n"}
        ),
        "records without their line ends, an event each": written(
            "\n".join([docker("aaa"), docker("bb"), docker("cccc")]), {"log": "aaa"}, {"log": "bb"}, {"log": "cccc"}
        ),
    },
    "fluentd-json": {
        "times with any offset": written('2026-03-01T10:15:02+01:00\tweb.access\t{"a":1}', {"a": 1}),
    },
    "journald": {
        "`-o json`, `json-seq` and `json-pretty`": (
            written('\x1e{"__REALTIME_TIMESTAMP":"1772356502000000","MESSAGE":"a"}\n', {"MESSAGE": "a"}),
            written('{\n\t"__REALTIME_TIMESTAMP" : "1772356502000000",\n\t"MESSAGE" : "a"\n}\n', {"MESSAGE": "a"}),
        ),
        "values that are arrays of bytes": written(
            {"__REALTIME_TIMESTAMP": "1772356502000000", "MESSAGE": [27, 97]}, {"MESSAGE": "\x1ba"}
        ),
    },
    "kea": {
        "process and thread in the logger's name, or not": (
            written(f"2026-03-01 09:15:02.000 INFO  [kea-dhcp4.leases/12.139] {KEA}", {"ipaddr": "192.0.2.41"}),
            written(f"2026-03-01 09:15:02 INFO [kea-dhcp4.leases] {KEA}", {"hwaddr": "02:00:5e:10:00:01"}),
        ),
        "events without a client": written(
            "2026-03-01 09:15:02.000 INFO  [kea-dhcp4.dhcp4] DHCP4_STARTED Kea started",
            {"hwaddr": None, "msg": "Kea started"},
        ),
    },
    "laravel": {
        "stack traces, with their record": written(
            "[2026-03-01 09:15:02] production.ERROR: a\n[stacktrace]\n#0 b", {"message": "a\n[stacktrace]\n#0 b"}
        ),
        "ISO times with offset and fraction": written(
            "[2026-03-01T10:15:02.000000+01:00] local.INFO: a", {"channel": "local"}
        ),
        "a context in JSON, or none": written(
            '[2026-03-01 09:15:02] local.INFO: a {"order":4711} []', {"context": {"order": 4711}, "message": "a"}
        ),
    },
    "mysql-audit": {
        "JSON, a record each, or an array with a line for each": (
            written('{"timestamp":"2026-03-01 09:15:02","id":3}', {"id": 3}),
            written(
                '[\n{"timestamp":"2026-03-01 09:15:02","id":3},\n{"timestamp":"2026-03-01 09:15:02","id":4}\n]',
                {"id": 3},
                {"id": 4},
            ),
            written({"audit_record": {"name": "Connect", "timestamp": ISO}}),
        ),
        "XML, old style (attributes) or new (elements), with `<AUDIT>` around or not": (
            written(f'<?xml version="1.0"?>\n<AUDIT>\n{RECORD}\n</AUDIT>\n', {"NAME": "Connect", "CONNECTION_ID": 17}),
            written(
                f"<AUDIT_RECORD>\n<TIMESTAMP>{ISO}</TIMESTAMP>\n<NAME>Quit</NAME>\n</AUDIT_RECORD>", {"NAME": "Quit"}
            ),
        ),
    },
    "postgresql-csvlog": {
        "the columns of releases 9.0 to 14 and later": (
            written(CSV, {"process_id": 4711, "message": 'a "b"\nc'}),
            written(f'{CSV},"psql","client backend",,0', {"backend_type": "client backend", "query_id": 0}),
        ),
        "zones by name or offset": written(CSV.replace("2026-03-01 09:15:02.000 UTC", "2026-03-01 10:15:02.000 CET")),
        "more cells than columns, under `extra`": written(f'{CSV},"psql","client backend",,0,x', {"extra": ["x"]}),
    },
}

REFUSED: Refused = {
    "auditd": {"records without `audit(time:serial)`": ("type=LOGIN pid=1",)},
    "cri": {"lines without stream and `P` or `F`, such as those of `kubectl logs`": (f"{ISO} a",)},
    "fluentd-json": {
        "lines without time and tag, and JSON that is not an object": (
            '{"a":1}',
            f"{ISO}\tweb.access\t[1]",
        )
    },
    "journald": {"journalctl's short output": ("Mar 01 09:15:02 web-3 sshd[4711]: a",)},
    "kea": {"forensic logs and lease files": ("2026-03-01 09:15:02 UTC Address: 192.0.2.41 has been renewed",)},
    "laravel": {"records without channel and level": ("[2026-03-01 09:15:02] a",)},
    "mysql-audit": {
        "XML of other elements, and with declarations": (
            "<AUDIT>\n<RECORD/>\n</AUDIT>",
            f"<!DOCTYPE a>{RECORD}",
        )
    },
    "postgresql-csvlog": {
        "rows without a process id and session id, or with fewer than 22 cells": (
            CSV.replace("4711", "shop"),
            '2026-03-01 09:15:02 UTC,"app"',
        )
    },
}

READ["journald"]["`-o export`, with values that are not text"] = written(
    EXPORT.encode() + BINARY + b"\n" + EXPORT.encode() + b"MESSAGE=c\n\n", {"MESSAGE": "a\nb"}, {"MESSAGE": "c"}
)
