"""Open sensors: osquery, Falco, Sysdig, OSSEC and Wazuh."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "osquery",
        "osquery.pack_it_processes",
        {"name": "pack_it_processes", "unixTime": 1772366400, "calendarTime": LATER, "columns": {"name": "x"}},
        {"name": "pack_it_processes", "unixTime": "1772366400", "snapshot": [{"pid": "1"}]},
        {"name": "pack_it_processes", "calendarTime": "Sun Mar  1 12:00:00 2026 UTC", "diffResults": {"added": []}},
        {"name": "pack_it_processes", "calendarTime": "Sun Mar 1 12:00:00 2026"},
    ),
    *at("osquery", "osquery.status", {"severity": 0, "filename": "tls.cpp", "unixTime": 1772366400}),
    *at("osquery", "osquery.unknown", {"unixTime": 1772366400}),
    *at(
        "falco",
        "falco",
        {"time": "2026-03-01T12:00:00.000000000Z", "output_fields": {"evt.time": 1}},
        {"time": "2026-03-01T12:00:00+0000"},
        {"output_fields": {"evt.time": 1772366400000000000}},
    ),
    *at(
        "sysdig-audit",
        "sysdig.audit",
        {"timestamp": 1772366400000000000, "timestampRFC3339Nano": LATER},
        {"timestamp": "2026-03-01 12:00:00.000"},
        {"timestampNs": 1772366400000000000},
        {"timestampRFC3339Nano": NOON},
    ),
    *at(
        "ossec",
        "ossec.alert",
        {"TimeStamp": 1772366400000, "rule": {"level": 7}},
        {"timestamp": "2026-03-01T12:00:00.000+0000", "agent": {"id": "001"}},
        {"timestamp": "2026-03-01T13:00:00.000+0100", "TimeStamp": 1},
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


@each_case(
    ("name", "array_key", "field"),
    [("osquery", "data", "unixTime"), ("osquery", "logs", "unixTime"), ("sysdig-audit", "data", "timestamp")],
)
def test_a_page_is_its_events(name: str, array_key: str, field: str) -> None:
    assert page(name, array_key, {field: 1772366400}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


TIMES = {"osquery": "unixTime", "falco": "time", "sysdig-audit": "timestamp", "ossec": "TimeStamp"}


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
