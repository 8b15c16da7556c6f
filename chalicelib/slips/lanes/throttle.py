"""The delay of a lane: how long a function sleeps after a batch.

Lambda gathers a batch for as long as the delay says, at most five minutes, which costs nothing. So a function sleeps
only after a batch that was full at once, or for the part of the delay beyond five minutes. `slips limit` changes it in
the running function through two environment variables; the next deployment goes back to slips.yml.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..config.settings import LaneConfig

DELAY, BATCH_SIZE = "SLIPS_DELAY", "SLIPS_BATCH_SIZE"
MAX_WINDOW = 300.0
"""Seconds that Lambda gathers a batch (Lambda API, MaximumBatchingWindowInSeconds)."""
RESERVE = 10.0
"""Seconds at the end of an invocation that are never slept through."""


def sleep_seconds(lane: LaneConfig, items: int) -> float:
    """Return how long to sleep after a batch of `items`, in seconds."""
    delay = _number(DELAY, lane.delay)
    is_full = items >= _number(BATCH_SIZE, lane.batch_size)
    return delay if is_full else max(0.0, delay - MAX_WINDOW)


def throttle(lane: LaneConfig, items: int, remaining: Callable[[], float], sleep: Callable[[float], None]) -> None:
    """Sleep after a batch, but not beyond the end of the invocation, which has `remaining()` seconds left."""
    seconds = sleep_seconds(lane, items)
    if seconds > 0:
        sleep(max(0.0, min(seconds, remaining() - RESERVE)))


def _number(name: str, default: float) -> float:
    try:
        return float(os.environ[name])
    except (KeyError, ValueError):
        return default
