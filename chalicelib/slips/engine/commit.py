"""Commits: the moments at which everything delivered so far becomes safe.

The order keeps events from being lost: batches are delivered, `on_flush` sends what functions buffered, the failures go
to the ErrorTable, and only then does the ledger say how far the objects are. A crash before the ledger's write repeats
events, but leaves none out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ENDS, Unbalanced
from ..model import Failure, WorkItem
from ..model.ports import FinishedWork, Progress
from .failures import FailureLog
from .run import ObjectRun
from .tally import InvocationTally
from .worker import Worker

MAX_OBJECTS, MAX_OBJECTS_BUFFERED = 32, 500
"""Finished objects that wait for a common commit at most; more where functions buffer, and want to send it in large
pieces."""

log = logging.getLogger("slips")


class CommitGroup:
    """The runs that the next commit makes safe."""

    def __init__(self, worker: Worker, tally: InvocationTally) -> None:
        self.results: list[Any] = []
        self.is_buffered = bool(worker.functions.flush or worker.functions.result)
        """Whether functions buffer, so that sending together gains something."""
        self._tally = tally
        self._now = worker.now
        self._functions = worker.functions
        self._errors = worker.errors
        self._ledger = worker.ledger
        self._expire_args = worker.expire_args
        self._runs: list[ObjectRun] = []

    def add(self, *runs: ObjectRun) -> None:
        """Add runs, before their events are delivered."""
        self._runs.extend(runs)

    def forget(self, run: ObjectRun) -> None:
        """Leave out a run of which another invocation does the rest."""
        self._runs.remove(run)

    def holds(self, item: WorkItem) -> bool:
        """Whether this very work is among them: it came twice in a batch."""
        return any(run.item.work_id == item.work_id for run in self._runs)

    @property
    def is_full(self) -> bool:
        """Whether enough objects are finished that they should wait no longer."""
        return len(self._runs) >= (MAX_OBJECTS_BUFFERED if self.is_buffered else MAX_OBJECTS)

    def flush(self) -> None:
        """Send what the functions buffered, without a commit: a piece of what failed before is flushed alone."""
        for run in self._runs:
            run.flush_batches()
        if self._functions.flush:
            self._note_flush(_call_hooks(self._functions.flush))

    def _note_flush(self, fault: BaseException | None) -> None:
        for run in self._runs:
            if fault is not None:
                run.fail_unflushed(fault)
            run.note_flush()

    def commit(self, *, last: bool = False) -> None:
        """Make everything delivered so far safe; `last`: at the end of the invocation, with `on_result`.

        Raises StoreError where it cannot be made safe.
        """
        for run in self._runs:
            run.flush_batches()
        fault = _call_hooks(self._functions.flush)
        if last and fault is None:
            fault = _call_hooks(self._functions.result, self.results)
        self._note_flush(fault)
        failures = [failure for run in self._runs for failure in self._take_failures(run)]
        if failures:
            if any(run.is_unauthorized for run in self._runs):
                self._expire_args()
            self._errors.record(failures)
            self._tally.add_failures(failures)
        self._update_ledger()

    def give_back(self) -> None:
        """Tell the ledger that nothing of the runs is safe, through no fault of theirs: they will come again."""
        self._ledger.give_back([_finished(run) for run in self._runs])

    def _take_failures(self, run: ObjectRun) -> list[Failure]:
        """Take the run's failures, and one more where its books do not balance."""
        failures = run.take_failures(self._now)
        imbalance = run.take_imbalance()
        if imbalance:
            self._tally.unbalanced += 1
            books = FailureLog(run.item, run.format, run.lane, 0, chain=run.counting)
            fault = Unbalanced(f"the books of the object do not balance: {imbalance}")
            books.fail_rest("crash", fault, run.first_position)
            failures += books.take(self._now)
        return failures

    def _update_ledger(self) -> None:
        finished = [run for run in self._runs if run.state != "started"]
        if finished:
            self._ledger.finish([_finished(run) for run in finished])
            self._tally.add_finished(finished)
        for run in self._runs:
            progress = Progress(run.next_position, run.books(), attempts=0, token=run.token, chain=run.counting)
            if run.state == "started" and not self._ledger.checkpoint(run.item, progress, is_over=run.is_handed_over):
                run.state = "superseded"
        self._runs = [run for run in self._runs if run.state == "started"]


def _finished(run: ObjectRun) -> FinishedWork:
    return FinishedWork(run.item, run.books(), run.state, run.token)


def _call_hooks(hooks: Sequence[Callable[[], Any]], results: list[Any] | None = None) -> BaseException | None:
    """Call each hook, the later ones too where one fails. Returns the first exception."""
    first: BaseException | None = None
    for hook in hooks:
        try:
            value = hook()
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
            log.error("%s failed: %s: %s", getattr(hook, "__name__", hook), type(fault).__name__, fault)
            first = first or fault
        else:
            if results is not None:
                results.append(value)
    return first
