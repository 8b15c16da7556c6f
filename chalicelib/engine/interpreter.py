"""The interpreter, set to a pace that suits a reader thread and batches of events."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLD = 50_000
"""Objects made and still alive before the collector looks, instead of 700: a batch of 500 events holds some 5,000, and
looking through them again and again costs a third of the time."""
SWITCH = 0.001
"""Seconds a thread may keep the interpreter to itself, instead of 5 ms: a chunk is delivered in 2 ms, and the reader
must get its turn while that lasts, for the next one to be inflated in time."""


@contextmanager
def tuned() -> Iterator[None]:
    """Let the collector look less often, and threads take turns more often; cycles of the user's functions are still
    found."""
    before, switch = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(max(THRESHOLD, before[0]), *before[1:])
    sys.setswitchinterval(min(SWITCH, switch))
    try:
        yield
    finally:
        gc.set_threshold(*before)
        sys.setswitchinterval(switch)
