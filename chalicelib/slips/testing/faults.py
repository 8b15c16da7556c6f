"""Faults that a test asks for by argument: a kill, a deadline, a redelivery, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypedDict

from ..engine.budget import Budget
from ..errors import Killed, SlipsError
from ..model.meta import Meta

TICK = 0.15
"""Seconds between two looks at the clock: with it the engine goes on record by record (see `engine.pace`)."""


class Faults(TypedDict, total=False):
    """What goes wrong, counted in events that your functions were given.

    kill_after        the process is killed when so many events were given, before the next one, or before `on_flush`
                      where no more come; "flush": right behind `on_flush`, before it is written down that it was done.
                      What app.py holds in its global variables is forgotten, and the batch is delivered again.
    deadline          Lambda's deadline is near after so many events: the rest comes in further invocations
    checkpoint_every  a checkpoint, with `on_flush`, each time so many events were given
    redeliver         the batch is delivered once more after its success, as when Lambda's answer is lost
    """

    kill_after: int | Literal["flush"]
    deadline: int
    checkpoint_every: int
    redeliver: bool


def checked(faults: Faults) -> Faults:
    """The faults as they are. Raises SlipsError for one that is none: a test in which nothing goes wrong proves
    nothing, and would pass."""
    for name, value in faults.items():
        if name not in _ALLOWED:
            raise SlipsError(f"{name}: there is no such argument; there are {', '.join(_ALLOWED)}")
        if not _is_allowed(name, value):
            raise SlipsError(f"{name}: {value!r} is not {_ALLOWED[name]}")
    return faults


_ALLOWED = {
    "kill_after": 'a number of events, or "flush"',
    "deadline": "a number of events from 1 on",
    "checkpoint_every": "a number of events from 1 on",
    "redeliver": "True or False",
}


def _is_allowed(name: str, value: object) -> bool:
    if name == "redeliver" or isinstance(value, bool):
        return name == "redeliver" and isinstance(value, bool)
    least = 0 if name == "kill_after" else 1
    return (name == "kill_after" and value == "flush") or (isinstance(value, int) and value >= least)


def check_killed(faults: Faults, count: int) -> None:
    """Raise SlipsError where `faults` still hold the kill that was to come: nothing of the sort happened."""
    if "kill_after" in faults:
        after = faults["kill_after"]
        raise SlipsError(f"kill_after={after!r}: nothing was killed, since an invocation gave {count} events at most")


class Clock:
    """A clock of its own, which moves on each look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += TICK
        return self.now


class Moment:
    """Counts the events of an invocation, and lets the faults happen when it is time."""

    def __init__(self, faults: Faults, remaining: Iterator[float] | None = None) -> None:
        self.clock = Clock()
        self._faults = faults
        self._remaining = remaining
        self._given: set[tuple[str, str, int, int | None]] = set()
        self._checkpoints = 0

    def before(self, pairs: Sequence[tuple[Meta, Any]]) -> None:
        """A function is about to be given these events. Raises Killed."""
        events = {(meta.source.bucket, meta.source.key, meta.position, meta.index) for meta, _ in pairs}
        if not events <= self._given:
            self._kill()
        self._given |= events
        every = self._faults.get("checkpoint_every", 0)
        if every and len(self._given) // every > self._checkpoints:
            self._checkpoints = len(self._given) // every
            self.clock.now += 1e6  # Later than any checkpoint_seconds.

    def before_flush(self) -> None:
        """`on_flush` is about to be called. Raises Killed."""
        self._kill()

    def after_flush(self) -> None:
        """`on_flush` has been called, and nobody knows of it. Raises Killed."""
        if self._faults.get("kill_after") == "flush":
            raise Killed

    def _kill(self) -> None:
        after = self._faults.get("kill_after")
        if isinstance(after, int) and len(self._given) >= after:
            raise Killed

    @property
    def delivered(self) -> int:
        """How many events your functions were given."""
        return len(self._given)

    @property
    def budget(self) -> Budget:
        """The time that is left of the invocation."""
        given = self._remaining
        return Budget(self._left) if given is None else Budget(lambda: next(given))

    def _left(self) -> float:
        deadline = self._faults.get("deadline")
        return 0.0 if deadline is not None and len(self._given) >= deadline else math.inf


def after(fault: Faults) -> Faults:
    """The faults of the invocation behind one that was killed: a process is killed once."""
    left = fault.copy()
    left.pop("kill_after", None)
    return left
