"""The way out of an invocation for work that it does not do: back into its lane, or, where that fails, into the
ErrorTable."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..errors import LaneClosed
from ..model import Lane, Stage, WorkItem
from ..model.ports import FinishedWork, Progress, find_rest
from ..wording import plural
from .budget import Budget
from .failures import FailureLog
from .setup import Setup, setup_failures
from .tally import InvocationTally
from .worker import Worker

PAUSE, RESERVE = 30.0, 10.0
"""Seconds that an invocation waits at most for work which another has begun, and that it keeps to hand it back."""

log = logging.getLogger("slips")


class LaneReturn:
    """Hands work back, and makes error items of what cannot be done."""

    def __init__(self, worker: Worker, lane: Lane, tally: InvocationTally, budget: Budget) -> None:
        self._worker = worker
        self._lane: Lane = lane
        self._tally = tally
        self._budget = budget

    def hand_back(self, items: Sequence[WorkItem]) -> None:
        """Put items back into the lane, or, where that fails, into the ErrorTable. Raises StoreError."""
        for item in self._worker.lanes.enqueue(self._lane, items) if items else []:
            fault = LaneClosed("the object could not be put back into its lane")
            self.refuse(item, None, "dispatch", fault)

    def leave_to_others(self, waiting: Sequence[WorkItem], *, is_all: bool) -> None:
        """Hand back what others are at work on. Where that is all, wait, so that it does not go round."""
        if waiting and is_all:
            seconds = min(item.not_before for item in waiting) - self._worker.now()
            self._worker.sleep(max(0.0, min(seconds, PAUSE, self._budget.remaining() - RESERVE)))
        self.hand_back(waiting)

    def refuse(self, item: WorkItem, progress: Progress | None, stage: Stage, fault: BaseException) -> None:
        """Make an error item of the object, or of what is left of it. Raises StoreError."""
        log.warning("s3://%s/%s: %s: %s", item.bucket_name, item.object_key, stage, fault)
        resume_from, chain = find_rest(item, progress)
        failure_log = FailureLog(item, "", self._lane, 0, chain=chain, retry=self._worker.next_try(item))
        failure_log.fail_rest(stage, fault, resume_from)
        failures = failure_log.take(self._worker.now)
        self._worker.errors.record(failures)
        self._tally.add_failures(failures)
        if progress is not None:
            progress.books.waits_for += [failure.fingerprint for failure in failures if failure.retry_at]
            self._worker.ledger.finish([FinishedWork(item, progress.books, "failed", progress.token)])
        self._tally.quarantined += sum(failure.is_open for failure in failures)

    def let_wait(self, setup: Setup) -> None:
        """Make items of the work that is not begun, since `on_setup` failed. Raises StoreError."""
        if setup.fault is None:
            return
        log.warning("waiting, %s: %s", plural(len(setup.held), "object"), setup.fault)
        failures = setup_failures(setup.held, setup.fault, self._lane, self._worker.next_try, self._worker.now())
        self._worker.errors.record(failures)
        self._tally.add_failures(failures)
        self._tally.quarantined += sum(failure.failed_count for failure in failures if failure.is_open)
