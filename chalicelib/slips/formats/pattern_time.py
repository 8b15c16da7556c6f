"""The times of pattern formats: by patterns like `%d.%m.%Y %H:%M:%S`, or of any shape that SLIPS knows, in a zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from ..config.patterns.settings import PatternTime
from ..config.patterns.times import parse_time, parse_zone
from ..errors import ParseError
from .calendar_times import abbreviate, latest_year, month
from .day_times import bsd, clf
from .fields import Event, TimeFunction, tag_template
from .timestamps import any_shape, epoch, utc

ReadTime = Callable[[str, float], float | None]
"""From a text and the object's event time (seconds, UTC) to seconds since the epoch; None where it has another
shape."""

# After the clock: `+0200`, `Z`, `CEST`.
_NAMES_ZONE = re.compile(r":[0-9]{2}[^:]*?(?:[+-][0-9]{2}|Z|\b[A-Z]{3,5}\b)")

# Seconds, ms, µs and ns. Fourteen digits are a calendar's.
_EPOCH = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?|[0-9]{13}|[0-9]{16}|[0-9]{19}")


def time_function(settings: PatternTime) -> TimeFunction:
    """Return the function that reads the first of the fields which holds a time; it raises ParseError where there are
    values and none is a time."""
    readers = [_field_reader(text) for text in settings.fields]
    zone = parse_zone(settings.zone) if settings.zone else None
    shapes = [_pattern_reader(pattern, zone) for pattern in settings.patterns] or [_any_reader(zone)]

    def read(event: Event, reference: float) -> float | None:
        fault: ParseError | None = None
        for read_field in readers:
            value = read_field(event)
            if value is None or value == "":
                continue
            text = value if value.__class__ is str else str(value)
            try:
                for read_shape in shapes:
                    seconds = read_shape(text, reference)
                    if seconds is not None:
                        return seconds
                fault = fault or ParseError(f"not a time: {abbreviate(value)}")
            except ParseError as reason:  # The next field may hold one.
                fault = fault or reason
        if fault is not None:
            raise fault
        return None

    read.__doc__ = ", else ".join(settings.fields) or "none"
    return read


def _field_reader(text: str) -> Callable[[Event], object]:
    if "<" not in text:
        return lambda event: event.get(text)
    fill = tag_template(text)
    return fill


def _any_reader(zone: tzinfo | None) -> ReadTime:
    def read(text: str, reference: float) -> float:
        if text[4:5] in ("-", "/"):
            seconds = epoch(f"{text[:11]}0{text[11:]}" if text[12:13] == ":" else text)
        elif text[3:4] == " ":
            seconds = bsd(text, reference)
        else:
            seconds = clf(text) if text[11:12] == ":" else any_shape(text, reference)
        if zone is None or _NAMES_ZONE.search(text) or _EPOCH.fullmatch(text):
            return seconds
        return _shift(seconds, zone)

    return read


def _pattern_reader(pattern: str, zone: tzinfo | None) -> ReadTime:
    expression, letters = parse_time(pattern)
    match_whole = re.compile(expression).fullmatch

    def read(text: str, reference: float) -> float | None:
        match = match_whole(text)
        if match is None:
            return None
        values = dict(zip(letters, match.groups(), strict=True))
        if "s" in values:
            return int(values["s"]) + float(f"0.{values.get('f', 0)}")
        seconds = _calendar_time(values, reference)
        return seconds if zone is None or "z" in values or "Z" in values else _shift(seconds, zone)

    return read


def _calendar_time(values: dict[str, str], reference: float) -> float:
    hour = int(values["H"] if "H" in values else values.get("I", 0))
    if "p" in values:
        if not 1 <= hour <= 12:
            raise ParseError(f"not an hour of a clock of twelve: {hour}")
        hour = hour % 12 + (12 if values["p"] in "Pp" else 0)
    clock = hour, int(values.get("M", 0)), int(values.get("S", 0))
    fraction, offset = values.get("f"), values.get("z") or values.get("Z") or ""
    if "j" in values:
        day = int(values["j"])
        if not 1 <= day <= 366:
            raise ParseError(f"not a day of a year: {day}")
        return utc(_year(values), 1, 1, *clock, fraction, offset) + (day - 1) * 86400.0
    date = int(values["m"]) if "m" in values else month(values["b"]), int(values["d"])
    year = _year(values) or latest_year(reference, *date, *clock)
    return utc(year, *date, *clock, fraction, offset)


def _year(values: dict[str, str]) -> int:
    """Return the year, 0 for a time without one; of two digits, as POSIX has it, 1969 to 2068."""
    if "y" in values:
        short = int(values["y"])
        return short + (1900 if short >= 69 else 2000)
    return int(values.get("Y", 0))


def _shift(seconds: float, zone: tzinfo) -> float:
    """Return the time of a clock in the zone, which was read as UTC; of an hour that comes twice, the first."""
    offset = zone.utcoffset(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None))
    return seconds - (offset.total_seconds() if offset else 0.0)
