"""Functions that get no event for now, in this process: their destination takes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, NamedTuple

from ..errors import RetryLater

FIRST, LONGEST = 10.0, 300.0
"""Seconds of a pause that the function does not choose: twice as long after each, as long as none of them helped."""
_FORGET: Final = 2.0
"""A function that took events for this many times its last pause begins anew."""


class _Pause(NamedTuple):
    until: float
    seconds: float
    fault: BaseException


class Pauses:
    """The pauses by function. `clock` measures."""

    def __init__(self, clock: Callable[[], float], jitter: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._pauses: dict[str, _Pause] = {}

    def begin(self, function: str, fault: BaseException) -> None:
        """Give the function nothing for as long as the fault says (`RetryLater.after`), else for longer each time."""
        now, before = self._clock(), self._pauses.get(function)
        if before is not None and now < before.until:
            return
        after = fault.after if isinstance(fault, RetryLater) else None
        seconds = FIRST * (0.5 + self._jitter())
        if before is not None and now < before.until + _FORGET * before.seconds:
            seconds = min(LONGEST, 2 * before.seconds)
        if after is not None:
            seconds = after
        self._pauses[function] = _Pause(now + seconds, seconds, fault)

    def of(self, function: str) -> BaseException | None:
        """Return why the function gets nothing; None where it gets events."""
        pause = self._pauses.get(function)
        return pause.fault if pause is not None and self._clock() < pause.until else None
