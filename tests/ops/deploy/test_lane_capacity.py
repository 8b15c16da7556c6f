"""How much a lane takes: what `slips check`, `slips provision` and `slips check --deployed` say of it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from importlib import import_module
from itertools import count
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench.cost import speed
from slips import aws
from slips.errors import StoreError
from slips.ledger.counters import Counters
from slips.model.utc import iso
from slips.ops.cli import main
from slips.ops.deploy import lane_capacity
from slips.ops.deploy.lane_capacity import busy_lanes, describe_capacities
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ... import ledger_table

_number = count(1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    return tmp_path


def write(project: Path, slips_yml: str, memory: int = 1769) -> DeploymentStage:
    memories = {f"process_{lane}": {"lambda_memory_size": memory} for lane in ("fast", "slow")}
    settings = {"app_name": "app", "stages": {"dev": {}}, "lambda_functions": memories}
    (project / ".chalice" / "config.json").write_text(json.dumps(settings))
    (project / "slips.yml").write_text(slips_yml if "stack_name" in slips_yml else f"stack_name: app\n{slips_yml}")
    return read_stage("dev", project=project)


def test_no_more_speed_is_promised_than_the_last_run_of_the_benchmarks_measured() -> None:
    """A faster machine measures more, and Lambda's may be slower: within a half of it."""
    at = speed()
    assert at.inflated / at.ratio > lane_capacity.STORED_BYTES_PER_SECOND / 1.5
    assert at.object_seconds < lane_capacity.OBJECT_SECONDS * 1.5


SLOW = (
    "slow lane: can process 1.9 TB a day in objects of 1 MB, at 22 objects a second: 4 shards x parallelization 1, "
    "16 reserved, without"
)


@pytest.mark.parametrize(
    ("backend", "memory", "line"),
    [
        ("", 1769, "19 TB a day in objects of 1 MB, at 216 objects a second: 4 shards x parallelization 10, without"),
        # More than a whole vCPU helps nothing; less is slower.
        ("", 3008, "19 TB a day in objects of 1 MB, at 216 objects a second: 4 shards x parallelization 10, without"),
        ("", 442, "4.7 TB a day in objects of 1 MB, at 54 objects a second: 4 shards x parallelization 10, without"),
        ("{parallelization: 1}", 1769, "1.9 TB a day in objects of 1 MB, at 22 objects a second: 4 shards x "),
        ("{shards: 8}", 1769, "37 TB a day in objects of 1 MB, at 432 objects a second: 8 shards x parallelization 10"),
        # The account has 1,000 invocations at once.
        ("{shards: 999}", 1769, "466 TB a day in objects of 1 MB, at 5,397 objects a second: 999 shards x "),
        # A second after each batch of ten is a tenth of a second an object.
        ("{delay: 1}", 1769, "12 TB a day in objects of 1 MB, at 140 objects a second: 4 shards x parallelization 10"),
    ],
)
def test_a_lane_takes_what_its_shards_times_parallelization_do(
    project: Path, backend: str, memory: int, line: str
) -> None:
    fast, _ = describe_capacities(write(project, f"backend: {{lane: {{fast: {backend or '{}'}}}}}\n", memory))
    assert fast.startswith(f"fast lane: can process {line}")


def test_the_slow_lane_keeps_its_reservation(project: Path) -> None:
    assert [*describe_capacities(write(project, ""))][1].startswith(SLOW)


def test_a_reservation_bounds_what_a_lane_takes(project: Path) -> None:
    fast, slow = describe_capacities(write(project, "handler: {concurrency: 2}\n"))
    for line in (fast, slow):
        assert "0.9 TB a day" in line
        assert ", 2 reserved" in line


def test_of_a_stream_that_exists_already_nothing_is_said(project: Path) -> None:
    """How many shards it has is not in slips.yml; and its parallelization stays at Lambda's default."""
    stream = "arn:aws:kinesis:eu-central-1:123456789012:stream/uploads"
    stage = write(project, f"backend: {{kinesis_stream_fast_arn: '{stream}'}}\n")
    assert [line.partition(":")[0] for line in describe_capacities(stage)] == ["slow lane"]
    assert stage.config.fast.parallelization == 1


def test_the_check_says_it_on_a_terminal(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "stack_name: app-dev\n")
    (project / "vendor").mkdir()
    (project / "vendor" / "slips.yml").symlink_to("../slips.yml")
    notes: list[str] = []
    monkeypatch.setattr(import_module("slips.ops.cli.check"), "note", notes.append)
    printed = CliRunner().invoke(main, ["check"]).output
    starts = ["fast lane: can process 19 TB a day ", "slow lane: can process 1.9 TB a day"]
    assert [line[:35] for line in notes] == starts
    assert "lane: can process" not in printed


def test_provision_says_it_before_it_asks(project: Path) -> None:
    write(project, f"stack_name: capacity-{next(_number)}\n")
    printed = CliRunner().invoke(main, ["provision"], input="n\n").output
    assert 0 < printed.index("fast lane: can process 19 TB a day") < printed.index("make these changes?")


def deploy(project: Path, objects: int, stored: float, lane: str = "", handler: str = "{}") -> DeploymentStage:
    """A stage whose fast lane, of four shards, took so many objects and bytes in the hour before this one."""
    name = f"capacity-{next(_number)}"
    aws.client("kinesis").create_stream(StreamName=f"{name}-fast", ShardCount=4)
    table = ledger_table.create(aws.client("dynamodb"))
    stage = write(project, f"stack_name: {name}\nbackend: {{lane: {{fast: {{{lane}}}}}}}\nhandler: {handler}\n")
    counters = Counters(aws.client("dynamodb"), table, clock=lambda: time.time() - 3600)
    counters.record("fast", {"objects": objects, "bytes": int(stored)}, 0.0)
    return replace(stage, config=msgspec.structs.replace(stage.config, ledger_table=table))


@pytest.mark.parametrize(
    ("stored", "lane", "handler", "advice"),
    [
        (0.81e12, "", "{}", "raise `shards`, now 4"),
        (0.081e12, "parallelization: 1", "{}", "parallelization is 1: write 10"),
        (0.081e12, "", "{concurrency: 4}", "raise its concurrency, now 4"),
    ],
)
def test_a_lane_that_was_full_last_week_is_named(
    project: Path, stored: float, lane: str, handler: str, advice: str
) -> None:
    hour = iso(time.time() - 3600)[:13]
    (line,) = busy_lanes(deploy(project, 1, stored, lane, handler))
    assert line.startswith(f"fast lane: in the hour from {hour}:00Z it was 100% full, without the time of your ")
    assert f"; {advice} (docs/scale.md)" in line


def test_many_small_objects_fill_a_lane_too(project: Path) -> None:
    (line,) = busy_lanes(deploy(project, 13_000_000, 0))
    assert "it was 60% full" in line


@pytest.mark.parametrize("stored", [0, 0.4e12])
def test_a_lane_with_room_for_an_outage_is_not_named(project: Path, stored: float) -> None:
    assert list(busy_lanes(deploy(project, 1, stored))) == []


def test_what_was_never_provisioned_was_never_full(project: Path) -> None:
    assert list(busy_lanes(write(project, f"stack_name: capacity-{next(_number)}\n"))) == []


def test_counters_that_cannot_be_read_are_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Counters, hours: int) -> None:
        raise StoreError("the table says no")

    stage = deploy(project, 1, 1)
    monkeypatch.setattr(Counters, "since", fail)
    assert list(busy_lanes(stage)) == ["the table says no"]
