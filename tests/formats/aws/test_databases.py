"""RDS, Aurora and Redshift."""

from __future__ import annotations

import re
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

NOON = "2026-03-01T12:00:00.000000+00:00"
AURORA = b"1772366400481290,shop-1,app,192.0.2.41,4711,168876953,QUERY,shop,'select 1',0"
POSTGRESQL = b"2026-03-01 12:00:00 UTC:192.0.2.41(52814):app@shop:[4711]:LOG:  statement: select 1"
CONNECTION = get("redshift-connection").example.replace(b"09:15:02:481", b"12:00:00:000")
ACTIVITY = b"'2026-03-01T12:00:00Z UTC [ db=shop user=liz pid=4711 userid=100 xid=392232 ]' LOG: select 1"


def test_auroras_time_is_in_microseconds() -> None:
    audit = one("rds-mysql-audit", AURORA)
    assert (audit.tag, audit.time) == ("aws.rds_mysql_audit", "2026-03-01T12:00:00.481290+00:00")
    assert audit.event == {
        "timestamp": 1772366400481290,
        "serverhost": "shop-1",
        "username": "app",
        "host": "192.0.2.41",
        "connectionid": 4711,
        "queryid": 168876953,
        "operation": "QUERY",
        "database": "shop",
        "object": "select 1",
        "retcode": 0,
    }


@each_case(
    ("end", "fields"),
    [
        (b"'select 1, 2',1064", {"object": "select 1, 2", "retcode": 1064}),
        (b"'select \\'a\\', \\'b\\',0',0,SOCKET", {"object": "select 'a', 'b',0", "connection_type": "SOCKET"}),
        (b",1045", {"object": "", "retcode": 1045}),
        (b"items,", {"object": "items", "retcode": None}),
        (b"'',0,", {"object": "", "retcode": 0, "connection_type": ""}),
        (b"'a',0,,", {"object": "a", "retcode": 0, "connection_type": ""}),
        (b"'a',0,SSL/TLS", {"object": "a", "retcode": 0, "connection_type": "SSL/TLS"}),
    ],
)
def test_rdss_time_is_of_the_calendar_and_objects_may_hold_anything(end: bytes, fields: dict[str, Any]) -> None:
    audit = one("rds-mysql-audit", b"20260301 12:00:00,ip-10-0-4-17,app,192.0.2.41,4711,0,QUERY,shop," + end)
    assert {name: audit[name] for name in fields} == fields
    assert audit.time == NOON


def test_a_statement_in_postgresqls_log() -> None:
    line = one("rds-postgresql", POSTGRESQL + b"\n\tfrom items\n")
    assert (line.tag, line.time) == ("aws.rds_postgresql", NOON)
    assert line.event == {
        "log_time": "2026-03-01 12:00:00 UTC",
        "connection_from": "192.0.2.41(52814)",
        "user_name": "app",
        "database_name": "shop",
        "process_id": 4711,
        "error_severity": "LOG",
        "message": "statement: select 1\n\tfrom items",
    }


@each_case(
    ("record", "fields"),
    [
        (
            b"2026-03-01 12:00:00.000 UTC::@:[311]:LOG:  checkpoint starting: time",
            {"connection_from": None, "user_name": None, "database_name": None, "message": "checkpoint starting: time"},
        ),
        (
            b"2026-03-01 12:00:00 UTC:[local]:rdsadmin@rdsadmin:[311]:FATAL:  ERROR:  no",
            {"connection_from": "[local]", "error_severity": "FATAL", "message": "ERROR:  no"},
        ),
        (
            b"2026-03-01 12:00:00 UTC:2001:db8::1(52814):app@shop:[4711]:3:00000:psql:STATEMENT:  select 1",
            {"connection_from": "2001:db8::1(52814)", "prefix": "3:00000:psql", "error_severity": "STATEMENT"},
        ),
        (b"2026-03-01 13:00:00 CET:host-7(1):app@shop:[4711]:ERROR:", {"message": ""}),
    ],
)
def test_postgresqls_other_prefixes(record: bytes, fields: dict[str, Any]) -> None:
    line = one("rds-postgresql", record)
    assert {name: line[name] for name in fields} == fields
    assert line.time == NOON


def test_a_redshift_connection() -> None:
    connection = one("redshift-connection", CONNECTION)
    assert (connection.tag, connection.time) == ("aws.redshift.connection", NOON)
    assert {name: connection[name] for name in ("event", "remoteport", "username", "iamauthguid", "os_version")} == {
        "event": "authenticated",
        "remoteport": 52814,
        "username": "liz",
        "iamauthguid": None,
        "os_version": "Linux",
    }


@each_case("space", ["  ", "\t", "\u00a0", ""])
def test_white_space_around_the_cells_of_redshift_is_not_part_of_them(space: str) -> None:
    row = CONNECTION.decode()
    for written in ("|{0}liz |", "|liz{0}|", "|liz |{0}"):
        changed = row.replace("|liz |", written.format(space))
        assert one("redshift-connection", changed.encode()).event == one("redshift-connection", row.encode()).event
    assert one("redshift-connection", f"{space}{row}{space}".encode()).event["event"] == "authenticated"


def test_redshift_connections_of_other_ages() -> None:
    assert list(one("redshift-connection", b"|".join(CONNECTION.split(b"|")[:15])).event)[-1] == "iamauthguid"
    assert one("redshift-connection", CONNECTION + b"|1|2|3|new")["extra"] == ["new"]
    assert one("redshift-connection", CONNECTION.replace(b"Sun, 1 Mar 2026 12:00:00:000", b"")).time is None


def test_a_query_of_a_user_activity_log_keeps_its_lines() -> None:
    query = one("redshift-useractivity", b" " + ACTIVITY + b"\n  from items\n")
    assert (query.tag, query.time) == ("aws.redshift.useractivity", NOON)
    assert query.event == {
        "recordtime": "2026-03-01T12:00:00Z UTC",
        "db": "shop",
        "user": "liz",
        "pid": 4711,
        "userid": 100,
        "xid": 392232,
        "query": "select 1\n  from items",
    }


@each_case(
    ("name", "first", "inner"),
    [
        ("rds-postgresql", POSTGRESQL, b"2026-03-01 12:00:00 is no header"),
        ("redshift-useractivity", ACTIVITY, b"  '2026-03-01'"),
    ],
)
def test_records_are_cut_where_a_header_begins_a_line(name: str, first: bytes, inner: bytes) -> None:
    start = re.compile(get(name).framing.removeprefix("s3-multiline:").encode())
    assert start.match(first)
    assert not start.match(inner)


@each_case(
    ("name", "good", "gap"),
    [
        ("rds-mysql-audit", AURORA, (b"1772366400481290", b"soon")),
        ("rds-mysql-audit", AURORA, (b",0", b"")),
        ("rds-mysql-audit", AURORA, (b"QUERY,", b"")),
        ("rds-postgresql", POSTGRESQL, (b"LOG:", b"")),
        ("rds-postgresql", POSTGRESQL, (b"[4711]", b"[]")),
        ("rds-postgresql", POSTGRESQL, (b"-03-", b"-13-")),
        ("redshift-connection", CONNECTION, (b"Mar", b"Mrz")),
        ("redshift-connection", CONNECTION, (b"|", b" ")),
        ("redshift-useractivity", ACTIVITY, (b"pid=4711", b"pid=")),
        ("redshift-useractivity", ACTIVITY, (b"T12", b"T25")),
    ],
)
def test_a_broken_record_is_refused(name: str, good: bytes, gap: tuple[bytes, bytes]) -> None:
    assert one(name, good)
    for broken in (good.replace(*gap), b"", good[:30], b"\xff\0" + good):
        with pytest.raises(ParseError):
            read(name, broken)
