"""Deployments of every kind, killed at any moment and repeated, while objects come: every event is delivered."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .emulator import Emulator
from .project import REGION
from .running_project import BACKEND, BUCKET, RunningProject, kill

pytestmark = pytest.mark.slow

KILLS = 2
"""Of each change."""
SLOW_LANE = f"arn:aws:kinesis:{REGION}:123456789012:stream/given-slow"
TOPIC = BACKEND.replace("{lane", "{sns_topics: [{name: landed}], lane")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RunningProject]:
    with Emulator() as emulator:
        world = RunningProject(emulator, tmp_path, events=3)
        yield world
        world.close()


def change(world: RunningProject, chance: random.Random) -> str:
    """Deploy what was changed, killed some times, while objects come; return what the last call printed."""
    for attempt in range(12):
        process = world.start("deploy", "--yes")
        end = time.monotonic() + (chance.uniform(0.5, 9) if attempt < KILLS else 180)
        while process.poll() is None and time.monotonic() < end:
            world.put_objects(1)
            with_timeout(process, 0.4)
        if process.poll() is None:
            kill(process)
            continue
        printed, _ = process.communicate()
        world.process()
        if process.returncode == 0:
            return printed
        assert "still reads the stream" in printed or attempt < KILLS, printed
    raise AssertionError("it does not end")


def with_timeout(process: subprocess.Popen[str], seconds: float) -> None:
    """Wait for the end of a process, but not for longer."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def refuse(world: RunningProject) -> str:
    """Deploy what must be refused; return why."""
    process = world.start("deploy", "--yes")
    printed, _ = process.communicate(timeout=180)
    assert process.returncode == 1, printed
    return printed


def test_every_event_is_delivered(world: RunningProject) -> None:
    chance = random.Random(17)
    world.mended.touch()
    world.slips("deploy", "--yes", "--bucket-notifications", BUCKET)
    world.put_objects(100)

    world.configure(TOPIC)  # A topic is renamed: buckets and functions change over, then the old one goes.
    change(world, chance)
    world.put_objects(20)

    kinesis = world.emulator.client("kinesis")
    kinesis.create_stream(StreamName="given-slow", ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName="given-slow", RetentionPeriodHours=48)
    world.configure(TOPIC.replace("{sns", f"{{kinesis_stream_slow_arn: {SLOW_LANE}, sns"))  # Another stream.
    change(world, chance)
    world.put_objects(20)

    cloudwatch = world.emulator.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=["rolled-unbalanced"])  # By hand.
    (world.project / "app.py").write_text((world.project / "app.py").read_text() + "# another package\n")
    change(world, chance)
    assert cloudwatch.describe_alarms(AlarmNames=["rolled-unbalanced"])["MetricAlarms"]
    for package in (world.project / ".chalice" / "deployments").glob("*.zip"):
        package.write_bytes(package.read_bytes()[:1000])  # As a killed one leaves it.
    (world.project / "slips.yml").write_text((world.project / "slips.yml").read_text() + "tags: {team: a}\n")
    change(world, chance)

    text = (world.project / "slips.yml").read_text()
    (world.project / "slips.yml").write_text(text.replace("stack_name: rolled", "stack_name: renamed"))
    assert "rolled" in refuse(world)
    (world.project / "slips.yml").write_text(text)
    world.put_objects(20)

    world.process()
    assert world.unheard == []
    assert world.list_errors() == []
    assert world.count_deliveries().keys() == set(range(world.events))
    assert world.events >= 200 * 3
    assert "the account matches slips.yml" in world.slips("check", "--deployed")
