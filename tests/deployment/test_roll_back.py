"""An older version is deployed, then this one over it, then the older one again, while work waits in lanes and tables:
each reads what the other left, and every event is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .emulator import Emulator
from .running_project import BUCKET, RunningProject

pytestmark = pytest.mark.slow


def deploy(world: RunningProject, version: str) -> None:
    """Deploy a version as its users do."""
    world.take(version)
    world.slips("deploy", "--yes", "--bucket-notifications", BUCKET)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RunningProject]:
    with Emulator() as emulator:
        world = RunningProject(emulator, tmp_path, versions=("old",))
        yield world
        world.close()


def test_no_event_is_lost_forward_and_back(world: RunningProject) -> None:
    deploy(world, "old")
    world.put_objects(12)
    world.process(3)
    assert len(world.list_errors()) == 6
    assert world.drain() == 6  # These wait in the lanes, as the old version writes them.
    world.put_objects(6)

    deploy(world, "new")
    assert world.process(4) == 8
    assert world.drain() == 8  # As this version writes them.
    world.put_objects(3)
    assert world.process(4) == 8
    failed = {item["request_id"] for item in world.list_errors()}
    assert len(failed) == 8

    deploy(world, "old")
    assert {item["request_id"] for item in world.list_errors()} == failed
    assert world.process() == 13
    assert len(world.list_errors()) == 21
    world.mended.touch()
    assert world.drain() == 21
    assert world.process(2) == 4

    deploy(world, "new")
    assert world.process() == 17
    assert world.list_errors() == []
    assert world.count_deliveries().keys() == set(range(world.events))
    assert "the account matches slips.yml" in world.slips("check", "--deployed")
