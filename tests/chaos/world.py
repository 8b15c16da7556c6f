"""The emulated account of one run and its functions; it carries notifications and batches to them."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from slips.config import load
from slips.engine.budget import RESERVE
from slips.ops.deploy.stack import template

from ..deployment import events
from ..deployment.emulator import Emulator
from ..lambda_runtime import InvocationError, LambdaProcess
from .plan import Plan
from .proxy import FaultProxy

HERE = Path(__file__).parent
BUCKET = "logs"
MOST_SECONDS = 50.0
"""Of an invocation, for events: less than the endless event takes."""
TRIES = 60
"""Deliveries of one batch before the run counts as hanging."""
HANDLERS = {name: f"app.{name}" for name in ("dispatch", "process_fast", "process_slow", "report")} | {"api": "app.app"}


class Hangs(Exception):
    """A batch that no invocation can finish."""


class World:
    """An account with the stack of the production template, and the functions of the package."""

    def __init__(self, plan: Plan, package: Path, emulator: Emulator, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.deaths: Counter[str] = Counter()
        """Invocations that gave no result, by the exception."""
        self.continued = 0
        """Objects that were continued in a later invocation."""
        self._emulator = emulator
        self._stack = ExitStack()
        self._root = _project(plan, package, folder)
        self.config = load(self._root / "slips.yml")
        self.proxy = self._stack.enter_context(FaultProxy(emulator.url, plan.seed, plan.faults, plan.down))
        self._functions: dict[str, LambdaProcess] = {}
        self._read: dict[tuple[str, str], str] = {}
        self._make_account()

    def client(self, service: str) -> Any:
        """Return a client of the account without the proxy's faults."""
        return self._emulator.client(service)

    def function(self, name: str) -> LambdaProcess:
        """Return a function, started when first needed."""
        if name not in self._functions:
            self._functions[name] = self._stack.enter_context(
                LambdaProcess(
                    self._root, HANDLERS[name], name=name, timeout=60.0,
                    env={
                        **self._emulator.environment, "AWS_ENDPOINT_URL": self.proxy.url,
                        "CHAOS_FOLDER": str(self.folder),
                    },
                )
            )  # fmt: skip
        return self._functions[name]

    def land(self) -> None:
        """Put the objects into the bucket, and notify dispatch of each, as often and in the order of the plan."""
        for planted in self.plan.objects:
            self.client("s3").put_object(Bucket=BUCKET, Key=planted.key, Body=planted.content)
        for number in self.plan.notifications:
            planted = self.plan.objects[number]
            self._notify(events.of_topic(events.notification(BUCKET, planted.key, len(planted.content))))

    def _notify(self, event: dict[str, Any]) -> None:
        """Invoke dispatch as Lambda does asynchronously: three attempts, then the dead-letter topic."""
        for _ in range(3):
            try:
                self.function("dispatch").invoke(event)
                return
            except InvocationError as failed:
                self.deaths[type(failed).__name__] += 1
                cause = failed
        dead = {
            "requestContext": {"condition": "RetriesExhausted"},
            "requestPayload": event,
            "responsePayload": {"errorType": cause.error_type, "errorMessage": cause.error_message},
        }
        self._until_done("report", events.of_topic(dead))

    def work(self) -> int:
        """Carry every batch that waits in a lane to its function. Return the number of batches."""
        return sum(self._work(lane) for lane in ("fast", "slow"))

    def _work(self, lane: str) -> int:
        batches = 0
        for shard in self._shards(lane):
            while records := self._next(lane, shard):
                batches += 1
                done = self._until_done(f"process_{lane}", events.of_stream(records), deadline=self._deadline)
                self.continued += done["continued"]
        return batches

    @property
    def _deadline(self) -> float:
        """Seconds for an invocation. The time for events doubles after every 20 continuations: on a busy machine it may
        be enough for one event only, and a thousand continuations prove nothing that twenty do not."""
        return RESERVE + min((self.plan.deadline - RESERVE) * 2 ** (self.continued // 20), MOST_SECONDS)

    def _until_done(self, name: str, event: dict[str, Any], deadline: float | None = None) -> Any:
        """Invoke a function as Lambda does for a stream: until it succeeds."""
        for _ in range(TRIES):
            try:
                with self._shot(name):
                    return self.function(name).invoke(event, deadline if not self.is_healed else None)
            except InvocationError as failed:
                self.deaths[type(failed).__name__] += 1
        raise Hangs(f"{name} did not take {json.dumps(event)[:300]}\n{self.function(name).logs[-3000:]}")

    @contextmanager
    def _shot(self, name: str) -> Iterator[None]:
        """Kill the function after a while, as long as the plan has shots left."""
        if self.is_healed or not self.plan.shots or not name.startswith("process"):
            yield
            return
        timer = threading.Timer(self.plan.shots.pop(), self.function(name).kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def ask(self, method: str, resource: str, **request: Any) -> Any:
        """Return what the REST API answers; None where it does not."""
        try:
            answer = self.function("api").invoke(events.of_api(method, resource, **request))
        except InvocationError as failed:
            self.deaths[type(failed).__name__] += 1
            return None
        return json.loads(answer["body"]) if answer["statusCode"] == 200 else None

    @property
    def is_healed(self) -> bool:
        """Whether the faults have ended."""
        return (self.folder / "healed").exists()

    def heal(self) -> None:
        """End the faults: no request fails any longer, no function raises, nothing is killed."""
        (self.folder / "healed").touch()
        self.proxy.heal()
        time.sleep(2.1)  # A killed drain's claims end after two seconds (project/points.py).

    def close(self) -> None:
        """Stop the functions and the proxy."""
        self._stack.close()

    def _make_account(self) -> None:
        body = json.dumps(template(self.config))
        self.client("cloudformation").create_stack(StackName=self.config.stack_name, TemplateBody=body)
        if BUCKET not in {bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]}:
            place = {"LocationConstraint": "eu-west-1"}
            self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)

    def _shards(self, lane: str) -> list[str]:
        stream = f"{self.config.stack_name}-{lane}"
        return [shard["ShardId"] for shard in self.client("kinesis").list_shards(StreamName=stream)["Shards"]]

    def _next(self, lane: str, shard: str) -> list[Any]:
        kinesis = self.client("kinesis")
        iterator = (
            self._read.get((lane, shard))
            or kinesis.get_shard_iterator(
                StreamName=f"{self.config.stack_name}-{lane}", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )
        size = (self.config.fast if lane == "fast" else self.config.slow).batch_size
        answer = kinesis.get_records(ShardIterator=iterator, Limit=size)
        self._read[lane, shard] = answer["NextShardIterator"]
        return list(answer["Records"])


def _project(plan: Plan, package: Path, folder: Path) -> Path:
    """Make a copy of the package that has the app.py of the chaos runs. Return its folder."""
    (folder / "points").mkdir(parents=True)
    (folder / "delivered").touch()
    settings = {"kills": plan.kills, "flush_fails": plan.flush_fails}
    (folder / "plan.json").write_text(json.dumps(settings))
    root = folder / "task"
    root.mkdir()
    for entry in package.iterdir():
        if entry.name not in ("app.py", "slips.yml"):
            (root / entry.name).symlink_to(entry)
    for name in ("app.py", "points.py"):
        shutil.copy(HERE / "project" / name, root)
    text = (HERE / "project" / "slips.yml").read_text()
    for name, value in {
        "STACK": f"chaos-{plan.seed}-{folder.name.replace('_', '-')}", "ERRORS": plan.errors_per_object,
        "ATTEMPTS": plan.max_attempts, "CHECKPOINT": plan.checkpoint,
    }.items():  # fmt: skip
        text = text.replace(f" {name}", f" {value}")
    (root / "slips.yml").write_text(text)
    return root
