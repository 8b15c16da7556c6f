"""The one form of time in work items and tables: ISO 8601, UTC, milliseconds, as S3 writes it. It sorts as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since the epoch: `time.time`, or a test's own."""
HOUR, DAY = 3600, 86_400
"""Seconds."""


def iso(seconds: float) -> str:
    """Write seconds since the epoch as `2026-01-31T12:00:00.000Z`."""
    return _text(datetime.fromtimestamp(seconds, UTC))


def normalize(text: str) -> str:
    """Write any ISO 8601 time in that form; one without an offset is UTC. Raises ValueError for anything else."""
    try:
        time = datetime.fromisoformat(text.strip())
        return _text(time if time.tzinfo else time.replace(tzinfo=UTC))
    except OverflowError as fault:
        raise ValueError(f"{text} is out of range") from fault


def epoch(text: str) -> float:
    """Read an ISO 8601 time into seconds since the epoch. Raises ValueError for anything else."""
    return datetime.fromisoformat(normalize(text)).timestamp()


def _text(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
