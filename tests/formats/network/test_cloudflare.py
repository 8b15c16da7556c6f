"""Cloudflare's Logpush data sets and audit logs."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, letter_cases, page

TIMES = {
    "cloudflare-http": "EdgeStartTimestamp",
    "cloudflare-firewall": "Datetime",
    "cloudflare-gateway": "Datetime",
    "cloudflare-dns": "Timestamp",
    "cloudflare-spectrum": "Timestamp",
    "cloudflare-audit": "When",
}
# The timestamp formats that a Logpush job offers, as numbers or as text, and what collectors write over them.
WRITTEN = (
    *(NOON, "2026-03-01T12:00:00Z", "2026-03-01 12:00:00", "2026-03-01 12:00:00.000000000"),
    *(1772366400, 1772366400000, 1772366400000000000, "1772366400", "1772366400000", "1772366400000000000"),
)


@each_case("value", WRITTEN)
@each_case("name", TIMES)
def test_a_time_is_read_in_every_shape_that_a_job_may_choose(name: str, value: Any) -> None:
    Row(name, {TIMES[name]: value, "RayID": "72d8"}, name.replace("-", "."), NOON).check()


@each_case("name", TIMES)
def test_a_field_is_found_in_any_letter_case(name: str) -> None:
    for path in letter_cases(TIMES[name]):
        Row(name, {path: NOON}, name.replace("-", "."), NOON).check()


@each_case(
    "row",
    [
        *at("cloudflare-http", "cloudflare.http", {"EdgeEndTimestamp": NOON}),
        *at("cloudflare-gateway", "cloudflare.gateway", {"SessionStartTime": NOON}),
        *at("cloudflare-spectrum", "cloudflare.spectrum", {"ConnectTimestamp": NOON}, {"DisconnectTimestamp": NOON}),
        *at("cloudflare-audit", "cloudflare.audit", {"ActionTimestamp": NOON}, {"action": {"time": NOON}}),
        *at("cloudflare-dns", "cloudflare.dns", {"QueryName": "www.example.com"}, time=None),
    ],
    ids=str,
)
def test_an_event_without_its_usual_time_has_the_next_best(row: Row) -> None:
    row.check()


def test_a_page_of_the_audit_api_is_its_result() -> None:
    assert page("cloudflare-audit", "result", {"when": NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
