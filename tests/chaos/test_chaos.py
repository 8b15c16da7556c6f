"""The short form of `make chaos`: a few seeds of it that have everything between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ..deployment.emulator import Emulator
from ..deployment.package import Package
from .plan import SENT, Plan, plan
from .runs import run
from .versions import KINDS

ALL, STORMS, ENDLESS = SEEDS = (1106, 3437, 330)
PLANS = [plan(seed) for seed in range(400)]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_whatever_goes_wrong(seed: int, package: Package, emulator: Emulator) -> None:
    done = run(seed, package.root, emulator)
    assert done.verdict.faults == [], f"repeat it: make chaos RUNS=1 SEED={seed}"


HAPPENS: dict[str, Callable[[Plan], object]] = {
    "faults": lambda each: each.faults,
    "kills": lambda each: each.kills,
    "shots": lambda each: each.shots,
    "a kill between a sink's batch and its commit": lambda each: any(point == SENT for point, _ in each.kills),
    "deadlines": lambda each: each.deadline < 10,
    "items of 2018": lambda each: [other for other in each.others if other.kind.startswith("2018")],
    "items of the version before": lambda each: [other for other in each.others if other.kind.startswith("shape")],
    "items that stay": lambda each: [other for other in each.others if other.is_staying],
    "another slips.yml": lambda each: each.change,
    "drains meanwhile": lambda each: each.drains,
    "drains that stall": lambda each: each.stalls,
    "work in both lanes": lambda each: each.twins,
}
PASSES: dict[str, Callable[[Plan], object]] = {
    "S3 that answers SlowDown": lambda each: "slowdown" in kinds_of_outages(each),
    "S3 that is silent": lambda each: {"silent", "stuck"} & kinds_of_outages(each),
    "secrets that are throttled": lambda each: "throttled" in kinds_of_outages(each),
    "tables that refuse": lambda each: each.storms.tables,
    "a destination that is down": lambda each: {name for name, _, _ in each.storms.down} - {"setup"},
    "a sink that is down": lambda each: "sent" in {name for name, _, _ in each.storms.down},
    "an on_setup that fails": lambda each: "setup" in {name for name, _, _ in each.storms.down},
    "dispatch and report that are broken": lambda each: each.storms.broken[0],
}


def kinds_of_outages(each: Plan) -> set[str]:
    return {outage.kind for outage in each.storms.outages}


def test_the_seeds_have_everything_between_them() -> None:
    assert [name for name, happens in HAPPENS.items() if not happens(plan(ALL))] == []
    assert [name for name, happens in PASSES.items() if not happens(plan(STORMS))] == []
    assert plan(ENDLESS).has_endless


@pytest.mark.parametrize("happens", [*HAPPENS.values(), *PASSES.values()], ids=[*HAPPENS, *PASSES])
def test_a_part_of_all_seeds_has_each(happens: Callable[[Plan], object]) -> None:
    share = sum(bool(happens(each)) for each in PLANS) / len(PLANS)
    assert 0.15 < share < 0.85


def test_every_kind_of_an_item_of_another_version_comes() -> None:
    assert {other.kind for each in PLANS for other in each.others} == set(KINDS)


def test_a_seed_stands_for_one_plan() -> None:
    assert PLANS[7] == plan(7)
    assert PLANS[7] != PLANS[8]


def test_no_event_is_planted_twice() -> None:
    for each in PLANS:
        names = [name for planted in each.objects for name in planted.ids]
        names += [name for other in each.others for name in other.planted.ids]
        assert len(names) == len(set(names))


def test_something_of_what_is_cut_otherwise_fails_before() -> None:
    changed = [planted for each in PLANS for planted in each.objects if planted.repeats]
    assert changed
    for planted in changed:
        assert planted.key.startswith("changed/")
        assert b'"broken":true' in planted.content or b'"fails":["' in planted.content
