"""Commits: the moments at which everything delivered so far becomes safe.

The order keeps events from being lost: batches are delivered, `on_flush` sends what functions buffered, the failures go
to the ErrorTable, and only then does the ledger say how far the objects are. A crash before the ledger's write repeats
events, but leaves none out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ENDS, BooksUnwritten, StoreError, Unbalanced
from ..model import Failure, WorkItem
from ..model.ports import FinishedWork, Progress
from .failed_events import sort_out
from .failures import FailureLog
from .functions import FlushHook
from .run import ObjectRun
from .tally import InvocationTally
from .worker import Worker

MAX_OBJECTS, MAX_OBJECTS_BUFFERED = 25, 500
"""Finished objects that wait for a common commit at most: as many as a request of the ledger takes. More where
functions buffer, and want to send it in large pieces."""

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
        self._unrecorded: list[tuple[ObjectRun, list[Failure]]] = []
        """What the ErrorTable has not yet taken."""
        self._unwritten: set[str] = set()
        """The works of those runs of which the ledger did not take the last commit."""
        self.has_written = False
        """Whether the ledger took anything."""

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
            self._note_flush(self._call_flush())

    def _call_flush(self) -> list[tuple[FlushHook, BaseException]]:
        """Call each `on_flush`, the later ones too where one fails. Returns those that failed, and of what."""
        calls = ((hook, _call_hooks([hook.call])) for hook in self._functions.flush)
        return [(hook, fault) for hook, fault in calls if fault is not None]

    def _note_flush(self, failed: Sequence[tuple[FlushHook, BaseException]]) -> None:
        """A hook that failed concerns the functions whose events it sends; those events alone that it names."""
        whole: list[tuple[FlushHook, BaseException]] = []
        for hook, fault in failed:  # What is named first: of what fails whole, the rest is left.
            cause, by_delivery = sort_out(fault, hook.of)
            whole += [(hook, cause)] if cause is not None else []
            for run in self._runs if by_delivery else ():
                run.fail_events(by_delivery)
        for run in self._runs:
            for hook, cause in whole:
                run.fail_unflushed(cause, hook.of)
            run.note_flush()

    def commit(self, *, last: bool = False) -> None:
        """Make everything delivered so far safe; `last`: at the end of the invocation, with `on_result`.

        Raises StoreError where not all of it can be made safe. What cannot stays for the next commit.
        """
        for run in self._runs:
            run.flush_batches()
        failed = self._call_flush()
        if last and not failed:
            fault = _call_hooks(self._functions.result, self.results)
            failed += [(FlushHook(call=self._functions.result[0]), fault)] if fault is not None else []
        self._note_flush(failed)
        self._unwritten = {run.item.work_id for run in self._runs}
        faults: list[StoreError] = []
        for write in (self._record_failures, self._finish, self._checkpoint):
            try:
                write()
            except StoreError as error:
                faults.append(error)
        if faults:
            raise faults[0]

    def hand_over(self) -> None:
        """Let other records go on with what is not finished, from the next commit on."""
        for run in self._runs:
            run.is_handed_over = True

    def take_rests(self) -> list[WorkItem]:
        """Return what is left to do of the runs, as the last commit left them. Where their failures are not safe, that
        is everything since the last checkpoint; else it is what comes after, if only to tell the ledger of it."""
        unrecorded = {run.item.work_id for run, _ in self._unrecorded}
        runs, self._runs = self._runs, []
        self._ledger.give_back([_finished(run) for run in runs if run.item.work_id in self._unwritten])
        return [
            run.item
            if run.item.work_id in unrecorded
            else run.rest(is_in_ledger=run.item.work_id not in self._unwritten)
            for run in runs
        ]

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

    def _record_failures(self) -> None:
        for run in self._runs:
            if failures := self._take_failures(run):
                self._unrecorded.append((run, failures))
        failures = [failure for _, each in self._unrecorded for failure in each]
        if failures:
            if any(run.is_unauthorized for run, _ in self._unrecorded):
                self._expire_args()
            self._errors.record(failures)
            self._tally.add_failures(failures)
        self._unrecorded.clear()

    def _finish(self) -> None:
        finished = [run for run in self._safe_runs() if run.state != "started"]
        if not finished:
            return
        fault: BooksUnwritten | None = None
        try:
            self._ledger.finish([_finished(run) for run in finished])
        except BooksUnwritten as error:
            fault = error
        written = [run for run in finished if fault is None or run.item.work_id not in fault.works]
        self._note_written(written)
        self._tally.add_finished(written)
        self._runs = [run for run in self._runs if run.state == "started" or run.item.work_id in self._unwritten]
        if fault is not None:
            raise fault

    def _checkpoint(self) -> None:
        for run in self._safe_runs():
            if run.state == "started":
                progress = Progress(run.next_position, run.books(), attempts=0, token=run.token, chain=run.counting)
                if not self._ledger.checkpoint(run.item, progress, is_over=run.is_handed_over):
                    run.state = "superseded"
                self._note_written([run])
        self._runs = [run for run in self._runs if run.state != "superseded"]

    def _safe_runs(self) -> list[ObjectRun]:
        """The runs of which the ErrorTable has all failures."""
        unrecorded = {run.item.work_id for run, _ in self._unrecorded}
        return [run for run in self._runs if run.item.work_id not in unrecorded]

    def _note_written(self, runs: Sequence[ObjectRun]) -> None:
        self._unwritten.difference_update(run.item.work_id for run in runs)
        self.has_written = self.has_written or bool(runs)


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
