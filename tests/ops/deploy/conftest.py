"""Waiting for AWS without waiting."""

from __future__ import annotations

import pytest

from slips.ops import polling


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every wait loop."""
    clock = Clock()
    monkeypatch.setattr(polling, "time", clock)
    return clock
