"""Times in a pattern of Java's SimpleDateFormat, as LEEF's `devTimeFormat` names one."""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import ParseError
from .calendar_times import abbreviate, latest_year, month
from .timestamps import utc
from .zones import ZONE

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", re.ASCII)
_PARTS = {
    "y": r"(?P<year>\d{4}|\d\d)", "M": r"(?P<month>\d{1,2})", "d": r"(?P<day>\d{1,2})", "H": r"(?P<hour>\d{1,2})",
    "k": r"(?P<hour>\d{1,2})", "h": r"(?P<hour>\d{1,2})", "K": r"(?P<hour>\d{1,2})", "m": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})", "S": r"(?P<fraction>\d{1,9})", "a": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "E": r"[^\W\d_]{2,9}\.?", "z": rf"(?P<zone>{ZONE})", "Z": rf"(?P<zone>{ZONE})", "X": rf"(?P<zone>{ZONE})",
}  # fmt: skip
_PARTS["u"] = _PARTS["y"]
_PADDED = frozenset("yMdHkhms")
LONGEST_PATTERN = 100


@lru_cache(maxsize=64)
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Return the expression of a pattern, None for one that cannot be read."""
    parts: list[str] = []
    tokens = list(_TOKEN.finditer(pattern[:LONGEST_PATTERN]))
    if "".join(token[0] for token in tokens) != pattern:  # It is too long, or a quote is not closed.
        return None
    for token in tokens:
        letter, text = token[2], token[0]
        if letter is None:
            literal = text if token[1] is None else token[1].replace("''", "'") or "'"
            parts.append(re.escape(literal))
        elif letter == "M" and len(text) > 2:
            parts.append(r"(?P<month>[A-Za-z]{3,9})\.?")
        elif letter in _PADDED and len(text) > 1:  # Digits may follow without anything between.
            parts.append(re.sub(r"\(\?P<(\w+)>.*\)", rf"(?P<\1>\\d{{{len(text)}}})", _PARTS[letter]))
        elif letter in _PARTS:
            parts.append(_PARTS[letter])
        else:
            return None
    try:
        return re.compile("".join(parts), re.ASCII) if parts else None
    except re.error:  # The same part twice.
        return None


def read_java_time(text: str, pattern: str, reference: float, offset: str = "") -> float:
    """Return seconds since the epoch of a text in that pattern (`MMM dd yyyy HH:mm:ss.SSS zzz`); without a year, of the
    latest that fits `reference`; without a zone, in that of `offset`. Raises ParseError for another text, and for a
    pattern that cannot be read."""
    compiled = _compile(pattern)
    match = compiled.fullmatch(text.strip()) if compiled else None
    parts = match.groupdict() if match else {}
    if not parts.get("month") or not parts.get("day"):
        raise ParseError(f"not a time as {abbreviate(pattern)}: {abbreviate(text)}")
    named, day, hour = parts["month"], int(parts["day"]), int(parts.get("hour") or 0)
    number = int(named) if named.isdigit() else month(named)
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"] in "pP" else 0)
    clock = (number, day, hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
    written = parts.get("year")
    year = latest_year(reference, *clock) if written is None else int(written) + (2000 if len(written) == 2 else 0)
    return utc(year, *clock, parts.get("fraction"), parts.get("zone") or offset)
