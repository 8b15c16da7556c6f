"""Patterns of times, `%d.%m.%Y %H:%M:%S`, to regular expressions; zones of times that name none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, cast

from ..problems import quote
from .line import PatternFault

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_ONE_OR_TWO = "(?: ?+)([0-9]{1,2}+)"
DIRECTIVES = {
    "Y": "([0-9]{4})", "y": "([0-9]{2})", "m": "([0-9]{1,2}+)", "b": "([A-Za-z]{3})", "B": "([A-Za-z]{3,9}+)",
    "d": _ONE_OR_TWO, "e": _ONE_OR_TWO, "j": "([0-9]{3})", "a": "[A-Za-z]{3}", "A": "[A-Za-z]{6,9}+",
    "H": _ONE_OR_TWO, "I": _ONE_OR_TWO, "M": "([0-9]{2})", "S": "([0-9]{2})", "f": "([0-9]{1,9}+)[0-9]*+",
    "p": "([AaPp])[Mm]", "z": "([+-][0-9]{2}:?[0-9]{2}|Z)", "Z": "([A-Z]{2,5}+)", "s": "([0-9]{1,12}+)",
}  # fmt: skip
"""Those of `strptime` that mean the same in every locale; `%e` is a day padded with a space, `%s` seconds since the
epoch, and `%f` has one to nine digits."""
_SHORT = {"T": "%H:%M:%S", "R": "%H:%M", "F": "%Y-%m-%d", "D": "%m/%d/%y"}
_SAME = {"e": "d", "B": "b", "A": "a"}
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])")
_DIRECTIVE = re.compile(r"%(.?)|( +)|([^% ]+)", re.DOTALL)
_WRITE = "write strptime directives, like %d.%m.%Y %H:%M:%S"


def parse_time(text: str) -> tuple[str, str]:
    """Return the regular expression of a time, and the letters of its groups in order. Raises PatternFault."""
    text = _expand(text)
    letters = "".join(_letters(text))
    _check(text, letters)
    return _write_pattern(text), letters.replace("a", "")


def time_shape(text: str) -> str:
    """Return the regular expression of such a time without groups, as a part of another one."""
    return _write_pattern(_expand(text), "(?:[")


def _expand(text: str) -> str:
    return re.sub("%(.)", lambda match: _SHORT.get(match[1], match[0]), text, flags=re.DOTALL)


def _write_pattern(text: str, opening: str = "([") -> str:
    pattern = ""
    for letter, spaces, literal in _DIRECTIVE.findall(text):
        directive = DIRECTIVES.get(letter, "%" if letter else "").replace("([", opening)
        pattern += directive or (" ++" if spaces else re.escape(literal))
    return pattern


def _letters(text: str) -> Iterator[str]:
    for letter, spaces, literal in _DIRECTIVE.findall(text):
        if letter in DIRECTIVES:
            yield _SAME.get(letter, letter)
        elif letter != "%" and not (spaces or literal):
            known = " ".join(f"%{name}" for name in (*DIRECTIVES, *_SHORT))
            raise PatternFault(f"unknown directive {quote('%' + letter)}", f"there are {known}")


def _check(text: str, letters: str) -> None:
    if not letters:
        raise PatternFault(f"found no directive in {quote(text)}", _WRITE)
    if twice := {letter for letter in letters if letters.count(letter) > 1}:
        raise PatternFault(f"%{min(twice)} occurs twice", "keep one of them")
    has_day = "d" in letters and ("m" in letters or "b" in letters)
    if not ("s" in letters or has_day or ("j" in letters and ("Y" in letters or "y" in letters))):
        raise PatternFault(
            "the pattern has no day", f"{_WRITE}; if the day is in another field, join both: field: <day> <time>"
        )
    if ("I" in letters) != ("p" in letters):
        raise PatternFault("%I and %p need each other", "write %H for a clock of 24 hours")


def parse_zone(name: str) -> tzinfo:
    """Return the zone of `Europe/Berlin`, `UTC` or `+02:00`. Raises PatternFault for an unknown one."""
    if match := _OFFSET.fullmatch(name):
        away = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-away if match[1] == "-" else away)
    zone = _find_zone(name)
    if zone is None:
        raise PatternFault(f"unknown zone {quote(name)}", "write one like Europe/Berlin, or an offset like +02:00")
    return zone


def _find_zone(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # Also names that are no path below the zones, and those of folders.
        return _bundled_zone(name)


def _bundled_zone(name: str) -> ZoneInfo | None:
    """Return the zone of dateutil's own data, for a system that has none; botocore needs dateutil."""
    try:
        from dateutil.zoneinfo import get_zonefile_instance  # type: ignore[import-untyped]
    except ImportError:
        return None
    return cast("ZoneInfo | None", get_zonefile_instance().get(name))
