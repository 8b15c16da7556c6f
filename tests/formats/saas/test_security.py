"""Security services of the cloud: Lacework, Netskope, Wiz."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "lacework",
        "lacework",
        {"startTime": "2026-03-01T12:00:00.000Z", "endTime": LATER, "lastUserUpdatedTime": ""},
        {"START_TIME": "2026-03-01 12:00:00.000 Z", "CREATED_TIME": LATER},
        {"START_TIME": "01 Mar 2026 12:00 GMT"},
        {"CREATED_TIME": 1772366400000, "BATCH_START_TIME": LATER},
        {"detail": {"START_TIME": NOON}, "time": LATER},
        {"EVENT_DETAILS": {"data": [{"START_TIME": NOON}]}},
        {"BATCH_START_TIME": NOON},
        {"time": NOON},
    ),
    *at(
        "netskope",
        "netskope",
        {"timestamp": 1772366400, "_insertion_epoch_timestamp": 1},
        {"timestamp": "1772366400"},
        {"timestamp": "2026-03-01 12:00:00.000000000"},
        {"_insertion_epoch_timestamp": 1772366400},
    ),
    *at(
        "wiz-audit",
        "wiz.audit",
        {"timestamp": "2026-03-01T12:00:00.00000Z", "createdAt": LATER},
        {"timestamp": "2026-03-01 12:00:00.000", "actionparameters": {}},
        {"createdAt": NOON},
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TIMES = {"lacework": "startTime", "netskope": "timestamp", "wiz-audit": "timestamp"}


@each_case(
    ("name", "array_key"),
    [
        ("lacework", "data"),
        ("netskope", "result"),
        ("netskope", "data"),
        ("wiz-audit", "data.auditLogEntries.nodes"),
        ("wiz-audit", "auditLogEntries.nodes"),
        ("wiz-audit", "nodes"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, {TIMES[name]: NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
