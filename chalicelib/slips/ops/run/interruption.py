"""Ctrl-C and SIGTERM end a run cleanly; a second one ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that the first signal sets."""
    stopped = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        if stopped.is_set():  # A function may hang, and the run would wait for it.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stopped.set()

    handlers = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield stopped
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
