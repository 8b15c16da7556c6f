"""The short form of `make chaos`: a few seeds of it that have everything between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..deployment.emulator import Emulator
from ..deployment.package import Package
from .plan import plan
from .runs import run

ALL, ENDLESS = SEEDS = (41, 126)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_whatever_goes_wrong(seed: int, package: Package, emulator: Emulator) -> None:
    done = run(seed, package.root, emulator)
    assert done.verdict.faults == [], f"repeat it: make chaos RUNS=1 SEED={seed}"


def test_the_seeds_have_everything_between_them() -> None:
    everything = plan(ALL)
    assert everything.faults
    assert everything.kills
    assert everything.shots
    assert everything.deadline < 10
    assert plan(ENDLESS).has_endless
