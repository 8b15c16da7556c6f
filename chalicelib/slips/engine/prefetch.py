"""Small objects of a batch, begun and fetched before their turn: their waits for S3 overlap, and a request of the
ledger begins many.

Only work that the ledger does not know yet is begun ahead, many at a time. After a crash, the ledger knows every object
that was begun, and each is begun alone, at its turn: so every crash but the first is counted for the object that caused
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from ..config.settings import MIB
from ..errors import StoreError
from ..model import ObjectRef, WorkItem
from ..model.ports import Holder, Ledger, ObjectStore, Progress

TOGETHER = 25
"""Objects that are begun together: as many as a request of the ledger takes (`aws.partiql`)."""
WINDOW = 2 * TOGETHER
"""Objects ahead: while some are fetched, the next ones are begun."""
THREADS = 32
"""Objects that are fetched at once: as many as a client keeps connections (`aws.POOL`)."""
WINDOW_BYTES = 16 * MIB
SMALL = 1 * MIB
"""Bytes up to which an object is fetched whole; a larger one is streamed, at its turn."""


class Fetched(msgspec.Struct):
    """The stored bytes of an object, as far as they came (an `ObjectStore` of this one). `rest` is the remainder of an
    object larger than its notification said."""

    progress: Progress
    chunks: list[bytes]
    rest: Iterator[bytes] = iter(())
    fault: BaseException | None = None

    def open(self, ref: ObjectRef) -> Iterator[bytes]:  # noqa: ARG002 - there is only one
        """See `ports.ObjectStore`."""
        yield from self.chunks
        yield from self.rest
        if self.fault is not None:
            raise self.fault


class Prefetcher:
    """Works ahead on `items`, which the caller takes in order. `is_read` tells whether an item is to be read."""

    def __init__(
        self,
        items: Sequence[WorkItem],
        ledger: Ledger,
        objects: ObjectStore,
        is_read: Callable[[WorkItem], bool],
        holder: Callable[[WorkItem], Holder],
    ) -> None:
        self._items = items
        self._ledger = ledger
        self._objects = objects
        self._is_read = is_read
        self._holder = holder
        self._pool: ThreadPoolExecutor | None = None
        self._ahead: dict[int, _Ahead | StoreError] = {}
        self._begun: set[str] = set()
        self._next = 0

    def take(self, number: int) -> Fetched | None:
        """Return the object of item `number`, begun and fetched; None where it must be begun and read as usual. Raises
        StoreError."""
        self._fill(number)
        ahead = self._ahead.pop(number, None)
        if isinstance(ahead, StoreError):
            raise ahead
        return None if ahead is None else ahead.fetched.result()

    def close(self) -> list[tuple[WorkItem, Progress]]:
        """Stop, and return what was begun and never taken."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        ahead = [(each.item, each.progress) for each in self._ahead.values() if isinstance(each, _Ahead)]
        self._ahead.clear()  # What is given back twice would be counted twice.
        return ahead

    def _fill(self, number: int) -> None:
        """Begin the next objects together, as soon as the window has room for many. A large object closes it until its
        turn is over."""
        self._next = max(self._next, number)
        if len(self._ahead) > WINDOW - TOGETHER:
            return
        numbers = list(self._find_next())
        works = [(item, self._holder(item)) for item in (self._items[at] for at in numbers)]
        for at, begun in zip(numbers, self._ledger.begin_new(works) if works else (), strict=True):
            if isinstance(begun, Progress):
                self._ahead[at] = _Ahead(self._items[at], begun, self._fetch(self._items[at], begun))
            elif begun is not None:
                self._ahead[at] = begun

    def _find_next(self) -> Iterator[int]:
        """Find the next items to be begun together."""
        size_ahead = sum(self._items[at].object_size or 0 for at in self._ahead)
        for _ in range(TOGETHER):
            item = self._items[self._next] if self._next < len(self._items) else None
            size = None if item is None else _small_size(item)
            if item is None or item.work_id in self._begun:  # A duplicate: the outcome of the first decides.
                return
            if size is None or size_ahead + size > WINDOW_BYTES or not self._is_read(item):
                return
            self._begun.add(item.work_id)
            yield self._next
            self._next += 1
            size_ahead += size

    def _fetch(self, item: WorkItem, progress: Progress) -> Future[Fetched]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="slips-prefetch")
        return self._pool.submit(_fetch, self._objects, item, progress)


class _Ahead(msgspec.Struct):
    """Work that is begun, and its object under way."""

    item: WorkItem
    progress: Progress
    fetched: Future[Fetched]


def _fetch(objects: ObjectStore, item: WorkItem, progress: Progress) -> Fetched:
    fetched, size = Fetched(progress, []), 0
    try:
        stream = objects.open(item.ref)
        for chunk in stream:
            fetched.chunks.append(chunk)
            size += len(chunk)
            if size > SMALL:
                fetched.rest = stream
                break
    # Whatever it is, it is raised at the turn of this object.
    except BaseException as fault:  # noqa: BLE001
        fetched.fault = fault
    return fetched


def _small_size(item: WorkItem) -> int | None:
    """Return the size of an object that may be fetched ahead: a small one, whole, and for the first time."""
    whole = not (item.error_id or item.is_narrowed or item.raw_key or item.is_whole_copy)
    size = item.object_size
    return size if whole and size is not None and size <= SMALL else None
