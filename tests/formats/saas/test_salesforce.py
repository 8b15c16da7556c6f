"""Salesforce event log files."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read
from ..rows import NOON, at, broken_records, check_refused

HEADER = b'"EVENT_TYPE","TIMESTAMP","RUN_TIME","URI","TIMESTAMP_DERIVED"'


def test_a_row_has_the_tag_of_its_event_type_and_its_derived_time() -> None:
    login = one("salesforce-event-log", HEADER, b'"Login","20260301120500.000","98","/a,b","2026-03-01T12:00:00.000Z"')
    assert (login.tag, login.time) == ("salesforce.Login", "2026-03-01T12:00:00.000000+00:00")
    assert (login["RUN_TIME"], login["URI"]) == (98, "/a,b")


def test_without_a_derived_time_the_compact_one_counts() -> None:
    api = one("salesforce-event-log", HEADER, b'"API","20260301120000.123","","",""')
    assert (api.tag, api.time, api["RUN_TIME"]) == ("salesforce.API", "2026-03-01T12:00:00.123000+00:00", "")


def test_files_of_several_event_types_one_after_another_each_have_their_header() -> None:
    other = b'"EVENT_TYPE","URI"'
    rows = read("salesforce-event-log", HEADER, b'"Login","20260301120000","","",""', other, b'"URI","/x"')
    assert [row.tag for row in rows] == ["salesforce.Login", "salesforce.URI"]
    assert rows[1].event == {"EVENT_TYPE": "URI", "URI": "/x"}


def test_a_row_may_be_json() -> None:
    for row in at(
        "salesforce-event-log",
        "salesforce.LoginAs",
        {"EVENT_TYPE": "LoginAs", "TIMESTAMP": "20260301120000.000"},
        {"EVENT_TYPE": "LoginAs", "TIMESTAMP_DERIVED": "2026-03-01 12:00:00.000", "TIMESTAMP": "x"},
        {"EVENT_TYPE": "LoginAs", "TIMESTAMP": NOON},
    ):
        row.check()


@each_case(("name", "broken"), broken_records({"salesforce-event-log": "TIMESTAMP_DERIVED"}))
def test_what_is_not_a_row_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)


@each_case(
    "row", [b'"Login"', b'"Login","yesterday","","",""', b'"Login","20261301000000","","",""', b'"Login","2"x,"","",""']
)
def test_a_row_that_is_broken_is_refused(row: bytes) -> None:
    with pytest.raises(ParseError):
        read("salesforce-event-log", HEADER, row)


@each_case("wrong", [{}, [1], True, 7e300])
def test_a_compact_time_of_another_type_is_refused(wrong: Any) -> None:
    check_refused("salesforce-event-log", {"EVENT_TYPE": "Login", "TIMESTAMP": wrong or [wrong]})
