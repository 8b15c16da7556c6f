"""Timing: in turns, so that a machine that gets slower gets slower for all, and medians of the ratios pair by pair."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec

RUNS, QUICK_RUNS = 9, 5


class Row(msgspec.Struct, kw_only=True):
    """One line of the results. `ours` and `reference` are in `unit`; `ratio` is how many times better ours is (or, with
    `at_most`, ours against the reference), and `bound` what it must reach (or must not pass)."""

    name: str
    ours: float
    reference: float
    ratio: float
    bound: float
    ok: bool
    unit: str
    at_most: bool = False
    group: str = ""


Timed = Callable[[], Any]


def seconds(run: Timed) -> float:
    """Return the seconds of one call, with the garbage of the one before collected."""
    gc.collect()
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def cpu_seconds(run: Timed) -> float:
    """Return the CPU seconds of one call, of all threads."""
    gc.collect()
    begun = time.process_time()
    run()
    return time.process_time() - begun


def in_turns(runs: int, *timed: Timed) -> list[list[float]]:
    """Return the seconds of each, called in turns after one warm-up."""
    for run in timed:
        run()
    took: list[list[float]] = [[] for _ in timed]
    for _ in range(runs):
        for each, run in zip(took, timed, strict=True):
            each.append(seconds(run))
    return took


def against(
    name: str, ours: Timed, reference: Timed, *, bound: float, amount: float, unit: str, runs: int, group: str = ""
) -> Row:
    """Ours against a reference, both of which handle `amount` units of work."""
    mine, other = in_turns(runs, ours, reference)
    ratio = median(theirs / own for own, theirs in zip(mine, other, strict=True))
    return Row(
        name=name, ours=amount / median(mine), reference=amount / median(other), ratio=ratio, bound=bound,
        ok=ratio >= bound, unit=unit, group=group,
    )  # fmt: skip


def no_more_than(name: str, ours: float, reference: float, *, bound: float, unit: str, group: str = "") -> Row:
    """Ours as a share of the reference, which must not pass the bound."""
    ratio = ours / reference
    return Row(
        name=name, ours=ours, reference=reference, ratio=ratio, bound=bound, ok=ratio <= bound, unit=unit,
        at_most=True, group=group,
    )  # fmt: skip


def pin(cpus: int) -> None:
    """Keep this process on `cpus` processors."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cpus]))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
