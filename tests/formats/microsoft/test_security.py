"""Microsoft 365's unified audit log, security alerts, and the tables of advanced hunting."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "m365-audit",
        "m365.audit",
        {"CreationTime": "2026-03-01T12:00:00", "Workload": "Exchange", "RecordType": 50},
        {"CreationTime": "2026-03-01 12:00:00", "EventData": "<Type>Edit</Type>"},
        # Search-UnifiedAuditLog puts the record, sometimes as text, into AuditData.
        {"CreationDate": LATER, "AuditData": {"CreationTime": NOON}},
        {"CreationDate": NOON, "AuditData": '{"CreationTime":"2026-03-01T12:05:00"}'},
    ),
    *at(
        "defender-alert",
        "defender.alert",
        {"lastUpdateDateTime": "2026-03-01T12:00:00.0000000Z", "createdDateTime": LATER, "eventDateTime": LATER},
        {"createdDateTime": NOON, "eventDateTime": LATER, "lastModifiedDateTime": LATER},
        {"eventDateTime": NOON, "lastModifiedDateTime": LATER},
        {"lastModifiedDateTime": NOON},
        {"lastUpdateTime": NOON, "alertCreationTime": LATER},
        {"alertCreationTime": NOON},
        {"creationTime": NOON},
        {"lastUpdatedTime": NOON},
    ),
    *at(
        "defender-hunting",
        "defender.hunting.DeviceProcessEvents",
        {
            "time": LATER,
            "category": "AdvancedHunting-DeviceProcessEvents",
            "properties": {"Timestamp": "2026-03-01T12:00:00.0000000Z"},
        },
        {"time": NOON, "Category": "advancedhunting-DeviceProcessEvents", "properties": {"Timestamp": None}},
        {"Timestamp": "2026-03-01 12:00:00", "Type": "DeviceProcessEvents", "Category": "Execution"},
        {"TimeGenerated": NOON, "TableName": "DeviceProcessEvents"},
        {"category": "AdvancedHunting-DeviceProcessEvents", "properties": {"TimeGenerated": NOON}},
    ),
    *at(
        "defender-hunting",
        "defender.hunting.unknown",
        {"Timestamp": NOON},
        {"Timestamp": NOON, "category": "Execution"},
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


@each_case(
    ("name", "array_key", "field"),
    [
        ("m365-audit", "value", "CreationTime"),
        ("defender-alert", "value", "createdDateTime"),
        ("defender-alert", "alerts", "createdDateTime"),
        ("defender-hunting", "records", "time"),
        ("defender-hunting", "Results", "Timestamp"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str, field: str) -> None:
    assert page(name, array_key, {field: NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


TIMES = {"m365-audit": "CreationTime", "defender-alert": "createdDateTime", "defender-hunting": "properties.Timestamp"}


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
