"""A record of each variant that a format says it reads, and of each that it says it refuses: a table for each folder
of `formats/`, by the words of the declaration.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

INSTANT = 1772356502.0
"""2026-03-01 09:15:02 UTC, the time of most records here."""


class Written(NamedTuple):
    """Content, and some fields of each event that it holds; all have the same time (seconds, UTC; None for none). The
    chain is the format's usual one, where none is named."""

    content: bytes
    events: tuple[dict[str, Any], ...]
    time: float | None
    chain: str


def written(content: Any, *events: dict[str, Any], time: float | None = INSTANT, chain: str = "") -> Written:
    """Return content (text, bytes, or what becomes JSON) and what it is read as: without `events`, as one with any
    fields."""
    return Written(_as_bytes(content), events or ({},), time, chain)


def _as_bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


Read = dict[str, dict[str, Written | tuple[Written, ...]]]
"""By format and by the words of its declaration, what is read."""
Refused = dict[str, dict[str, tuple[str | bytes, ...]]]
"""By format and by the words of its declaration, records each of which is refused."""
