"""Data platforms: MongoDB Atlas, Databricks."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, page

ROWS = [
    *at(
        "mongodb-atlas",
        "mongodb.atlas",
        {"created": "2026-03-01T12:00:00Z"},
        {"created": "2026-03-01 12:00:00.000000000"},
    ),
    *at(
        "databricks-audit",
        "databricks.audit",
        {"timestamp": 1772366400000, "event_time": "2026-03-01T12:05:00Z"},
        {"timestamp": "1772366400000"},
        {"event_time": "2026-03-01T12:00:00.000+00:00"},
    ),
    *at("mongodb-atlas", "mongodb.atlas", {"eventTypeName": "JOINED_ORG"}, time=None),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


def test_a_page_is_its_events() -> None:
    assert page("mongodb-atlas", "results", {"created": NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records({"mongodb-atlas": "created", "databricks-audit": "timestamp"}))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
