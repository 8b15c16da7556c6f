"""Single values of slips.yml: each function reads one type, and reports any other value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from .declarations import Items, Number, Text, Whole, Word, pick
from .field import Field
from .problems import quote
from .settings import MIB
from .suggestions import join_alternatives, suggest

Default = TypeVar("Default")
Choice = TypeVar("Choice", bound=str)

SIZE = r"([0-9]{1,15}) ?([KMGTkmgt]?)([Ii]?)[Bb]"
_UNITS = ("", "K", "M", "G", "T")
LARGEST_SIZE = 1024 * 1024 * 1024 * MIB


def read_text(field: Field, default: str = "", allowed: str = "write text") -> str:
    """Read text; `default` if it is empty or absent."""
    if isinstance(field.value, str):
        return _check_unicode(field, field.value) or default
    if not field.absent:
        field.reject(allowed if isinstance(field.value, list | dict) else "put it in quotes if it is text")
    return default


def read_matching(field: Field, allowed: str, default: str = "") -> str:
    """Read text that must match the whole declared pattern."""
    value = read_text(field, default, allowed)
    declared = pick(field.declared, Text)
    if (declared.required and field.value in (None, "")) or (
        value and value != default and not re.fullmatch(declared.pattern, value)
    ):
        field.reject(allowed)
    return value


def read_whole(field: Field, default: Default) -> int | Default:
    """Read a whole number between the declared bounds."""
    declared = pick(field.declared, Whole)
    if declared.or_off:
        _take_off_for_0(field)
    if field.absent:
        return default
    value, low, high, why = field.value, declared.low, declared.high, declared.why
    if isinstance(value, int) and not isinstance(value, bool) and low <= value and (high is None or value <= high):
        return value
    field.reject(f"write a whole number {_describe_range(low, high)}{why and f': {why}'}")
    return default


def read_seconds(field: Field, default: float) -> float:
    """Read seconds, fractions allowed, between the declared bounds."""
    return read_number(field, default, what="seconds, a number")


def read_number(field: Field, default: float, *, what: str = "a number") -> float:
    """Read a number, fractions allowed, between the declared bounds."""
    declared = pick(field.declared, Number)
    if declared.or_off:
        _take_off_for_0(field)
    if field.absent:
        return default
    value, low, high = field.value, declared.low, declared.high
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    field.reject(f"write {what} {_describe_range(low, high)}")
    return default


def read_size(field: Field, default: int) -> int:
    """Read a number of bytes, with or without a unit. `kB` is 1,000 bytes, `KiB` is 1,024."""
    if field.absent:
        return default
    value = _parse_size(field.value)
    if value is not None and 1 <= value <= LARGEST_SIZE:
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
    """Read one of the allowed words, which are the declared ones."""
    assert tuple(allowed) == pick(field.declared, Word).words
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


def read_texts(field: Field, allowed: str) -> tuple[str, ...]:
    """Read a list of texts, each of which must match the declared pattern."""
    items = field.items(f"write a list; each item is {allowed}")
    most = pick(field.declared, Items).most
    if most is not None and len(items) > most:
        field.fault(f"found {len(items)} items", f"write at most {most}")
    return tuple(read_matching(item, f"write {allowed}") for item in items)


def _take_off_for_0(field: Field) -> None:
    """Take `off` for 0, also where YAML 1.1 read an `off` without quotes as false."""
    if field.value is False or field.value == "off":
        field.value = 0


def _describe_range(low: float, high: float | None) -> str:
    return f"of at least {low}" if high is None else f"from {low} to {high}"


def _parse_size(value: object) -> int | None:
    if isinstance(value, str) and (match := re.fullmatch(SIZE, value)):
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
