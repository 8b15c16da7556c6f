"""The one loop that waits for AWS."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips.ops import polling
from slips.ops.polling import poll, retry


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept; only sleeping moves the clock."""
    pauses: list[float] = []
    monkeypatch.setattr(polling, "time", SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append))
    return pauses


def test_it_looks_until_the_result_is_done(pauses: list[float]) -> None:
    numbers = count()
    assert poll(lambda: next(numbers), lambda number: number == 2, seconds=60, pause=3) == 2
    assert pauses == [3, 3]


def test_it_looks_at_least_once_and_returns_the_last_result_when_the_time_is_over(pauses: list[float]) -> None:
    numbers = count()
    assert poll(lambda: next(numbers), lambda number: False, seconds=5, pause=2) == 3
    assert pauses == [2, 2, 2]
    assert poll(lambda: "first", lambda text: False, seconds=0) == "first"


def refuse(*codes: str) -> Any:
    """A call that is refused with these codes, and then works."""
    remaining = list(codes)

    def call() -> str:
        if remaining:
            raise ClientError({"Error": {"Code": remaining.pop(0), "Message": "no"}}, "Put")
        return "done"

    return call


def is_busy(error: ClientError) -> bool:
    return "Busy" in str(error)


def test_a_passing_refusal_is_retried_and_any_other_is_raised_at_once(pauses: list[float]) -> None:
    assert retry(refuse("Busy", "Busy"), is_busy, seconds=60) == "done"
    assert len(pauses) == 2
    with pytest.raises(ClientError, match="Wrong"):
        retry(refuse("Wrong"), is_busy, seconds=60)
    assert len(pauses) == 2


def test_a_refusal_that_does_not_pass_in_time_is_raised() -> None:
    with pytest.raises(ClientError, match="Busy"):
        retry(refuse(*["Busy"] * 99), is_busy, seconds=10)
