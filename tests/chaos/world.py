"""The functions of one run; it carries notifications and batches to them."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import boto3

from slips.config import load
from slips.engine.budget import RESERVE
from slips.errors import StoreError
from slips.model import LANES, Lane
from slips.model.utc import epoch
from slips.ops.deploy.stage import API
from slips.quarantine import Quarantine

from ..deployment import events
from ..deployment.emulator import Emulator
from ..deployment.project import REGION
from ..lambda_runtime import InvocationError, LambdaProcess
from .account import Account
from .archive import Archive
from .clients import Clients
from .notifications import Notifications
from .plan import TIMEOUT, Plan
from .proxy import FaultProxy
from .tasks import make_folder, make_task, name_stack

MOST_SECONDS = TIMEOUT - RESERVE
"""Of an invocation, for events: less than the endless event takes."""
TRIES = 60
"""Deliveries of one batch before the run counts as hanging."""
HANDLERS = {name: f"app.{name}" for name in ("dispatch", "process_fast", "process_slow", "report", "retry")}
HANDLERS["api"] = "app.app"
MINUTE = 0.5
"""Seconds between two calls of `retry`."""
MOST_BATCHES = 3000
"""Of a run, before it counts as hanging: work items may go round and round."""


class Hangs(Exception):
    """A batch that no invocation can finish, or a run without an end."""


class World:
    """An account, and the functions of the package."""

    def __init__(self, plan: Plan, package: Path, emulator: Emulator, folder: Path, processes: int = 1) -> None:
        self.plan = plan
        self.folder = folder
        self.deaths: Counter[str] = Counter()
        """Invocations that gave no result, by the exception."""
        self._interrupted = 0
        self.continued = 0
        """Objects that were continued in a later invocation."""
        self.crashed = 0
        """Objects that were given up because their attempts had no end."""
        self.recounted = 0
        """Work items that were drained whole, since slips.yml has changed."""
        self.retries = self.released = 0
        """Calls of `retry`, and what they released."""
        self.batches = 0
        """Batches that were delivered, each once."""
        self._emulator = emulator
        self._package = package
        self._processes = processes
        self._stack = ExitStack()
        self._lock = threading.RLock()
        self.archive = Archive(emulator, name_stack(plan, folder))
        make_folder(plan, folder, self.archive.url)
        self._root = make_task(plan, package, folder, plan.chain, processes)
        self._is_changed = self._is_closed = False
        self.config = load(self._root / "slips.yml")
        storms = plan.storms
        self.proxy = self._stack.enter_context(
            FaultProxy(emulator.url, plan.seed, plan.faults, plan.down, storms.outages, storms.tables)
        )
        self._functions: dict[str, LambdaProcess] = {}
        self._started: list[LambdaProcess] = []
        self.account = Account(emulator, self.config, self.archive.url.removeprefix("s3://"))
        self._quarantine = Quarantine(_failing_client("dynamodb", self.proxy), self.config.error_table)
        self.clients = Clients(plan.seed, plan.drains, self.ask, self.adopt)
        self.notifications = Notifications(plan, folder, self.account, self._invoke, self._end_environments)

    def function(self, name: str) -> LambdaProcess:
        """Return a function of the last deployment, started when first needed. The API is `api 0`, `api 1`, …: each is
        an environment of its own."""
        with self._lock:
            if self._is_closed:
                raise InvocationError("Closed", "the run has ended")
            if name not in self._functions:
                kind = name.partition(" ")[0]
                environment = {
                    **self._emulator.environment, "AWS_ENDPOINT_URL": self.proxy.url, "CHAOS_FOLDER": str(self.folder),
                    "AWS_ACCESS_KEY_ID": self.account.role(API if kind == "api" else kind),
                }  # fmt: skip
                self._functions[name] = self._stack.enter_context(
                    LambdaProcess(
                        self._root, HANDLERS[kind], name=kind, env=environment,
                        timeout=TIMEOUT if kind.startswith("process") else 60.0,
                    )
                )  # fmt: skip
                self._started.append(self._functions[name])
            return self._functions[name]

    def plant(self) -> None:
        """Put the objects into the bucket, and the items of other versions into the tables and, behind a few records of
        this version, into the fast lane."""
        for planted in [*self.plan.objects, *(other.planted for other in self.plan.others)]:
            self.account.put_object(planted)
        others = {other.planted.key: other.items(self.config.fast.stream) for other in self.plan.others}
        for items in others.values():
            for attributes in items.errors:
                self.account.put_error(attributes)
            for attributes in items.ledger:
                self.account.put_ledger(attributes)
            with (self.folder / "delivered").open("a") as file:
                file.writelines(f"{line}\n" for line in items.delivered)
        self.notifications.land()
        for key, items in others.items():
            for record in items.records:
                self.account.put_record("fast", record, key)

    def work(self, minutes: int) -> None:
        """Carry every batch that waits in a lane to its function, both lanes at once, while clients drain, until
        nothing is left to do, or what waits was tried again in that many minutes."""
        while True:
            is_quiet = self.clients.wait(0.0)
            with ThreadPoolExecutor(len(LANES)) as pool:
                batches = sum(pool.map(self._work, LANES))
            if batches:
                continue
            if not is_quiet:
                self.clients.wait(0.1)
            elif self.clients.start(math.inf):
                continue
            elif minutes and self._waiting():
                minutes -= 1
                self._retry()
            else:
                return

    def _waiting(self) -> list[float]:
        """When what waits is due."""
        items = self.account.error_items()
        return [epoch(item["due"]["S"].partition("#")[2]) for item in items if "due" in item]

    def _retry(self) -> None:
        """Let the next minute come."""
        due = min(self._waiting(), default=0.0) - time.time()
        time.sleep(min(max(MINUTE, due), 4 * MINUTE))
        self.retries += 1
        with suppress(InvocationError):
            self.released += self._invoke("retry", events.of_schedule())["released"]

    def _work(self, lane: Lane) -> int:
        batches = 0
        for shard in self.account.shards(lane):
            while records := self.account.next_batch(lane, shard):
                batches += 1
                self._begin_batch()
                done = self._until_done(f"process_{lane}", events.of_stream(records, shard), self._deadline)
                with self._lock:
                    self.continued += done["continued"]
                    self.crashed += done["crashed"]
        return batches

    def _begin_batch(self) -> None:
        """Do what is planned for this moment: clients drain, another slips.yml is deployed."""
        with self._lock:
            self.batches += 1
            batches = self.batches
        if batches > MOST_BATCHES:
            raise Hangs(f"{batches} batches were delivered, and there is no end")
        self.clients.start(batches)
        if self.plan.change and batches == self.plan.change.batch:
            self.deploy()

    def deploy(self) -> None:
        """Deploy the other slips.yml, if it is planned and not yet done. What runs ends in the old environments, what
        comes begins in new ones."""
        with self._lock:
            if self.plan.change and not self._is_changed:
                self._is_changed = True
                self._root = make_task(self.plan, self._package, self.folder, self.plan.change.after, self._processes)
                self._end_environments()

    def _end_environments(self) -> None:
        with self._lock:
            self._functions = {}

    @property
    def _deadline(self) -> float:
        """Seconds for an invocation. The time for events doubles after every 20 continuations: on a busy machine it may
        be enough for one event only, and a thousand continuations prove nothing that twenty do not."""
        return RESERVE + min((self.plan.deadline - RESERVE) * 2 ** (self.continued // 20), MOST_SECONDS)

    def _until_done(self, name: str, event: dict[str, Any], deadline: float | None = None) -> Any:
        """Invoke a function as Lambda does for a stream: until it succeeds."""
        for _ in range(TRIES):
            with suppress(InvocationError):
                return self._invoke(name, event, None if self.is_healed else deadline, self._next_shot(name))
        raise Hangs(f"{name} did not take {json.dumps(event)[:300]}\n{self.function(name).logs[-3000:]}")

    def _next_shot(self, name: str) -> float:
        with self._lock:
            is_target = name.startswith("process") and not self.is_calm
            return self.plan.shots.pop() if self.plan.shots and is_target else 0.0

    def _invoke(self, name: str, event: dict[str, Any], deadline: float | None = None, shot: float = 0.0) -> Any:
        """Invoke a function once; kill it after `shot` seconds, if that is not 0. Raises InvocationError."""
        function = self.function(name)
        try:
            with _shoot(function, shot) if shot else nullcontext():
                return function.invoke(event, deadline)
        except InvocationError as failed:
            with self._lock:
                self.deaths[type(failed).__name__] += 1
                self._interrupted += name.startswith("process")
            raise

    def ask(
        self, method: str, resource: str, *, client: int = 0, shot: float = 0.0, body: Any = None, **query: str
    ) -> Any:
        """Return what the REST API answers; None where it does not."""
        try:
            answer = self._invoke(f"api {client}", events.of_api(method, resource, body=body, **query), shot=shot)
        except InvocationError:
            return None
        if answer["statusCode"] != 200:
            return None
        document = json.loads(answer["body"])
        with self._lock:
            self.recounted += sum(document.get("whole", {}).values())
        return document

    def adopt(self) -> None:
        """Make the error items of the class-based SLIPS listed, as `slips errors` and `slips drain` do first."""
        with suppress(StoreError):
            self._quarantine.adopt()

    @property
    def interrupted(self) -> int:
        """Invocations, and child processes of one, that ended while they were at work on a batch."""
        return self._interrupted + self.replaced

    @property
    def is_healed(self) -> bool:
        """Whether the faults of functions and parsers have ended."""
        return (self.folder / "healed").exists()

    @property
    def is_calm(self) -> bool:
        """Whether nothing is killed any longer, and AWS and all destinations work."""
        return (self.folder / "calm").exists()

    def calm(self) -> None:
        """End what ends by itself, and deploy an app.py that can be imported: what is left over in the queue goes to
        the functions that did not take it."""
        (self.folder / "calm").touch()
        self.proxy.heal()
        self.notifications.mend()
        self.notifications.redrive()

    def heal(self) -> None:
        """Mend functions and parsers. Wait until the claims of killed drains have ended."""
        (self.folder / "healed").touch()
        leases = [int(item["leased_until"]["N"]) for item in self.account.error_items() if "leased_until" in item]
        time.sleep(max(0.0, max(leases, default=0) + 1.05 - time.time()))

    def count_waits(self) -> int:
        """Count how often a record was handed back, since another one's invocation was at work on the same."""
        return self._count_logged("another invocation is at work")

    @property
    def replaced(self) -> int:
        """Child processes that died, and whose share of a batch another one got."""
        return self._count_logged("a process ended by")

    def _count_logged(self, words: str) -> int:
        return sum(function.logs.count(words) for function in self._started)

    def close(self) -> None:
        """Stop the functions, the clients and the proxy."""
        with self._lock:
            self._is_closed = True
        self._stack.close()
        self.clients.close()


def _failing_client(service: str, proxy: FaultProxy) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.session.Session().client(service, endpoint_url=proxy.url, region_name=REGION, **keys)


@contextmanager
def _shoot(function: LambdaProcess, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, function.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
