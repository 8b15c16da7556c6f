"""Ctrl-C and SIGTERM end a run in good order; a second one ends it at once."""

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
    """Set at the first signal."""
    stopped = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        if stopped.is_set():  # A function may hang, and would be waited for.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stopped.set()

    kept = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield stopped
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
