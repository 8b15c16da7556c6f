"""When work that waits is tried again, and for how long."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import msgspec

from ..model import WorkItem

PAUSES: Final = (60, 120, 300, 900, 3600)
"""Seconds from try to try; the last again and again."""
SPREAD: Final = 0.2
"""By how much of itself a pause is longer or shorter at random, so that what failed together does not come together."""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """The next try of a piece of work: its number, and since when it waits (seconds since the epoch)."""

    number: int
    since: int
    spread: float = 1.0

    def at(self, now: float, after: float | None = None) -> int:
        """Return when it is due, in seconds since the epoch. Not before `after` seconds are over, where the function
        said so; later tries take longer all the same."""
        pause: float = PAUSES[min(self.number, len(PAUSES)) - 1]
        if after is not None:
            pause = max(after, pause if self.number > 1 else 0.0) / (1 - SPREAD)
        return int(now + pause * self.spread) + 1


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """How long what waits is tried again: for `give_up_after` seconds since it first had to wait."""

    give_up_after: float
    jitter: Callable[[], float] = random.random

    def next_try(self, item: WorkItem, now: float) -> Retry | None:
        """Return the next try of what this work may leave behind; None where it has waited long enough."""
        since = item.waiting_since or int(now)
        if now - since >= self.give_up_after:
            return None
        return Retry(number=item.tries + 1, since=since, spread=1 - SPREAD + 2 * SPREAD * self.jitter())
