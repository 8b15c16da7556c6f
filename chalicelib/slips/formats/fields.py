"""Small declarations over fields: paths (`id.time`), times (`timestamp:ms`), tags (`aws.guardduty.<type>`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from ..errors import ParseError
from .calendar_times import AbsentTime
from .timestamps import Unit, epoch

Event = dict[str, Any]
"""One log event: the vendor's own field names, plain values."""

FieldReader = Callable[[Event], Any]
TimeFunction = Callable[[Event, float], float | None]
"""From an event and the object's event time (seconds since the epoch, UTC) to the event's time, None for no time."""
TimeSpec = str | tuple[str, ...] | TimeFunction
"""A path, several (the first that holds a time counts), or a function. A path may end in `:s`, `:ms`, `:us` or `:ns`,
the unit of a number; without one the magnitude tells."""

_ABSENT = (None, "", "-")
_UNITS = frozenset(get_args(Unit))


def lookup(event: Any, path: str) -> Any:
    """Return the value at a dotted path, None where there is none. A key that contains the dots goes first; a number is
    an index of a list; a key of other letter case counts where the exact one is missing."""
    if event.__class__ is dict or isinstance(event, Mapping):
        exact = event.get(path)
        if exact is not None:
            return exact
    head, dot, rest = path.partition(".")
    value = _step(event, head)
    return lookup(value, rest) if dot and value is not None else value


def _step(value: Any, key: str) -> Any:
    if value.__class__ is dict or isinstance(value, Mapping):
        if key in value:
            return value[key]
        folded, length = key.casefold(), len(key)
        for name in value:
            # Text of ASCII that is longer or shorter cannot be the same.
            may_be = name.__class__ is not str or len(name) == length or not (name.isascii() and key.isascii())
            if may_be and str(name).casefold() == folded:
                return value[name]
        return None
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return None


def objects_at(event: Event, path: str) -> list[Event]:
    """Return the objects of the list at a path; none where there is no list."""
    values = lookup(event, path)
    return [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []


def time_reader(spec: TimeSpec, event_time: float) -> Callable[[Event], float | None]:
    """Return the function behind a TimeSpec, for the events of an object that landed at `event_time`. It raises
    ParseError where an event has times, but none that can be read."""
    if callable(spec):
        function = spec

        def call(event: Event) -> float | None:
            try:
                return function(event, event_time)
            except AbsentTime:
                return None

        return call
    paths = [_with_unit(path) for path in ((spec,) if isinstance(spec, str) else spec)]
    steps = [(path, path.partition(".")[0], path.partition(".")[2], unit) for path, unit in paths]

    def read(event: Event) -> float | None:
        for path, head, rest, unit in steps:
            value = event.get(path)
            if value is None:
                outer = event.get(head) if rest else None
                value = outer.get(rest) if outer.__class__ is dict else None
                if value is None:
                    value = lookup(event, path)
            if value not in _ABSENT:
                try:
                    return epoch(value, unit, event_time)
                except ParseError:  # The others give way to this one alone, which is read again to say why not.
                    return first_time(((lookup(event, path), unit) for path, unit in paths), event_time)
        return None

    return read


def first_time(values: Iterable[tuple[object, Unit | None]], reference: float, offset: str = "") -> float | None:
    """Return seconds since the epoch of the first value that is a time (a number in the unit beside it), None where
    all are absent or zero. `offset` is the zone of a time that names none. Raises ParseError where there are values,
    and none is a time."""
    fault: ParseError | None = None
    for value, unit in values:
        if value not in _ABSENT:
            try:
                return epoch(value, unit, reference, offset)
            except AbsentTime:
                continue
            except ParseError as reason:
                fault = fault or reason
    if fault is not None:
        raise fault
    return None


def _with_unit(path: str) -> tuple[str, Unit | None]:
    bare, _, unit = path.rpartition(":")
    for known in _UNITS:
        if unit == known and bare:
            return bare, known
    return path, None


_FIELD = re.compile(r"<([^<>]+)>")


def tag_template(text: str) -> FieldReader:
    """Return a function that fills `<path>` with the event's value, or `unknown` where it has none."""
    parts = _FIELD.split(text)
    if len(parts) == 1:
        return lambda event: text  # noqa: ARG005 - the shape of a FieldReader

    def fill(event: Event) -> str:
        return "".join(tag_part(event, part) if at % 2 else part for at, part in enumerate(parts))

    return fill


def tag_part(event: Event, *paths: str) -> str:
    """Return the first text or number at one of the paths, as text: the variable part of a tag; `unknown` for none."""
    for path in paths:
        value = lookup(event, path)
        if value not in _ABSENT and not isinstance(value, dict | list):
            return str(value)
    return "unknown"


def describe(spec: str | tuple[str, ...] | Callable[..., Any]) -> str:
    """Return a declaration in words: itself, or the first line of its function's docstring."""
    if callable(spec):
        return (spec.__doc__ or "computed").strip().splitlines()[0].rstrip(".")
    return spec if isinstance(spec, str) else ", else ".join(spec)
