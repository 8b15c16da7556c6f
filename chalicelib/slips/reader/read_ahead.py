"""Reads ahead: runs an iterator in a thread, so that network, inflating and the user's functions overlap."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 6
"""Chunks that wait at most: enough to smooth out jitter, few enough to stay far below the memory bound."""

SWITCH = 0.001
"""Seconds for which a thread may keep the interpreter, instead of 5 ms: a chunk is delivered in 2 ms, and the reading
thread must get its turn within those to inflate the next one in time. Not for the dozens of threads that fetch small
objects: they would only switch more often."""


class _ShortTurns:
    """A claim on the switch interval of the process: the first user shortens it, the last one restores it."""

    def __init__(self) -> None:
        # Reentrant: the garbage collector may close a generator in the middle of another one's claim.
        self._lock = threading.RLock()
        self._users = 0
        self._usual = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(SWITCH, self._usual))
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setswitchinterval(self._usual)


_SHORT_TURNS = _ShortTurns()


class _End(Generic[T]):
    """The last item of the queue: the iterator ended, or raised `fault`."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault


def read_ahead(items: Iterator[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """Yield the same items in the same order, while a thread runs `items` up to `depth` ahead.

    What the iterator raises is raised here, after the items before it. Closing this generator ends the thread before it
    returns: nothing runs on after a Lambda invocation.
    """
    # Two SimpleQueues instead of a bounded Queue, which is written in Python and costs as much as counting the lines of
    # a chunk.
    ready: SimpleQueue[T | _End[T]] = SimpleQueue()
    slots: SimpleQueue[None] = SimpleQueue()
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(items, ready, slots, stop), name="slips-read-ahead", daemon=True)
    for _ in range(depth):
        slots.put(None)
    with _SHORT_TURNS:
        thread.start()
        try:
            while True:
                item = ready.get()
                slots.put(None)
                if isinstance(item, _End):
                    if item.fault is not None:
                        raise item.fault
                    return
                yield item
        finally:
            stop.set()
            slots.put(None)
            thread.join()


def _run(items: Iterator[T], ready: SimpleQueue[T | _End[T]], slots: SimpleQueue[None], stop: threading.Event) -> None:
    end: _End[T] = _End()
    try:
        for item in items:
            slots.get()
            if stop.is_set():
                return
            ready.put(item)
    # Whatever it is, it belongs to the thread that reads the queue.
    except BaseException as fault:  # noqa: BLE001
        end = _End(fault)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
        ready.put(end)
