"""Single values of slips.yml: each function reads one kind, and reports what is none of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from .field import Field
from .problems import quoted
from .settings import MIB
from .suggestions import one_of, suggest

Default = TypeVar("Default")
Choice = TypeVar("Choice", bound=str)

_SIZE = re.compile(r"([0-9]{1,15}) ?([KMGT]?)(I?)B", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")
_LARGEST_SIZE = 1024 * 1024 * 1024 * MIB


def text(field: Field, default: str = "", allowed: str = "write text") -> str:
    """Text as it stands; what is empty or absent is `default`."""
    if isinstance(field.value, str):
        return _unicode(field, field.value) or default
    if not field.absent:
        field.reject(allowed if isinstance(field.value, list | dict) else "put it in quotes if it is text")
    return default


def named(field: Field, pattern: re.Pattern[str], allowed: str, default: str = "") -> str:
    """Text all of which matches the pattern."""
    value = text(field, default, allowed)
    if value and value != default and not pattern.fullmatch(value):
        field.reject(allowed)
    return value


def whole(field: Field, default: Default, low: int, high: int | None = None) -> int | Default:
    """A whole number between the bounds, both of them allowed."""
    if field.absent:
        return default
    value = field.value
    if isinstance(value, int) and not isinstance(value, bool) and low <= value and (high is None or value <= high):
        return value
    field.reject(f"write a whole number {_range(low, high)}")
    return default


def seconds(field: Field, default: float, low: float, high: float) -> float:
    """A duration, fractions allowed, between the bounds."""
    if field.absent:
        return default
    value = field.value
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    field.reject(f"write seconds, a number {_range(low, high)}")
    return default


def size(field: Field, default: int) -> int:
    """Bytes: a whole number, or one with a unit. As usual, `kB` counts thousands and `KiB` 1,024s."""
    if field.absent:
        return default
    value = _bytes(field.value)
    if value is not None and 1 <= value <= _LARGEST_SIZE:
        return value
    field.reject(
        'write a number of bytes, as 16777216, or one with a unit, as "16MiB" or "5GB"; at least 1, at most 1024TiB'
    )
    return default


def flag(field: Field, default: Default) -> bool | Default:
    """true or false."""
    if isinstance(field.value, bool):
        return field.value
    if not field.absent:
        field.reject("write true or false")
    return default


def choice(field: Field, allowed: Sequence[Choice], default: Choice) -> Choice:
    """One of a few words."""
    if field.absent:
        return default
    for word in allowed:
        if field.value == word:
            return word
    if isinstance(field.value, str):
        field.fault(f"unknown value {quoted(field.value)}", suggest(field.value, allowed, f"write {one_of(allowed)}"))
    else:
        field.reject(f"write {one_of(allowed)}")
    return default


def texts(field: Field, pattern: re.Pattern[str], allowed: str, most: int) -> tuple[str, ...]:
    """A list of at most so many texts, each of which matches the pattern."""
    items = field.items(f"write a list; each of it is {allowed}")
    if len(items) > most:
        field.fault(f"found {len(items)} of them", f"write at most {most}")
    for item in items:
        if item.absent or item.value == "":
            item.reject(f"write {allowed}")
    return tuple(named(item, pattern, f"write {allowed}") for item in items)


def _range(low: float, high: float | None) -> str:
    return f"of at least {low}" if high is None else f"from {low} to {high}"


def _bytes(value: object) -> int | None:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        number, unit, binary = match.groups()
        base = 1024 if binary else 1000
        return int(number) * math.prod([base] * _UNITS.index(unit.upper()))
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _unicode(field: Field, value: str) -> str:
    """PyYAML without libyaml lets "\\ud800" through, which no UTF-8 and so no S3 key can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        field.reject("write whole Unicode characters")
    return value
