"""A lane of small objects whose tables refuse a share of the requests, and Lambda, which delivers until all is done."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from slips.aws.retry import Backoff
from slips.config.settings import Limits
from slips.config.settings import Mapping as PrefixMapping
from slips.engine.functions import FlushHook, Function, Functions
from slips.engine.invocation import process
from slips.engine.worker import Worker
from slips.errors import StoreError
from slips.formats import registry
from slips.formats.chain import compile_chain
from slips.ledger.ledger import DynamoLedger
from slips.model import WorkItem, work_item
from slips.model.work_items import decode_work_item, encode_work_item
from slips.ops.run.embedded.partiql import translate
from slips.quarantine import Quarantine
from slips.reader import FRAMER_NAMES
from slips.testing import MemoryObjects

from .. import error_table
from ..builders import config
from ..doubles import RecordingLanes
from ..ledger_table import create as create_ledger
from ..memory_dynamodb import MemoryDynamoDB
from ..statements import take_some
from .world import AtOnce, in_one_thread

OBJECTS, EVENTS, BATCH = 100, 3, 100
MOST = 300
"""Invocations after which it counts as endless."""
CHAIN = ("s3-lines", "json")


class Tables:
    """A client of DynamoDB that refuses those requests, and those statements of a request, for which `refuses` is true,
    and counts them."""

    def __init__(self, refuses: Callable[[str, dict[str, Any]], bool]) -> None:
        self.memory = MemoryDynamoDB()
        self.refuses = refuses
        self.refused = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.memory, name)

        def send(**request: Any) -> Any:
            if "Statements" in request:
                return take_some(call, request["Statements"], self._refuses_statement)
            if self._count(refused=self.refuses(name, request)):
                answer: Any = {
                    "Error": {"Code": "ProvisionedThroughputExceededException"},
                    "ResponseMetadata": {"HTTPStatusCode": 400},
                }
                raise ClientError(answer, name)
            return call(**request)

        return send

    def _refuses_statement(self, statement: dict[str, Any]) -> bool:
        translated = translate(statement)
        return self._count(refused=self.refuses(translated.operation, {"Key": translated.key, **translated.request}))

    def _count(self, *, refused: bool) -> bool:
        self.refused += refused
        return refused


class RefusedLane:
    """`OBJECTS` objects of `EVENTS` events in one lane, read by one function."""

    def __init__(self, *, buffers: bool, bisects: bool, patience: float = 20.0) -> None:
        self.time = error_table.Time()
        self.tables = Tables(lambda name, request: False)
        client: Any = self.tables.memory
        self.ledger_table, self.error_table = create_ledger(client), error_table.create(client)
        self.objects = MemoryObjects()
        self.lanes = RecordingLanes()
        self.delivered: Counter[tuple[str, int]] = Counter()
        self.expected: set[tuple[str, int]] = set()
        self.invocations = self.raised = 0
        self.buffers, self.bisects, self.patience = buffers, bisects, patience
        self.fails_on: set[tuple[str, int]] = set()
        self.checkpoint_seconds = 60.0
        self.clock = self.time
        """A clock of `error_table.Ticking` makes every slice long."""
        self.items: list[WorkItem] = []
        """What landed."""
        self._batches: list[list[WorkItem]] = []
        self._records = 0

    def land(self, count: int = OBJECTS, events: int = EVENTS) -> None:
        """Put objects into the lane."""
        for number in range(count):
            content = b"".join(b'{"n":%d}\n' % n for n in range(events))
            self.items.append(work_item(self.objects.put("logs", f"logs/{number}", content), "slips-fast"))
            self.expected |= {(f"logs/{number}", n) for n in range(events)}
        self._queue(self.items)

    def narrow(self, number: int, positions: str) -> None:
        """Make the work on an object that of an error item with these positions."""
        work = {"positions": positions, "error_id": "e1", "attempt": 1, "chain": "s3-lines json"}
        self.items[number] = msgspec.structs.replace(self.items[number], **work)
        self._batches.clear()
        self._queue(self.items)

    def refuse(self, share: float, seed: int) -> None:
        """Let the ledger refuse that share of the requests."""
        draw = random.Random(seed)
        self.tables.refuses = lambda name, request: (
            request.get("TableName") == self.ledger_table and draw.random() < share
        )

    def run(self, most: int = MOST) -> None:
        """Deliver until the lane is empty, or `most` invocations were made."""
        with in_one_thread():
            while self._batches and self.invocations < most:
                self._deliver(self._batches.pop(0))

    def _deliver(self, batch: list[WorkItem]) -> None:
        self.invocations += 1
        before = len(self.lanes.puts)
        try:
            process(self._worker(), "fast", batch)
        except StoreError:
            self.raised += 1
            half = len(batch) // 2
            self._batches[:0] = [batch[:half], batch[half:]] if self.bisects and half else [batch]
            self.time.now += 1
        self._queue([item for _, items in self.lanes.puts[before:] for item in items])

    def _queue(self, items: Sequence[WorkItem]) -> None:
        """As Kinesis: each record has an id of its own, and what one invocation puts comes in batches of BATCH."""
        records = []
        for item in items:
            self._records += 1
            read = decode_work_item(encode_work_item(item))
            records.append(msgspec.structs.replace(read, record_id=f"0:{self._records}"))
        self._batches += [records[start : start + BATCH] for start in range(0, len(records), BATCH)]

    def _worker(self) -> Worker:
        sleep, clock = self.time.sleep, self.time
        backoff = Backoff(patience=self.patience, sleep=sleep, clock=clock, jitter=lambda: 1.0)
        client: Any = self.tables
        ledger = DynamoLedger(client, self.ledger_table, 30, self.time, backoff)
        ledger.__dict__["_pool"] = AtOnce()
        mappings = (PrefixMapping(bucket="logs", chain=CHAIN),)
        return Worker(
            config(mappings=mappings, limits=Limits(), checkpoint_seconds=self.checkpoint_seconds),
            self._functions(),
            lambda names: compile_chain(names, FRAMER_NAMES, registry.get),
            objects=self.objects,
            lanes=self.lanes,
            errors=Quarantine(client, self.error_table, clock=self.time, backoff=backoff),
            ledger=ledger,
            clock=self.clock,
            now=self.time,
            sleep=self.time.sleep,
        )

    def _functions(self) -> Functions:
        buffer: list[tuple[str, int]] = []

        def deliver(pairs: Sequence[tuple[str, int]]) -> None:
            if bad := self.fails_on & set(pairs):
                raise ValueError(bad)
            self.delivered.update(pairs)

        def take(meta: Any, event: Any) -> None:
            pair = (meta.source.key, event["n"])
            if self.buffers:
                buffer.append(pair)
            else:
                deliver([pair])

        def flush() -> None:
            pending = buffer.copy()
            buffer.clear()
            deliver(pending)

        return Functions(
            events=[Function(name="take", call=take, format="json")],
            flush=[FlushHook(call=flush)] if self.buffers else [],
        )

    @property
    def per_event(self) -> float:
        """Deliveries of an event, on average."""
        return sum(self.delivered.values()) / len(self.expected)
