"""Every shape of time that logs write, to seconds since the epoch, UTC.

All functions raise ParseError for text that is not a time of their shape, and AbsentTime, which is one, for the zero of
a clock. A time without an offset is of the zone that `offset` names, by default UTC: never the machine's zone, never
"now".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from ..errors import ParseError
from .calendar_times import DAY, AbsentTime, abbreviate, calendar_time, check_zero, latest_year, month
from .zones import ZONE, zone

Unit = Literal["s", "ms", "us", "ns"]

PER_SECOND: dict[Unit, int] = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_COMPACT = re.compile(
    r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]?(\d{1,9}+)\d*+)?)?" + rf" ?({ZONE})?)?",
    re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)"
    r"(?:[Tt _]\s?(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}+)\d*+)?)?)?"
    # Go adds the zone's name, Java its region in brackets.
    rf"\s*(?:({ZONE})(?: [A-Z]{{3,5}})?)?(?:\[!?([^\[\]]{{1,64}})\](?:\[[^\[\]]{{1,64}}\]){{0,3}})?",
    re.ASCII,
)
_UTC = re.compile(r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3})?)? UTC", re.ASCII)
"""As databases of Amazon and PostgreSQL write it."""
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2101, 1, 1, tzinfo=UTC).timestamp()
"""A number that gives no time between them is not an epoch."""


def epoch(value: object, unit: Unit | None = None, reference: float | None = None, offset: str = "") -> float:
    """Return seconds since the epoch of a time as a field holds it: ISO 8601, an English month, a number, MongoDB's
    `{"$date": …}`.

    A number, or a text that is one, is an epoch in `unit`; without one, or where that gives no time between 1980 and
    2100, its magnitude tells (seconds, milliseconds, microseconds or nanoseconds). Else its digits may be those of a
    date (`20231026`, `20231026091502`). A time without a year is refused without `reference`, when the object landed.
    """
    if isinstance(value, str):
        if len(value) == 19 and value[4] == value[7] == "/" and (value[0] + value[18]).isdigit():
            value = value.replace("/", "-")
        if value[4:5] == "-":  # Of most texts, this tells that they are no number.
            if value[-1] == "C" and _UTC.fullmatch(value):
                return epoch(value[:-4], None, None, "UTC")
            try:
                moment = datetime.fromisoformat(value)
                # Python passes over letters between six digits of a fraction and the offset: `.000000MESZ`.
                if len(value) < 28 or not value[-2].isalpha():
                    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=zone(offset))).timestamp()
                    return seconds if seconds >= DAY else check_zero(seconds)
            except ValueError:
                pass
        text = value.strip()
        return _number(text, unit, offset) if _NUMBER.fullmatch(text) else _read_text(text, reference, offset)
    if isinstance(value, dict):
        return _read_object(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParseError(f"not a time: {abbreviate(value)}")
    return _number(value, unit, offset)


def any_shape(value: object, reference: float, offset: str = "") -> float:
    """Return seconds since the epoch of a time as a field holds it, also of one without a year; see `epoch`."""
    return epoch(value, None, reference, offset)


_OBJECTS: tuple[tuple[str, str], ...] = (
    ("seconds", "nanos"), ("_seconds", "_nanoseconds"), ("epochSecond", "nanoOfSecond"),
)  # fmt: skip
"""Seconds, and the nanoseconds beyond them: protobuf's Timestamp, Firestore, Log4j's `instant`."""


def _read_object(value: dict[object, object]) -> float:
    """Read MongoDB's `{"$date": …}`, also around `{"$numberLong": "…"}`, and an object of seconds and nanoseconds."""
    date = value.get("$date", value)
    if isinstance(date, dict):
        date = date.get("$numberLong")
    if date is not None and not isinstance(date, dict):
        return epoch(date, "ms")
    for whole, rest in _OBJECTS:
        nanoseconds = value.get(rest, 0)
        if whole in value and isinstance(nanoseconds, int) and not isinstance(value[whole], dict):
            return epoch(value[whole], "s") + nanoseconds % 1_000_000_000 / 1e9
    raise ParseError(f"not a time: {abbreviate(value)}")


def _number(value: str | int | float, unit: Unit | None, offset: str) -> float:
    number = float(value) if isinstance(value, str) and not value.lstrip("+-").isdigit() else value
    number = int(number) if isinstance(number, str) else number
    for each in (unit, _magnitude(number)):
        if each is not None and EARLIEST * PER_SECOND[each] <= number < LATEST * PER_SECOND[each]:
            return number / PER_SECOND[each]
    if number == 0:
        raise AbsentTime("a zero in place of a time")
    compact = _COMPACT.fullmatch(str(value))
    if compact is None:
        raise ParseError(f"not a time between 1980 and 2100: {abbreviate(value)}")
    return _calendar(compact.groups(), offset)


def _magnitude(number: float) -> Unit:
    if number < 1e11:
        return "s"
    if number < 1e14:
        return "ms"
    return "us" if number < 1e17 else "ns"


def iso(text: str, offset: str = "") -> float:
    """Return seconds since the epoch of an ISO 8601 date and time, or of the looser kinds in logs: slashes, ` UTC`, a
    comma before the fraction, an underscore between, one digit, Go's ` +0000 UTC`, Java's `[Europe/Berlin]`; English
    and American dates with a year."""
    text = text.strip()
    return epoch(text, None, None, offset) if text[4:5] == "-" else _read_text(text, None, offset)


def _read_text(text: str, reference: float | None, offset: str) -> float:
    # The loose kind that databases write: `2026-03-01 09:15:02.481 -0800`. Python itself takes more than these shapes:
    # `09:15:061`.
    is_whole = text[10:11] == text[-6:-5] == " " and text[13:14] == text[16:17] == ":" and text[-5:-4] in ("+", "-")
    if is_whole and (len(text) == 25 or (text[19] == "." and 27 <= len(text) <= 32)):
        return epoch(text[:-6] + text[-5:], None, reference, offset)
    if len(text) == 19 and text[4] == text[7] == "/":
        return epoch(text.replace("/", "-"), None, reference, offset)
    match = _ISO.fullmatch(text)
    if match is not None:
        *parts, region = match.groups()
        return _calendar((*parts[:-1], parts[-1] or region), offset)
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return _calendar(compact.groups(), offset)
    return american(text, offset) if text[-1:] in "Mm" else english(text, reference, offset)


def _calendar(parts: tuple[str | None, ...], offset: str) -> float:
    """Return the time of year, month, day, hour, minute, second, fraction and zone, as a pattern's groups."""
    year, month, day, hour, minute, second, fraction, zone_name = parts
    date = int(year or 0), int(month or 0), int(day or 0)
    return utc(*date, int(hour or 0), int(minute or 0), int(second or 0), fraction, zone_name or offset)


def utc(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
    fraction: str | None = None, offset: str = "",
) -> float:  # fmt: skip
    """Return seconds since the epoch of a calendar time; `fraction` is the digits after the point, `offset` `Z`,
    `+hhmm`, `+hh:mm`, `UTC` or empty (UTC). See `calendar_times.calendar_time`."""
    return calendar_time(zone(offset), year, month, day, hour, minute, second, fraction)


@cache
def _english() -> re.Pattern[str]:
    return re.compile(
        r"(?:[A-Za-z]{3,9},? +)??(?:(\d{4}) )?"
        r"(?:([A-Za-z]{3,9})[ -]+(\d{1,2})|(\d{1,2})[ /-]?([A-Za-z]{3,9}))"
        r"(?:[, /-]{0,2}(\d{4}))?[,:]? *"
        r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])[Mm])?"
        rf"(?: *({ZONE}))?(?: +(\d{{4}}))?(?: ({ZONE}))?",
        re.ASCII,
    )


def english(text: str, reference: float | None, offset: str = "") -> float:
    """Return seconds since the epoch of a time with an English month: `Mon Aug 28 08:04:30 2023`, `Mar 01 2021
    20:35:54.123 UTC`, `Tue, 15 Nov 2024 12:45:26 +0100`, `21Aug2007 12:00:00`, `2017 Mar 06 09:22:34 CET`, `Mar 1, 2021
    8:35 PM`; without a year, of the latest that fits `reference` (None: it must have one)."""
    match = _english().fullmatch(text.strip())
    if match is None:
        raise ParseError(f"not a time: {abbreviate(text)}")
    (
        year_first, name, day, day_before, name_after, year, hour, minute, second, fraction, half, after_clock,
        year_after, after,
    ) = match.groups()  # fmt: skip
    clock = (month(name or name_after), int(day or day_before), _hour(hour, half), int(minute), int(second or 0))
    known = year_first or year or year_after
    if known is None and reference is None:
        raise ParseError(f"a time without a year: {abbreviate(text)}")
    number = latest_year(reference or 0.0, *clock) if known is None else int(known)
    return utc(number, *clock, fraction, after_clock or after or offset)


_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s([AaPp])[Mm]", re.ASCII
)


def american(text: str, offset: str = "") -> float:
    """Return seconds since the epoch of `12/13/2024 4:34:03 PM`, as .NET's invariant and American cultures write it:
    the month first. Without AM or PM nothing tells the month from the day, so that is refused."""
    match = _AMERICAN.fullmatch(text.strip())
    if match is None:
        return english(text, None, offset)
    number, day, year, hour, minute, second, fraction, half = match.groups()
    clock = _hour(hour, half), int(minute), int(second or 0)
    return utc(int(year), int(number), int(day), *clock, fraction, offset)


def _hour(hour: str, half: str | None) -> int:
    """Return 0 to 23 (or an invalid hour) for a clock's hour and its half of the day: `a`, `p`, or None for a clock of
    24."""
    return int(hour) if half is None else int(hour) % 12 + (12 if half in "pP" else 0)
