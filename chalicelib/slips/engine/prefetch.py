"""Small objects of a batch, begun and fetched before their turn: their waits for S3 overlap.

Only work that the ledger does not know yet is begun ahead. After a crash, the ledger knows every object that was begun,
and each is begun alone, at its turn: so every crash but the first is counted for the object that caused it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from ..config.settings import MIB
from ..errors import ItemUnreadable, StoreRefused
from ..model import ObjectRef, WorkItem
from ..model.ports import Holder, Ledger, ObjectStore, Progress

WINDOW = 32
"""Objects ahead: as many as a client keeps connections (`aws.POOL`)."""
WINDOW_BYTES = 32 * MIB
SMALL = 1 * MIB
"""Bytes up to which an object is fetched whole; a larger one is streamed, at its turn."""


class Fetched(msgspec.Struct):
    """The stored bytes of an object, as far as they came (an `ObjectStore` of this one). `rest` is the remainder of an
    object larger than its notification said."""

    item: WorkItem
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
        self._futures: dict[int, Future[Fetched | None]] = {}
        self._begun: set[str] = set()
        self._next = 0

    def take(self, number: int) -> Fetched | None:
        """Return the object of item `number`, begun and fetched; None where it must be begun and read as usual. Raises
        StoreError."""
        self._fill(number)
        future = self._futures.pop(number, None)
        return None if future is None else future.result()

    def close(self) -> list[Fetched]:
        """Stop, and return what was begun and never taken."""
        if self._pool is None:
            return []
        self._pool.shutdown(cancel_futures=True)
        finished = [future for future in self._futures.values() if not future.cancelled() and not future.exception()]
        self._futures.clear()  # What is given back twice would be counted twice.
        return [fetched for future in finished if (fetched := future.result()) is not None]

    def _fill(self, number: int) -> None:
        """Begin what fits into the window. A large object closes it until its turn is over."""
        self._next = max(self._next, number)
        ahead = sum(self._items[at].object_size or 0 for at in self._futures)
        while self._next < min(number + WINDOW, len(self._items)):
            item = self._items[self._next]
            size = _small_size(item)
            if item.work_id in self._begun:  # A duplicate: the outcome of the first decides.
                return
            if size is None or ahead + size > WINDOW_BYTES or not self._is_read(item):
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(WINDOW, thread_name_prefix="slips-prefetch")
            self._begun.add(item.work_id)
            self._futures[self._next] = self._pool.submit(self._fetch, item)
            self._next += 1
            ahead += size

    def _fetch(self, item: WorkItem) -> Fetched | None:
        try:
            progress = self._ledger.begin_new(item, self._holder(item))
        except (ItemUnreadable, StoreRefused):  # At its turn it becomes an error item.
            return None
        if progress is None:
            return None
        fetched, size = Fetched(item, progress, []), 0
        try:
            stream = self._objects.open(item.ref)
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
