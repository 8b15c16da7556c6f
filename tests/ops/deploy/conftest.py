"""The emulated account, and waiting for AWS without waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slips import aws
from slips.ops import polling

from ...deployment.cloudformation import patch_moto


@pytest.fixture(scope="module", autouse=True)
def emulated(aws_endpoint: str) -> Iterator[None]:
    """An account for the calls of the tests; its names are shared by all of them."""
    patch_moto()
    aws.reset()
    yield
    aws.reset()


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
