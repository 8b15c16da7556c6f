"""Lanes and an ErrorTable in memory that record what is put into them, in its order; a clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

import msgspec

from slips.errors import StoreError
from slips.model import Failure, Lane, WorkItem


class RecordingLanes:
    """Lanes that take every item except those for which `refuses` is true. They call `before` before they take any."""

    def __init__(
        self,
        refuses: Callable[[WorkItem], bool] = lambda item: False,
        before: Callable[[Sequence[WorkItem]], None] = lambda items: None,
    ) -> None:
        self.refuses = refuses
        self.before = before
        self.puts: list[tuple[Lane, list[WorkItem]]] = []
        self._lock = Lock()

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        self.before(items)
        with self._lock:
            self.puts.append((lane, [each for each in items if not self.refuses(each)]))
        return [msgspec.structs.replace(each, dest_stream=f"slips-{lane}") for each in items if self.refuses(each)]

    @property
    def items(self) -> list[WorkItem]:
        return [item for _, items in self.puts for item in items]

    def keys(self, lane: Lane | None = None) -> list[str]:
        return [item.object_key for at, items in self.puts for item in items if lane in (None, at)]


class RecordingErrors:
    """An ErrorTable that holds the last failure of each id. While it is `down`, nothing can be written."""

    def __init__(self) -> None:
        self.by_id: dict[str, Failure] = {}
        self.down = False

    def record(self, failures: Sequence[Failure]) -> None:
        if self.down and failures:
            raise StoreError("table errors: down")
        self.by_id |= {failure.request_id: failure for failure in failures}

    @property
    def failures(self) -> list[Failure]:
        return list(self.by_id.values())


class StillClock:
    """A clock that a test sets: `now` is in seconds since the epoch."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
