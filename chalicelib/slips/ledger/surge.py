"""How many more objects than usual are processed: as many as never before come where a function writes into what it
reads, or where a source repeats itself."""

from __future__ import annotations

from typing import Final

from ..model import utc
from ..model.utc import HOUR
from .counters import Counters, Counts

WEEK_HOURS: Final = 7 * 24
LATEST_HOURS: Final = 24
"""What is usual is not learned from these: else a surge would be usual after an hour."""
LEAST_OBJECTS: Final = 100
"""An hour has at least so many, as far as this is concerned: ten times one object is no surge."""


class Surge:
    """The objects of the last hours, against those of the week before. What is usual is read once an hour."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._hour = -1
        self._usual: int | None = None

    def measure(self, now: float) -> float:
        """Return how many times the objects of the busiest usual hour this hour has, or the last one; 0 while less than
        a day is known. Raises StoreError."""
        hour = int(now // HOUR)
        if hour != self._hour:
            self._usual = busiest_usual_hour(self._counters.since(WEEK_HOURS), now)
            self._hour = hour
        if self._usual is None:
            return 0.0
        return max(_objects_by_hour(self._counters.since(1)).values(), default=0) / max(self._usual, LEAST_OBJECTS)


def busiest_usual_hour(counts: Counts, now: float) -> int | None:
    """Return the objects of the busiest hour of the week, without the last day; None while there is none."""
    latest = utc.iso(now - LATEST_HOURS * HOUR)
    return max((objects for hour, objects in _objects_by_hour(counts).items() if hour < latest), default=None)


def _objects_by_hour(counts: Counts) -> dict[str, int]:
    objects: dict[str, int] = {}
    for each in counts.hours:
        objects[each.hour] = objects.get(each.hour, 0) + each.objects
    return objects
