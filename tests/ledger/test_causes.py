"""Which causes of failures are new."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from slips.ledger.causes import KNOWN_SECONDS, LOOK_SECONDS, MOST, MOST_REMEMBERED, KnownCauses
from slips.ledger.ledger import KEY
from slips.model.utc import DAY

from ..doubles import StillClock
from .conftest import NOON


@pytest.fixture
def known(dynamodb: Any, table: str, clock: StillClock) -> KnownCauses:
    return KnownCauses(dynamodb, table, clock)


@pytest.fixture
def elsewhere(dynamodb: Any, table: str, clock: StillClock) -> KnownCauses:
    """Another process."""
    return KnownCauses(dynamodb, table, clock)


def test_a_cause_is_new_once_and_in_one_process(known: KnownCauses, elsewhere: KnownCauses) -> None:
    assert known.count_new(["a", "b"]) == 2
    assert elsewhere.count_new(["b", "c"]) == 1
    assert known.count_new(["a", "b", "c"]) == 0


def test_a_cause_that_goes_on_failing_is_never_new(known: KnownCauses, clock: StillClock) -> None:
    known.count_new(["a"])
    for _ in range(20):
        clock.now += 2 * DAY
        assert known.count_new(["a"]) == 0


def test_a_cause_that_did_not_fail_for_two_weeks_is_new_again(
    known: KnownCauses, elsewhere: KnownCauses, clock: StillClock
) -> None:
    known.count_new(["a", "b"])
    clock.now += KNOWN_SECONDS
    assert elsewhere.count_new(["a"]) == 0
    clock.now += 2
    assert known.count_new(["b"]) == 1


def test_a_process_looks_a_cause_up_once_in_some_hours(
    known: KnownCauses, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.count_new(["a"])
    monkeypatch.setattr(known, "_is_new", lambda *_: True)
    clock.now += LOOK_SECONDS - 1
    assert known.count_new(["a"]) == 0
    clock.now += 1
    assert known.count_new(["a"]) == 1


def test_a_flood_of_causes_costs_a_bounded_number_of_writes_each_time(known: KnownCauses) -> None:
    flood = [f"cause-{number}" for number in range(MOST + 5)]
    assert known.count_new(flood) == MOST
    assert known.count_new(flood) == 5


def test_what_is_remembered_is_bounded(known: KnownCauses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_looked_up", {str(number): NOON for number in range(MOST_REMEMBERED)})
    assert known.count_new(["a"]) == 1
    assert known._looked_up == {"a": NOON}


def test_an_item_expires_once_its_cause_is_forgotten(known: KnownCauses, dynamodb: Any, table: str) -> None:
    known.count_new(["a"])
    [item] = dynamodb.scan(TableName=table)["Items"]
    assert item[KEY]["S"] == "slips:cause:a"
    assert int(item["expires_at"]["N"]) > NOON + KNOWN_SECONDS


class TestATableThatDoesNotAnswer:
    def test_makes_nothing_new_and_is_asked_again(
        self, dynamodb: Any, table: str, clock: StillClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = KnownCauses(dynamodb, f"{table}-missing", clock)
        assert broken.count_new(["a"]) == 0
        assert "causes: left out: StoreError" in caplog.text
        broken._table = KnownCauses(dynamodb, table, clock)._table
        assert broken.count_new(["a"]) == 1

    def test_delays_an_invocation_for_a_moment_at_most(self, caplog: pytest.LogCaptureFixture) -> None:
        released = threading.Event()

        class Client:
            @staticmethod
            def update_item(**_: Any) -> None:
                released.wait(20)

        known = KnownCauses(Client(), "t", wait=0.01)  # type: ignore[arg-type]
        assert known.count_new(["a"]) == 0
        assert known.count_new(["b"]) == 0
        released.set()
        assert "causes: left out, since an earlier write still waits" in caplog.text
