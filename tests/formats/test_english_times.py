"""Times with an English month, and named zones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slips.errors import ParseError
from slips.formats.timestamps import any_shape, english, iso
from tests.each_case import each_case

NEW_YEAR = datetime(2026, 1, 1, 0, 5, tzinfo=UTC).timestamp()


def utc_text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@each_case(
    ("text", "time"),
    [
        ("Mon Aug 28 08:04:30 2023", "2023-08-28T08:04:30+00:00"),
        ("Fri Sep 09 10:42:29.902022 2011", "2011-09-09T10:42:29.902022+00:00"),
        ("Mar 01 2021 20:35:54.123 UTC", "2021-03-01T20:35:54.123000+00:00"),
        ("Tue, 15 Nov 2024 12:45:26 +0100", "2024-11-15T11:45:26+00:00"),
        ("21Aug2007 12:00:00", "2007-08-21T12:00:00+00:00"),
        ("Mar 1, 2021 12:35:54 AM", "2021-03-01T00:35:54+00:00"),
        ("Mar 1, 2021 8:35:54 pm", "2021-03-01T20:35:54+00:00"),
        ("Tue Sep 30 17:37:30 CEST 2014", "2014-09-30T15:37:30+00:00"),
        ("Tue Sep 30 17:37:30 2014 UTC", "2014-09-30T17:37:30+00:00"),
    ],
)
def test_the_shapes_of_an_english_time(text: str, time: str) -> None:
    assert utc_text(english(text, NEW_YEAR)) == time


def test_a_time_without_a_year_minds_new_year() -> None:
    assert utc_text(english("Dec 31 23:59:58", NEW_YEAR)) == "2025-12-31T23:59:58+00:00"


@each_case("text", ["", "Foo 01 2021 10:00:00", "Feb 30 2021 10:00:00", "Mar 01 2021", "Mar 01 2021 25:00:00"])
def test_what_is_not_an_english_time_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        english(text, NEW_YEAR)


def test_any_shape_reads_numbers_and_iso_too() -> None:
    assert any_shape("1772356502481", 0.0) == any_shape("2026-03-01T09:15:02.481Z", 0.0) == 1772356502.481


def test_a_zone_by_name_is_its_offset_and_an_ambiguous_one_is_refused() -> None:
    assert utc_text(iso("2026-03-01 09:15:02 CET")) == "2026-03-01T08:15:02+00:00"
    with pytest.raises(ParseError):
        iso("2026-03-01 09:15:02 IST")
