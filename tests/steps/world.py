"""An account in memory, and processes whose every write may go wrong."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import msgspec
from botocore.exceptions import ClientError

from slips.aws.retry import Backoff
from slips.config.settings import Limits
from slips.config.settings import Mapping as PrefixMapping
from slips.dispatch.dead_letters import Reporter, report
from slips.drain import DrainReport, DrainRequest, drain
from slips.engine.budget import Budget
from slips.engine.functions import FlushHook, Function, Functions
from slips.engine.invocation import process
from slips.engine.worker import Worker
from slips.errors import Killed, ParseError, StoreError
from slips.formats.base import Format, ObjectInfo, Parser
from slips.formats.chain import Chain, compile_chain
from slips.lanes.intake import take_in
from slips.lanes.kinesis import KinesisLanes
from slips.ledger.ledger import DynamoLedger
from slips.model import work_item
from slips.model.ports import Record
from slips.quarantine import ENDED, Filter, Quarantine
from slips.reader import FRAMER_NAMES
from slips.testing import MemoryObjects

from .. import error_table
from ..builders import config
from ..ledger_table import create as create_ledger
from ..memory_dynamodb import MemoryDynamoDB
from ..statements import take_some

FUNCTIONS = ("plain", "batched", "buffered")
CHAINS = (("s3-lines", "joined"), ("s3-multiline:^[0-9]", "joined"), ("s3-text", "joined"))
WRITES = ("update_item", "delete_item", "batch_write_item", "batch_execute_statement", "put_records")
BATCH, MAX_ATTEMPTS = 3, 3
ROUNDS = 40


@dataclass
class Land:
    """An object of these lines; the events of a line are separated by semicolons."""

    lines: list[str]
    twice: bool = False
    is_small: bool = False
    """Whether its notification says that it is: then it may be begun with others."""


@dataclass
class Deliver:
    """Kinesis delivers the first records of the lane to a new process, which commits after each record, or only where
    it must."""

    count: int = 2
    faults: Mapping[int, Any] = field(default_factory=dict)
    seconds_left: Sequence[float] = ()
    commits_often: bool = True


@dataclass
class Drain:
    faults: Mapping[int, Any] = field(default_factory=dict)
    limit: int | None = None
    named: bool = False
    knows_chains: bool = True


@dataclass
class Abandon:
    """Lambda gives up on the first records of the lane."""

    count: int = 2
    faults: Mapping[int, Any] = field(default_factory=dict)


@dataclass
class Change:
    """A deployment, a repair, or time that passes."""

    what: str
    to: Any = None


@dataclass
class Call:
    """Whatever a test does itself."""

    what: Callable[[], None]


Step = Land | Deliver | Drain | Abandon | Change | Call


@dataclass
class During:
    """Another step comes between two writes: before or after this one takes effect."""

    step: Step
    is_before: bool


class _Parser(Parser):
    def __init__(self, declared: Any, about: ObjectInfo, world: World) -> None:
        super().__init__(declared, about)
        self._world = world
        self.decode = self._decode

    def _decode(self, record: bytes) -> Any:
        names = [name for name in re.split("[;\n]", record.decode()) if name]
        self._world.raise_once("parser")
        if any(name in self._world.broken for name in names):
            raise ParseError("broken as planned")
        if b"\n" in record:
            return {"names": names}
        events = [{"names": [name]} for name in names]
        return events if len(events) > 1 else events[0]


class Joined(Format):
    """An event of several lines, or several events of a line."""

    world: Any = None

    def parser(self, about: ObjectInfo) -> Parser:
        return _Parser(self, about, self.world)


class AtOnce(Executor):
    """Runs everything in order, in this thread, so that the same plan always does the same."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except StoreError as fault:  # Raised where the result is asked for: by then the others have run, too.
            future.set_exception(fault)
        return future


class Kinesis:
    """The stream of the lane."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._number = 0
        self._holders: dict[str, object] = {}

    def put_records(self, Records: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        for record in Records:
            self._number += 1
            self.records.append(Record(str(self._number), record["Data"]))
        return {"Records": [{"SequenceNumber": "1"} for _ in Records]}

    def hand_out(self, count: int, to: object) -> list[Record]:
        records = self.records[:count]
        self._holders |= {record.sequence_number: to for record in records}
        return records

    def acknowledge(self, records: Sequence[Record], by: object) -> None:
        """Go on behind the records. Of one that was delivered again since, nobody hears the answer of the first."""
        done = [record for record in records if self._holders[record.sequence_number] is by]
        self.records = [record for record in self.records if record not in done]

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        return [record for record in self.records if int(first) <= int(record.sequence_number) <= int(last)]


class Process:
    """A process whose n-th write meets the fault `faults[n]`; a dead one writes nothing more."""

    def __init__(self, world: World, faults: Mapping[int, Any], depth: int) -> None:
        self._world = world
        self._faults = faults
        self._depth = depth
        self._writes = 0
        self._is_dead = False

    def client(self, real: Any) -> Any:
        return _Client(self, real)

    def send(self, name: str, call: Callable[..., Any], request: dict[str, Any]) -> Any:
        if self._is_dead:
            raise Killed
        if name not in WRITES:
            return call(**request)
        self._writes += 1
        fault = self._faults.get(self._writes)
        if fault == "refused":
            raise _unavailable(name)
        if fault == "partly" and name == "put_records":
            taken = call(**request | {"Records": request["Records"][:1]})["Records"]
            refused = [{"ErrorCode": "ProvisionedThroughputExceededException"}] * (len(request["Records"]) - 1)
            return {"Records": [*taken, *refused]}
        if fault == "partly" and name == "batch_execute_statement":
            [first, *_] = request["Statements"]
            return take_some(call, request["Statements"], lambda statement: statement is not first)
        if fault == "dies before":
            self._die()
        if isinstance(fault, During) and fault.is_before:
            self._world.take(fault.step, self._depth + 1)
        answer = call(**request)
        if isinstance(fault, During) and not fault.is_before:
            self._world.take(fault.step, self._depth + 1)
        if fault == "dies":
            self._die()
        if fault == "lost":
            raise _unavailable(name)
        return answer

    def _die(self) -> None:
        self._is_dead = True
        raise Killed


class _Client:
    def __init__(self, process: Process, real: Any) -> None:
        self._process = process
        self._real = real

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._real, name)
        return lambda **request: self._process.send(name, call, request)


def _unavailable(name: str) -> ClientError:
    answer: Any = {"Error": {"Code": "InternalServerError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    return ClientError(answer, name)


class World:
    """The account, what was planted, and what was delivered."""

    def __init__(self, errors_per_object: int = 100) -> None:
        self.time = error_table.Time()
        self.dynamodb = MemoryDynamoDB()
        client: Any = self.dynamodb
        self.tables = {"errors": error_table.create(client), "ledger": create_ledger(client)}
        self.kinesis = Kinesis()
        self.objects = MemoryObjects()
        self.expected: set[tuple[str, str]] = set()
        self.delivered: Counter[tuple[str, str]] = Counter()
        self.broken: set[str] = set()
        self.failing: set[tuple[str, str]] = set()
        self.chain = CHAINS[0]
        self.names: tuple[str, ...] = ("plain",)
        self.setup_fails = False
        self.raises: dict[str, BaseException] = {}
        """What the first event of a function, or the first call of a hook or parser, raises."""
        self.flushes = 0
        self._format = Joined(
            name="joined", tag="joined", time=(), description="", document="", example=b"1", framing="s3-lines"
        )
        self._format.__dict__["world"] = self
        self._chains: dict[tuple[str, ...], Chain] = {}
        self._limits = Limits(errors_per_object=errors_per_object, max_attempts=MAX_ATTEMPTS)
        self._count = 0

    def take(self, step: Step, depth: int = 0) -> None:
        """Take a step, at most two of them within one another."""
        if depth > 2:
            return
        match step:
            case Land():
                self._land(step)
            case Deliver():
                self._deliver(step, depth)
            case Drain():
                list(self._drain(step, depth))
            case Abandon():
                self._abandon(step, depth)
            case Change():
                self._change(step, depth)
            case Call():
                step.what()

    def _land(self, step: Land) -> None:
        self._count += 1
        key = f"logs/{self._count}"
        lines = [";".join(f"{name}.{self._count}" for name in line.split(";")) for line in step.lines]
        self.expected |= {
            (function, name) for line in lines for name in line.split(";") if name for function in FUNCTIONS
        }
        ref = self.objects.put("logs", key, "\n".join(lines).encode())
        ref = ref if step.is_small else msgspec.structs.replace(ref, size=None)
        for _ in range(2 if step.twice else 1):
            item = work_item(ref, "slips-fast")
            self.kinesis.put_records([{"Data": msgspec.json.encode(item)}])

    def fail(self, function: str, number: str) -> None:
        """Let a function fail on an event of every object."""
        self.failing |= {(function, f"{number}.{count}") for count in range(1, 5)}

    def break_record(self, number: str) -> None:
        self.broken |= {f"{number}.{count}" for count in range(1, 5)}

    def _deliver(self, step: Deliver, depth: int) -> None:
        running = Process(self, step.faults, depth)
        records = self.kinesis.hand_out(step.count, running)
        if not records:
            return
        try:
            self._process(step, running, records)
        except (StoreError, Killed):
            return
        self.kinesis.acknowledge(records, running)

    def _process(self, step: Deliver, running: Process, records: Sequence[Record]) -> None:
        left = iter(step.seconds_left)
        errors = self._errors(running)
        intake = take_in(_event(records), "fast", errors)
        process(self._worker(running, errors, step), "fast", intake.items, Budget(lambda: next(left, 100.0)))

    def deliver(self, step: Deliver) -> None:
        """Deliver, and raise what the process raises."""
        running = Process(self, step.faults, 0)
        self._process(step, running, self.kinesis.hand_out(step.count, running))

    def drain(self, step: Drain) -> list[DrainReport]:
        """Drain; return what the drain reports, unless it dies."""
        return list(self._drain(step, 0))

    def _drain(self, step: Drain, depth: int) -> Iterator[DrainReport]:
        running = Process(self, step.faults, depth)
        errors = self._errors(running)
        self.time.now += 1
        try:
            ids = tuple(row.request_id for row in list_all(errors)) if step.named else ()
            if step.named and not ids:
                return
            request = DrainRequest(ids=ids, limit=step.limit)
            lanes, counting = self._lanes(running), self._counting if step.knows_chains else lambda ref: ""
            yield drain(request, errors, lanes, self._config(), self.time.now + 60, self.time, counting)
        except (StoreError, Killed):
            return

    def _abandon(self, step: Abandon, depth: int) -> None:
        running = Process(self, step.faults, depth)
        records = self.kinesis.hand_out(step.count, running)
        if not records:
            return
        batch = {
            "shardId": "0", "streamArn": "arn:aws:kinesis:x:1:stream/slips-fast", "batchSize": len(records),
            "startSequenceNumber": records[0].sequence_number, "endSequenceNumber": records[-1].sequence_number,
        }  # fmt: skip
        message = json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "KinesisBatchInfo": batch})
        to = Reporter(self._errors(running), self.kinesis, self._ledger(running), self.time)
        try:
            report({"Records": [{"Sns": {"Message": message}}]}, to)
        except (StoreError, Killed):
            return
        self.kinesis.acknowledge(records, running)

    def _change(self, step: Change, depth: int) -> None:
        match step.what:
            case "seconds":
                self.time.now += step.to
            case "ledger expires" if depth == 0 and not self.kinesis.records:  # It lives longer than the streams.
                self.time.now += 31 * 86_400
                table = self.dynamodb._tables[self.tables["ledger"]]
                for key, item in list(table.items.items()):
                    if int(item["expires_at"]["N"]) < self.time.now:
                        table.remove(key)
            case "chain":
                self.chain = step.to
            case "names":
                self.names = step.to
            case "setup fails":
                self.setup_fails = step.to
            case "repair":
                self.failing, self.broken = set(), set()
            case "failing":
                self.fail(*step.to)

    def _errors(self, running: Process) -> Quarantine:
        return error_table.quarantine(
            running.client(self.dynamodb), self.tables["errors"], self.time, max_attempts=MAX_ATTEMPTS
        )

    def _ledger(self, running: Process) -> DynamoLedger:
        client, backoff = running.client(self.dynamodb), self._no_patience()
        ledger = DynamoLedger(client, self.tables["ledger"], 30, self.time, backoff)
        ledger.__dict__["_pool"] = AtOnce()
        return ledger

    def _lanes(self, running: Process) -> KinesisLanes:
        written = self._config()
        return KinesisLanes(running.client(self.kinesis), written.fast, written.slow, self._no_patience())

    def _no_patience(self) -> Backoff:
        """One refusal is as good as twenty seconds of them."""
        return Backoff(patience=0.0, sleep=self.time.sleep, clock=self.time, jitter=lambda: 1.0)

    def _config(self, *, commits_often: bool = True) -> Any:
        mappings = (PrefixMapping(bucket="logs", chain=self.chain),)
        return config(mappings=mappings, limits=self._limits, checkpoint_seconds=0.01 if commits_often else 1e9)

    def _worker(self, running: Process, errors: Quarantine, step: Deliver) -> Worker:
        return Worker(
            self._config(commits_often=step.commits_often),
            self._functions(),
            self._compile,
            objects=self.objects,
            lanes=self._lanes(running),
            errors=errors,
            ledger=self._ledger(running),
            clock=error_table.Ticking(),
            now=self.time,
            sleep=self.time.sleep,
        )

    def _counting(self, ref: Any) -> str:
        return self._compile(self.chain).counting(self._limits.max_line_bytes)

    def _compile(self, names: Sequence[str]) -> Chain:
        key = tuple(names)
        if key not in self._chains:
            self._chains[key] = compile_chain(key, FRAMER_NAMES, lambda name: self._format)
        return self._chains[key]

    def _functions(self) -> Functions:
        """The functions of a new process: what one has buffered is in no other."""
        buffer: list[tuple[str, str]] = []

        def deliver(pairs: Sequence[tuple[str, str]]) -> None:
            for function, _ in pairs:
                self.raise_once(function)
            if bad := [pair for pair in pairs if pair in self.failing]:
                raise ValueError(bad[0])
            self.delivered.update(pairs)

        def plain(meta: Any, event: Any) -> None:
            deliver([("plain", name) for name in event["names"]])

        def batched(batch: Any) -> None:
            deliver([("batched", name) for _, event in batch for name in event["names"]])

        def buffered(meta: Any, event: Any) -> None:
            buffer.extend(("buffered", name) for name in event["names"])

        def flush() -> None:
            self.flushes += 1
            pending = buffer.copy()
            buffer.clear()
            self.raise_once("flush" if pending else "")
            deliver(pending)

        def setup(args: Any) -> None:
            self.raise_once("setup")
            if self.setup_fails:
                raise TimeoutError("no connection")

        events = [Function(name=name, call=plain, format="joined") for name in self.names]
        events.append(Function(name="batched", call=batched, format="joined", batch=BATCH))
        events.append(Function(name="buffered", call=buffered, format="joined"))
        return Functions(events=events, setup=[setup], flush=[FlushHook(call=flush)])

    def raise_once(self, where: str) -> None:
        if where in self.raises:
            raise self.raises.pop(where)

    def end(self) -> None:
        """Repair everything, drain everything, and see that nothing is missing."""
        for change in ("repair", "setup fails"):
            self.take(Change(change, False))
        self.take(Change("names", ("plain", "renamed")))
        for _ in range(ROUNDS):
            for _ in range(ROUNDS):
                if not self.kinesis.records:
                    break
                self.take(Deliver(10))
                self.time.now += 1000
            self.time.now += 1000
            self.take(Drain(named=True))
            if not self.kinesis.records and not self._listed():
                break
        assert self._listed() == []
        assert self.kinesis.records == []
        assert sorted(self.expected - set(self.delivered)) == []

    def _listed(self) -> list[Any]:
        return list_all(self._errors(Process(self, {}, 0)))


def list_all(errors: Quarantine) -> list[Any]:
    """All error items, also those that need nobody."""
    return [row for state in ("", *ENDED) for row in errors.page(Filter(state=state), 400).items]


def _event(records: Sequence[Record]) -> dict[str, Any]:
    from base64 import b64encode

    return {
        "Records": [
            {"eventID": f"0:{record.sequence_number}", "kinesis": {"data": b64encode(record.data).decode()}}
            for record in records
        ]
    }


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Let nothing of SLIPS start a thread: the same plan does the same each time."""
    with (
        patch("slips.drain.run.ThreadPoolExecutor", AtOnce),
        patch("slips.engine.prefetch.ThreadPoolExecutor", AtOnce),
        patch("slips.reader.objects.read_ahead", _generate),
        patch.object(logging.getLogger("slips"), "disabled", True),
    ):
        yield


def _generate(chunks: Any) -> Any:
    yield from chunks
