"""The objects of a run: lines of events, with the ids by which the functions write down what they took."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

BUCKET = "logs"
FUNCTIONS = ("plain", "batched", "buffered", "sent")
ENDLESS = "chaos/endless"
"""The key of the object with an event that takes longer than a function may run."""


class Planted(msgspec.Struct):
    """An object to put into the bucket, and the ids of its events. `repeats`: slips.yml cuts it otherwise in the middle
    of the run, so that events may come twice."""

    key: str
    content: bytes
    ids: list[str]
    repeats: bool = False

    @property
    def etag(self) -> str:
        """As S3 makes it of an object that was put in one part."""
        return hashlib.md5(self.content).hexdigest()


def deliveries(ids: Iterable[str], functions: Iterable[str] = FUNCTIONS) -> list[str]:
    """Return the lines that the functions write down when they take the events."""
    return [f"{function} {name}" for name in ids for function in functions]


def random_object(dice: random.Random, number: int, seconds: float) -> Planted:
    """Return an object with up to 200 events of `seconds` each; some functions fail on some of them."""
    prefix = dice.choice(("chaos/", "chaos/", "json/", "chaos/slow/"))
    events = []
    for line in range(dice.choice((0, 1, 3, 20, 60, 200))):
        events.append(_event(f"{number}-{line}", seconds, _random_failures(dice)))
        if prefix != "json/" and dice.random() < 0.02:
            events[-1]["broken"] = True
    zipped = dice.random() < 0.5
    return _planted(f"{prefix}{number} a+b=c%20{'.gz' if zipped else ''}", events, zipped=zipped)


def failing_object(dice: random.Random, key: str, name: str, count: int, seconds: float) -> Planted:
    """Return an object of which a function fails on one event, or the parser; and others may, too."""
    events = [_event(f"{name}-{line}", seconds, _random_failures(dice)) for line in range(count)]
    bad = dice.choice(events)
    cause = dice.choice((*FUNCTIONS, "broken"))
    bad |= {"broken": True} if cause == "broken" else {"fails": [cause]}
    return _planted(key, events)


def sound_object(key: str, name: str, count: int, seconds: float) -> Planted:
    """Return an object of which nothing fails."""
    return _planted(key, [_event(f"{name}-{line}", seconds, []) for line in range(count)])


def endless_object(number: int) -> Planted:
    """Return an object with an event that takes longer than a function may run, until the faults end."""
    seconds = (0.0, 60.0, 0.0)
    return _planted(ENDLESS, [_event(f"{number}-{line}", each, []) for line, each in enumerate(seconds)])


def _planted(key: str, events: Sequence[dict[str, Any]], *, zipped: bool = False) -> Planted:
    content = b"\n".join(map(msgspec.json.encode, events))
    ids = [name for event in events for name in event["ids"]]
    return Planted(key, gzip.compress(content, mtime=0) if zipped else content, ids)


def _event(name: str, seconds: float, fails: list[str]) -> dict[str, Any]:
    """A line; an event of several lines has the names of all of them (project/app.py)."""
    return {"ids": [name], "seconds": seconds, "fails": fails}


def _random_failures(dice: random.Random) -> list[str]:
    return [name for name in FUNCTIONS if dice.random() < 0.02]
