"""Endpoint protection and management: Cylance, SentinelOne, Carbon Black, Sophos, Jamf."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, nested, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at("cylance", "cylance.event", {"datetime": "2026-03-01T12:00:00.000Z"}, {"datetime": "2026-03-01 12:00:00"}),
    *at("cylance-event", "cylance.event", {"datetime": "2026-03-01T12:00:00"}, {"datetime": 1772366400}),
    *at("cylance-threat", "cylance.threat", {"datetime": "2026-03-01T12:00:00"}, {"datetime": "3/1/2026 12:00:00 PM"}),
    *at("cylance", "cylance.event", {"device": "LAPTOP-7"}, time=None),
    *at(
        "sentinelone",
        "sentinelone",
        {"createdAt": "2026-03-01T12:00:00.000000Z", "data": {"createdAt": LATER}},
        {"createdAt": "2026-03-01T12:00:00Z", "threatInfo": {"createdAt": LATER}},
        {"threatInfo": {"createdAt": NOON, "identifiedAt": LATER}, "agentDetectionInfo": {}},
        {"alertInfo": {"createdAt": NOON}},
        {"threatInfo": {"identifiedAt": NOON}},
    ),
    *at(
        "sentinelone-funnel",
        "sentinelone.funnel",
        {"event.time": 1772366400000, "event.type": "Process Creation", "src.process.pid": 4},
        {"event.time": "1772366400000"},
        {"event": {"time": 1772366400000}},
        {"timestamp": "2026-03-01T12:00:00.000Z"},
    ),
    *at(
        "carbonblack",
        "carbonblack",
        {"device_timestamp": "2026-03-01 12:00:00.000 +0000 UTC", "create_time": LATER},
        {"device_timestamp": "2026-03-01 04:00:00 -0800 PST"},
        {"create_time": "2026-03-01T12:00:00.000Z", "backend_timestamp": LATER},
        {"backend_timestamp": NOON, "detection_timestamp": LATER},
        {"detection_timestamp": NOON},
        {"eventTime": 1772366400000, "loginName": "liz@example.com"},
        {"event_timestamp": 1772366400.0, "type": "ingress.event.netconn"},
        {"timestamp": 1772366400},
    ),
    *at(
        "sophos-central",
        "sophos.central",
        {"end": "2026-03-01T12:00:00.000Z", "rt": LATER, "created_at": LATER, "when": LATER},
        {"when": NOON, "created_at": LATER, "rt": LATER},
        {"created_at": NOON, "rt": LATER},
        {"rt": NOON},
        {"raisedAt": NOON, "createdAt": LATER},
        {"createdAt": NOON},
    ),
    *at(
        "jamf-pro",
        "jamf.pro",
        {"webhook": {"eventTimestamp": 1772366400000}, "event": {"lastUpdate": 1}, "timestamp": LATER},
        {"webhook": {"id": 7}, "event": {"lastUpdate": 1772366400000}},
        {"timestamp": "2026-03-01T12:00:00.000Z", "username": "liz"},
        {"dateTime": NOON},
        {"date": NOON},
        {"time": NOON},
        {"general": {"lastContactTime": NOON, "reportDate": LATER}},
        {"general": {"reportDate": NOON}},
        {"lastContactTime": NOON, "reportDate": LATER},
        {"reportDate": NOON},
        {"lastUpdate": 1772366400000},
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


@each_case(
    ("name", "array_key", "field"),
    [
        ("sentinelone", "data", "createdAt"),
        ("carbonblack", "results", "create_time"),
        ("carbonblack", "notifications", "timestamp"),
        ("sophos-central", "items", "when"),
        ("jamf-pro", "results", "general.lastContactTime"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str, field: str) -> None:
    assert page(name, array_key, nested(field, NOON), {}) == ["2026-03-01T12:00:00.000000+00:00", None]


def test_the_data_of_an_activity_are_not_a_page() -> None:
    Row("sentinelone", {"createdAt": NOON, "data": {"username": "liz"}}, "sentinelone", NOON).check()


TIMES = {
    "cylance": "datetime",
    "cylance-event": "datetime",
    "cylance-threat": "datetime",
    "sentinelone": "createdAt",
    "sentinelone-funnel": "event.time",
    "carbonblack": "device_timestamp",
    "sophos-central": "end",
    "jamf-pro": "webhook.eventTimestamp",
}


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
