"""A deployment in one process, minute by minute: objects land, a lane is processed, what waits is tried again.

The ErrorTable and the ledger are the real ones, on a DynamoDB in memory; the clock stands until the test moves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from slips import RetryLater
from slips.config import Mapping
from slips.drain.retry import Retrying, RetryReport
from slips.engine.functions import Function, Functions
from slips.engine.invocation import process
from slips.engine.retries import Retries
from slips.engine.worker import Worker
from slips.formats.chain import compile_chain
from slips.formats.registry import get
from slips.ledger.ledger import DynamoLedger
from slips.model import WorkItem, work_item
from slips.quarantine import ErrorItem, Filter
from slips.reader import FRAMER_NAMES
from slips.testing import MemoryLanes, MemoryObjects

from . import error_table
from .builders import config
from .error_table import NOW, Tapped, Time
from .ledger_table import create as create_ledger
from .memory_dynamodb import MemoryDynamoDB

GIVE_UP = 12 * 3600
BATCH = 100


class Destination:
    """A destination that is down for a while. It notes what it gets, and when."""

    def __init__(self, time: Time) -> None:
        self.down_until = 0.0
        self.most_a_minute = 10**9
        self.calls = 0
        self.taken: Counter[str] = Counter()
        self.at: dict[str, float] = {}
        self._time = time
        self._minute, self._in_minute = 0, 0

    def send(self, event: str) -> None:
        self.calls += 1
        minute = int(self._time() // 60)
        self._in_minute = self._in_minute + 1 if minute == self._minute else 1
        self._minute = minute
        if self._time() < self.down_until or self._in_minute > self.most_a_minute:
            raise RetryLater("the destination answers 429")
        self.taken[event] += 1
        self.at[event] = self._time()


class WaitingWorld:
    """The deployment. `formats` is the number of prefixes: `f0/`, `f1/`, …; each function has a destination."""

    def __init__(self, *functions: str, formats: int = 1, **fields: Any) -> None:
        memory: Any = MemoryDynamoDB()
        self.time, self.dynamodb = Time(NOW), Tapped(memory)
        self.tables = {"errors": error_table.create(memory), "ledger": create_ledger(memory)}
        self.objects, self.lanes = MemoryObjects(), MemoryLanes()
        self.destinations = {name: Destination(self.time) for name in functions}
        mappings = tuple(
            Mapping(bucket="logs", prefix=f"f{number}/", chain=("s3-lines", "json")) for number in range(formats)
        )
        self.config = config(mappings=mappings, retry_give_up_after=GIVE_UP, **fields)
        self.functions = Functions(events=[self._function(name) for name in functions])
        self.quarantine = error_table.quarantine(self.dynamodb, self.tables["errors"], self.time)
        self.ledger = DynamoLedger(self.dynamodb, self.tables["ledger"], 30, self.time)  # type: ignore[arg-type]
        self.worker = self.new_worker()
        self.lane_age = 0.0
        self.landed: list[str] = []
        self.rung = 0
        """Error items of which a person was told."""
        self.reports: list[RetryReport] = []

    def _function(self, name: str) -> Function:
        return Function(name=name, call=lambda meta, event: self.destinations[name].send(event["id"]), format="json")

    def new_worker(self) -> Worker:
        """A new process."""
        chains: dict[Any, Any] = {}

        def compile_once(names: Any) -> Any:
            key = tuple(names)
            if key not in chains:
                chains[key] = compile_chain(key, FRAMER_NAMES, get)
            return chains[key]

        return Worker(
            self.config, self.functions, compile_once, objects=self.objects, lanes=self.lanes, errors=self.quarantine,
            ledger=self.ledger, retries=Retries(give_up_after=GIVE_UP, jitter=lambda: 0.5), clock=self.time,
            now=self.time, sleep=self.time.sleep,
        )  # fmt: skip

    def land(self, events: int = 1, prefix: str = "f0/") -> WorkItem:
        """Land an object of some events in the fast lane."""
        key = f"{prefix}{len(self.landed)}"
        names = [f"{key}.{number}" for number in range(events)]
        self.landed += names
        ref = self.objects.put("logs", key, b"".join(b'{"id":"%s"}\n' % name.encode() for name in names))
        item = work_item(ref, "s")
        self.lanes.enqueue("fast", [item])
        return item

    def process(self) -> None:
        """Process what is in the lanes."""
        items = [*self.lanes.take("fast"), *self.lanes.take("slow")]
        for at in range(0, len(items), BATCH):
            report = process(self.worker, "fast", items[at : at + BATCH])
            self.rung += sum(items for items, _ in report["by_stage"].values())
        if self.lanes.waiting["fast"] or self.lanes.waiting["slow"]:
            self.process()

    def retry(self) -> RetryReport:
        """One run of `slips.retry`."""
        retrying = Retrying(
            self.quarantine, self.ledger, self.lanes, self.config, self.time() + 50,
            lane_age=lambda: self.lane_age, counting=lambda ref: "", clock=self.time,
        )  # fmt: skip
        self.reports.append(retrying.run())
        self.rung += sum(self.reports[-1].gave_up.values())
        if retrying.fault is not None:
            raise retrying.fault
        return self.reports[-1]

    def minute(self, land: Callable[[], object] = lambda: None) -> None:
        """A minute passes: objects land, and are processed; then what waits is tried again."""
        land()
        self.process()
        self.time.now += 60
        self.retry()
        self.process()

    def items(self, state: str = "") -> list[ErrorItem]:
        """The error items in that state."""
        rows = self.quarantine.page(Filter(state=state), 10_000).items
        return [self.quarantine.get(row.request_id) for row in rows]

    def until_nothing_waits(self, most: int) -> int:
        """Let minutes pass until no item is left; return how many."""
        for minutes in range(most):
            if not self.items():
                return minutes
            self.minute()
        raise AssertionError(f"{len(self.items())} items are left after {most} minutes")
