"""The zones of times: offsets from UTC, and names that mean one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone
from functools import lru_cache
from typing import ParamSpec, TypeVar

from ..errors import ParseError
from .calendar_times import abbreviate

# The names of RFC 5322, section 4.3, and those of the tz database that mean one zone only.
NAMED_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "NDT": -2.5, "ADT": -3, "BRT": -3, "ART": -3, "CLT": -4, "CLST": -3, "COT": -5,
    "PET": -5, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "TRT": 3, "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "IDT": 3, "IRST": 3.5, "PKT": 5, "NPT": 5.75, "ICT": 7,
    "WIB": 7, "WITA": 8, "WIT": 9, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5,
    "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "CHST": 10,
}  # fmt: skip
"""Hours ahead of UTC."""
AMBIGUOUS_ZONES = frozenset(("IST", "BST", "AST", "GST", "SST", "NST", "AMT", "WST", "ECT"))
"""Names of several zones: a time that has one is refused, unless slips.yml says which is meant."""

ZONE = r"[Zz]|(?:GMT|UTC?)?[+-]\d\d?(?::?\d\d)?|[A-Z]{2,5}"
"""A zone after a time, as the source of a pattern."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_configured: dict[str, str] = {}
_forget: list[Callable[[], None]] = []


def cache_by_zones(most: int) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Return a decorator that keeps the last `most` values of a function, until the zones of slips.yml change."""

    def decorate(function: Callable[_P, _T]) -> Callable[_P, _T]:
        cached = lru_cache(maxsize=most)(function)
        _forget.append(cached.cache_clear)
        return cached  # type: ignore[return-value] # It takes the same arguments, if they are hashable.

    return decorate


def use_timezones(timezones: Mapping[str, str]) -> None:
    """Let these names mean these offsets (`{"IST": "+05:30"}`), and none but the usual ones others: in the whole
    process, since a header's zone is read before its event is."""
    if timezones != _configured:
        _configured.clear()
        _configured.update(timezones)
        for forget in _forget:
            forget()


def zone_names() -> list[str]:
    """Return the names that may stand after a time, those of several zones included."""
    return sorted({*NAMED_ZONES, *AMBIGUOUS_ZONES, *_configured})


@cache_by_zones(256)
def zone(offset: str) -> timezone:
    """Return the zone of `Z`, `UTC`, `CEST`, `+hh`, `+hhmm`, `+hh:mm`, `GMT+hh:mm`, a name of slips.yml, or empty text
    (UTC). Raises ParseError."""
    name = _configured.get(offset, offset)
    if name in ("", "Z", "z"):
        return UTC
    if name in NAMED_ZONES:
        return timezone(timedelta(hours=NAMED_ZONES[name]))
    if name in AMBIGUOUS_ZONES:
        raise ParseError(f'{name} means several zones: write which under timezones, like {{{name}: "+01:00"}}')
    for prefix in ("GMT", "UTC", "UT"):  # As Java writes a zone that has no name.
        name = name.removeprefix(prefix)
    hours, minutes = _split_offset(name[1:])
    if name[:1] not in ("+", "-") or not (hours + minutes).isdigit() or not name.isascii():
        raise ParseError(f"not an offset from UTC: {abbreviate(offset)}")
    away = timedelta(hours=int(hours), minutes=int(minutes))
    if away >= timedelta(hours=24):
        raise ParseError(f"not an offset from UTC: {abbreviate(offset)}")
    return timezone(-away if name[0] == "-" else away)


def _split_offset(digits: str) -> tuple[str, str]:
    """Return hours and minutes of `2`, `02`, `530`, `0530` or `05:30`; empty text for what is neither."""
    hours, colon, minutes = digits.partition(":")
    if not colon and len(digits) > 2:
        hours, minutes = digits[:-2], digits[-2:]
    fits = 1 <= len(hours) <= 2 and len(minutes) == (2 if colon or minutes else 0)
    return (hours, minutes or "0") if fits else ("", "")
