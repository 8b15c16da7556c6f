"""Patterns of times, and zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from slips.config.patterns import times
from slips.config.patterns.line import PatternFault
from slips.config.patterns.times import parse_time, parse_zone, time_shape
from tests.each_case import each_case

READ: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("%d.%m.%Y %H:%M:%S", "1.3.2026  9:15:02", ("1", "3", "2026", "9", "15", "02")),
    (
        "%F %T.%f%z",
        "2026-03-01 09:15:02.481999999123+0100",
        ("2026", "03", "01", "09", "15", "02", "481999999", "+0100"),
    ),
    ("%b %e %R %Z", "Mar  1 09:15 CET", ("Mar", "1", "09", "15", "CET")),
    ("%A, %d %B %y %I:%M %p", "Sunday, 01 March 26 09:15 am", ("01", "March", "26", "09", "15", "a")),
    ("%Y%m%d%H%M%S", "20260301091502", ("2026", "03", "01", "09", "15", "02")),
    ("%s.%f", "1772356502.5", ("1772356502", "5")),
    ("%D %%T (%z)", "03/01/26 %T (Z)", ("03", "01", "26", "Z")),
    (r"%Y\%j", r"2026\060", ("2026", "060")),
)


@each_case("text, value, expected", READ)
def test_directives_take_their_part_of_a_time(text: str, value: str, expected: tuple[str, ...]) -> None:
    pattern, letters = parse_time(text)
    match = re.fullmatch(pattern, value)
    assert match is not None
    assert (match.groups(), len(letters)) == (expected, len(expected))
    shape = re.compile(time_shape(text))
    assert (shape.groups, shape.fullmatch(value) is not None) == (0, True)


WRONG = (
    ("", 'found no directive in ""'),
    ("yyyy-MM-dd", 'found no directive in "yyyy-MM-dd"; write strptime directives'),
    ("%Q", 'unknown directive "%Q"; there are %Y'),
    ("%d%", 'unknown directive "%"; there are %Y'),
    ("%d.%m.%Y %d", "%d occurs twice; keep one of them"),
    ("%d %e %b", "%d occurs twice"),
    ("%T", "the pattern has no day"),
    ("%Y-%m", "the pattern has no day"),
    ("%j %H", "the pattern has no day"),
    ("%F %I:%M", "%I and %p need each other"),
    ("%F %H:%M %p", "%I and %p need each other"),
)


@each_case("text, fault", WRONG)
def test_a_pattern_without_a_meaning_is_refused(text: str, fault: str) -> None:
    with pytest.raises(PatternFault) as raised:
        parse_time(text)
    assert str(raised.value).startswith(fault)


SUMMER, WINTER = datetime(2026, 7, 1), datetime(2026, 1, 1)


def test_a_zone_is_a_place_or_an_offset() -> None:
    berlin = parse_zone("Europe/Berlin")
    assert (berlin.utcoffset(SUMMER), berlin.utcoffset(WINTER)) == (timedelta(hours=2), timedelta(hours=1))
    assert parse_zone("-05:30").utcoffset(SUMMER) == timedelta(hours=-5, minutes=-30)
    assert parse_zone("+0200").utcoffset(SUMMER) == timedelta(hours=2)
    assert parse_zone("UTC").utcoffset(SUMMER) == UTC.utcoffset(None)


@each_case("name", ["", "Mars", "../../etc/passwd", "/etc/passwd", "America", "+25:00", "\x00", "Europe/Berlin\n"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(PatternFault, match="unknown zone"):
        parse_zone(name)


def test_a_system_without_zones_reads_those_that_dateutil_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    def missing(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    assert times.parse_zone("Europe/Berlin").utcoffset(SUMMER) == timedelta(hours=2)
