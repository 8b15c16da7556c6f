"""How much time is left of a Lambda invocation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

RESERVE = 5.0
"""Seconds kept at least for the last checkpoint, the continuation and the items handed back."""
LONGEST, MARGIN = 900.0, 1.0
"""Seconds that Lambda lets a function run at most, and by which the clocks of two machines may differ."""


class Budget:
    """Tells when to stop: when less time is left than a reserve, which grows with the slowest event and commit."""

    def __init__(self, remaining: Callable[[], float] = lambda: math.inf) -> None:
        self.remaining = remaining
        self._slowest_commit = 0.0

    @classmethod
    def of(cls, context: Any) -> Budget:
        """Make the budget of a Lambda context; without a context it has no end."""
        millis = getattr(context, "get_remaining_time_in_millis", None)
        return cls(lambda: millis() / 1000) if millis else cls()

    def until(self, now: float) -> float:
        """Return when the invocation is over, whatever happens, in seconds since the epoch as `now` is."""
        return now + min(self.remaining(), LONGEST) + MARGIN

    def record_commit(self, seconds: float) -> None:
        """Note how long a commit took."""
        self._slowest_commit = max(self._slowest_commit, seconds)

    def reserve(self) -> float:
        """Return how many seconds the invocation needs to commit, and to hand back what it has not done."""
        return max(RESERVE, 2 * self._slowest_commit)

    def is_low(self, longest_event: float) -> bool:
        """Whether another slice might leave too little time to commit."""
        return self.remaining() < self.reserve() + longest_event
