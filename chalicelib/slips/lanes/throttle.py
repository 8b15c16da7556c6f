"""The delay of a lane: how long a function holds back after a batch.

Lambda gathers a batch for as long as the delay says, at most five minutes, which costs nothing; so a function sleeps
only after a batch that was full at once, or for what is longer than that. `slips limit` changes it in the running
function through two environment variables; the next deployment goes back to slips.yml.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..config.settings import LaneConfig

DELAY, BATCH_SIZE = "SLIPS_DELAY", "SLIPS_BATCH_SIZE"
MAX_WINDOW = 300.0
"""Seconds that Lambda gathers at most (Lambda API, MaximumBatchingWindowInSeconds)."""
RESERVE = 10.0
"""Seconds of the invocation that are never slept through."""


def sleep_seconds(lane: LaneConfig, items: int) -> float:
    """How long to sleep after a batch of so many items."""
    delay = _number(DELAY, lane.delay)
    is_full = items >= _number(BATCH_SIZE, lane.batch_size)
    return delay if is_full else max(0.0, delay - MAX_WINDOW)


def throttle(lane: LaneConfig, items: int, remaining: Callable[[], float], sleep: Callable[[float], None]) -> None:
    """Sleep after a batch, but not beyond the invocation's end; `remaining` tells its seconds."""
    wanted = sleep_seconds(lane, items)
    if wanted > 0:
        sleep(max(0.0, min(wanted, remaining() - RESERVE)))


def _number(name: str, default: float) -> float:
    try:
        return float(os.environ[name])
    except (KeyError, ValueError):
        return default
