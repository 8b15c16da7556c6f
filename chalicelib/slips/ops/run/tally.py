"""The sums of what the invocations return."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

COUNTED = ("objects", "events", "delivered", "quarantined", "bytes", "dropped")


class Tally:
    """Counts that several threads add to."""

    def __init__(self) -> None:
        self.by_format: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._begun = self._last = time.monotonic()

    def start(self) -> None:
        """Start the clock."""
        self._begun = self._last = time.monotonic()

    def note(self, answer: dict[str, Any]) -> None:
        """Add what an invocation returned."""
        with self._lock:
            for name in COUNTED:
                value = answer.get(name)
                self._counts[name] += value if isinstance(value, int) else 0
            self.by_format.update(answer.get("by_format") or {})
            self._last = time.monotonic()

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    @property
    def seconds(self) -> float:
        """The seconds from the start to the last invocation."""
        return max(self._last - self._begun, 0.001)
