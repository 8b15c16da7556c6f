"""What the default lane takes of a day's load, in a peak and after an outage, and what small objects leave behind."""

from __future__ import annotations

import math

from slips.config import Config
from slips.config.settings import FULL_CORE_MB
from slips.ops.deploy.lane_capacity import ACCOUNT_CONCURRENCY, NEW_STREAM_SHARDS, TYPICAL_BYTES

from .cost import (
    DIRECT,
    LEDGER_ITEM_BYTES,
    NOW,
    SQS,
    TTL_DAYS,
    Speed,
    Way,
    a_dispatch,
    an_object,
    concurrency,
    seconds,
)
from .lanes import HOURS, Course, Setting, count_invocations, in_second_hour, run

DAYS = {"0.1 TB": 1e11, "1 TB": 1e12, "10 TB": 1e13, "100 TB": 1e14, "1 PB": 1e15}
PEAK = 3
MOST_PARALLEL = Config.for_stack("slips").fast.parallelization
SMALL_OBJECTS, SMALL_BYTES = 100e6, 20e3
"""Objects a day, and the stored bytes of each."""


def days_table(at: Speed) -> list[list[str]]:
    """Return a row for each day's load: what it needs, and what the lane does with it, by parallelization."""
    return [_row(name, stored, at) for name, stored in DAYS.items()]


def _row(name: str, stored: float, at: Speed) -> list[str]:
    rate = stored / 86_400 / TYPICAL_BYTES
    peak = concurrency(PEAK * rate, TYPICAL_BYTES, FULL_CORE_MB, at)
    row = [name, f"{rate:,.0f}" if rate >= 10 else f"{rate:,.1f}", f"{math.ceil(peak / PEAK):,} / {math.ceil(peak):,}"]
    on_demand = on_demand_shards(PEAK * rate)
    for parallelization in (1, MOST_PARALLEL):
        setting = Setting("", on_demand, parallelization, seconds(TYPICAL_BYTES, FULL_CORE_MB, at))
        peaked = run(setting, lambda hour: rate * (PEAK if in_second_hour(hour) else 1))
        stopped = run(setting, lambda hour: rate, is_down=in_second_hour)
        row += [_describe(peaked, setting, rate), _describe(stopped, setting, rate)]
    # Objects do not spread evenly over shards: a fifth more of them.
    shards = math.ceil(1.2 * peak / MOST_PARALLEL)
    row.insert(3, str(on_demand))
    return [*row, f"{max(NEW_STREAM_SHARDS, shards):,}{' *' if peak > ACCOUNT_CONCURRENCY else ''}"]


def on_demand_shards(peak: float) -> int:
    """Return the shards of a stream on demand at a peak of so many records a second: it takes up to twice what it got
    in the last 30 days, at 1,000 records a second a shard (Kinesis Data Streams Developer Guide, "On-demand")."""
    return max(NEW_STREAM_SHARDS, math.ceil(2 * peak / 1000))


def _describe(course: Course, setting: Setting, rate: float) -> str:
    """How late the oldest object was, and when the lane had caught up, since the second hour began."""
    if setting.rate < rate:
        return f"{60 * (1 - setting.rate / rate):.0f} min later each hour"
    if course.age[-1] > 60:
        return f"{max(course.age) / 60:.0f} min late, more than {HOURS - 1} h"
    if not course.recovered:
        return "on time"
    return f"{max(course.age) / 60:.0f} min late, {course.recovered - 1:.1f} h"


def invocations_table(at: Speed) -> list[list[str]]:
    """Return what a million objects cost that come one a second, by parallelization."""
    rows = []
    for parallelization in (1, MOST_PARALLEL):
        setting = Setting("", NEW_STREAM_SHARDS, parallelization, seconds(TYPICAL_BYTES, FULL_CORE_MB, at))
        objects, invocations = count_invocations(setting, 1.0)
        dollars = 1e6 * sum(an_object(TYPICAL_BYTES, FULL_CORE_MB, at, Way(batch=objects / invocations)).values())
        rows.append([str(parallelization), f"{objects:,}", f"{invocations:,}", f"{invocations:,}", f"{dollars:,.2f}"])
    return rows


def dispatch_table() -> list[list[str]]:
    """Return what it costs to dispatch a terabyte of small objects, by the way in; a message of SNS is one object."""
    objects = 1e12 / SMALL_BYTES
    rows = []
    ways = {
        "SNS, a function": Way(), "SNS, SQS, batches of 10": Way(dispatched=10), "SNS, SQS, batches of 100": SQS,
        "S3 to SQS, batches of 10": Way(dispatched=10, topic=False), "S3 to SQS, batches of 100": DIRECT,
    }  # fmt: skip
    for name, way in ways.items():
        parts = a_dispatch(way)
        figures = [parts[kind] for kind in ("SNS", "SQS", "Lambda", "logs")]
        rows.append([name, *(f"{objects * dollars:,.2f}" for dollars in (*figures, sum(figures)))])
    return rows


def small_objects_table(at: Speed) -> list[list[str]]:
    """Return what 100 million small objects a day cost in a month of 30 days, and what the ledger keeps of them."""
    objects = 30 * SMALL_OBJECTS
    parts = {name: objects * each for name, each in an_object(SMALL_BYTES, FULL_CORE_MB, at).items() if each}
    gigabytes = SMALL_OBJECTS * TTL_DAYS * (LEDGER_ITEM_BYTES + NOW.index_bytes) / 1e9
    parts[f"ledger: {gigabytes:,.0f} GB with its index, kept for {TTL_DAYS} days"] = parts.pop("ledger, kept")
    parts["ledger: point-in-time recovery"] = parts.pop("its recovery")
    return [[name, f"{dollars:,.0f}"] for name, dollars in [*parts.items(), ("all", sum(parts.values()))]]
