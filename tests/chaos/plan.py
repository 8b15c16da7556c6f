"""The scenario that a seed stands for."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import msgspec

FUNCTIONS = ("plain", "batched", "buffered")
POINTS = tuple(
    f"{when} {what}"
    for when in ("before", "after")
    for what in ("put", "begin", "checkpoint", "end", "error", "claim", "delete", "read")
)
"""Before and after each write of the functions, and each read of an object."""


ENDLESS = "chaos/endless"
"""The key of the object with an event that takes longer than a function may run."""


class Planted(msgspec.Struct):
    """An object to put into the bucket, and the ids of its events."""

    key: str
    content: bytes
    ids: list[str]


class Plan(msgspec.Struct):
    """A scenario. `faults` is the share of requests that fail, `down` is (service, number of requests that it
    refuses at first), `kills` are (point, visit), and `shots` are seconds after which the processing function is
    killed, whatever it does."""

    seed: int
    objects: list[Planted]
    notifications: list[int]
    faults: float
    down: tuple[str, int]
    kills: list[tuple[str, int]]
    shots: list[float]
    flush_fails: list[int]
    deadline: float
    checkpoint: float
    errors_per_object: int
    max_attempts: int
    drains: int

    @property
    def has_endless(self) -> bool:
        """Whether an event takes longer than a function may run."""
        return any(planted.key == ENDLESS for planted in self.objects)


def plan(seed: int) -> Plan:
    """Return the scenario of a seed."""
    dice = random.Random(seed)
    kind = dice.choice(("calm", "faults", "kills", "kills", "shots", "deadlines", "all", "all", "down", "endless"))
    deadline = kind == "endless" or (kind in ("deadlines", "all") and dice.random() < 0.8)
    seconds = 0.004 if deadline else 0.0
    objects = [_object(dice, number, seconds) for number in range(dice.randint(1, 7))]
    if kind == "endless":
        objects.insert(dice.randrange(len(objects) + 1), _endless(len(objects)))
    notifications = [number for number in range(len(objects)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    dice.shuffle(notifications)
    return Plan(
        seed=seed,
        objects=objects,
        notifications=notifications,
        faults=dice.choice((0.03, 0.1, 0.25)) if kind in ("faults", "all") else 0.0,
        down=(dice.choice(("kinesis", "dynamodb")), dice.randint(5, 60)) if kind == "down" else ("", 0),
        kills=_kills(dice) if kind in ("kills", "all") else [],
        shots=[round(dice.uniform(0.05, 2.5), 3) for _ in range(dice.randint(1, 4))]
        if kind in ("shots", "all")
        else [],
        flush_fails=sorted(dice.sample(range(1, 9), dice.choice((0, 0, 1, 2)))),
        deadline=round(dice.uniform(5.05, 5.4), 3) if deadline else 60.0,
        checkpoint=dice.choice((0.02, 0.1, 0.5)),
        errors_per_object=dice.choice((2, 10, 100)),
        max_attempts=2 if kind == "endless" else dice.choice((2, 3, 4)),
        drains=0 if kind == "endless" else dice.choice((0, 0, 1, 2)),
    )


def _kills(dice: random.Random) -> list[tuple[str, int]]:
    named = [(dice.choice(POINTS), dice.choice((1, 1, 2, 3, 5))) for _ in range(dice.randint(1, 4))]
    at_work = [("event", dice.randint(1, 400)) for _ in range(dice.choice((0, 1, 2)))]
    return sorted({*named, *at_work})


def _object(dice: random.Random, number: int, seconds: float) -> Planted:
    prefix = dice.choice(("chaos/", "chaos/", "json/", "chaos/slow/"))
    count = dice.choice((0, 1, 3, 20, 60, 200))
    lines, ids = [], []
    for line in range(count):
        name = f"{number}-{line}"
        event: dict[str, Any] = {"id": name, "seconds": seconds, "fails": _fails(dice)}
        if prefix != "json/" and dice.random() < 0.02:
            event["broken"] = True
        lines.append(json.dumps(event).encode())
        ids.append(name)
    content = b"\n".join(lines)
    zipped = dice.random() < 0.5
    key = f"{prefix}{number} a+b=c%20{'.gz' if zipped else ''}"
    return Planted(key, gzip.compress(content, mtime=0) if zipped else content, ids)


def _endless(number: int) -> Planted:
    """Return an object with an event that takes longer than a function may run, until the faults end."""
    seconds = (0.0, 60.0, 0.0)
    events = [{"id": f"{number}-{line}", "seconds": each, "fails": []} for line, each in enumerate(seconds)]
    return Planted(ENDLESS, b"\n".join(map(msgspec.json.encode, events)), [str(each["id"]) for each in events])


def _fails(dice: random.Random) -> list[str]:
    return [name for name in FUNCTIONS if dice.random() < 0.02]
