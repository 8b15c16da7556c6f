"""SlipsTester: the engine of production over parts in memory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Unpack

import msgspec

from ..config import Mapping as PrefixMapping
from ..drain.requeue import plan_requeue
from ..engine.functions import FlushHook, Functions
from ..engine.invocation import process
from ..engine.worker import Worker
from ..errors import Killed, SlipsError
from ..formats.base import ObjectInfo, Parser
from ..formats.chain import Chain
from ..model import Failure, ObjectRef, WorkItem, work_item
from ..model.ports import Progress
from ..quarantine import ErrorItem
from .captured import Captured, load
from .faults import Faults, Moment, after_kill, check_faults, check_killed
from .memory import MemoryErrors, MemoryLanes, MemoryLedger, MemoryObjects
from .metas import BUCKET
from .outcome import Outcome
from .process import Memory, modules_of
from .sinks import SinkRecorder, record_sinks, send_again
from .watcher import Watcher

if TYPE_CHECKING:
    from chalice.app import Chalice

    from ..decorators import Slips

MOST_INVOCATIONS = 10_000
STREAM = "test-stream"


class SlipsTester:
    """A tester of the functions of an app: the Chalice app, its Slips, or the module of both.

    Its parts (`objects`, `lanes`, `errors`, `ledger`) persist between calls, so that a second delivery of an object is
    recognized as in production. Arguments inject faults: see `Faults`. The sinks of slips.sinks send nothing, unless
    `sends`: `sinks` has what they were given.
    """

    def __init__(self, app: Chalice | Slips | ModuleType, *, sends: bool = False) -> None:
        self.objects = MemoryObjects()
        self.lanes = MemoryLanes()
        self.errors = MemoryErrors()
        self.ledger = MemoryLedger()
        self.module = app if isinstance(app, ModuleType) else None
        """The module, if one was given."""
        self._slips = _slips(app)
        self.app = self._slips.app
        """The Chalice app."""
        self._sends = sends
        self.sinks: dict[str, SinkRecorder] = {}
        """What the sinks of app.py were sent, by the name of the function; see `SinkRecorder`."""
        self._record_sinks()
        self._mappings: tuple[PrefixMapping, ...] = ()
        self._cut: dict[tuple[str, ...], Chain] = {}
        self._count = 0
        functions = self._slips.functions
        calls, hooks = [each.call for each in functions.events], [each.call for each in functions.flush]
        self._memory = Memory(modules_of([*calls, *functions.setup, *hooks, *functions.result]))

    def lines(
        self, format: str, records: Sequence[Mapping[str, Any] | str | bytes], **faults: Unpack[Faults]
    ) -> Outcome:
        """Deliver records of a format, one per line: objects (as JSON), text or bytes. Raises SlipsError if no function
        takes the format."""
        if isinstance(records, str | bytes | Mapping):
            raise SlipsError(f"records is a list of them, not one {type(records).__name__}: write [{records!r:.40}]")
        return self.content((format,), b"\n".join(_line(record) for record in records), **faults)

    def file(self, path: str | Path, *, bucket: str, key: str, **faults: Unpack[Faults]) -> Outcome:
        """Deliver a file as that object, with the format of its mapping in slips.yml."""
        return self._whole(self.objects.put(bucket, key, Path(path).read_bytes()), faults)

    def content(self, chain: Sequence[str], content: bytes, **faults: Unpack[Faults]) -> Outcome:
        """Deliver the bytes of an object, read by this format chain. Raises SlipsError if no function takes it."""
        chain = (chain,) if isinstance(chain, str) else tuple(chain)
        self._check_has_function(chain)
        self._count += 1
        key = f"{'-'.join(chain)}/{self._count}/"
        self._map(PrefixMapping(bucket=BUCKET, chain=chain, prefix=key))
        return self._whole(self.objects.put(BUCKET, key, content), faults)

    def error(self, what: str | Path | Captured, **faults: Unpack[Faults]) -> Outcome:
        """Deliver again what failed: an error item of this tester, by its `request_id`, as a drain does, or a fixture
        of `slips capture`. Only the failed events go, and only to the function that failed."""
        if isinstance(what, str) and what in self.errors.items:
            return self._deliver(self._drained(self.errors.items.pop(what)), faults)
        captured = what if isinstance(what, Captured) else load(Path(what))
        self._cut[captured.chain] = _cut(self._slips.chain(captured.chain))
        self.objects.put(captured.bucket, captured.key, captured.content())
        self._map(PrefixMapping(bucket=captured.bucket, chain=("records", *captured.chain), prefix=captured.key))
        return self._deliver([captured.item()], faults)

    def _check_has_function(self, chain: Sequence[str]) -> None:
        name, functions = self._slips.chain(chain).name, self._slips.functions
        if not functions.of_format(name):
            available = ", ".join(f"{each.name} ({each.format})" for each in functions.events) or "there is none"
            raise SlipsError(f'no function takes "{name}", so nothing would be read: {available}')

    def forget(self) -> None:
        """Reset the global variables of the user's modules to what they were when this tester was created, as the end
        of a process does. The fixture does so after each test."""
        self._memory.forget()
        self._record_sinks()

    def _record_sinks(self) -> None:
        sinks = self._slips.sinks_by_function
        if self._sends:
            send_again(sinks.values())
        else:
            self.sinks = record_sinks(sinks)

    def object(self, ref: ObjectRef, *mappings: PrefixMapping, remaining: Iterator[float] | None = None) -> Outcome:
        """Deliver one object, in one invocation. `remaining` gives the seconds left each time the engine asks."""
        return self.items([work_item(ref, STREAM)], *mappings, remaining=remaining)

    def items(
        self, items: Sequence[WorkItem], *mappings: PrefixMapping, remaining: Iterator[float] | None = None
    ) -> Outcome:
        """Deliver a batch of work items in the fast lane, in one invocation."""
        self._map(*mappings)
        outcome, before = self._nothing(), self.errors.items.copy()
        self._invoke(items, Moment({}, remaining), outcome, clock=None)
        return self._complete(outcome, before, items)

    def _whole(self, ref: ObjectRef, faults: Faults) -> Outcome:
        return self._deliver([work_item(ref, STREAM)], faults)

    def _map(self, *mappings: PrefixMapping) -> None:
        """Add mappings, which take precedence over others of the same prefix."""
        self._mappings = (*mappings, *self._mappings)

    def _drained(self, failure: Failure) -> list[WorkItem]:
        fields = {name: getattr(failure, name) for name in failure.__struct_fields__ if hasattr(ErrorItem, name)}
        return [item for _, item in plan_requeue(ErrorItem(**fields), self._config)]

    def _deliver(self, items: Sequence[WorkItem], faults: Faults) -> Outcome:
        """Deliver the batch until it is done, as Kinesis and Lambda do."""
        outcome, before, rest, most = self._nothing(), self.errors.items.copy(), check_faults(faults), 0
        batches = [items, items] if faults.get("redeliver") else [items]
        while batches:
            batch = batches.pop(0)
            moment = Moment(rest, None)
            try:
                self._invoke(batch, moment, outcome, clock=moment.clock if faults else None)
            except Killed:
                self._memory.forget()
                rest = after_kill(rest)
                batches.insert(0, batch)
            if continued := self.lanes.take("fast"):
                batches.append(continued)
            most = max(most, moment.delivered)
            outcome.invocations += 1
            if outcome.invocations > MOST_INVOCATIONS:
                raise SlipsError(f"not done after {MOST_INVOCATIONS} invocations: give a later deadline")
        check_killed(rest, most)
        return self._complete(outcome, before, items)

    def _nothing(self) -> Outcome:
        return Outcome({}, [], Progress().books, [], invocations=0)

    def _complete(self, outcome: Outcome, before: dict[str, Failure], items: Sequence[WorkItem]) -> Outcome:
        new = [failure for name, failure in self.errors.items.items() if failure is not before.get(name)]
        outcome.errors = [failure for failure in new if not failure.retry_at]
        outcome.waiting = [failure for failure in new if failure.retry_at]
        if items:
            outcome.books = self.ledger.progress.get(items[-1].work_id, Progress()).books
        outcome.invocations = max(1, outcome.invocations)
        return outcome

    @property
    def _config(self) -> Any:
        config = self._slips.config
        return msgspec.structs.replace(config, mappings=(*self._mappings, *config.mappings))

    def _chain(self, names: Sequence[str]) -> Chain:
        if names and names[0] == "records":
            return self._cut[tuple(names[1:])]
        return self._slips.chain(names)

    def _invoke(self, items: Sequence[WorkItem], moment: Moment, outcome: Outcome, clock: Any) -> None:
        config = self._config
        worker = Worker(
            config,
            self._watched(moment, outcome, flushes=clock is not None),
            self._chain,
            objects=self.objects,
            lanes=self.lanes,
            errors=self.errors,
            ledger=self.ledger,
            args=lambda: config.handler.args,
            retries=self._slips.retries,
            **({"clock": clock} if clock is not None else {}),
        )
        outcome.report = process(worker, "fast", items, moment.budget)
        outcome.results += outcome.report["results"]

    def _watched(self, moment: Moment, outcome: Outcome, *, flushes: bool) -> Functions:
        functions, watcher = self._slips.functions, Watcher(moment, outcome)
        flush = [
            dataclasses.replace(hook, call=watcher.record_raised(_failing(hook, moment))) for hook in functions.flush
        ]
        before, after = FlushHook(call=moment.before_flush), FlushHook(call=moment.after_flush)
        return Functions(
            events=[watcher.watch(function) for function in functions.events],
            setup=[watcher.record_raised(hook) for hook in functions.setup],
            flush=[before, *flush, after] if flushes else flush,
            result=[watcher.record_raised(hook) for hook in functions.result],
        )


def _slips(app: Any) -> Slips:
    """Find the Slips of a module or Chalice app. Raises SlipsError."""
    if isinstance(app, ModuleType):
        app = getattr(app, "slips", None) or getattr(app, "app", None)
    slips: Any = app if hasattr(app, "functions") else getattr(app, "slips", None)
    if not hasattr(slips, "functions"):
        raise SlipsError(f"SlipsTester takes the Chalice app of a Slips, not {app!r}")
    return slips  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class _Cut(Chain):
    """A chain over records that are framed already."""

    of: Chain

    def parser(self, about: ObjectInfo) -> Parser:
        return self.of.parser(about)


def _cut(chain: Chain) -> Chain:
    return _Cut("records", chain.argument, chain.links, chain)


def _failing(hook: FlushHook, moment: Moment) -> Callable[[], Any]:
    """Return the hook's call, which fails where the moment says so."""

    def flush() -> Any:
        fault = moment.flush_fault()
        if fault is not None and hook.outbox is None:
            raise fault
        if fault is not None and hook.outbox is not None:
            hook.outbox.refuse(fault)
        return hook.call()

    flush.__name__ = getattr(hook.call, "__name__", "flush")
    return flush


def _line(record: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(record, bytes):
        return record
    return (record if isinstance(record, str) else json.dumps(record)).encode()
