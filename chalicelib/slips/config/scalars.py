"""Single values of slips.yml: each function reads one type, and reports any other value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from .field import Field
from .problems import quote
from .settings import MIB
from .suggestions import join_alternatives, suggest

Default = TypeVar("Default")
Choice = TypeVar("Choice", bound=str)

_SIZE = re.compile(r"([0-9]{1,15}) ?([KMGT]?)(I?)B", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")
_LARGEST_SIZE = 1024 * 1024 * 1024 * MIB


def read_text(field: Field, default: str = "", allowed: str = "write text") -> str:
    """Read text; `default` if it is empty or absent."""
    if isinstance(field.value, str):
        return _check_unicode(field, field.value) or default
    if not field.absent:
        field.reject(allowed if isinstance(field.value, list | dict) else "put it in quotes if it is text")
    return default


def read_matching(field: Field, pattern: re.Pattern[str], allowed: str, default: str = "") -> str:
    """Read text that must match the whole pattern."""
    value = read_text(field, default, allowed)
    if value and value != default and not pattern.fullmatch(value):
        field.reject(allowed)
    return value


def read_whole(
    field: Field, default: Default, low: int, high: int | None = None, *, why: str = ""
) -> int | Default:  # fmt: skip
    """Read a whole number between the bounds, both included; `why` says what they come from."""
    if field.absent:
        return default
    value = field.value
    if isinstance(value, int) and not isinstance(value, bool) and low <= value and (high is None or value <= high):
        return value
    field.reject(f"write a whole number {_describe_range(low, high)}{why and f': {why}'}")
    return default


def read_seconds(field: Field, default: float, low: float, high: float) -> float:
    """Read seconds, fractions allowed, between the bounds, both included."""
    return read_number(field, default, low, high, what="seconds, a number")


def read_number(field: Field, default: float, low: float, high: float, *, what: str = "a number") -> float:
    """Read a number, fractions allowed, between the bounds, both included."""
    if field.absent:
        return default
    value = field.value
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    field.reject(f"write {what} {_describe_range(low, high)}")
    return default


def read_size(field: Field, default: int) -> int:
    """Read a number of bytes, with or without a unit. `kB` is 1,000 bytes, `KiB` is 1,024."""
    if field.absent:
        return default
    value = _parse_size(field.value)
    if value is not None and 1 <= value <= _LARGEST_SIZE:
        return value
    field.reject(
        'write a number of bytes, like 16777216, or one with a unit, like "16MiB" or "5GB"; at least 1, at most 1024TiB'
    )
    return default


def read_flag(field: Field, default: Default) -> bool | Default:
    """Read true or false."""
    if isinstance(field.value, bool):
        return field.value
    if not field.absent:
        field.reject("write true or false")
    return default


def read_choice(field: Field, allowed: Sequence[Choice], default: Choice) -> Choice:
    """Read one of the allowed words."""
    if field.absent:
        return default
    for word in allowed:
        if field.value == word:
            return word
    if isinstance(field.value, str):
        field.fault(
            f"unknown value {quote(field.value)}", suggest(field.value, allowed, f"write {join_alternatives(allowed)}")
        )
    else:
        field.reject(f"write {join_alternatives(allowed)}")
    return default


def read_texts(field: Field, pattern: re.Pattern[str], allowed: str, most: int) -> tuple[str, ...]:
    """Read a list of at most `most` texts, each of which must match the pattern."""
    items = field.items(f"write a list; each item is {allowed}")
    if len(items) > most:
        field.fault(f"found {len(items)} items", f"write at most {most}")
    for item in items:
        if item.absent or item.value == "":
            item.reject(f"write {allowed}")
    return tuple(read_matching(item, pattern, f"write {allowed}") for item in items)


def _describe_range(low: float, high: float | None) -> str:
    return f"of at least {low}" if high is None else f"from {low} to {high}"


def _parse_size(value: object) -> int | None:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        number, unit, binary = match.groups()
        base = 1024 if binary else 1000
        return int(number) * math.prod([base] * _UNITS.index(unit.upper()))
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _check_unicode(field: Field, value: str) -> str:
    """Report half a surrogate pair: PyYAML without libyaml accepts "\\ud800", but no S3 key can hold it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        field.reject("write complete Unicode characters")
    return value
