"""The invocations that run and those that ended: they tell whether anything is left to do, and what hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """The invocations of several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, tuple[str, float]] = {}
        self._ended = 0
        self._succeeded_at = time.monotonic()
        self._failure = ""

    @property
    def ended(self) -> int:
        """The number of invocations that ended. What they put into lanes and topics is visible to later reads."""
        return self._ended

    @property
    def running(self) -> dict[str, float]:
        """The functions that run, with the seconds since they began."""
        with self._lock:
            return {function: time.monotonic() - begun for function, begun in self._running.values()}

    @property
    def idle_seconds(self) -> float:
        """The seconds since an invocation of work succeeded."""
        return time.monotonic() - self._succeeded_at

    def describe(self) -> str:
        """Describe what runs, or how the last invocation failed; empty if neither."""
        hanging = [f"{function} has been running for {seconds:.0f} s" for function, seconds in self.running.items()]
        return "; ".join(hanging) or self._failure

    @contextmanager
    def invocation(self, function: str, *, is_work: bool = True) -> Iterator[None]:
        """Record an invocation, and an exception as its failure. One that is not of work, but of a schedule, succeeds
        or fails whether there is progress or not: it counts as neither."""
        me = threading.get_ident()
        with self._lock:
            self._running[me] = (function, time.monotonic())
        failure = "it was interrupted"
        try:
            yield
            failure = ""
        except BaseException as fault:
            cause = fault.__cause__ or fault
            failure = f"{function} raised {type(cause).__name__}: {cause}"
            raise
        finally:
            self._end(me, failure, is_work=is_work)

    def _end(self, me: int, failure: str, *, is_work: bool) -> None:
        with self._lock:
            del self._running[me]
            self._ended += 1
            if is_work:
                self._failure = failure
            if is_work and not failure:
                self._succeeded_at = time.monotonic()
