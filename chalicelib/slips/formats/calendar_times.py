"""Seconds since the epoch of a calendar's parts, and the year of a time that has none."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from ..errors import ParseError

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
DAY = 86_400.0
_ZEROS = tuple(datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1, 1601, 1900, 1970))
"""Of Go and .NET, of Windows, of NTP, of Unix."""


class AbsentTime(ParseError):
    """A zero in place of a time: the event has none there, which is not a fault."""


def check_zero(seconds: float) -> float:
    """Return the seconds. Raises AbsentTime for the zero of a clock, in whatever zone."""
    if any(-DAY < seconds - zero < DAY for zero in _ZEROS):
        raise AbsentTime(f"a zero in place of a time: {seconds:.0f} seconds since the epoch")
    return seconds


def calendar_time(
    zone: tzinfo, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
    fraction: str | None = None,
) -> float:  # fmt: skip
    """Return seconds since the epoch of a calendar time; `fraction` is the digits after the point. A leap second (60)
    counts as the first of the next minute, 24:00:00 as the next midnight. Raises ParseError."""
    if year < 2:
        raise AbsentTime(f"a zero in place of a time: the year {year}")
    leap = second == 60
    midnight = hour == 24 and minute == second == 0 and not (fraction or "").strip("0")
    clock = (0 if midnight else hour, minute, 59 if leap else second)
    try:
        seconds = datetime(year, month, day, *clock, tzinfo=zone).timestamp()
    except (ValueError, OverflowError) as fault:
        raise ParseError(
            f"not a time: {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}: {fault}"
        ) from fault
    seconds += leap + midnight * DAY + (float(f"0.{fraction}") if fraction else 0.0)
    return check_zero(seconds) if seconds < DAY else seconds


def month(name: str) -> int:
    """Return 1 to 12 for an English month's name or its first three letters, in any case."""
    try:
        return MONTHS[name[:3].lower()]
    except KeyError as fault:
        raise ParseError(f"not a month: {abbreviate(name)}") from fault


AHEAD = 7 * DAY
"""Seconds that a device's clock and zone may be ahead of the object that its line landed in."""


def latest_year(reference: float, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return the year of a time without one: the latest that puts it at most `AHEAD` after `reference` (seconds since
    the epoch), the object's event time. Minds New Year (a line of 31 December in an object of 1 January, and vice
    versa) and 29 February."""
    around = datetime.fromtimestamp(reference, UTC).year
    hour, second = hour % 24 if hour == 24 else hour, min(second, 59)
    # Eight years back there is a leap year, even around 1900 and 2100.
    for year in range(around + 1, around - (9 if (month, day) == (2, 29) else 2), -1):
        try:
            seconds = datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
        except ValueError:
            continue
        if seconds <= reference + AHEAD:
            return year
    raise ParseError(f"not a time: month {month}, day {day}, {hour:02}:{minute:02}:{second:02}")


def abbreviate(value: object) -> str:
    """Return the beginning of a value, for a message."""
    # An object may be nested more deeply than Python can write.
    text = type(value).__name__ if isinstance(value, dict | list) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
