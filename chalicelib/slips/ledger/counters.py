"""Counters for the console: what was done in each hour, by lane and format, and how long work waited in its lane.

They are items of the LedgerTable with predictable keys: reading a day takes a few BatchGetItem, never a scan.
An invocation adds to one item, picked at random among PARTITIONS of the same hour and lane, with one UpdateItem.
Nothing depends on them: decision 9 says how exact they are.

    work_id             "slips:counts:2026-01-31T12:fast:3"
    objects, events, …  sums of what the invocations returned
    e:<slot>:<format>   events that ended in the <slot>-th ten minutes of the hour
    waited, ended_at    of the last batch: how long its oldest record had waited (milliseconds), when it ended
    recent              ids of some works of the last batch
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ..aws.dynamodb import Attributes, DynamoDB, Table
from ..aws.retry import Backoff
from ..config import Mapping as SourceMapping
from ..model import LANES
from ..model.utc import DAY, HOUR, epoch, iso
from .ledger import KEY, TTL_ATTRIBUTE
from .side_writes import WAIT, SideWrites
from .sources import Sources

PREFIX: Final = "slips:counts:"
"""No work has such an id: those are hex digits."""
PARTITIONS: Final = 4
"""DynamoDB writes at most 1,000 units a second to an item, and writers of one item wait for each other."""
SLOT: Final = 600
"""Seconds."""
RECENT: Final = 300.0
"""Seconds: a lane in which nothing ended since then is empty, or stands; neither is made worse by more work."""
TTL_SECONDS: Final = 9 * DAY
"""The week that `surge` compares with, and some."""
SUMS: Final = ("objects", "events", "delivered", "quarantined", "waiting", "gone", "superseded", "bytes", "continued")
MOST_RECENT: Final = 8
"""Works of a batch that are named: some 300 bytes of an item that costs a unit for each 1,024."""
MOST_FORMATS: Final = 60
"""Formats of one invocation; the events of the others are counted as `other`. An update expression has 4 KB at most."""


class HourCounts(msgspec.Struct, kw_only=True):
    """What a lane finished in an hour; `formats` counts events, as do `delivered`, `quarantined` and `waiting`. Of the
    `objects`, some were `gone`, or `superseded` by a newer version."""

    hour: str
    lane: str
    invocations: int = 0
    objects: int = 0
    events: int = 0
    delivered: int = 0
    quarantined: int = 0
    waiting: int = 0
    gone: int = 0
    superseded: int = 0
    bytes: int = 0
    continued: int = 0
    formats: dict[str, int] = {}


class LaneAge(msgspec.Struct, kw_only=True):
    """The delay of a lane: how long the oldest record of its last batch had waited, and when that batch ended."""

    waited_seconds: float
    ended_at: str


class Counts(msgspec.Struct, kw_only=True):
    """The counters of some hours. `slots` counts events by format and by the time (seconds since the epoch) at which
    ten minutes begin. `recent` are ids of works, those of the newest batches first."""

    hours: list[HourCounts] = []
    lanes: dict[str, LaneAge | None] = {}
    slots: dict[str, dict[int, int]] = {}
    recent: list[str] = []


class Counters:
    """A sum of what invocations did. `clock` is in seconds since the epoch."""

    def __init__(
        self,
        client: DynamoDB,
        table: str,
        clock: Callable[[], float] = time.time,
        wait: float = WAIT,
        backoff: Backoff | None = None,
    ) -> None:
        self._table = Table(client, table, KEY, backoff)
        self.sources = Sources(self._table, clock)
        self._clock = clock
        self._writes = SideWrites("counters", wait)

    def record(
        self,
        lane: str,
        report: Mapping[str, Any],
        age: float,
        landed: Mapping[SourceMapping, float] | None = None,
        works: Sequence[str] = (),
    ) -> None:
        """Add the result of an invocation, whose oldest record had waited `age` seconds; `landed` is when its newest
        object landed, by its mapping, `works` the ids of what it worked on. Never raises, and takes WAIT seconds at
        most: then, or while an earlier write still hangs, this one is left out."""
        self._writes.run(self._add, lane, report, age, landed or {}, list(works[-MOST_RECENT:]))

    def _add(
        self,
        lane: str,
        report: Mapping[str, Any],
        age: float,
        landed: Mapping[SourceMapping, float],
        works: list[str],
    ) -> None:
        now = self._clock()
        added = {"invocations": 1} | {name: int(report.get(name, 0)) for name in SUMS}
        slot = int(now % HOUR) // SLOT
        added |= {f"e:{slot}:{name}": count for name, count in _limit_formats(report.get("by_format", {})).items()}
        names = [name for name, count in added.items() if count]
        self._table.update(
            _key(now, lane, random.randrange(PARTITIONS)),  # noqa: S311 - spreads writers
            f"SET #waited = :waited, #ended_at = :now, #recent = :recent, #{TTL_ATTRIBUTE} = :ttl ADD "
            + ", ".join(f"#a{number} :a{number}" for number in range(len(names))),
            values={
                ":waited": max(0, round(age * 1000)),
                ":now": iso(now),
                ":recent": works,
                ":ttl": int(now) + TTL_SECONDS,
                **{f":a{number}": added[name] for number, name in enumerate(names)},
            },
            names={f"a{number}": name for number, name in enumerate(names)},
        )
        self.sources.record(landed)

    def since(self, hours: int) -> Counts:
        """Read the counters of the current hour and of `hours` before it. Raises StoreError."""
        now = self._clock()
        keys = [
            _key(now - back * HOUR, lane, partition)
            for back in range(hours, -1, -1)
            for lane in LANES
            for partition in range(PARTITIONS)
        ]
        return _merge(list(self._table.get_many(keys, consistent=False)))


def newest_age(counts: Counts, now: float) -> float:
    """Return how many seconds records wait in the lanes, as far as the last minutes show."""
    ages = (age for age in counts.lanes.values() if age is not None and epoch(age.ended_at) > now - RECENT)
    return max((age.waited_seconds for age in ages), default=0.0)


def lane_age(event: Mapping[str, Any], now: float) -> float:
    """Return how many seconds the oldest record of a Kinesis event has been in its lane."""
    arrived = (record.get("kinesis", {}).get("approximateArrivalTimestamp", now) for record in event.get("Records", ()))
    return max((now - at for at in arrived), default=0.0)


def _key(now: float, lane: str, partition: int) -> str:
    return f"{PREFIX}{iso(now)[:13]}:{lane}:{partition}"


def _limit_formats(by_format: Mapping[str, int]) -> dict[str, int]:
    if len(by_format) <= MOST_FORMATS:
        return dict(by_format)
    largest = dict(sorted(by_format.items(), key=lambda pair: -pair[1])[: MOST_FORMATS - 1])
    return largest | {"other": largest.get("other", 0) + sum(by_format.values()) - sum(largest.values())}


def _merge(items: Sequence[Attributes]) -> Counts:
    """Sum the partitions of each hour and lane."""
    hours: dict[tuple[str, str], HourCounts] = {}
    counts = Counts(lanes=dict.fromkeys(LANES))
    for item in items:
        hour, lane, _ = item[KEY]["S"].removeprefix(PREFIX).split(":")
        counts_of_hour = hours.setdefault((hour, lane), HourCounts(hour=f"{hour}:00:00.000Z", lane=lane))
        _add_up(counts_of_hour, counts.slots, item)
        age = LaneAge(waited_seconds=int(item["waited"]["N"]) / 1000, ended_at=item["ended_at"]["S"])
        before = counts.lanes[lane]
        if before is None or before.ended_at < age.ended_at:
            counts.lanes[lane] = age
    newest_first = sorted(items, key=lambda item: item["ended_at"]["S"], reverse=True)
    counts.recent = [work["S"] for item in newest_first for work in item.get("recent", {}).get("L", ())]
    counts.hours = [hours[key] for key in sorted(hours)]
    return counts


def _add_up(hour: HourCounts, slots: dict[str, dict[int, int]], item: Attributes) -> None:
    begun = int(epoch(hour.hour))
    formats = Counter(hour.formats)
    for name, value in item.items():
        if name in ("invocations", *SUMS):
            setattr(hour, name, getattr(hour, name) + int(value["N"]))
        elif name.startswith("e:"):
            _, slot, format_name = name.split(":", 2)
            formats[format_name] += int(value["N"])
            at = begun + int(slot) * SLOT
            of_format = slots.setdefault(format_name, {})
            of_format[at] = of_format.get(at, 0) + int(value["N"])
    hour.formats = dict(formats)
