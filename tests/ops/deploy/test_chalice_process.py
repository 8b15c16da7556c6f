"""How the package gets to Lambda: with the call, or through a bucket where slips.yml names one."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import chalice_process

from .conftest import Clock
from .emulated_project import CallCounter, EmulatedProject
from .emulated_world import World, backend, deploy

_number = count(1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> World:
    name = f"packages-{next(_number)}"
    place: Any = {"LocationConstraint": "eu-central-1"}
    for bucket in (name, f"{name}-code"):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    return World(EmulatedProject(tmp_path / name, name, monkeypatch), clock)


def write(world: World, more: str) -> Any:
    mapping = f"bucket_mapping: {{{world.name}: [{{prefix: a/, format: json}}]}}"
    return world.project.write(f"stack_name: {world.name}\n{mapping}\n{more}")


def packages(world: World) -> list[str]:
    listed = aws.client("s3").list_objects_v2(Bucket=f"{world.name}-code")
    return [each["Key"] for each in listed.get("Contents", [])]


def test_a_package_goes_through_the_bucket_once_for_all_functions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Created first, and then updated with another package; neither is limited to what a call takes."""
    monkeypatch.setattr(chalice_process, "MOST_BYTES", 10)
    stage = write(world, f"package_bucket: {world.name}-code\n")
    counter = CallCounter(lambda: None, monkeypatch)
    deploy(stage)
    (first,) = packages(world)
    assert first.startswith("slips/")
    with (world.project.folder / "package.zip").open("ab") as file:
        file.write(b"\0")  # Another package: a zip may be followed by a byte.
    deploy(stage)
    assert counter.calls.count("PutObject") == 2
    assert len(packages(world)) == 2
    code = {each.code_bytes for each in backend("lambda").list_functions() if each.function_name.startswith(world.name)}
    assert code == {(world.project.folder / "package.zip").read_bytes()}


def test_without_a_bucket_the_package_goes_with_the_call(world: World) -> None:
    deploy(write(world, ""))
    assert packages(world) == []
    assert "process_fast" in world.functions()


def test_a_package_that_is_too_large_for_the_call_says_what_to_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chalice_process, "MOST_BYTES", 10)
    with pytest.raises(DeploymentError, match="write package_bucket: NAME into"):
        deploy(write(world, ""))
