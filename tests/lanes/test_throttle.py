"""A lane's delay: a function does not sleep for what Lambda gathers."""

from __future__ import annotations

import pytest

from slips.config import LaneConfig
from slips.lanes.throttle import sleep_seconds, throttle


def lane(delay: float) -> LaneConfig:
    return LaneConfig(name="slow", stream="s", batch_size=10, delay=delay)


@pytest.mark.parametrize(
    ("delay", "items", "slept"),
    [
        (0, 10, 0),
        (30, 10, 30),  # The batch was full at once: Lambda did not wait.
        (30, 9, 0),  # It was gathered for thirty seconds.
        (400, 9, 100),  # Lambda gathers for five minutes at most.
    ],
)
def test_a_function_sleeps_only_for_what_was_not_gathered(delay: float, items: int, slept: float) -> None:
    assert sleep_seconds(lane(delay), items) == slept


def test_a_running_function_reads_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPS_DELAY", "5")
    monkeypatch.setenv("SLIPS_BATCH_SIZE", "1")
    assert sleep_seconds(lane(0), 1) == 5
    monkeypatch.setenv("SLIPS_DELAY", "soon")
    assert sleep_seconds(lane(2), 1) == 2


def test_an_invocation_is_not_slept_through() -> None:
    slept: list[float] = []
    throttle(lane(800), 10, lambda: 60.0, slept.append)
    throttle(lane(800), 10, lambda: 3.0, slept.append)
    throttle(lane(0), 10, lambda: 60.0, slept.append)
    assert slept == [50.0, 0.0]
