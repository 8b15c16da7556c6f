"""Snowflake: account usage views as JSON or CSV, in upper or lower case."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read
from ..rows import NOON, Row, at, broken_records, check_refused

TIMES = {"snowflake-login": "EVENT_TIMESTAMP", "snowflake-query": "START_TIME"}
TAGS = {"snowflake-login": "snowflake.login", "snowflake-query": "snowflake.query"}
# What TIMESTAMP_OUTPUT_FORMAT may make of it: the default, ISO 8601, RFC 2822, epoch.
WRITTEN = (
    *("2026-03-01 12:00:00.000000000", "2026-03-01 04:00:00.000 -0800", "2026-03-01 12:00:00.000 Z", NOON),
    *("Sun, 01 Mar 2026 04:00:00 -0800", "1772366400.000000000", 1772366400000),
)


@each_case("value", WRITTEN)
@each_case("name", TIMES)
def test_a_json_row_has_its_time_in_every_shape_of_a_session(name: str, value: Any) -> None:
    Row(name, {TIMES[name]: value, "USER_NAME": "LIZ"}, TAGS[name], NOON).check()
    Row(name, {TIMES[name].lower(): value}, TAGS[name], NOON).check()


def test_a_query_that_has_not_begun_has_the_time_of_its_end() -> None:
    for row in at("snowflake-query", "snowflake.query", {"END_TIME": NOON}, {"START_TIME": "", "END_TIME": NOON}):
        row.check()


@each_case("header", [b'"EVENT_ID","EVENT_TIMESTAMP","USER_NAME"', b"event_id,event_timestamp,user_name"])
def test_a_csv_row_is_read_under_its_header(header: bytes) -> None:
    login = one(
        "snowflake-login", b"\xef\xbb\xbf" + header, b'393754014361778,"2026-03-01 12:00:00.000","O""HARA, LIZ"'
    )
    assert (login.tag, login.time) == ("snowflake.login", "2026-03-01T12:00:00.000000+00:00")
    assert list(login.event.values()) == [393754014361778, "2026-03-01 12:00:00.000", 'O"HARA, LIZ']


def test_the_text_of_a_query_may_hold_line_breaks_and_a_null_is_none() -> None:
    header = b"QUERY_ID,QUERY_TEXT,START_TIME,TOTAL_ELAPSED_TIME,ERROR_CODE,QUERY_TAG"
    query = one("snowflake-query", header, b'01b2,"select 1,\n  ""a""",2026-03-01 12:00:00,42,\\N,7')
    assert query["QUERY_TEXT"] == 'select 1,\n  "a"'
    assert (query["TOTAL_ELAPSED_TIME"], query["ERROR_CODE"], query["QUERY_TAG"]) == (42, None, "7")


def test_json_is_left_as_it_is() -> None:
    row = one("snowflake-login", b'{"EVENT_ID":"393754","ERROR_CODE":394304}')
    assert row.event == {"EVENT_ID": "393754", "ERROR_CODE": 394304}


def test_a_repeated_header_is_not_an_event() -> None:
    header, row = b"EVENT_ID,EVENT_TIMESTAMP", b"1,2026-03-01 12:00:00"
    assert len(read("snowflake-login", header, row, header, row)) == 2


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_a_row_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)


@each_case("rows", [(b"1,LIZ",), (b"EVENT_ID,EVENT_TIMESTAMP", b"1"), (b"EVENT_TIMESTAMP", b'"open')])
def test_a_row_that_does_not_fit_its_header_is_refused(rows: tuple[bytes, ...]) -> None:
    with pytest.raises(ParseError):
        read("snowflake-login", *rows)
