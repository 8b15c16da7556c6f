"""Groups of events of which somebody was told, and shall not be told again for a while."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final, NamedTuple

MOST_GROUPS: Final = 10_000
"""That are remembered; of more, those that began first are forgotten."""


class _Quiet(NamedTuple):
    until: float
    withheld: int


class QuietGroups:
    """Remembers for `seconds` of `clock` which groups are quiet, and how many events were withheld meanwhile. For one
    process: another one has its own."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._groups: dict[str, _Quiet] = {}

    def is_quiet(self, group: str) -> bool:
        """Whether its events are withheld."""
        with self._lock:
            known = self._groups.get(group)
            return known is not None and self._clock() < known.until

    def count_withheld(self, group: str) -> int:
        """Return how many events were withheld since it became quiet."""
        with self._lock:
            return self._groups[group].withheld if group in self._groups else 0

    def withhold(self, group: str, events: int) -> None:
        """Note events that were withheld."""
        with self._lock:
            known = self._groups.get(group)
            if known is not None:
                self._groups[group] = known._replace(withheld=known.withheld + events)

    def begin(self, group: str) -> None:
        """Note that somebody was told: it is quiet from now on."""
        with self._lock:
            self._groups.pop(group, None)
            self._groups[group] = _Quiet(self._clock() + self._seconds, 0)
            if len(self._groups) > MOST_GROUPS:
                del self._groups[next(iter(self._groups))]
