"""How many bytes the raw records of a batch have: as events they take several times that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final

from ..config.settings import MIB
from ..model.meta import Meta
from ..reader.batches import weigh

MOST_GATHERED: Final = 4 * MIB
"""Of the batch of a function, but for a single record that has more."""

LONG: Final = 4 * 1024
"""Bytes of records, on the average, from which on it takes less time to weigh them than to decode them."""
USUAL_GROWTH: Final = 12
"""Times its own bytes that `weigh` says of an ordinary record, at most."""

_META, _RECORD = itemgetter(0), attrgetter("_record")


def weigh_all(records: Sequence[bytes]) -> int:
    """Return the bytes of records; those that hold unusually many values, as `[[],[],…` does, count for more."""
    size = sum(map(len, records))
    if size < LONG * len(records):
        return size
    return sum(max(len(record), weigh(record) // USUAL_GROWTH) for record in records)


def measure(pairs: Sequence[tuple[Meta, Any]]) -> int:
    """Return how many bytes the raw records have, each counted once, in C: this is done for each event."""
    records = map(_RECORD, map(_META, pairs))
    if pairs and (pairs[0][0].index or pairs[-1][0].index):  # Records that hold several events.
        return sum(map(len, _each_once(records)))
    return sum(map(len, records))


def _each_once(records: Iterable[bytes]) -> Iterator[bytes]:
    last: bytes | None = None
    for record in records:
        if record is not last:
            yield record
        last = record


class Gathered:
    """The bytes in a batch that grows: at most so many, until it is measured."""

    def __init__(self) -> None:
        self._most = 0

    def is_too_much(self, size: int, batch: Sequence[tuple[Meta, Any]]) -> bool:
        """Whether the batch must be delivered before records of `size` bytes come, of which all may go into it."""
        self._most += size
        if self._most <= MOST_GATHERED or not batch:
            return False
        self._most = weigh_all(list(_each_once(map(_RECORD, map(_META, batch))))) + size
        is_too_much = self._most > MOST_GATHERED
        if is_too_much:
            self._most = size
        return is_too_much
