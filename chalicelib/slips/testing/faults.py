"""Faults that a test injects by argument: a kill, a deadline, a redelivery, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypedDict

from ..engine.budget import Budget
from ..errors import Killed, SlipsError
from ..model.meta import Meta
from ..wording import plural

TICK = 0.15
"""Seconds between two reads of the clock, at which the engine goes record by record (see `engine.pace`)."""


class Faults(TypedDict, total=False):
    """The faults to inject, counted in events delivered to your functions.

    kill_after        kill the process after this many events, before the next one, or before `on_flush` if there is no
                      next one; "flush": right after `on_flush`, before the checkpoint is saved. The global variables of
                      app.py are reset, and the batch is delivered again.
    deadline          Lambda's deadline is near after this many events: the rest comes in further invocations
    checkpoint_every  a checkpoint, with `on_flush`, each time this many events were delivered
    flush_fails       the first N flushes fail: `on_flush` is not called and counts as failed; of a sink or a
                      `Buffer`, what is gathered then fails
    redeliver         deliver the batch again after its success, as when Lambda's response is lost
    """

    kill_after: int | Literal["flush"]
    deadline: int
    checkpoint_every: int
    flush_fails: int
    redeliver: bool


def check_faults(faults: Faults) -> Faults:
    """Return the faults. Raises SlipsError for an unknown one: a test in which nothing goes wrong proves nothing, and
    would pass."""
    for name, value in faults.items():
        if name not in _ALLOWED:
            raise SlipsError(f"{name}: no such argument; choose from {', '.join(_ALLOWED)}")
        if not _is_allowed(name, value):
            raise SlipsError(f"{name}: {value!r} is not {_ALLOWED[name]}")
    return faults


_ALLOWED = {
    "kill_after": 'a number of events, or "flush"',
    "deadline": "a number of events from 1 on",
    "checkpoint_every": "a number of events from 1 on",
    "flush_fails": "a number of flushes from 1 on",
    "redeliver": "True or False",
}


def _is_allowed(name: str, value: object) -> bool:
    if name == "redeliver" or isinstance(value, bool):
        return name == "redeliver" and isinstance(value, bool)
    least = 0 if name == "kill_after" else 1
    return (name == "kill_after" and value == "flush") or (isinstance(value, int) and value >= least)


def check_killed(faults: Faults, count: int) -> None:
    """Raise SlipsError if `faults` still hold the kill: it never happened."""
    if "kill_after" in faults:
        after = faults["kill_after"]
        raise SlipsError(
            f"kill_after={after!r}: nothing was killed: no invocation delivered more than {plural(count, 'event')}"
        )


class Clock:
    """A clock that advances with each read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += TICK
        return self.now


class Moment:
    """A counter of the events of an invocation, which injects the faults in time."""

    def __init__(self, faults: Faults, remaining: Iterator[float] | None = None) -> None:
        self.clock = Clock()
        self._faults = faults
        self._remaining = remaining
        self._delivered: set[tuple[str, str, int, int | None]] = set()
        self._checkpoints = self._flushes = 0

    def before(self, pairs: Sequence[tuple[Meta, Any]]) -> None:
        """Count events before a function gets them. Raises Killed."""
        events = {(meta.source.bucket, meta.source.key, meta.position, meta.index) for meta, _ in pairs}
        if not events <= self._delivered:
            self._kill()
        self._delivered |= events
        every = self._faults.get("checkpoint_every", 0)
        if every and len(self._delivered) // every > self._checkpoints:
            self._checkpoints = len(self._delivered) // every
            self.clock.now += 1e6  # Later than any checkpoint_seconds.

    def before_flush(self) -> None:
        """Inject faults before `on_flush`. Raises Killed."""
        self._kill()

    def flush_fault(self) -> Exception | None:
        """Return what the next flush is to fail of; None where it is to succeed."""
        self._flushes += 1
        if self._flushes > self._faults.get("flush_fails", 0):
            return None
        return RuntimeError(f"flush_fails: flush {self._flushes} fails, as the test asks")

    def after_flush(self) -> None:
        """Inject faults after `on_flush`, before the checkpoint. Raises Killed."""
        if self._faults.get("kill_after") == "flush":
            raise Killed

    def _kill(self) -> None:
        after = self._faults.get("kill_after")
        if isinstance(after, int) and len(self._delivered) >= after:
            raise Killed

    @property
    def delivered(self) -> int:
        """The number of events delivered to your functions."""
        return len(self._delivered)

    @property
    def budget(self) -> Budget:
        """The remaining time of the invocation."""
        remaining = self._remaining
        return Budget(self._time_left) if remaining is None else Budget(lambda: next(remaining))

    def _time_left(self) -> float:
        deadline = self._faults.get("deadline")
        return 0.0 if deadline is not None and len(self._delivered) >= deadline else math.inf


def after_kill(fault: Faults) -> Faults:
    """Return the faults of the invocation after a kill: a process is killed once."""
    remaining = fault.copy()
    remaining.pop("kill_after", None)
    return remaining
