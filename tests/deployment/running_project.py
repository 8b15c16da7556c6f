"""A project of which versions and changes are deployed into an emulated account, while objects come and are processed:
who hears of an object, and who reads a lane, is what the account says at that moment."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .deployed_functions import DeployedFunctions
from .emulator import Emulator
from .events import of_api
from .project import REGION, ROOT, copy_project, environment

OLD = "0c2e67a1d5ce6bd336e518c22bc3ee6e3338e018"
"""The version that users may have; later, that of the last tag."""
BUCKET = "example-logs"
SLIPS_YML = f"""stack_name: rolled
routing:
- {{prefix: slow/, dest: slow}}
- {{dest: fast}}
limits: {{max_attempts: 20}}
bucket_mapping:
  {BUCKET}:
  - {{prefix: fast/, format: [s3-lines, json]}}
  - {{prefix: slow/, format: csv}}
"""
BACKEND = "backend: {lane: {fast: {shards: 1}, slow: {shards: 1}}}\n"
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
if hasattr(slips, "retry"):
    retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
"""
_COMMAND = """import json, sys
from {package}.ops.cli import main
if "{package}" == "slips":
    import boto3
    from slips.ops import polling
    from slips.ops.deploy import handover

    def is_read(stream):
        with open("../read.json") as file:
            read = json.load(file).get(stream, 0)
        kinesis, count = boto3.client("kinesis"), 0
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            start = {{"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}}
            iterator = kinesis.get_shard_iterator(StreamName=stream, **start)["ShardIterator"]
            count += len(kinesis.get_records(ShardIterator=iterator)["Records"])
        return read == count

    polling.wait = lambda seconds: None  # The emulator has delivered by then.
    handover.is_read_to_its_end = is_read  # It has no metrics.
sys.argv[0] = "slips"
main()
"""


class RunningProject:
    """An account, and the folder of a project."""

    def __init__(self, emulator: Emulator, folder: Path, *, events: int = 20, versions: tuple[str, ...] = ()) -> None:
        self.emulator = emulator
        self.project = folder / "project"
        self.delivered, self.mended = folder / "delivered", folder / "mended"
        self.events = 0
        self.unheard: list[str] = []
        """Keys of objects of which no function heard."""
        self._per_object = events
        self._folder = folder
        self._package = "slips"
        self._functions = DeployedFunctions(emulator, self.project, folder)
        copy_project(folder / "new")
        for version in versions:
            extract(OLD, folder / version)
        shutil.copytree(folder / (*versions, "new")[0] / ".chalice", self.project / ".chalice")
        (self.project / "vendor").mkdir()
        (self.project / "vendor" / "slips.yml").symlink_to("../slips.yml")
        self.configure()
        path = self.project / ".chalice" / "config.json"
        settings = json.loads(path.read_text()) | {"app_name": "rolled"}
        settings["environment_variables"] = {"DELIVERED": str(self.delivered), "MENDED": str(self.mended)}
        path.write_text(json.dumps(settings))
        self.take("new")
        where = {"LocationConstraint": REGION}
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)

    def configure(self, more: str = BACKEND, *, stack: str = "rolled") -> None:
        """Write slips.yml."""
        (self.project / "slips.yml").write_text(SLIPS_YML.replace("rolled", stack) + more)

    def take(self, version: str) -> None:
        """Replace the code by that of a version."""
        shutil.rmtree(self.project / "chalicelib", ignore_errors=True)
        shutil.copytree(self._folder / version / "chalicelib", self.project / "chalicelib")
        shutil.copy(self._folder / version / "requirements.txt", self.project)
        (self.project / "app.py").write_text(APP)
        self._package = "slips" if version == "new" else "chalicelib"

    def slips(self, *arguments: str) -> str:
        """Run `slips` of the present version; return what it printed."""
        process = self.start(*arguments)
        printed, _ = process.communicate(timeout=180)
        assert process.returncode == 0, printed
        return printed

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it, in a process group of its own."""
        path = self.project if self._package == "chalicelib" else self.project / "chalicelib"
        (self._folder / "read.json").write_text(json.dumps(self._functions.read))
        return subprocess.Popen(
            [sys.executable, "-c", _COMMAND.format(package=self._package), *arguments], cwd=self.project,
            env={**environment(self.project), **self.emulator.environment, "PYTHONPATH": str(path)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def put_objects(self, count: int) -> None:
        """Put objects of both lanes, and let S3 notify of each."""
        for number in range(count):
            lane = "slow" if number % 3 == 0 else "fast"
            numbers = range(self.events, self.events + self._per_object)
            self.events += self._per_object
            lines = ["n", *map(str, numbers)] if lane == "slow" else [json.dumps({"n": each}) for each in numbers]
            key, body = f"{lane}/{numbers[0]}", "\n".join([*lines, ""]).encode()
            self.emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
            if not self._functions.notify(BUCKET, key, len(body)):
                self.unheard.append(key)

    def process(self, most: int = 1_000_000) -> int:
        """Let each function process up to so many records of the streams that it reads; return how many there were."""
        return self._functions.process(most)

    def api(self, method: str, resource: str, *, body: object = None, **query: str) -> Any:
        """Call the REST API; return what it answers."""
        answer = self._functions.invoke("rolled-dev", of_api(method, resource, body=body, **query))
        assert answer["statusCode"] == 200, answer
        return json.loads(answer["body"])

    def drain(self) -> int:
        """Drain what failed; return how many items were drained."""
        report = self.api("POST", "/drain", body={})
        assert (report["remaining"], report["failed"]) == (0, {})
        return int(report["drained"])

    def list_errors(self) -> list[dict[str, Any]]:
        """List what failed."""
        return list(self.api("GET", "/errors", limit="500")["errors"])

    def count_deliveries(self) -> Counter[int]:
        """How often each event was delivered, by its number."""
        return Counter(map(int, self.delivered.read_text().split()))

    def close(self) -> None:
        """End the functions' processes."""
        self._functions.close()


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process and its children, as a lost machine does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def extract(commit: str, to: Path) -> None:
    """Write the files of a commit."""
    archive = _git("archive", commit)
    if archive.returncode != 0:
        reason = f"there is no commit {commit[:7]}: {archive.stderr.decode().strip()}"
        if _git("rev-parse", "--is-shallow-repository").stdout.strip() == b"false":
            pytest.fail(f"{reason}; a whole clone has it: the test must not be left out unnoticed")
        pytest.skip(f"{reason}; this clone is shallow, or no clone")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(to, filter="data")


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
