"""Times in a pattern of Java's SimpleDateFormat."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slips.errors import ParseError
from slips.formats.java_times import read_java_time
from tests.each_case import each_case

LANDED = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
INSTANT = 1772356502.0


@each_case(
    ("text", "pattern"),
    [
        ("20260301091502", "yyyyMMddHHmmss"),
        ("01/03/2026 09:15:02", "dd/MM/yyyy HH:mm:ss"),
        ("03/01/2026 9:15:02 am", "MM/dd/yyyy h:mm:ss a"),
        ("Mar 01 2026 10:15:02.000 CET", "MMM dd yyyy HH:mm:ss.SSS zzz"),
        ("2026-03-01T10:15:02+01:00", "yyyy-MM-dd'T'HH:mm:ssXXX"),
        ("Sun, 1 Mar 26 09:15:02 +0000", "EEE, d MMM yy HH:mm:ss Z"),
        ("Mar 1 09:15:02", "MMM d HH:mm:ss"),
        ("9 o'clock 15:02, 1 March 2026", "H 'o''clock' mm:ss, d MMMM yyyy"),
    ],
)
def test_a_time_is_read_in_its_pattern(text: str, pattern: str) -> None:
    assert read_java_time(text, pattern, LANDED) == INSTANT


def test_a_time_without_a_zone_is_of_the_one_given() -> None:
    assert read_java_time("01.03.2026 10:15", "dd.MM.yyyy HH:mm", LANDED, "+0100") == INSTANT - 2


@each_case(
    ("text", "pattern"),
    [
        ("20260301", "yyyyMMddHHmmss"), ("2026-03-01", ""), ("2026-03-01", "yyyy-MM-dd'"), ("1 1 2026", "d d yyyy"),
        ("2026", "yyyy"), ("2026-060", "yyyy-DDD"), ("20261301000000", "yyyyMMddHHmmss"), ("x" * 200, "x" * 200),
        ("2026-03-01", "(yyyy-MM-dd"),
    ],
)  # fmt: skip
def test_another_text_or_a_pattern_that_cannot_be_read_is_refused(text: str, pattern: str) -> None:
    with pytest.raises(ParseError):
        read_java_time(text, pattern, LANDED)
