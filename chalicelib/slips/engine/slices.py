"""How many records to deliver between two looks at the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

TARGET = 0.2
"""Seconds a slice should take: short against any deadline, long against the cost of looking."""
LARGEST = 8192


class SliceSizer:
    """Slices that grow while functions are fast and shrink as soon as they are slow; the first one is one record, since
    nothing is known of the functions then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = 1
        self.longest = 0.0
        """The longest slice, in seconds: no event took longer."""
        self._clock = clock
        self._started = clock()

    def start(self) -> None:
        """A slice begins."""
        self._started = self._clock()

    def stop(self, records: int) -> None:
        """A slice of so many records is delivered."""
        took = self._clock() - self._started
        self.longest = max(self.longest, took)
        if took > TARGET:
            self.size = max(1, int(self.size * TARGET / took))
        elif records == self.size and took < TARGET / 2:
            self.size = min(self.size * 2, LARGEST)
