"""`GET /stats`: the numbers of the console."""

from __future__ import annotations

import os
import shlex
import time
from typing import Final

import msgspec

from ..config import Config
from ..dispatch.redrive_queue import RedriveQueue
from ..ledger.cause_notes import CauseNotes
from ..ledger.counters import SLOT, Counters, Counts, HourCounts, LaneAge
from ..ledger.silence import SourceState, read_sources
from ..model import utc
from ..model.utc import HOUR
from ..quarantine import Filter, Quarantine
from .causes import CauseReport, report_causes

FINE_HOURS: Final = 24
"""Of more hours, the chart has a column an hour."""
DEV: Final = "dev"
"""The stage that commands take without an option."""
CAUSES = 200
CAUSE_SECONDS = 6.0
EXPIRING_SECONDS = 3.0
"""Spent on the oldest items, where there are too many to count."""


class Rate(msgspec.Struct, kw_only=True):
    """Events by format: a count for each slot of `seconds`, from `begins_at` on. The last slot is not over yet."""

    begins_at: str
    seconds: int
    formats: dict[str, list[int]]


class Open(msgspec.Struct, kw_only=True):
    """The contents of the ErrorTable: its items by state, and its causes, the most frequent first. Not `complete` if
    there are too many to count in time: then only the newest are counted. Of all items, `expiring` are deleted by
    DynamoDB within seven days, whatever their state; not `complete`, it is the least number."""

    open: int
    waiting: int
    draining: int
    parked: int
    expiring: int
    complete: bool
    causes: tuple[CauseReport, ...]


class Stats(msgspec.Struct, kw_only=True):
    """The last hours. Decision 9 says how exact the counts are."""

    stack: str
    options: str
    """What a command of `slips` needs to find this deployment: `--local`, `--stage prod`; empty for the stage dev."""
    now: str
    hours: list[HourCounts]
    lanes: dict[str, LaneAge | None]
    rate: Rate
    sources: list[SourceState]
    """The mappings of slips.yml, those that are silent first."""
    errors: Open
    redrive: int | None
    """How many notifications wait, about, which neither `dispatch` nor `report` took; null where nobody knows."""
    redrive_seconds: float | None
    """How long the oldest of them has waited, about; null where none waits, or nobody knows."""


def find_options(app_name: str) -> str:
    """Say what a command needs to find this deployment: Chalice names the API's function `<app>-<stage>`."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    if not function:
        return "--local"
    stage = function.removeprefix(f"{app_name}-")
    return "" if stage in (function, DEV) else f"--stage {shlex.quote(stage)}"


def read_stats(
    config: Config,
    counters: Counters,
    quarantine: Quarantine,
    notes: CauseNotes,
    redrive_queue: RedriveQueue,
    app_name: str,
    hours: int,
) -> Stats:
    """Read everything, of the current hour and `hours` before it. Raises StoreError."""
    now = time.time()
    counts = counters.since(hours)
    redrive = redrive_queue.read_depth()
    return Stats(
        stack=config.stack_name,
        options=find_options(app_name),
        now=utc.iso(now),
        hours=counts.hours,
        lanes=counts.lanes,
        rate=arrange_rate(counts, now, hours),
        sources=read_sources(counters.sources, config, now),
        errors=_count_open(quarantine, notes, now),
        redrive=redrive,
        redrive_seconds=redrive_queue.read_age() if redrive else None,
    )


def arrange_rate(counts: Counts, now: float, hours: int) -> Rate:
    """Arrange the slots of the last `hours` in order."""
    seconds = SLOT if hours <= FINE_HOURS else HOUR
    last = int(now) // seconds * seconds
    times = range(last - hours * HOUR, last + 1, seconds)
    formats = {
        name: [sum(slots.get(at, 0) for at in range(begin, begin + seconds, SLOT)) for begin in times]
        for name, slots in sorted(counts.slots.items())
    }
    active = {name: numbers for name, numbers in formats.items() if any(numbers)}
    return Rate(begins_at=utc.iso(times[0]), seconds=seconds, formats=active)


def _count_open(quarantine: Quarantine, notes: CauseNotes, now: float) -> Open:
    all_causes = report_causes(quarantine.causes(Filter(), CAUSE_SECONDS), notes, now)
    parked = sum(cause.parked for cause in all_causes.causes)
    waiting = sum(cause.waiting for cause in all_causes.causes)
    draining = sum(cause.draining for cause in all_causes.causes)
    expiring = sum(cause.expiring for cause in all_causes.causes)
    if not all_causes.complete:  # The oldest go first, and are those that were not counted.
        expiring = max(expiring, quarantine.count_expiring(EXPIRING_SECONDS))
    return Open(
        open=sum(cause.count for cause in all_causes.causes) - waiting - parked - draining,
        waiting=waiting,
        draining=draining,
        parked=parked,
        expiring=expiring,
        complete=all_causes.complete,
        causes=all_causes.causes[:CAUSES],
    )
