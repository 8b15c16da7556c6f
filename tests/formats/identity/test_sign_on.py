"""Identity providers and second factors: Okta, OneLogin, Auth0, Duo."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, nested, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "okta",
        "okta.system_log",
        {"published": "2026-03-01T12:00:00.000Z", "eventType": "user.session.start", "target": []},
        {"published": "2026-03-01 12:00:00", "debugcontext": {}},
        {"Published": "2026-03-01T12:00:00Z"},
    ),
    *at(
        "onelogin",
        "onelogin.event",
        {"event_timestamp": "2026-03-01 12:00:00 UTC", "created_at": LATER},
        {"created_at": "2026-03-01T12:00:00.000Z", "id": 7},
    ),
    *at(
        "auth0",
        "auth0.log",
        {"log_id": "900", "data": {"date": "2026-03-01T12:00:00.000Z", "type": "s"}, "date": LATER},
        {"date": "2026-03-01T12:00:00.000Z", "type": "fp", "description": "Wrong email or password."},
    ),
    *at(
        "duo-auth",
        "duo.authentication",
        {"isotimestamp": "2026-03-01T12:00:00.000000+00:00", "timestamp": 1},
        {"isotimestamp": "2026-03-01 12:00:00", "timestamp": "2026-03-01 12:05:00"},
        {"timestamp": 1772366400},
        {"timestamp": "1772366400"},
    ),
    *at(
        "duo-admin",
        "duo.administrator",
        {"isotimestamp": "2026-03-01T12:00:00+00:00", "timestamp": 1, "action": "user_update"},
        {"timestamp": 1772366400, "ts": LATER},
        {"ts": "2026-03-01T12:00:00.000000+00:00", "action": {"name": "phone_create"}},
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TIMES = {
    "okta": "published",
    "onelogin": "event_timestamp",
    "auth0": "data.date",
    "duo-auth": "isotimestamp",
    "duo-admin": "isotimestamp",
}


@each_case(
    ("name", "array_key"),
    [
        ("okta", "data.events"),
        ("onelogin", "data"),
        ("onelogin", "events"),
        ("auth0", "logs"),
        ("duo-auth", "response.authlogs"),
        ("duo-auth", "authlogs"),
        ("duo-auth", "response"),
        ("duo-admin", "response"),
        ("duo-admin", "response.items"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, nested(TIMES[name], NOON), {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
