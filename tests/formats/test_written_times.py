"""What `epoch` reads beyond ISO 8601: the times that Go, .NET and mail write, if they have a year."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from slips.errors import ParseError
from slips.formats.timestamps import american, epoch
from tests.each_case import each_case


@each_case(
    ("text", "instant"),
    [
        # Go's time.String, which repeats the offset by name.
        ("2026-03-01 09:15:02.871 +0000 UTC", "2026-03-01T09:15:02.871000+00:00"),
        ("2026-03-01 09:15:02 -0700 PDT", "2026-03-01T16:15:02+00:00"),
        # Java's zone without a name.
        ("Mar 01 2026 10:15:02 GMT+01:00", "2026-03-01T09:15:02+00:00"),
        ("Mar 01 2026 09:15:02.5 UTC-0000", "2026-03-01T09:15:02.500000+00:00"),
        # .NET in the invariant and the American culture.
        ("12/13/2026 4:34:03 PM", "2026-12-13T16:34:03+00:00"),
        ("1/2/2026 12:00 AM", "2026-01-02T00:00:00+00:00"),
        ("01/02/2026, 12:00:01.5 pm", "2026-01-02T12:00:01.500000+00:00"),
        # An English month.
        ("Sun Mar  1 09:15:02 2026 UTC", "2026-03-01T09:15:02+00:00"),
        ("Sun, 01 Mar 2026 01:15:02 -0800", "2026-03-01T09:15:02+00:00"),
        ("28 Jan 2026 01:00 GMT", "2026-01-28T01:00:00+00:00"),
        ("Mar 1, 2026 8:35 PM", "2026-03-01T20:35:00+00:00"),
    ],
)
def test_a_time_with_its_year_is_read(text: str, instant: str) -> None:
    assert datetime.fromtimestamp(epoch(text), UTC).isoformat() == instant


@each_case(
    "text",
    [
        *("Mar 01 09:15:02", "13/13/2026 4:34:03 PM", "12/13/2026 16:34:03", "2026-03-01 09:15:02 ABCDE"),
        *("2026-03-01 09:15:02 PM", "M", "", "01/02/2026 12:61 AM"),
    ],
)
def test_a_time_without_its_year_or_of_two_meanings_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        epoch(text)


def test_american_leaves_an_english_month_to_english() -> None:
    assert american("Mar 1, 2026 8:35:54 PM") == epoch("2026-03-01T20:35:54Z")


@each_case(
    ("before", "again", "after"),
    [
        ("2026-03-01 09:15:02.", "1", "x"),
        ("", "1", "x"),
        ("Mar 1 2026 09:15:02", " ", "x"),
        ("Sun, ", " ", ""),
        ("1/1/2026 1:15", " ", "PM"),
    ],
)
def test_a_megabyte_of_hostile_text_costs_less_than_a_second(before: str, again: str, after: str) -> None:
    began = time.process_time()
    with suppress(ParseError):
        epoch(before + again * 1_000_000 + after)
    assert time.process_time() - began < 1.0
