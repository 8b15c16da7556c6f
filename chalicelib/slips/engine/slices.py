"""How many records to deliver before the next look at the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

TARGET = 0.2
"""Seconds that a slice should take: short against any deadline, long against the cost of looking."""
LARGEST = 8192


class SliceSizer:
    """Grows slices while functions are fast, and shrinks them as soon as they are slow. The first slice is one record:
    nothing is known of the functions yet."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = 1
        self.longest = 0.0
        """Seconds of the longest slice: no event took longer."""
        self._clock = clock
        self._started = clock()

    def start(self) -> None:
        """Start the clock of a slice."""
        self._started = self._clock()

    def stop(self, records: int) -> None:
        """Stop the clock of a slice of `records`, and size the next one."""
        seconds = self._clock() - self._started
        self.longest = max(self.longest, seconds)
        if seconds > TARGET:
            self.size = max(1, int(self.size * TARGET / seconds))
        elif records == self.size and seconds < TARGET / 2:
            self.size = min(self.size * 2, LARGEST)
