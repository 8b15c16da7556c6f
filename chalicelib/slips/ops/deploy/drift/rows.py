"""One way to tell a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def mismatches(what: str, rows: Iterable[tuple[str, Any, Any]]) -> Iterator[str]:
    """A line for each row (name, found, wanted) that is not as it should be."""
    for name, found, wanted in rows:
        if found != wanted:
            yield f"{what}: {name} is {found}, should be {wanted}"
