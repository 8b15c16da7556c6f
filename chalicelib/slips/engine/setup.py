"""The `on_setup` functions: called once an invocation, before its first event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..errors import ENDS, SetupFailed, message_of
from ..model import Failure, WorkItem, digest, fingerprint
from ..model.utc import iso
from .failures import set_waiting
from .fault_kinds import passes_by_itself
from .frames import format_traceback, innermost_line
from .retries import Retry
from .worker import Worker

QUIET_TRIES: Final = 3
"""Tries of what does not pass by itself, until a person is told of each: it goes on waiting, since the next deployment
may mend it."""

log = logging.getLogger("slips")


class Setup:
    """The hooks of an invocation, and the work that waits because one of them failed."""

    def __init__(self, worker: Worker) -> None:
        self.held: list[WorkItem] = []
        """Work that is not begun."""
        self.fault: SetupFailed | None = None
        self._is_read = worker.is_read
        self._hooks = worker.functions.setup
        self._args = worker.args
        self._expire_args = worker.expire_args
        self._is_done = not self._hooks

    def holds_back(self, items: Sequence[WorkItem]) -> bool:
        """Call the hooks before the first work that a function takes. Return whether this is to wait, since one of them
        has failed."""
        if self._is_done and self.fault is None:
            return False
        if not any(self._is_read(item) for item in items):
            return False
        if not self._is_done:
            self._call()
        if self.fault is not None:
            self.held += items
        return self.fault is not None

    def _call(self) -> None:
        self._is_done = True
        try:
            self._set_up()
        except ENDS:
            raise
        except BaseException as cause:  # noqa: BLE001 - see errors.ENDS
            self.fault = SetupFailed(f"on_setup raised {type(cause).__name__}: {message_of(cause)}")
            self.fault.__cause__ = cause

    def _set_up(self) -> None:
        """Call the hooks, and all of them once more where one fails and a secret has been rotated."""
        args = self._args()
        try:
            self._call_hooks(args)
        except ENDS:
            raise
        except BaseException as fault:
            self._expire_args()
            fresh = self._args()
            if fresh == args:
                raise
            log.warning(
                "on_setup raised %s: %s; called again, because a secret has changed", type(fault).__name__, fault
            )
            self._call_hooks(fresh)

    def _call_hooks(self, args: Mapping[str, Any]) -> None:
        for hook in self._hooks:
            hook(args)


def setup_failures(
    items: Sequence[WorkItem], fault: SetupFailed, lane: str, next_try: Callable[[WorkItem], Retry | None], now: float
) -> list[Failure]:
    """Make one failure of all work that was not begun, and one more for each number of tries that is behind some of
    it: an item of many objects comes back as many objects."""
    groups: dict[tuple[int, int], list[WorkItem]] = {}
    for item in items:
        groups.setdefault((item.tries, item.waiting_since), []).append(item)
    passes = passes_by_itself(fault)
    failures = []
    for group in groups.values():
        failure, retry = _setup_failure(group, fault, lane, now), next_try(group[0])
        if retry is not None:
            failure = set_waiting(failure, retry, now, rings=not passes and retry.number > QUIET_TRIES)
        failures.append(failure)
    return failures


def _setup_failure(items: Sequence[WorkItem], fault: SetupFailed, lane: str, now: float) -> Failure:
    first, cause = items[0], fault.__cause__ or fault
    return Failure(
        request_id=digest("setup", *(item.work_id for item in items)),
        argument=tuple(items),
        stage="process",
        error_type=type(fault).__name__,
        error_message=str(fault),
        traceback=format_traceback(cause, limit=-20),
        event_time=first.event_time,
        failed_at=iso(now),
        bucket_name=first.bucket_name,
        object_key=first.object_key,
        object_size=first.object_size,
        lane=lane,
        failed_count=len(items),
        fingerprint=fingerprint("process", "", "", type(cause).__qualname__, *innermost_line(cause.__traceback__)),
        attempts=max(item.attempt for item in items) + 1,
        untouched=True,
    )
