"""For tests of your own: the whole engine in memory, without AWS, without network, in milliseconds.

from app import slips
from chalicelib.testing import SlipsTester

def test_logins_are_counted():
    run = SlipsTester(slips)
    outcome = run.lines("g-suite-login", [{"id": {"time": "2026-03-01T09:15:02Z"}}])
    assert outcome.delivered["watch_logins"] == 1
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from .config import Mapping as PrefixMapping
from .engine.budget import Budget
from .engine.functions import Function, Functions
from .engine.worker import Worker
from .errors import ObjectChanged, ObjectMissing, StoreError
from .meta import Meta
from .model import Books, Failure, Lane, ObjectRef, WorkItem, digest, work_item
from .ports import Ended, Progress

if TYPE_CHECKING:
    from .slips import Slips

BUCKET = "test-bucket"
LANDED = "2026-03-01T12:00:00Z"


class MemoryObjects:
    """Objects in a dict; `chunk` is how many bytes come at a time."""

    def __init__(self, chunk: int = 64 * 1024) -> None:
        self.contents: dict[tuple[str, str], bytes] = {}
        self.chunk = chunk

    def put(self, bucket: str, key: str, content: bytes) -> ObjectRef:
        """Store an object; the answer is what its notification would name."""
        self.contents[bucket, key] = content
        return ObjectRef(
            bucket=bucket, key=key, size=len(content), etag=digest(content.hex()), sequencer="01", event_time=LANDED
        )

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """See `ports.Objects`."""
        content = self.contents.get((ref.bucket, ref.key))
        if content is None:
            raise ObjectMissing(f"s3://{ref.bucket}/{ref.key}: the object is gone")
        if ref.etag and ref.etag != digest(content.hex()):
            raise ObjectChanged(f"s3://{ref.bucket}/{ref.key}: overwritten since its notification")
        for at in range(0, len(content), self.chunk):
            yield content[at : at + self.chunk]


class MemoryLanes:
    """Lanes as lists; while `closed` nothing can be put."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[WorkItem]] = {"fast": [], "slow": []}
        self.closed = False

    def put(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """See `ports.Lanes`."""
        if self.closed:
            return list(items)
        self.waiting[lane].extend(items)
        return []

    def take(self, lane: Lane) -> list[WorkItem]:
        """All that waits in a lane, which is empty then."""
        taken, self.waiting[lane] = self.waiting[lane], []
        return taken


class MemoryErrors:
    """Error items in a dict; while `broken` they cannot be written."""

    def __init__(self) -> None:
        self.items: dict[str, Failure] = {}
        self.broken = False

    def put(self, failures: Sequence[Failure]) -> None:
        """See `ports.Errors`."""
        if self.broken:
            raise StoreError("the ErrorTable does not answer")
        self.items.update({failure.request_id: failure for failure in failures})


class MemoryLedger:
    """The ledger in a dict; while `broken` it cannot be written."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.progress: dict[str, Progress] = {}
        self.broken = False
        self._lock = Lock()

    def begin(self, item: WorkItem) -> Progress | None:
        """See `ports.Ledger`."""
        return self._begin(item, unless=("done", "failed"))

    def look(self, item: WorkItem) -> Progress | None:
        """See `ports.Ledger`."""
        if self.states.get(item.work_id) in ("done", "failed"):
            return None
        return self.progress.get(item.work_id, Progress(attempts=0, token=0))

    def begin_new(self, item: WorkItem) -> Progress | None:
        """See `ports.Ledger`."""
        return self._begin(item, unless=("started", "continued", "done", "failed"))

    def _begin(self, item: WorkItem, unless: Sequence[str]) -> Progress | None:
        with self._lock:
            self._answers()
            if self.states.get(item.work_id) in unless:
                return None
            before = self.progress.get(item.work_id, Progress(attempts=0, token=0))
            now = Progress(before.resume_from, before.books, before.attempts + 1, before.token + 1)
            self.states[item.work_id], self.progress[item.work_id] = "started", now
            return msgspec.convert(msgspec.to_builtins(now), Progress)

    def checkpoint(self, item: WorkItem, progress: Progress) -> bool:
        """See `ports.Ledger`."""
        self._answers()
        if not self._owns(item, progress.token):
            return False
        self.states[item.work_id], self.progress[item.work_id] = "continued", progress
        return True

    def finish(self, ended: Sequence[Ended]) -> None:
        """See `ports.Ledger`."""
        self._answers()
        for each in ended:
            if self._owns(each.item, each.token):
                self.states[each.item.work_id] = each.state
                self.progress[each.item.work_id] = Progress(0, each.books, 0, each.token)

    def give_back(self, begun: Sequence[Ended]) -> None:
        """See `ports.Ledger`."""
        for each in begun:
            if not self.broken and self._owns(each.item, each.token):
                self.progress[each.item.work_id].attempts -= 1

    def _owns(self, item: WorkItem, token: int) -> bool:
        over = self.states.get(item.work_id) in ("done", "failed")
        return not over and self.progress.get(item.work_id, Progress()).token == token

    def _answers(self) -> None:
        if self.broken:
            raise StoreError("the ledger does not answer")


@dataclass
class Outcome:
    """What became of what was given: events by function, error items, books, and what `on_result` returned."""

    events: dict[str, list[tuple[Meta, Any]]]
    errors: list[Failure]
    books: Books
    results: list[Any]
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def delivered(self) -> dict[str, int]:
        """How many events each function took without failing."""
        return {name: books.delivered for name, books in self.books.processors.items()}


class SlipsTester:
    """Runs the functions of an app on what you give it. Its parts (`objects`, `lanes`, `errors`, `ledger`) stay from
    call to call, so that a second delivery of the same object is noticed as in production."""

    def __init__(self, slips: Slips) -> None:
        self.objects = MemoryObjects()
        self.lanes = MemoryLanes()
        self.errors = MemoryErrors()
        self.ledger = MemoryLedger()
        self._slips = slips
        self._seen: dict[str, list[tuple[Meta, Any]]] = {}
        self._count = 0

    def lines(self, format: str, records: Sequence[Mapping[str, Any] | str | bytes]) -> Outcome:
        """Deliver records of a format: objects (as JSON), text or bytes, one a line."""
        content = b"\n".join(_line(record) for record in records)
        return self.content((format,), content)

    def file(self, path: str | Path, *, bucket: str, key: str) -> Outcome:
        """Deliver a file as the object of that name, by the format that slips.yml gives it."""
        return self.object(self.objects.put(bucket, key, Path(path).read_bytes()))

    def content(self, chain: Sequence[str], content: bytes) -> Outcome:
        """Deliver the bytes of an object, read by this format chain."""
        self._count += 1
        key = f"{'-'.join(chain)}/{self._count}"
        mapping = PrefixMapping(bucket=BUCKET, chain=tuple(chain), prefix=key)
        return self.object(self.objects.put(BUCKET, key, content), mapping)

    def object(self, ref: ObjectRef, *mappings: PrefixMapping, remaining: Iterator[float] | None = None) -> Outcome:
        """Deliver one object. `remaining` gives the seconds left each time the engine asks."""
        return self.items([work_item(ref, "test-stream")], *mappings, remaining=remaining)

    def items(
        self, items: Sequence[WorkItem], *mappings: PrefixMapping, remaining: Iterator[float] | None = None
    ) -> Outcome:
        """Deliver a batch of work items in the fast lane."""
        before = set(self.errors.items)
        self._seen = {}
        config = msgspec.structs.replace(self._slips.config, mappings=(*mappings, *self._slips.config.mappings))
        worker = Worker(
            config,
            self._watched(),
            self._slips.chain,
            objects=self.objects,
            lanes=self.lanes,
            errors=self.errors,
            ledger=self.ledger,
            args=lambda: config.handler.args,
        )
        budget = Budget() if remaining is None else Budget(lambda: next(remaining))
        report = worker.process("fast", items, budget)
        new = [failure for name, failure in self.errors.items.items() if name not in before]
        last = self.ledger.progress.get(items[-1].work_id, Progress()) if items else Progress()
        return Outcome(self._seen, new, last.books, report["results"], report)

    def _watched(self) -> Functions:
        functions = self._slips.functions
        return dataclasses.replace(functions, events=[self._watch(function) for function in functions.events])

    def _watch(self, function: Function) -> Function:
        """The function, with its events noted before it sees them."""
        seen = self._seen.setdefault(function.name, [])

        def single(meta: Meta, event: Any) -> Any:
            seen.append((meta, event))
            return function.call(meta, event)

        def batched(batch: list[tuple[Meta, Any]]) -> Any:
            seen.extend(batch)
            return function.call(batch)

        return dataclasses.replace(function, call=batched if function.batch else single)


def _line(record: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(record, bytes):
        return record
    return (record if isinstance(record, str) else json.dumps(record)).encode()
