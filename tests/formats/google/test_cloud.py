"""Google Cloud Logging."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

TAGS = {"gcp-audit": "gcp.audit", "gcp-log": "gcp.log", "gcp-load-balancer": "gcp.load_balancer"}
ROWS = [
    row
    for name, tag in TAGS.items()
    for row in at(
        name,
        tag,
        {"timestamp": "2026-03-01T12:00:00.000000000Z", "receiveTimestamp": "2026-03-01T12:00:09Z"},
        {"timestamp": "2026-03-01 12:00:00.000000000", "logname": "projects/shop/logs/requests"},
        {"timestamp": None, "receiveTimestamp": NOON},
        {"timestamp": "", "receivetimestamp": "2026-03-01 12:00:00"},
        {"timestamp": "2026-03-01T13:00:00+01:00", "jsonPayload": {"eventTime": None}},
    )
]


@each_case("row", ROWS, ids=str)
def test_an_entry_has_its_timestamp_else_the_time_it_was_received(row: Row) -> None:
    row.check()


@each_case("name", TAGS)
def test_nanoseconds_are_kept_to_the_microsecond(name: str) -> None:
    Row(name, {"timestamp": "2026-03-01T12:00:00.123456789Z"}, TAGS[name], "2026-03-01T12:00:00.123456+00:00").check()


@each_case("name", TAGS)
def test_a_page_of_entries_list_is_its_entries(name: str) -> None:
    assert page(name, "entries", {"timestamp": NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(dict.fromkeys(TAGS, "timestamp")))
def test_what_is_not_an_entry_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
