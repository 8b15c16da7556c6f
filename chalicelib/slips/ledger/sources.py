"""The sources of slips.yml, one a mapping: when each last got an object, and how long that usually takes.

They are items of the LedgerTable with keys that can be computed. A process writes to a source once a minute at most,
and only where an object landed that is newer than what is known: backfills and drains count for nothing.

    work_id             "slips:source:<digest of bucket, prefix, suffix and match>"
    first_at            when the first object landed that was counted, in seconds since the epoch
    last_at, before_at  when the newest one landed, and the one before
    g:2026-01-31        the longest gap, in seconds, that ended on this day; of the last MOST_DAYS days with one
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from typing import Final

import msgspec

from ..aws.dynamodb import Attributes, Table
from ..config import Config, Mapping
from ..config.routing import find_mapping
from ..errors import RouteError
from ..model import WorkItem, digest, utc
from ..model.utc import DAY
from .ledger import KEY, TTL_ATTRIBUTE

PREFIX: Final = "slips:source:"
GAP: Final = "g:"
MOST_DAYS: Final = 14
"""Two weeks of days with objects: they hold two weekends."""
LEARNED_SECONDS: Final = 7 * DAY
"""A source is known for so long before its gaps are taken to be usual: a week has a weekend."""
WRITE_SECONDS: Final = 60
"""The times are right to that, and no source gets more than a write of each process in it."""
TTL_SECONDS: Final = 365 * DAY
"""A source that was silent for a year is forgotten."""


class SourceTimes(msgspec.Struct, kw_only=True):
    """What is known of a source. Times are in seconds since the epoch; `gaps` are seconds by the day on which they
    ended."""

    first_at: int
    last_at: int
    gaps: dict[str, int] = {}

    @property
    def usual_gap(self) -> int | None:
        """The longest gap that is usual, in seconds; None while too little is known. Once there are MOST_DAYS days, it
        is the second longest: an outage happened once, a weekend at least twice."""
        longest = sorted(self.gaps.values(), reverse=True)
        if not longest or self.last_at - self.first_at < LEARNED_SECONDS:
            return None
        return longest[1] if len(longest) >= MOST_DAYS else longest[0]


class Sources:
    """The sources in a table. `clock` is in seconds since the epoch."""

    def __init__(self, table: Table, clock: utc.Clock = time.time) -> None:
        self._table = table
        self._clock = clock
        self._written: dict[str, float] = {}
        """By key: when this process last tried."""

    def record(self, landed: MappingOf[Mapping, float]) -> None:
        """Note when the newest object of each of these mappings landed. Raises StoreError."""
        now = self._clock()
        for mapping, at in landed.items():
            key = source_key(mapping)
            if now >= self._written.get(key, 0.0) + WRITE_SECONDS:
                self._written[key] = now
                # A clock ahead of ours must not make the source look alive for longer than it is.
                self._note(key, int(min(at, now)))

    def _note(self, key: str, at: int) -> None:
        values = {":at": at, ":earlier": at - WRITE_SECONDS, ":ttl": at + TTL_SECONDS}
        item = self._table.update(
            key,
            "SET #first_at = if_not_exists(#first_at, :at), #before_at = if_not_exists(#last_at, :at), #last_at = :at, "
            f"#{TTL_ATTRIBUTE} = :ttl",
            "attribute_not_exists(#last_at) OR #last_at < :earlier",
            values,
        )
        if item is None:
            return
        gap, day = at - int(item["before_at"]["N"]), f"{GAP}{utc.iso(at)[:10]}"
        if gap <= int(item.get(day, {"N": "0"})["N"]):
            return
        old = sorted({*_gaps(item), day.removeprefix(GAP)})[:-MOST_DAYS]
        removed = ", ".join(f"#old{number}" for number in range(len(old)))
        self._table.update(
            key,
            "SET #day = :gap" + (removed and f" REMOVE {removed}"),
            "attribute_not_exists(#day) OR #day < :gap",
            {":gap": gap},
            {"day": day, **{f"old{number}": f"{GAP}{each}" for number, each in enumerate(old)}},
        )

    def read(self, mappings: Iterable[Mapping]) -> dict[str, SourceTimes]:
        """Read what is known, by the key of the mapping. Raises StoreError."""
        keys = dict.fromkeys(map(source_key, mappings))
        return {item[KEY]["S"]: _decode(item) for item in self._table.get_many(keys, consistent=False)}


def source_key(mapping: Mapping) -> str:
    """The key of a mapping's item: the same wherever the mapping stands in slips.yml, and whatever its format."""
    return f"{PREFIX}{digest(mapping.bucket, mapping.prefix, mapping.suffix, mapping.match)}"


def newest_by_mapping(config: Config, items: Iterable[WorkItem]) -> dict[Mapping, float]:
    """Find when the newest object of each mapping landed, in seconds since the epoch; without items of which that, or
    the mapping, is not known."""
    newest: dict[Mapping, float] = {}
    for item in items:
        try:
            mapping, at = find_mapping(config, item.ref), utc.epoch(item.event_time)
        except (RouteError, ValueError):
            continue
        newest[mapping] = max(at, newest.get(mapping, 0.0))
    return newest


def _decode(item: Attributes) -> SourceTimes:
    return SourceTimes(
        first_at=int(item["first_at"]["N"]),
        last_at=int(item["last_at"]["N"]),
        gaps={day: int(item[f"{GAP}{day}"]["N"]) for day in _gaps(item)},
    )


def _gaps(item: Attributes) -> Iterator[str]:
    """The days of the gaps."""
    return (name.removeprefix(GAP) for name in item if name.startswith(GAP))
