"""Google Workspace: the login activity that the class-based SLIPS read, and every other application."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..reading import one, read
from ..rows import NOON, Row, broken_records, check_refused

ROWS = [
    Row(
        "g-suite-login",
        {"id": {"time": "2026-03-01T12:00:00.000Z", "applicationName": "login"}, "actor": {"email": "liz@example.com"}},
        "gsuite.login",
        NOON,
    ),
    Row(
        "google-workspace",
        {"id": {"time": "2026-03-01T12:00:00.123Z", "applicationName": "drive"}, "events": [{"name": "view"}]},
        "gsuite.drive",
        "2026-03-01T12:00:00.123+00:00",
    ),
    # What other collectors make of it: a space for the T, nine digits; a name in letters of the vendor's own.
    Row(
        "google-workspace",
        {"id": {"time": "2026-03-01 12:00:00.667000000", "applicationName": "context_aware_access"}},
        "gsuite.context_aware_access",
        "2026-03-01T12:00:00.667+00:00",
    ),
    Row("google-workspace", {"id": {"time": "2026-03-01T21:00:00+09:00"}}, "gsuite.unknown", NOON),
    Row("google-workspace", {"kind": "admin#reports#activity"}, "gsuite.unknown", None),
]


@each_case("row", ROWS, ids=str)
def test_an_activity_has_the_tag_of_its_application_and_the_time_under_id(row: Row) -> None:
    row.check()


def test_an_offset_in_the_time_is_honoured() -> None:
    assert (
        one("g-suite-login", b'{"id":{"time":"2026-03-01 18:15:02+09:00"}}').time == "2026-03-01T09:15:02.000000+00:00"
    )


@each_case("name", ["g-suite-login", "google-workspace"])
def test_a_page_of_the_reports_api_is_its_items(name: str) -> None:
    page = b'{"kind":"admin#reports#activities","items":[{"id":{"time":"2026-03-01T09:15:02Z"}},{"id":{}}]}'
    assert [activity.time for activity in read(name, page)] == ["2026-03-01T09:15:02.000000+00:00", None]


@each_case("name", ["g-suite-login", "google-workspace"])
def test_the_events_inside_an_activity_are_not_a_page(name: str) -> None:
    assert len(read(name, b'{"id":{"time":"2026-03-01T09:15:02Z"},"events":[{"name":"a"},{"name":"b"}]}')) == 1


@each_case(("name", "broken"), broken_records({"g-suite-login": "id.time", "google-workspace": "id.time"}))
def test_what_is_not_an_activity_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
