"""Reading ahead: an iterator worked in a thread, so that network, inflating and the user's functions overlap."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 4
"""Chunks waiting at most: enough to smooth out jitter, few enough to stay far below the memory bound."""


class _End(Generic[T]):
    """Stands in the queue where the iterator ended or raised."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault


def ahead(items: Iterator[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """The same items in the same order, made in a thread up to `depth` ahead. What the iterator raises is raised here,
    after the items before it. Closing this generator ends the thread before it returns: nothing runs on after a
    Lambda invocation."""
    queue: Queue[T | _End[T]] = Queue(depth)
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(items, queue, stop), name="slips-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = queue.get()
            if isinstance(item, _End):
                if item.fault is not None:
                    raise item.fault
                return
            yield item
    finally:
        stop.set()
        with suppress(Empty):
            while True:
                queue.get_nowait()
        thread.join()


def _work(items: Iterator[T], queue: Queue[T | _End[T]], stop: threading.Event) -> None:
    end: _End[T] = _End()
    try:
        for item in items:
            if not _put(queue, item, stop):
                return
    # Whatever it is, it belongs to the thread that reads the queue.
    except BaseException as fault:  # noqa: BLE001
        end = _End(fault)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    _put(queue, end, stop)


def _put(queue: Queue[T | _End[T]], item: T | _End[T], stop: threading.Event) -> bool:
    """Wait for a place in the queue; False when nobody reads any more."""
    while not stop.is_set():
        with suppress(Full):
            queue.put(item, timeout=0.1)
            return True
    return False
