"""The AWS side in memory: the protocols of `ports.py` over dicts and lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

import msgspec

from ..errors import ObjectChanged, ObjectMissing, StoreError, Unavailable
from ..model import Failure, Lane, ObjectRef, WorkItem, digest
from ..model.ports import NOBODY, FinishedWork, Holder, Progress, Token

LANDED = "2026-03-01T12:00:00Z"


class MemoryObjects:
    """An object store in a dict; `chunk` is the number of bytes read at a time. While `unavailable`, none is read, as
    when S3 throttles or is down for longer than SLIPS waits."""

    def __init__(self, chunk: int = 64 * 1024) -> None:
        self.contents: dict[tuple[str, str], bytes] = {}
        self.chunk = chunk
        self.unavailable = False

    def put(self, bucket: str, key: str, content: bytes) -> ObjectRef:
        """Store an object; return it as its notification would name it."""
        self.contents[bucket, key] = content
        return ObjectRef(
            bucket=bucket, key=key, size=len(content), etag=digest(content.hex()), sequencer="01", event_time=LANDED
        )

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """See `ports.ObjectStore`."""
        if self.unavailable:
            raise Unavailable(f"s3://{ref.bucket}/{ref.key}: S3 does not answer, or not now")
        content = self.contents.get((ref.bucket, ref.key))
        if content is None:
            raise ObjectMissing(f"s3://{ref.bucket}/{ref.key}: the object is gone")
        if ref.etag and ref.etag != digest(content.hex()):
            raise ObjectChanged(f"s3://{ref.bucket}/{ref.key}: overwritten since its notification")
        for at in range(0, len(content), self.chunk):
            yield content[at : at + self.chunk]


class MemoryLanes:
    """Lanes as lists; while `closed`, nothing can be put."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[WorkItem]] = {"fast": [], "slow": []}
        self.closed = False

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """See `ports.Lanes`."""
        if self.closed:
            return list(items)
        self.waiting[lane].extend(items)
        return []

    def take(self, lane: Lane) -> list[WorkItem]:
        """Empty a lane and return its work items."""
        items, self.waiting[lane] = self.waiting[lane], []
        return items


class MemoryErrors:
    """Error items in a dict; while `broken`, they cannot be written."""

    def __init__(self) -> None:
        self.items: dict[str, Failure] = {}
        self.broken = False

    def record(self, failures: Sequence[Failure]) -> None:
        """See `ports.Errors`."""
        if self.broken:
            raise StoreError("the ErrorTable does not answer")
        self.items.update({failure.request_id: failure for failure in failures})


class MemoryLedger:
    """A ledger in a dict; while `broken`, it cannot be written."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.progress: dict[str, Progress] = {}
        self.broken = False
        self._receivers: dict[tuple[str, str, str], set[str]] = {}
        """By bucket, key and ETag: the functions that got the object."""
        self._lock = Lock()

    def begin(self, item: WorkItem, holder: Holder = NOBODY) -> Progress | None:  # noqa: ARG002
        """See `ports.Ledger`. Nobody else is ever at work: there is one invocation at a time."""
        return self._begin(item, unless=("done", "failed"))

    def peek(self, item: WorkItem) -> Progress | None:
        """See `ports.Ledger`."""
        if self.states.get(item.work_id) in ("done", "failed"):
            return None
        return self.progress.get(item.work_id, Progress(attempts=0, token=Token(0)))

    def begin_new(self, works: Sequence[tuple[WorkItem, Holder]]) -> list[Progress | StoreError | None]:
        """See `ports.Ledger`."""
        return [self._begin_new(item) for item, _ in works]

    def _begin_new(self, item: WorkItem) -> Progress | StoreError | None:
        try:
            return self._begin(item, unless=("started", "continued", "done", "failed"))
        except StoreError as fault:
            return fault

    def _begin(self, item: WorkItem, unless: Sequence[str]) -> Progress | None:
        with self._lock:
            self._check_available()
            if self.states.get(item.work_id) in unless:
                return None
            before = self.progress.get(item.work_id, Progress(attempts=0, token=Token(0)))
            token = Token(before.token.number + 1)
            now = Progress(before.resume_from, before.books, before.attempts + 1, token, before.chain)
            self.states[item.work_id], self.progress[item.work_id] = "started", now
            return msgspec.convert(msgspec.to_builtins(now), Progress)

    def find_receivers(self, item: WorkItem) -> set[str]:
        """See `ports.Ledger`."""
        self._check_available()
        return self._receivers.get(_content(item), set())

    def checkpoint(self, item: WorkItem, progress: Progress, *, is_over: bool = False) -> bool:  # noqa: ARG002
        """See `ports.Ledger`."""
        self._check_available()
        if not self._owns(item, progress.token):
            return False
        self.states[item.work_id], self.progress[item.work_id] = "continued", progress
        return True

    def finish(self, ended: Sequence[FinishedWork]) -> None:
        """See `ports.Ledger`."""
        self._check_available()
        for each in ended:
            if self._owns(each.item, each.token):
                self.states[each.item.work_id] = each.state
                self._receivers.setdefault(_content(each.item), set()).update(each.books.processors)
                self.progress[each.item.work_id] = Progress(0, each.books, 0, each.token)

    def give_back(self, begun: Sequence[FinishedWork]) -> None:
        """See `ports.Ledger`."""
        for each in begun:
            if not self.broken and self._owns(each.item, each.token):
                self.progress[each.item.work_id].attempts -= 1

    def _owns(self, item: WorkItem, token: Token) -> bool:
        over = self.states.get(item.work_id) in ("done", "failed")
        return not over and self.progress.get(item.work_id, Progress()).token == token

    def _check_available(self) -> None:
        if self.broken:
            raise StoreError("the ledger does not answer")


def _content(item: WorkItem) -> tuple[str, str, str]:
    return item.bucket_name, item.object_key, item.object_etag
