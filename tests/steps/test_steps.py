"""Whatever a write does, and whoever comes in between: each event reaches each function, or an error item names it."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from .plans import Plan, plans
from .world import Deliver, Drain, During, Land

EXAMPLES = int(os.environ.get("SLIPS_STEPS", "60"))
AT_EASE = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(AT_EASE, max_examples=EXAMPLES)
@given(plans())
def test_no_event_is_lost_at_any_write(plan: Plan) -> None:
    plan.play()


@pytest.mark.slow
@settings(AT_EASE, max_examples=300)
@given(plans())
def test_no_event_is_lost_in_many_plans(plan: Plan) -> None:
    plan.play()


def test_a_zombie_that_knows_less_replaces_nothing() -> None:
    """It writes the first failure after its successor has written both."""
    successor = During(Deliver(1, commits_often=False), is_before=True)
    failing = [("plain", "1"), ("plain", "2")]
    Plan(100, failing, [], [Land(["1", "2"]), Deliver(1, {2: successor})]).play()


def test_a_failure_that_was_drained_meanwhile_is_not_taken_for_one_that_says_more() -> None:
    """The item is written, and drained, before the checkpoint behind it is refused: the batch comes again."""
    in_between = During(Drain(), is_before=False)
    delivered = During(Deliver(3, commits_often=False), is_before=False)
    failing = [("plain", "1"), ("plain", "3")]
    steps = [Land(["1", "2", "3"]), Deliver(1, {2: in_between, 3: "refused"}), Deliver(3, {1: delivered})]
    Plan(100, failing, [], steps).play()
