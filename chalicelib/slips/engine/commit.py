"""Commits: the moments at which everything delivered so far becomes safe.

The order is what keeps events from being lost: batches are delivered, `on_flush` sends what functions buffered, the
failures go to the ErrorTable, and only then does the ledger say how far the objects are. A crash before the ledger's
write repeats events; none is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import Unbalanced
from ..model import Failure, WorkItem
from ..model.ports import Errors, FinishedWork, Ledger, Progress
from .delivery import FAULTS
from .failures import FailureLog
from .functions import Functions
from .run import ObjectRun
from .tally import InvocationTally

TOGETHER, TOGETHER_FLUSHED = 32, 500
"""Finished objects that wait for a common commit at most; more where functions have something to flush, and would like
to send it in large pieces."""

log = logging.getLogger("slips")


class Commits:
    """The runs whose events are not safe yet."""

    def __init__(self, functions: Functions, errors: Errors, ledger: Ledger, tally: InvocationTally) -> None:
        self.results: list[Any] = []
        self._tally = tally
        self._functions = functions
        self._errors = errors
        self._ledger = ledger
        self._open: list[ObjectRun] = []
        self._most = TOGETHER_FLUSHED if functions.flush or functions.result else TOGETHER

    def add(self, *runs: ObjectRun) -> None:
        """Events of these runs are about to be delivered."""
        self._open.extend(runs)

    def forget(self, run: ObjectRun) -> None:
        """The rest of this run is another invocation's."""
        self._open.remove(run)

    def holds(self, item: WorkItem) -> bool:
        """Whether this very work is among them: it came twice in a batch."""
        return any(run.item.work_id == item.work_id for run in self._open)

    @property
    def is_due(self) -> bool:
        """Whether so many objects are finished that they should not wait any longer."""
        return len(self._open) >= self._most

    @property
    def flushes(self) -> bool:
        """Whether functions buffer, so that sending together gains something."""
        return self._most == TOGETHER_FLUSHED

    def commit(self, *, last: bool = False) -> None:
        """Make everything delivered so far safe; `last` at the end of the invocation, with `on_result`.

        Raises StoreError where it cannot be made safe.
        """
        for run in self._open:
            run.flush_batches()
        fault = _called(self._functions.flush)
        if last and fault is None:
            fault = _called(self._functions.result, self.results)
        if fault is not None:
            for run in self._open:
                run.fail_unflushed(fault)
        failures = [failure for run in self._open for failure in _failures(run)]
        if failures:
            self._errors.record(failures)
            self._tally.failed(failures)
        self._write_down()

    def give_back(self) -> None:
        """Nothing of the open runs is safe, through no fault of theirs: they will come again."""
        self._ledger.give_back([_ended(run) for run in self._open])

    def _write_down(self) -> None:
        ended = [run for run in self._open if run.state != "started"]
        if ended:
            self._ledger.finish([_ended(run) for run in ended])
            self._tally.ended(ended)
        for run in self._open:
            progress = Progress(run.next_position, run.books(), attempts=0, token=run.token)
            if run.state == "started" and not self._ledger.checkpoint(run.item, progress):
                run.state = "superseded"
            run.commit()
        self._open = [run for run in self._open if run.state == "started"]


def _ended(run: ObjectRun) -> FinishedWork:
    return FinishedWork(run.item, run.books(), run.state, run.token)


def _called(hooks: Sequence[Callable[[], Any]], results: list[Any] | None = None) -> BaseException | None:
    """Call each hook, the later ones too where one fails; the answer is the first fault."""
    first: BaseException | None = None
    for hook in hooks:
        try:
            value = hook()
        except FAULTS as fault:
            log.error("%s failed: %s: %s", getattr(hook, "__name__", hook), type(fault).__name__, fault)
            first = first or fault
        else:
            if results is not None:
                results.append(value)
    return first


def _failures(run: ObjectRun) -> list[Failure]:
    """The run's failures, and one more where its books do not balance."""
    failures = run.take_failures()
    wrong = run.imbalance or (run.segment().imbalance() if run.state != "started" else "")
    if wrong:
        run.imbalance = ""
        books = FailureLog(run.item, run.format, run.lane, 0)
        books.fail_rest("crash", Unbalanced(f"the books of the object do not balance: {wrong}"), run.first_position)
        failures += books.take()
    return failures
