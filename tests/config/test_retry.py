"""`retry` of slips.yml: how long what passes by itself is tried again."""

from __future__ import annotations

import pytest

from .written import config, faults


def test_what_waits_is_tried_again_for_twelve_hours_unless_the_file_says_otherwise() -> None:
    assert config().retry_give_up_after == 12 * 3600
    assert config(retry={"give_up_after": 90.5}).retry_give_up_after == 90.5


@pytest.mark.parametrize(
    ("seconds", "allowed"), [(59, False), (60, True), (14 * 86_400, True), (14 * 86_400 + 1, False)]
)
def test_a_person_is_told_after_a_minute_at_the_earliest_and_two_weeks_at_the_latest(
    seconds: int, allowed: bool
) -> None:
    assert (faults(retry={"give_up_after": seconds}) == []) is allowed


@pytest.mark.parametrize("value", ["12h", True, -1, [], {}])
def test_anything_but_seconds_is_a_fault(value: object) -> None:
    (fault,) = faults(retry={"give_up_after": value})
    assert fault.startswith("retry.give_up_after: ")
    assert fault.endswith("; write seconds, a number from 60 to 1209600")


def test_a_key_that_is_misspelt_is_named() -> None:
    (fault,) = faults(retry={"giveup_after": 60})
    assert fault.startswith("retry.giveup_after: unknown key")
    assert "give_up_after" in fault
