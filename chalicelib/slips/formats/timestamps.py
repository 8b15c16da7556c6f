"""Every shape of time that logs write, to seconds since the epoch, UTC.

All functions raise ParseError for text that is not a time of their shape. A time without an offset is UTC: never the
machine's zone, never "now".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from typing import Literal

from ..errors import ParseError

Unit = Literal["s", "ms", "us", "ns"]

PER_SECOND: dict[Unit, int] = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)"
    r"(?:[T _]\s?(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}+)\d*+)?)?)?"
    r"\s*(?:(Z|z|[A-Z]{3,4})|([+-]\d\d(?::?\d\d)?)(?: [A-Z]{3,5})?)?",
    re.ASCII,
)
MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


def epoch(value: object, unit: Unit | None = None) -> float:
    """Return seconds since the epoch of an ISO 8601 text (0 to 9 fraction digits, any offset, `T` or a space) or a
    number.

    A number, or a text that is one, is taken in `unit`; without one its magnitude tells (seconds, milliseconds,
    microseconds or nanoseconds of the years 1973 to 5138).
    """
    if isinstance(value, str):
        if value[4:5] == "-":  # Of most texts, this tells that they are no number.
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                pass
            else:
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        text = value.strip()
        return _number(text, unit) if _NUMBER.fullmatch(text) else iso(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParseError(f"not a time: {abbreviate(value)}")
    return _number(value, unit)


def _number(value: str | int | float, unit: Unit | None) -> float:
    number = float(value) if isinstance(value, str) and not value.lstrip("+-").isdigit() else value
    number = int(number) if isinstance(number, str) else number
    try:
        per_second = PER_SECOND[unit or _magnitude(abs(number))]
        seconds = number / per_second
        datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as fault:
        raise ParseError(f"time out of range: {abbreviate(value)}") from fault
    return seconds


def _magnitude(number: float) -> Unit:
    if number < 1e11:
        return "s"
    if number < 1e14:
        return "ms"
    return "us" if number < 1e17 else "ns"


def iso(text: str) -> float:
    """Return seconds since the epoch of an ISO 8601 date and time, or of the looser kinds in logs: slashes, ` UTC`, a
    comma before the fraction, an underscore between, Go's ` +0000 UTC`; English and American dates with a year."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _spaced(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _spaced(text: str) -> float:
    """Read the loose kind that databases write: `2026-03-01 09:15:02.481 -0800`."""
    # Python itself takes more than these shapes: `09:15:061`.
    is_whole = text[10:11] == text[-6:-5] == " " and text[13:14] == text[16:17] == ":" and text[-5:-4] in ("+", "-")
    if is_whole and (len(text) == 25 or (text[19] == "." and 27 <= len(text) <= 32)):
        try:
            return datetime.fromisoformat(text[:-6] + text[-5:]).timestamp()
        except ValueError:
            pass
    return _loose(text)


def _loose(text: str) -> float:
    match = _ISO.fullmatch(text)
    if match is None:
        return american(text) if text[-1:] in "Mm" else english(text, None)
    year, month, day, hour, minute, second, fraction, name, offset = match.groups()
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    return utc(int(year), int(month), int(day), *clock, fraction, offset or name or "")


def utc(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
    fraction: str | None = None, offset: str = "",
) -> float:  # fmt: skip
    """Return seconds since the epoch of a calendar time; `fraction` is the digits after the point, `offset` `Z`,
    `+hhmm`, `+hh:mm`, `UTC` or empty (UTC). A leap second (60) counts as the first of the next minute."""
    leap = second == 60
    try:
        seconds = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=zone(offset)).timestamp()
    except (ValueError, OverflowError) as fault:
        raise ParseError(
            f"not a time: {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}: {fault}"
        ) from fault
    return seconds + leap + (float(f"0.{fraction}") if fraction else 0.0)


# The names of RFC 5322, section 4.3, and those of Europe and East Asia that mean one zone only (IST and BST mean
# several: they are refused).
NAMED_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip


@lru_cache(maxsize=64)
def zone(offset: str) -> timezone:
    """Return the zone of `Z`, `UTC`, `GMT`, `CEST`, `+hh`, `+hhmm`, `+hh:mm`, `GMT+hh:mm` or empty text (UTC)."""
    if offset in ("", "Z", "z", "UTC", "GMT"):
        return UTC
    if offset in NAMED_ZONES:
        return timezone(timedelta(hours=NAMED_ZONES[offset]))
    if offset[:3] in ("GMT", "UTC"):  # As Java writes a zone that has no name.
        return zone(offset[3:])
    digits = offset[1:].replace(":", "")
    if offset[0] not in "+-" or len(digits) not in (2, 4) or not digits.isascii() or not digits.isdigit():
        raise ParseError(f"not an offset from UTC: {abbreviate(offset)}")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if away >= timedelta(hours=24):
        raise ParseError(f"not an offset from UTC: {abbreviate(offset)}")
    return timezone(-away if offset[0] == "-" else away)


def month(name: str) -> int:
    """Return 1 to 12 for an English month's name or its first three letters, in any case."""
    try:
        return MONTHS[name[:3].lower()]
    except KeyError as fault:
        raise ParseError(f"not a month: {abbreviate(name)}") from fault


AHEAD = 7 * 86_400.0
"""Seconds that a device's clock and zone may be ahead of the object that its line landed in."""


def latest_year(reference: float, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return the year of a time without one: the latest that puts it at most `AHEAD` after `reference` (seconds since
    the epoch), the object's event time. Minds New Year (a line of 31 December in an object of 1 January, and vice
    versa) and 29 February."""
    around = datetime.fromtimestamp(reference, UTC).year
    # Eight years back there is a leap year, even around 1900 and 2100.
    for year in range(around + 1, around - (9 if (month, day) == (2, 29) else 2), -1):
        try:
            seconds = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp()
        except ValueError:
            continue
        if seconds <= reference + AHEAD:
            return year
    raise ParseError(f"not a time: month {month}, day {day}, {hour:02}:{minute:02}:{second:02}")


_HEADER = re.compile(
    r"([A-Za-z]{3}) +(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: (\d{4}))?", re.ASCII
)


def syslog(text: str, reference: float) -> float:
    """Return seconds since the epoch of RFC 3164's `Nov 21 06:00:24`; without a year, of the latest that fits
    `reference`."""
    match = _HEADER.fullmatch(text.strip())
    if match is None:
        raise ParseError(f"not a time: {abbreviate(text)}")
    name, day, before, hour, minute, second, fraction, after = match.groups()
    clock = (month(name), int(day), int(hour), int(minute), int(second))
    year = int(before or after or 0) or latest_year(reference, *clock)
    return utc(year, *clock, fraction)


@cache
def _english() -> re.Pattern[str]:
    zone = r"Z|(?:GMT|UTC)?[+-]\d\d:?\d\d|[A-Z]{2,4}"
    return re.compile(
        r"(?:[A-Za-z]{3,9},? +)??"
        r"(?:([A-Za-z]{3,9})[ -]+(\d{1,2})|(\d{1,2})[ /-]?([A-Za-z]{3,9}))"
        r"(?:[, /-]{0,2}(\d{4}))?[,:]? *"
        r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])[Mm])?"
        rf"(?: *({zone}))?(?: +(\d{{4}}))?(?: ({zone}))?",
        re.ASCII,
    )


def english(text: str, reference: float | None) -> float:
    """Return seconds since the epoch of a time with an English month: `Mon Aug 28 08:04:30 2023`, `Mar 01 2021
    20:35:54.123 UTC`, `Tue, 15 Nov 2024 12:45:26 +0100`, `21Aug2007 12:00:00`, `Mar 1, 2021 8:35 PM`; without a year,
    of the latest that fits `reference` (None: it must have one)."""
    match = _english().fullmatch(text.strip())
    if match is None:
        raise ParseError(f"not a time: {abbreviate(text)}")
    name, day, day_before, name_after, year, hour, minute, second, fraction, half, offset, year_after, after = (
        match.groups()
    )
    clock = (month(name or name_after), int(day or day_before), _hour(hour, half), int(minute), int(second or 0))
    known = int(year or year_after or 0)
    if not known and reference is None:
        raise ParseError(f"a time without a year: {abbreviate(text)}")
    return utc(known or latest_year(reference or 0.0, *clock), *clock, fraction, offset or after or "")


_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s([AaPp])[Mm]", re.ASCII
)


def american(text: str) -> float:
    """Return seconds since the epoch of `12/13/2024 4:34:03 PM`, as .NET's invariant and American cultures write it:
    the month first. Without AM or PM nothing tells the month from the day, so that is refused."""
    match = _AMERICAN.fullmatch(text.strip())
    if match is None:
        return english(text, None)
    number, day, year, hour, minute, second, fraction, half = match.groups()
    return utc(int(year), int(number), int(day), _hour(hour, half), int(minute), int(second or 0), fraction)


def _hour(hour: str, half: str | None) -> int:
    """Return 0 to 23 (or an invalid hour) for a clock's hour and its half of the day: `a`, `p`, or None for a clock of
    24."""
    return int(hour) if half is None else int(hour) % 12 + (12 if half in "pP" else 0)


def any_shape(value: object, reference: float) -> float:
    """Return seconds since the epoch of a number, of ISO 8601, or of a time with an English month: for the formats
    whose exporters do not agree on one."""
    if isinstance(value, str) and _english().fullmatch(value.strip()):
        return english(value, reference)
    return epoch(value)


def abbreviate(value: object) -> str:
    """Return the beginning of a value, for a message."""
    # An object may be nested more deeply than Python can write.
    text = type(value).__name__ if isinstance(value, dict | list) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
