"""Logs of hosts, containers and what runs on them."""

from . import NOON, SECONDS, Case

CASES = {
    "cri": Case(
        "cri",
        b"2026-03-01T13:00:00.000000000+01:00 stderr F ",
        has={"message": "", "stream": "stderr"},
        broken=(b"2026-03-01T12:00:00Z stdin F a", b"noon stdout F a", b"2026-02-30T12:00:00Z stdout F a"),
    ),
    "docker-json": Case("docker", {"log": "", "stream": "stderr", "attrs": {"env": "a"}, "time": NOON}),
    "journald": Case(
        "journald",
        {"__REALTIME_TIMESTAMP": f"{SECONDS}000000", "MESSAGE": [104, 105], "_UID": None},
        has={"MESSAGE": "hi"},
    ),
    "auditd": Case(
        "auditd.SYSCALL",
        b'node=a type=PROCTITLE msg=audit(1772366400.000:1): proctitle=6964\x1dUID="root"',
        odd_tag="auditd.PROCTITLE",
        has={"node": "a", "UID": "root", "serial": 1},
        broken=(b"type=SYSCALL", b"type=SYSCALL msg=audit(noon:1): a=b"),
    ),
    "kea": Case(
        "kea.log",
        b"2026-03-01 12:00:00 ERROR [kea-dhcp4.dhcp4/1.2] DHCP4_CONFIG_LOAD_FAIL",
        has={"msg": ""},
        broken=(b"DHCP4_LEASE_ALLOC", b"2026-02-30 12:00:00 INFO  [a] DHCP4_X b", b"2026-03-01 12:00:00 INFO a b"),
    ),
    "laravel": Case(
        "laravel",
        b"[2026-03-01T12:00:00.000000+00:00] local.DEBUG: a {b} [c]\n#0 d",
        has={"message": "a {b} [c]\n#0 d"},
        broken=(b"local.ERROR: a", b"[2026-02-30 12:00:00] local.ERROR: a"),
    ),
    "mysql-audit": Case(
        "mysql.audit",
        b"<AUDIT_RECORD><TIMESTAMP>2026-03-01T12:00:00 UTC</TIMESTAMP>"
        b"<NAME>Quit</NAME><CONNECTION_ID>7</CONNECTION_ID></AUDIT_RECORD>",
        has={"CONNECTION_ID": 7, "NAME": "Quit"},
        broken=(b"<AUDIT_RECORD>", b"<OTHER/>", b'<!DOCTYPE a><AUDIT_RECORD NAME="a"/>', b'{"timestamp":"noon"}'),
    ),
    "postgresql-csvlog": Case(
        "postgresql.csvlog",
        b'2026-03-01 12:00:00.000 UTC,,,1,,a.1,1,,2026-03-01 11:59:59 UTC,,0,LOG,00000,"a ""b""\nc",,,,,,,,',
        has={"message": 'a "b"\nc', "user_name": ""},
        broken=(b"2026-03-01 12:00:00 UTC,a", b"noon" + b"," * 22, b'2026-03-01 12:00:00 UTC,"open'),
    ),
}
