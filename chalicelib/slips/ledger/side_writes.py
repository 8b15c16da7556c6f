"""Writes to which no event belongs: they cost an invocation a bounded time, and never fail it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Any, Final, TypeVar

WAIT: Final = 2.0
"""Seconds that an invocation waits for such a write."""

Result = TypeVar("Result")

log = logging.getLogger("slips")


class SideWrites:
    """The writes of one kind, one at a time; `name` is for the log."""

    def __init__(self, name: str, wait: float = WAIT) -> None:
        self._name = name
        self._wait = wait
        self._writing: Future[Any] | None = None

    def run(self, write: Callable[..., Result], *arguments: Any) -> Result | None:
        """Call the function, and return what it does; None where it raises, takes more than `wait` seconds, or an
        earlier one still hangs."""
        if self._writing is not None and not self._writing.done():
            log.warning("%s: left out, since an earlier write still waits for an answer", self._name)
            return None
        try:
            self._writing = writing = self._pool.submit(write, *arguments)
            return writing.result(self._wait)
        # The work is done and acknowledged: nothing that goes wrong here may have it done again.
        except Exception as fault:  # noqa: BLE001
            log.warning("%s: left out: %s: %s", self._name, type(fault).__name__, fault)
            return None

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix=f"slips-{self._name}")
