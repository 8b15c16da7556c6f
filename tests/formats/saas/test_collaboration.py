"""Where people work together: Slack, Zoom, Box, Dropbox, Asana, Zendesk, Notion."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, nested, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at("slack-audit", "slack.audit", {"date_create": 1772366400}, {"date_create": "2026-03-01 12:00:00"}),
    *at(
        "slack-access",
        "slack.access",
        {"date_first": 1, "date_last": 1772366400, "count": 4},
        {"date_first": 1772366400},
        {"date_last": "1772366400"},
    ),
    *at("zoom-activity", "zoom.activity", {"time": "2026-03-01T12:00:00Z"}, {"time": "2026-03-01 12:00:00"}),
    *at("zoom-operation", "zoom.operation", {"time": "2026-03-01 12:00:00Z"}, {"time": NOON, "operation_detail": ""}),
    *at("box-event", "box.event", {"created_at": "2026-03-01T04:00:00-08:00"}, {"created_at": "2026-03-01 12:00:00"}),
    *at(
        "dropbox-event", "dropbox.team_event", {"timestamp": "2026-03-01T12:00:00Z"}, {"timestamp": NOON, "assets": []}
    ),
    *at(
        "asana-audit",
        "asana.audit",
        {"created_at": "2026-03-01T12:00:00.000Z"},
        {"created_at": "2026-03-01 12:00:00.0"},
    ),
    *at("zendesk-audit", "zendesk.audit", {"created_at": "2026-03-01T12:00:00Z"}, {"created_at": NOON, "id": 1}),
    *at("notion-audit", "notion.audit", {"event": {"timestamp": NOON}, "timestamp": LATER}, {"timestamp": NOON}),
    *at("box-event", "box.event", {"type": "event", "created_at": None}, time=None),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TIMES = {
    "slack-audit": "date_create",
    "slack-access": "date_last",
    "zoom-activity": "time",
    "zoom-operation": "time",
    "box-event": "created_at",
    "dropbox-event": "timestamp",
    "asana-audit": "created_at",
    "zendesk-audit": "created_at",
    "notion-audit": "event.timestamp",
}


@each_case(
    ("name", "array_key"),
    [
        ("slack-audit", "entries"),
        ("slack-access", "logins"),
        ("zoom-activity", "activity_logs"),
        ("zoom-operation", "operation_logs"),
        ("box-event", "entries"),
        ("dropbox-event", "events"),
        ("asana-audit", "data"),
        ("zendesk-audit", "audit_logs"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, nested(TIMES[name], NOON), {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
