"""The line of a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def mismatches(what: str, rows: Iterable[tuple[str, Any, Any]]) -> Iterator[str]:
    """Yield a line for each row (name, actual, expected) whose values differ."""
    for name, actual, expected in rows:
        if actual != expected:
            yield f"{what}: {name} is {actual}, should be {expected}"
