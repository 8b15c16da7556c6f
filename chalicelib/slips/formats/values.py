"""The values of text formats: numbers, and one value for several of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .fields import Event

_SIGNED = re.compile(r"[+-]?\d{1,20}(?:(\.\d{1,20})(?:[eE][+-]?\d{1,2})?)?", re.ASCII)


def number(text: str) -> int | float | str:
    """Return the number that a text is, or the text. Above 20 digits it is an identifier."""
    if text.isascii() and text.isdigit() and len(text) <= 20:
        return int(text)
    if not text[-1:].isdigit():  # Every number ends in a digit.
        return text
    if "." in text and text[0] != "." and len(text) <= 21 and text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    signed = _SIGNED.fullmatch(text)
    if signed is None:
        return text
    return float(text) if signed[1] else int(text)


def with_numbers(event: Event, names: frozenset[str]) -> Event:
    """Return the event with numbers in the fields that the vendor defines as such; an invalid one stays text."""
    # In C, and over the fewer: most formats define more of them than a line has.
    for name in names.intersection(event) if len(event) < len(names) else event.keys() & names:
        value = event[name]
        if value.__class__ is str:
            event[name] = int(value) if value.isdigit() and value.isascii() and len(value) <= 20 else number(value)
    return event


def merge_pairs(pairs: Sequence[tuple[str, str]]) -> Event:
    """Return an event of pairs. A name that comes again with another value gets a list of its values."""
    event: Event = dict(pairs)
    if len(event) == len(pairs):
        return event
    values: dict[str, dict[str, None]] = {}
    for name, value in pairs:
        values.setdefault(name, {})[value] = None
    return {name: next(iter(known)) if len(known) == 1 else list(known) for name, known in values.items()}
