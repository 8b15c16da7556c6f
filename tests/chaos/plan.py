"""The scenario that a seed stands for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

import msgspec

from .objects import ENDLESS, Planted, endless_object, failing_object, random_object, sound_object
from .storms import Storms, storms
from .versions import OtherVersion, other_versions

POINTS = tuple(
    f"{when} {what}" for when in ("before", "after") for what in ("put", "begin", "checkpoint", "end", "error", "read")
)
"""Before and after each write of the functions, and each read of an object."""
SENT = "sent"
"""Behind a batch that a sink has sent, and before anything says so."""
DRAIN_POINTS = tuple(f"{when} {what} of a drain" for when in ("before", "after") for what in ("claim", "put", "delete"))
LONG, SHORT = 3.1, 0.5
"""Seconds that a drain stalls: longer than its claims last (project/points.py), or for a while."""
CHAINS = (("s3-lines", "chaos"), (r's3-multiline:^\{"ids":\["[^"]*0"\]', "chaos"), ("s3-text", "chaos"))
"""An event of each line, of ten lines, and of the whole object."""
TIMEOUT = 12.0
"""Seconds that a lane's function may run. For work that another has begun it waits at most until ten are left."""


class Change(msgspec.Struct):
    """A deployment before the batch of that number (or at the end of the faults): slips.yml cuts some objects by
    another chain."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    batch: int


class Drain(msgspec.Struct):
    """A drain of a client, beside the batch of that number. `adopts`: first, like `slips drain`, it looks for items of
    the class-based SLIPS. `shot`: seconds after which the API's function is killed; 0 for never."""

    batch: int
    client: int
    what: Literal["all", "ids", "fingerprint"]
    adopts: bool
    shot: float


class Plan(msgspec.Struct):
    """A scenario. `faults` is the share of requests that fail, `down` is (service, number of requests that it
    refuses at first), `kills` are (point, visit), and `shots` are seconds after which the processing function is
    killed, whatever it does. `stalls` are (point, visit, seconds): there a drain stands still. `twins` are numbers of
    objects whose work item is in the other lane, too."""

    seed: int
    objects: list[Planted]
    notifications: list[int]
    faults: float
    down: tuple[str, int]
    kills: list[tuple[str, int]]
    shots: list[float]
    stalls: list[tuple[str, int, float]]
    flush_fails: list[int]
    deadline: float
    checkpoint: float
    errors_per_object: int
    max_attempts: int
    others: list[OtherVersion]
    change: Change | None
    drains: list[Drain]
    twins: list[int]
    storms: Storms

    @property
    def has_endless(self) -> bool:
        """Whether an event takes longer than a function may run."""
        return any(planted.key == ENDLESS for planted in self.objects)

    @property
    def chain(self) -> tuple[str, ...]:
        """By what the objects whose chain may change are cut at first."""
        return self.change.before if self.change else CHAINS[0]


def plan(seed: int) -> Plan:
    """Return the scenario of a seed. What any kind may have throws dice of its own, so that it changes nothing else."""
    dice = random.Random(seed)
    kind = dice.choice(("calm", "faults", "kills", "kills", "shots", "deadlines", "all", "all", "down", "endless"))
    deadline = kind == "endless" or (kind in ("deadlines", "all") and dice.random() < 0.8)
    seconds = 0.004 if deadline else 0.0
    objects = [random_object(dice, number, seconds) for number in range(dice.randint(1, 7))]
    if kind == "endless":
        objects.insert(dice.randrange(len(objects) + 1), endless_object(len(objects)))
    notifications = _notifications(dice, range(len(objects)))
    change, changed = _change(_dice(seed, "change"), seconds)
    twins = _twins(_dice(seed, "twins"))
    # They come first: so something of them has failed before the change, and both lanes are at work on a twin at once.
    for first in (changed, twins):
        numbers = range(len(objects), len(objects) + len(first))
        notifications[:0] = _notifications(_dice(seed, "first"), numbers)
        objects += first
    # Who drains the endless event has it again, and again.
    drains, stalls = ([], []) if kind == "endless" else _drains(_dice(seed, "drains"), is_shot=kind in ("shots", "all"))
    return Plan(
        seed=seed,
        objects=objects,
        notifications=notifications,
        faults=dice.choice((0.03, 0.1, 0.25)) if kind in ("faults", "all") else 0.0,
        down=(dice.choice(("kinesis", "dynamodb")), dice.randint(5, 60)) if kind == "down" else ("", 0),
        kills=_kills(dice) if kind in ("kills", "all") else [],
        shots=_shots(dice, dice.randint(1, 4)) if kind in ("shots", "all") else [],
        stalls=stalls,
        flush_fails=sorted(dice.sample(range(1, 9), dice.choice((0, 0, 1, 2)))),
        deadline=round(dice.uniform(5.05, 5.4), 3) if deadline else TIMEOUT,
        checkpoint=dice.choice((0.02, 0.1, 0.5)),
        errors_per_object=dice.choice((2, 10, 100)),
        max_attempts=2 if kind == "endless" else dice.choice((2, 3, 4)),
        others=other_versions(_dice(seed, "versions"), seconds),
        change=change,
        drains=drains,
        twins=[*range(len(objects) - len(twins), len(objects))],
        storms=storms(_dice(seed, "storms"), notifications),
    )


def _dice(seed: int, subject: str) -> random.Random:
    return random.Random(f"{seed} {subject}")


def _notifications(dice: random.Random, objects: Sequence[int]) -> list[int]:
    """Return the objects in any order, some more than once."""
    notifications = [number for number in objects for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    dice.shuffle(notifications)
    return notifications


def _kills(dice: random.Random) -> list[tuple[str, int]]:
    points = dice.choice((POINTS, POINTS, DRAIN_POINTS))
    named = [(dice.choice(points), dice.choice((1, 1, 2, 3, 5))) for _ in range(dice.randint(1, 4))]
    at_work = [(SENT, dice.randint(1, 20)) for _ in range(dice.choice((0, 1, 1)))]
    at_work += [("event", dice.randint(1, 400)) for _ in range(dice.choice((0, 1, 2)))]
    return sorted({*named, *at_work})


def _shots(dice: random.Random, count: int) -> list[float]:
    return [round(dice.uniform(0.05, 2.5), 3) for _ in range(count)]


def _change(dice: random.Random, seconds: float) -> tuple[Change | None, list[Planted]]:
    """Return a change of slips.yml and the objects that it concerns; in half of all cases neither."""
    if dice.random() < 0.5:
        return None, []
    before, after = dice.sample(CHAINS, 2)
    objects = [
        failing_object(dice, f"changed/{number}", f"c{number}", dice.choice((3, 20, 60)), seconds)
        for number in range(dice.randint(1, 3))
    ]
    for planted in objects:
        planted.repeats = True
    return Change(before, after, dice.randint(3, 12)), objects


def _drains(dice: random.Random, *, is_shot: bool) -> tuple[list[Drain], list[tuple[str, int, float]]]:
    """Return the drains of up to three clients, and where they stall; in a third of all cases none."""
    drains = []
    for _ in range(dice.choice((0, 0, 2, 3, 4, 6))):
        batch, client, what = dice.randint(1, 8), dice.randrange(3), dice.choice(("all", "ids", "fingerprint"))
        shot = _shots(dice, 1)[0] if is_shot and dice.random() < 0.5 else 0.0
        drains.append(Drain(batch, client, what, dice.random() < 0.3, shot))
    stalls = [
        (dice.choice(DRAIN_POINTS), dice.choice((1, 1, 2)), dice.choice((SHORT, SHORT, LONG)))
        for _ in range(dice.choice((0, 1, 2)) if drains else 0)
    ]
    return sorted(drains, key=lambda drain: drain.batch), stalls


def _twins(dice: random.Random) -> list[Planted]:
    """Return objects that take a while; in half of all cases none."""
    count = dice.choice((0, 0, 1, 2))
    return [sound_object(f"chaos/t{number}", f"t{number}", dice.choice((20, 60)), 0.01) for number in range(count)]
