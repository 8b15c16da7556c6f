"""The objects of a run: lines of events that say what becomes of them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

PREFIX = "logs/"
SLOW = "logs/slow/"
LINES = (1, 20, 200, 2_000)
"""Events of an object."""
KILLS = ("before", "behind", "sent")
"""Where a function's process is killed: before it has written down what it took, behind that, behind the archive."""


class Planted(NamedTuple):
    """An object, the ids of its events, and how many of these are faults of each kind."""

    key: str
    content: bytes
    ids: list[str]
    faults: dict[str, int]


def plan_objects(seed: int, count: int) -> Iterator[Planted]:
    """Yield that many objects: nearly one in three has a fault that passes (a kill, a destination that is down, a time
    that is over), nearly one in three some that must be mended; the first three have one of each kind."""
    dice = random.Random(seed)
    for number in range(count):
        events: list[dict[str, Any]] = [
            {"id": f"{number}-{line}", "at": f"2026-03-01T09:{line % 60:02}:00Z"}
            for line in range(dice.choice(LINES))
        ]  # fmt: skip
        faults: dict[str, int] = {}
        passing = dice.random() < 0.3
        if number == 0:
            _mark(events, faults, "stall", "before", dice)
        if number < len(KILLS) or passing:
            kind = "kill" if number < len(KILLS) or dice.random() < 0.7 else "later"
            _mark(events, faults, kind, KILLS[number % len(KILLS)] if kind == "kill" else "before", dice)
        if number < len(KILLS) or dice.random() < 0.3:
            _mark(events, faults, dice.choice(("fail", "broken")), "before", dice)
        content = "".join(f"{json.dumps(event)}\n" for event in events).encode()
        folder = SLOW if dice.random() < 0.3 else PREFIX
        zipped = dice.random() < 0.5
        yield Planted(
            f"{folder}{number} a+b{'.gz' if zipped else ''}",
            gzip.compress(content, mtime=0) if zipped else content,
            [event["id"] for event in events],
            faults,
        )


def _mark(events: list[dict[str, Any]], faults: dict[str, int], kind: str, point: str, dice: random.Random) -> None:
    event = dice.choice(events)
    if kind not in event:
        event[kind] = point
        faults[kind] = faults.get(kind, 0) + 1
