"""Reading ahead: an iterator worked in a thread, so that network, inflating and the user's functions overlap."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 6
"""Chunks waiting at most: enough to smooth out jitter, few enough to stay far below the memory bound."""

SWITCH = 0.001
"""Seconds that a thread may keep the interpreter to itself, instead of 5 ms: a chunk is delivered in 2 ms, and this
thread must get its turn while that lasts, for the next one to be inflated in time. Not for the dozens of threads that
fetch small objects: they would take turns for the sake of it."""


class _End(Generic[T]):
    """Stands in the queue where the iterator ended or raised."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault


def ahead(items: Iterator[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """The same items in the same order, made in a thread up to `depth` ahead. What the iterator raises is raised here,
    after the items before it. Closing this generator ends the thread before it returns: nothing runs on after a
    Lambda invocation."""
    # Two SimpleQueues instead of a bounded Queue: that one is written in Python, and costs as much as counting the
    # lines of a chunk.
    made: SimpleQueue[T | _End[T]] = SimpleQueue()
    places: SimpleQueue[None] = SimpleQueue()
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(items, made, places, stop), name="slips-read-ahead", daemon=True)
    for _ in range(depth):
        places.put(None)
    thread.start()
    usual = sys.getswitchinterval()
    try:
        sys.setswitchinterval(min(SWITCH, usual))
        while True:
            item = made.get()
            places.put(None)
            if isinstance(item, _End):
                if item.fault is not None:
                    raise item.fault
                return
            yield item
    finally:
        sys.setswitchinterval(usual)
        stop.set()
        places.put(None)
        thread.join()


def _work(items: Iterator[T], made: SimpleQueue[T | _End[T]], places: SimpleQueue[None], stop: threading.Event) -> None:
    end: _End[T] = _End()
    try:
        for item in items:
            places.get()
            if stop.is_set():
                return
            made.put(item)
    # Whatever it is, it belongs to the thread that reads the queue.
    except BaseException as fault:  # noqa: BLE001
        end = _End(fault)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
        made.put(end)
