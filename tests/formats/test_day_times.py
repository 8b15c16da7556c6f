"""Times that are read without a calendar, where their day was seen before, are those that the calendar gives."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats import day_times, timestamps

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "dec", "Foo")
CLOCKS = st.builds("{:02}:{:02}:{:02}".format, st.integers(0, 25), st.integers(0, 61), st.integers(0, 61))
NEW_YEAR, LEAP_DAY = 1735689600.0, 1709164800.0


def outcome(call: Callable[[], float]) -> float | str:
    try:
        return call()
    except ParseError as fault:
        return str(fault)


@given(
    st.builds("{} {:>2} {}".format, st.sampled_from(MONTHS), st.integers(0, 32), CLOCKS),
    st.sampled_from([0.0, 1772356502.481, NEW_YEAR, NEW_YEAR - 1, LEAP_DAY, LEAP_DAY - 4e8])
    | st.floats(0, 4e9, allow_nan=False),
)
def test_a_time_without_a_year_is_that_of_the_latest_that_fits(text: str, reference: float) -> None:
    quick = outcome(lambda: day_times.bsd(text, reference))
    assert quick == outcome(lambda: timestamps.english(text, reference))


@given(
    st.integers(0, 32), st.sampled_from(MONTHS), st.sampled_from(["1970", "2026", "1900", "9999", "0001"]), CLOCKS,
    st.sampled_from(["+0000", "-0700", "+0530", "+2400", "-1160", "abcde"]),
)  # fmt: skip
def test_a_time_of_the_common_log_format_is_that_of_the_calendar(
    day: int, month: str, year: str, clock: str, offset: str
) -> None:
    text = f"{day:02}/{month}/{year}:{clock} {offset}"
    # With a fraction nothing is quick.
    slow = outcome(lambda: day_times.clf(f"{day:02}/{month}/{year}:{clock}.0 {offset}"))
    quick = outcome(lambda: day_times.clf(text))
    assert quick == slow or (isinstance(slow, str) and quick == re.sub(r"\.0 ", " ", slow))


@pytest.mark.parametrize("text", ["Mar  1 09:15:0\u0662", "Mar  \u0661 09:15:02", "Mar 1  09:15:02", "Mar 01 09:15:60"])
def test_odd_ones_are_read_as_before(text: str) -> None:
    assert outcome(lambda: day_times.bsd(text, 1e9)) == outcome(lambda: timestamps.english(text, 1e9))
