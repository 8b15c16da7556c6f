"""An older version is deployed, then this one over it, then the older one again, while work waits in lanes and tables:
each reads what the other left, and every event is delivered."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ..lambda_runtime import LambdaProcess
from .emulator import Emulator
from .events import notification, of_api, of_stream, of_topic
from .project import REGION, ROOT, copy_project, environment

pytestmark = pytest.mark.slow

OLD = "0c2e67a1d5ce6bd336e518c22bc3ee6e3338e018"
"""The version that users may have; later, that of the last tag."""
BUCKET = "example-logs"
SLIPS_YML = f"""stack_name: rolled
backend: {{lane: {{fast: {{shards: 1}}, slow: {{shards: 1}}}}}}
limits: {{max_attempts: 20}}
routing:
- {{prefix: slow/, dest: slow}}
- {{dest: fast}}
bucket_mapping:
  {BUCKET}:
  - {{prefix: fast/, format: [s3-lines, json]}}
  - {{prefix: slow/, format: csv}}
"""
APP = """import os

from chalice import Chalice

from chalicelib import Slips

app = Chalice(app_name="rolled")
slips = Slips(app, config="slips.yml")


def note(number):
    if number % 7 == 3 and not os.path.exists(os.environ["MENDED"]):
        raise ValueError("not yet")
    with open(os.environ["DELIVERED"], "a") as file:
        file.write(f"{number}\\n")


@slips.on_format("json")
def take_json(meta, event):
    note(event["n"])


@slips.on_format("csv", batch=5)
def take_csv(batch):
    for meta, event in batch:
        note(int(event["n"]))


for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(stream=slips.fast.stream, starting_position="TRIM_HORIZON")(slips.process_fast)
process_slow = app.on_kinesis_record(stream=slips.slow.stream, starting_position="TRIM_HORIZON")(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
app.register_blueprint(slips.api)
"""
EVENTS = 20
"""In each object."""


class World:
    """An account, and the folder of a project of which each version replaces the code."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.project = folder / "project"
        self.delivered, self.mended = folder / "delivered", folder / "mended"
        self._folder = folder
        self._versions = {"old": folder / "old", "new": folder / "new"}
        self._root = folder
        self._read = {"fast": 0, "slow": 0}
        self.events = 0
        self._functions = ExitStack()
        self._running: dict[str, LambdaProcess] = {}
        extract(OLD, self._versions["old"])
        copy_project(self._versions["new"])
        shutil.copytree(self._versions["old"] / ".chalice", self.project / ".chalice")
        (self.project / "vendor").mkdir()
        (self.project / "vendor" / "slips.yml").symlink_to("../slips.yml")
        (self.project / "slips.yml").write_text(SLIPS_YML)
        (self.project / "app.py").write_text(APP)
        path = self.project / ".chalice" / "config.json"
        settings = json.loads(path.read_text()) | {"app_name": "rolled"}
        settings["environment_variables"] = {"DELIVERED": str(self.delivered), "MENDED": str(self.mended)}
        path.write_text(json.dumps(settings))
        where = {"LocationConstraint": REGION}
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)

    def deploy(self, version: str) -> str:
        """Deploy a version as its users do; return what it printed."""
        self.close()
        shutil.rmtree(self.project / "chalicelib", ignore_errors=True)
        shutil.copytree(self._versions[version] / "chalicelib", self.project / "chalicelib")
        shutil.copy(self._versions[version] / "requirements.txt", self.project)
        self._package = "chalicelib" if version == "old" else "slips"
        printed = self.slips("deploy", "--yes", "--bucket-notifications", BUCKET)
        self._root = self._folder / f"unzipped-{version}"
        if not self._root.exists():
            packages = (self.project / ".chalice" / "deployments").glob("*.zip")
            with zipfile.ZipFile(max(packages, key=lambda path: path.stat().st_mtime)) as package:
                package.extractall(self._root)
        return printed

    def slips(self, *arguments: str) -> str:
        """Run `slips` of the present version."""
        command = f"import sys; from {self._package}.ops.cli import main; sys.argv[0] = 'slips'; main()"
        path = self.project if self._package == "chalicelib" else self.project / "chalicelib"
        ended = subprocess.run(
            [sys.executable, "-c", command, *arguments], cwd=self.project, stdin=subprocess.DEVNULL,
            env={**environment(self.project), **self.emulator.environment, "PYTHONPATH": str(path)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def _invoke(self, name: str, event: Any) -> Any:
        full = "rolled-dev" if name == "api_handler" else f"rolled-dev-{name}"
        if full not in self._running:
            configuration = self.emulator.client("lambda").get_function_configuration(FunctionName=full)
            role = configuration["Role"].rpartition("/")[2]
            variables = {**self.emulator.environment, **configuration["Environment"]["Variables"]}
            function = LambdaProcess(
                self._root, configuration["Handler"], env={**variables, "AWS_ACCESS_KEY_ID": role},
                timeout=float(configuration["Timeout"]), memory=configuration["MemorySize"], name=full,
            )  # fmt: skip
            self._running[full] = self._functions.enter_context(function)
        return self._running[full].invoke(event)

    def put_objects(self, count: int) -> None:
        """Put objects of both lanes, and let S3 notify the topic of each."""
        for number in range(count):
            lane = "slow" if number % 3 == 0 else "fast"
            numbers = range(self.events, self.events + EVENTS)
            self.events += EVENTS
            lines = ["n", *map(str, numbers)] if lane == "slow" else [json.dumps({"n": each}) for each in numbers]
            key, body = f"{lane}/{numbers[0]}", "\n".join([*lines, ""]).encode()
            self.emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
            self._invoke("dispatch", of_topic(notification(BUCKET, key, len(body))))

    def process(self, most: int = 1_000_000) -> int:
        """Process up to so many records of each lane; return how many there were."""
        taken = 0
        for lane in self._read:
            records = self.emulator.records(f"rolled-{lane}")[self._read[lane] :][:most]
            for at in range(0, len(records), 10):
                self._invoke(f"process_{lane}", of_stream(records[at : at + 10]))
            self._read[lane] += len(records)
            taken += len(records)
        return taken

    def api(self, method: str, resource: str, *, body: object = None, **query: str) -> Any:
        answer = self._invoke("api_handler", of_api(method, resource, body=body, **query))
        assert answer["statusCode"] == 200, answer
        return json.loads(answer["body"])

    def drain(self) -> int:
        """Drain what failed; return how many items were drained."""
        report = self.api("POST", "/drain", body={})
        assert (report["remaining"], report["failed"]) == (0, {})
        return int(report["drained"])

    def list_errors(self) -> list[dict[str, Any]]:
        return list(self.api("GET", "/errors", limit="500")["errors"])

    def count_deliveries(self) -> Counter[int]:
        """How often each event was delivered, by its number."""
        return Counter(map(int, self.delivered.read_text().split()))

    def close(self) -> None:
        """End the functions' processes."""
        self._functions.close()
        self._running.clear()


def extract(commit: str, to: Path) -> None:
    """Write the files of a commit."""
    command = ["git", "-C", str(ROOT), "archive", commit]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip(f"this clone has no commit {commit[:7]}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(to, filter="data")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Emulator() as emulator:
        world = World(emulator, tmp_path)
        yield world
        world.close()


def test_no_event_is_lost_forward_and_back(world: World) -> None:
    world.deploy("old")
    world.put_objects(12)
    world.process(3)
    assert len(world.list_errors()) == 6
    assert world.drain() == 6  # These wait in the lanes, as the old version writes them.
    world.put_objects(6)

    world.deploy("new")
    assert world.process(4) == 8
    assert world.drain() == 8  # As this version writes them.
    world.put_objects(3)
    assert world.process(4) == 8
    failed = {item["request_id"] for item in world.list_errors()}
    assert len(failed) == 8

    world.deploy("old")
    assert {item["request_id"] for item in world.list_errors()} == failed
    assert world.process() == 13
    assert len(world.list_errors()) == 21
    world.mended.touch()
    assert world.drain() == 21
    assert world.process(2) == 4

    world.deploy("new")
    assert world.process() == 17
    assert world.list_errors() == []
    assert world.count_deliveries().keys() == set(range(world.events))
    assert "the account is as slips.yml says" in world.slips("check", "--deployed")
