"""Two processes that share the batches of a deployed function, under AWS's runtime client: what one process gives, they
give, also where one of them is killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips.config import Config, load
from slips.model import work_item
from slips.model.work_items import encode_work_item
from slips.ops.deploy.stack import template

from ..builders import ref
from ..lambda_runtime import LambdaProcess
from . import events
from .emulator import Emulator
from .package import Package

pytestmark = pytest.mark.slow

_number = count(1)

SLIPS_YML = """
stack_name: two
backend: {lane: {fast: {processes: auto}}}
bucket_mapping: {two-logs: [{format: json}]}
handler: {args: {token: "ssm:/two/token"}}
"""
APP = """
import json
import logging
import os
import signal
from pathlib import Path

from chalice import Chalice

from chalicelib import Slips

app = Chalice(app_name="two")
slips = Slips(app)
folder = Path(os.environ["FOLDER"])
taken = []


@slips.on_setup
def connect(args):
    taken.append(args["token"])


@slips.on_format("json")
def keep(meta, event):
    if event.get("dies") == "always" or event.get("dies") and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / "events").open("a") as file:
        file.write(f"{os.getpid()} {event['id']}\\n")
    print(json.dumps({"printed": event["id"]}))
    logging.getLogger("slips").warning("%s %s", taken[-1], "x" * 10_000)


@slips.on_result
def result():
    return taken[-1]


process_fast = app.on_kinesis_record(stream=slips.fast.stream)(slips.process_fast)
"""


class World:
    """An account, a function of two vCPUs, and what it did."""

    def __init__(self, emulator: Emulator, package: Package, folder: Path) -> None:
        root = folder / "task"
        root.mkdir()
        for entry in package.root.iterdir():
            if entry.name not in ("app.py", "slips.yml"):
                (root / entry.name).symlink_to(entry)
        (root / "app.py").write_text(APP)
        (root / "slips.yml").write_text(SLIPS_YML)
        self.config: Config = load(root / "slips.yml")
        self._folder = folder
        self._s3, self._dynamodb = emulator.client("s3"), emulator.client("dynamodb")
        emulator.client("cloudformation").create_stack(StackName="two", TemplateBody=json.dumps(template(self.config)))
        emulator.client("ssm").put_parameter(Name="/two/token", Value="plugh-of-two", Type="SecureString")
        self._s3.create_bucket(Bucket="two-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.function = LambdaProcess(
            root, "app.process_fast", env={**emulator.environment, "FOLDER": str(folder)}, timeout=60, memory=3538,
            name="process_fast",
        )  # fmt: skip

    def batch(self, *objects: list[dict[str, Any]]) -> dict[str, Any]:
        """Put objects of these events, and return a batch of them."""
        records = []
        for rows in objects:
            body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
            key = f"{rows[0]['id']}.json"
            self._s3.put_object(Bucket="two-logs", Key=key, Body=body)
            item = work_item(ref(key, bucket="two-logs", size=len(body), etag="", sequencer=""), "two-fast")
            records.append({
                "PartitionKey": item.partition_key, "SequenceNumber": str(next(_number)),
                "Data": encode_work_item(item), "ApproximateArrivalTimestamp": datetime.now(UTC),
            })  # fmt: skip
        return events.of_stream(records)

    def taken(self) -> dict[str, list[str]]:
        """The ids of events that each process took."""
        lines = [line.split() for line in (self._folder / "events").read_text().splitlines()]
        return {pid: [name for other, name in lines if other == pid] for pid, _ in lines}

    def works(self) -> dict[str, tuple[str, str]]:
        """State and attempts of each object."""
        items = self._dynamodb.scan(TableName=self.config.ledger_table)["Items"]
        return {
            item["object_key"]["S"]: (item["state"]["S"], item["attempts"]["N"]) for item in items if "books" in item
        }

    def stages(self) -> list[str]:
        """The stages of the error items."""
        items = self._dynamodb.scan(TableName=self.config.error_table)["Items"]
        return [item["stage"]["S"] for item in items if "stage" in item]

    def lines(self) -> list[dict[str, Any]]:
        """All that was logged and printed: each is JSON, and not cut. Without Lambda's own pipe for it, the runtime
        client writes no end behind a line of the log."""
        text, at, lines = self.function.logs, 0, []
        while at < len(text):
            line, at = json.JSONDecoder().raw_decode(text, at)
            lines.append(line)
            at += text.startswith("\n", at)
        return lines


@pytest.fixture
def world(package: Package, tmp_path: Path) -> Iterator[World]:
    with Emulator() as emulator:
        world = World(emulator, package, tmp_path)
        with world.function:
            yield world


def rows(name: str, count: int = 50) -> list[dict[str, Any]]:
    return [{"id": f"{name}-{number}"} for number in range(count)]


def test_two_processes_give_what_one_gives(world: World) -> None:
    answer = world.function.invoke(world.batch(rows("a"), rows("b"), rows("c"), rows("d")))
    assert (answer["objects"], answer["events"], answer["delivered"]) == (4, 200, 200)
    assert answer["results"] == ["«secret»"] * 2
    first = world.taken()
    assert sorted(len(names) for names in first.values()) == [100, 100]
    assert str(world.function.pid) not in first
    world.function.invoke(world.batch(rows("e"), rows("f")))
    assert world.taken().keys() == first.keys()
    lines = world.lines()
    assert sum("printed" in line for line in lines) == 300
    assert [line["Objects"] for line in lines if "Objects" in line] == [[4.0], [2.0]]
    logged = [line for line in lines if "xxx" in str(line.get("message"))]
    assert len(logged) == 300
    assert {str(line["message"])[:9] for line in logged} == {"«secret» "}
    assert len({line["function_request_id"] for line in logged}) == 2
    assert {line["lane"] for line in logged} == {"fast"}
    assert {line["object"] for line in logged} == {f"s3://two-logs/{name}-0.json" for name in "abcdef"}
    assert [line["cold_start"] for line in logged] == [True] * 200 + [False] * 100


def test_a_process_that_is_killed_costs_its_object_an_attempt_and_nothing_else(world: World) -> None:
    batch = world.batch([{"id": "once-0", "dies": "once"}], rows("b"), rows("c"), rows("d"))
    assert world.function.invoke(batch)["continued"] == 0
    taken = sorted(name for names in world.taken().values() for name in names)
    assert set(taken) == {"once-0", *(row["id"] for name in "bcd" for row in rows(name))}
    assert world.works()["once-0.json"] == ("done", "2")
    assert {state for state, _ in world.works().values()} == {"done"}
    assert world.function.starts == 1
    assert [line["level"] for line in world.lines() if "ended by signal 9" in str(line.get("message"))] == ["ERROR"]


def test_an_object_that_kills_each_process_is_given_up_and_the_batch_is_done(world: World) -> None:
    batch = world.batch([{"id": "poison-0", "dies": "always"}], rows("b"), rows("c"), rows("d"))
    answer = world.function.invoke(batch)
    assert answer["crashed"] == 1
    assert world.stages() == ["crash"]
    states = {key: state for key, (state, _) in world.works().items()}
    assert states == {"poison-0.json": "failed", **{f"{name}-0.json": "done" for name in "bcd"}}
    assert world.function.starts == 1
