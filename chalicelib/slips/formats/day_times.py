"""The times of access logs and BSD syslog headers. Most of their days were seen before: no calendar is asked."""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import ParseError
from .calendar_times import DAY, MONTHS, abbreviate, check_zero, latest_year, month
from .timestamps import english, utc
from .zones import ZONE, cache_by_zones

_CLF = re.compile(
    rf"(\d{{1,2}})/([A-Za-z]{{3}})/(\d{{4}}):(\d\d?):(\d\d):(\d\d)(?:[.,](\d{{1,9}}))?(?: ?({ZONE}))?", re.ASCII
)


@cache_by_zones(256)
def _clf_day(date: str, offset: str) -> float | None:
    """Return when the day of `10/Oct/2000` begins in a zone; None for what is none."""
    match = _CLF.fullmatch(f"{date}:00:00:00 {offset.strip()}".strip())
    try:
        return None if match is None else utc(int(match[3]), month(match[2]), int(match[1]), offset=match[8] or "")
    except ParseError:
        return None


def _clock(hours: str, minutes: str, seconds: str) -> int | None:
    """Return the seconds of a day of two digits each; None for what is no ordinary time of day."""
    digits = hours + minutes + seconds
    if not (digits.isdigit() and digits.isascii() and hours < "24" and minutes < "60" and seconds < "60"):
        return None
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def clf(text: str, zone: str = "") -> float:
    """Return seconds since the epoch of the Common Log Format's `10/Oct/2000:13:55:36 -0700`; without an offset, in
    that `zone`."""
    if len(text) >= 20 and text[11] == text[14] == text[17] == ":":
        rest, part = text[20:], 0.0
        if rest[:1] == "." and rest[1:].isdigit() and rest.isascii() and len(rest) <= 10:
            rest, part = "", float(f"0{rest}")
        begin, clock = _clf_day(text[:11], rest or zone), _clock(text[12:14], text[15:17], text[18:20])
        if begin is not None and clock is not None:
            return begin + clock + part
    match = _CLF.fullmatch(text.strip().removeprefix("[").removesuffix("]"))
    if match is None:
        raise ParseError(f"not a time: {abbreviate(text)}")
    day, name, year, hour, minute, second, fraction, offset = match.groups()
    return utc(int(year), month(name), int(day), int(hour), int(minute), int(second), fraction, offset or zone)


@lru_cache(maxsize=512)
def _day(name: str, day: str, reference: float) -> float | None:
    """Return when a day without a year begins; None where its first and its last second are of different years, and for
    what is no day."""
    if name.lower() not in MONTHS or not (day.strip().isdigit() and day.isascii()):
        return None
    date = month(name), int(day)
    try:
        year = latest_year(reference, *date, 23, 59, 59)
        return utc(year, *date) if year == latest_year(reference, *date, 0, 0, 0) else None
    except ParseError:
        return None


def bsd(text: str, reference: float) -> float:
    """Return seconds since the epoch of the time in a BSD syslog header, as `english` does; `Nov 21 06:00:24` of a day
    that was seen before takes no calendar."""
    if len(text) == 15 and text[3] == text[6] == " " and text[9] == text[12] == ":":
        clock = _clock(text[7:9], text[10:12], text[13:15])
        day = None if clock is None else _day(text[:3], text[4:6], reference)
        if clock is not None and day is not None:
            return day + clock if day >= 2 * DAY else check_zero(day + clock)
    return english(text, reference)
