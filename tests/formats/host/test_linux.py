"""auditd and journald."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read


def test_an_audit_record_has_its_time_serial_and_fields() -> None:
    record = one(
        "auditd",
        b"type=SYSCALL msg=audit(1772356502.481:2996): arch=c000003e syscall=59 success=yes exit=-2 pid=27031 "
        b'auid=4294967295 comm="id" key=(null)',
    )
    assert record.event == {
        "type": "SYSCALL",
        "timestamp": 1772356502.481,
        "serial": 2996,
        "arch": "c000003e",
        "syscall": 59,
        "success": "yes",
        "exit": -2,
        "pid": 27031,
        "auid": 4294967295,
        "comm": "id",
        "key": "(null)",
    }
    assert (record.tag, record.time) == ("auditd.SYSCALL", "2026-03-01T09:15:02.481000+00:00")


def test_the_fields_inside_msg_are_fields_of_the_event_too() -> None:
    record = one(
        "auditd",
        b"type=USER_AUTH msg=audit(1772356502.481:7): pid=9 uid=0 msg='op=PAM:auth acct=\"root\" res=success'"
        b'\x1dUID="root"',
    )
    assert record["msg"] == 'op=PAM:auth acct="root" res=success'
    assert (record["acct"], record["res"], record["UID"], record["uid"]) == ("root", "success", "root", 0)


def test_text_that_is_not_all_pairs_is_kept() -> None:
    record = one("auditd", b'type=AVC msg=audit(1772356502.481:8): avc:  denied  { read } for  pid=9 comm="cat"')
    assert record["message"] == 'avc:  denied  { read } for  pid=9 comm="cat"'
    assert (record["pid"], record["comm"]) == (9, "cat")


@each_case("date", [b"03/01/2026", b"03/01/26"])
def test_ausearch_prints_lines_between_events_and_dates_for_seconds(date: bytes) -> None:
    records = read(
        "auditd",
        b"----",
        b"time->Sun Mar  1 09:15:02 2026",
        b"type=SYSCALL msg=audit(1772356502.481:7): arch=c000003e syscall=59",
        b"node=web-3 type=SYSCALL msg=audit(" + date + b" 09:15:02.481:8) : arch=x86_64 syscall=execve uid=root",
    )
    assert [record["serial"] for record in records] == [7, 8]
    assert {record.time for record in records} == {"2026-03-01T09:15:02.481000+00:00"}
    assert (records[1]["timestamp"], records[1]["syscall"], records[1]["node"]) == (1772356502.481, "execve", "web-3")


def test_records_of_several_hosts_and_through_syslog() -> None:
    assert one("auditd", b"node=web-3 type=EOE msg=audit(1772356502.481:8): ")["node"] == "web-3"
    by_syslog = one(
        "auditd", b'Mar  1 09:15:02 web-3 kernel: audit: type=1400 audit(1772356502.481:8): apparmor="DENIED"'
    )
    assert (by_syslog.tag, by_syslog["apparmor"], by_syslog["hostname"]) == ("auditd.1400", "DENIED", "web-3")


@each_case(
    "broken",
    [
        b"",
        b"type=SYSCALL arch=1",
        b"type=SYSCALL msg=audit(now:1): a=b",
        b"msg=audit(1.1:1): a=b",
        b"\xff",
        b"type=SYSCALL msg=audit(13/01/2026 09:15:02.481:8) : a=b",
        b"type=A msg=audit(03/01/2026 9:15:02:8) : a=b",
    ],
)
def test_what_is_not_an_audit_record_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("auditd", broken)


def test_journald_counts_in_microseconds() -> None:
    entry = one("journald", b'{"__REALTIME_TIMESTAMP":"1772356502481290","MESSAGE":"hi","PRIORITY":"6"}')
    assert (entry.tag, entry.time) == ("journald", "2026-03-01T09:15:02.481290+00:00")
    assert entry["MESSAGE"] == "hi"


@each_case(
    ("written", "text"),
    [
        (b"[27,91,51,49,109,104,105]", "\x1b[31mhi"),
        (b"[99,97,102,195,169]", "caf\u00e9"),
        (b"[99,97,102,233]", "caf\u00e9"),
        (b'["a","b"]', ["a", "b"]),
        (b'["a",[27,98]]', ["a", "\x1bb"]),
        (b"[256]", [256]),
        (b"[]", []),
        (b"null", None),
    ],
)
def test_what_journald_writes_as_bytes_is_text(written: bytes, text: Any) -> None:
    assert one("journald", b'{"__REALTIME_TIMESTAMP":"1772356502481290","MESSAGE":%s}' % written)["MESSAGE"] == text


@each_case("broken", [b"-- Boot --", b'{"__REALTIME_TIMESTAMP":"soon"}'])
def test_what_is_not_a_journal_entry_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("journald", broken)


def test_a_journal_entry_without_the_time_of_receipt_has_that_of_its_source() -> None:
    assert (
        one("journald", b'{"_SOURCE_REALTIME_TIMESTAMP":"1772366400000001"}').time == "2026-03-01T12:00:00.000001+00:00"
    )
