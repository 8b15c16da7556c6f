"""`GET /stats`: what the console draws."""

from __future__ import annotations

import time

import msgspec

from ..ledger.counters import SLOT, Counters, Counts, HourCounts, LaneAge
from ..model import utc
from ..quarantine import Cause, Filter, Quarantine

HOURS = 24
CAUSES = 200
CAUSE_SECONDS = 6.0


class Rate(msgspec.Struct, kw_only=True):
    """Events by format: a number for each `seconds` from `begins_at` on, the last of them not over yet."""

    begins_at: str
    seconds: int
    formats: dict[str, list[int]]


class Open(msgspec.Struct, kw_only=True):
    """What waits in the ErrorTable: its items by state, and its causes, the most frequent first. Not `complete` where
    there are too many to count in time: then only the newest are counted."""

    open: int
    draining: int
    parked: int
    complete: bool
    causes: tuple[Cause, ...]


class Stats(msgspec.Struct, kw_only=True):
    """The last 24 hours; see decision 9 for how far the counts are right."""

    stack: str
    now: str
    hours: list[HourCounts]
    lanes: dict[str, LaneAge | None]
    rate: Rate
    errors: Open


def stats(stack: str, counters: Counters, quarantine: Quarantine) -> Stats:
    """All of it. Raises StoreError."""
    now = time.time()
    counts = counters.since(HOURS)
    return Stats(
        stack=stack,
        now=utc.iso(now),
        hours=counts.hours,
        lanes=counts.lanes,
        rate=rate(counts, now),
        errors=_open(quarantine),
    )


def rate(counts: Counts, now: float) -> Rate:
    """The slots of the last 24 hours, in order."""
    last = int(now) // SLOT * SLOT
    times = range(last - HOURS * utc.HOUR, last + 1, SLOT)
    formats = {name: [slots.get(at, 0) for at in times] for name, slots in sorted(counts.slots.items())}
    shown = {name: numbers for name, numbers in formats.items() if any(numbers)}
    return Rate(begins_at=utc.iso(times[0]), seconds=SLOT, formats=shown)


def _open(quarantine: Quarantine) -> Open:
    found = quarantine.causes(Filter(), CAUSE_SECONDS)
    parked, draining = sum(each.parked for each in found.causes), sum(each.draining for each in found.causes)
    return Open(
        open=sum(each.count for each in found.causes) - parked - draining,
        draining=draining,
        parked=parked,
        complete=found.complete,
        causes=found.causes[:CAUSES],
    )
