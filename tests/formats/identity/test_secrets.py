"""Use of secrets and access to machines: 1Password, Vault, Teleport, Tailscale."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

LATER = "2026-03-01T12:05:00Z"
NANOSECONDS = "2026-03-01T12:00:00.000000999Z"

ROWS = [
    *at("onepassword-signin", "onepassword.signin", {"timestamp": NOON}, {"timestamp": "2026-03-01 12:00:00"}),
    *at(
        "onepassword-item", "onepassword.item_usage", {"timestamp": NANOSECONDS}, {"timestamp": "2026-03-01 12:00:00.0"}
    ),
    *at("vault-audit", "vault.audit", {"time": NANOSECONDS, "type": "request", "auth": {}}, {"time": NOON}),
    *at(
        "teleport-audit",
        "teleport.audit",
        {"time": "2026-03-01T12:00:00Z", "event": "session.start", "ei": 0},
        {"time": "2026-03-01 12:00:00.000000", "identity": {"expires": LATER}},
    ),
    *at(
        "tailscale-audit",
        "tailscale.audit",
        {"eventTime": NANOSECONDS, "action": "CREATE"},
        {"event": {"eventTime": NOON}, "fields": {"recorded": LATER}, "time": LATER},
        {"event": {}, "fields": {"recorded": NOON}, "time": LATER},
        {"event": {}, "time": 1772366400.0},
    ),
    *at("vault-audit", "vault.audit", {"type": "response"}, time=None),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TIMES = {
    "onepassword-signin": "timestamp",
    "onepassword-item": "timestamp",
    "vault-audit": "time",
    "teleport-audit": "time",
    "tailscale-audit": "eventTime",
}


@each_case(
    ("name", "array_key"),
    [
        ("onepassword-signin", "items"),
        ("onepassword-item", "items"),
        ("teleport-audit", "events"),
        ("tailscale-audit", "logs"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, {TIMES[name]: NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
