"""One invocation of `process_*`: a batch of a lane's work items, object by object.

Nothing is acknowledged before it is safe: before the batch returns, the events of every object are delivered and
flushed, its failures are in the ErrorTable and its books in the ledger. Only where those cannot be written does it
raise: Kinesis then delivers the batch again, and the ledger skips what was done.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

import msgspec

from ..errors import (
    ENDS,
    Crashed,
    ItemUnreadable,
    LaneClosed,
    SetupFailed,
    SlipsError,
    StoreError,
    StoreRefused,
    UnknownFunction,
)
from ..formats.chain import Chain
from ..model import Books, Lane, Stage, WorkItem
from ..model.ports import AtWork, FinishedWork, Holder, ObjectStore, Progress, find_rest
from ..observability import log_context
from .budget import Budget
from .commit import CommitGroup
from .failures import FailureLog
from .functions import Function
from .gc_tuning import relaxed_gc
from .prefetch import Prefetcher
from .reading import Reading, find_key
from .run import ObjectRun
from .setup import Setup
from .slices import SliceSizer
from .tally import InvocationTally
from .worker import Worker

log = logging.getLogger("slips")

COMMIT_SECONDS = 1.0
"""How long finished objects wait for a common commit where no function buffers."""
LONGEST, MARGIN = 900.0, 1.0
"""Seconds that Lambda lets a function run at most, and by which the clocks of two machines may differ."""
PAUSE, RESERVE = 30.0, 10.0
"""Seconds that an invocation waits at most for work which another has begun, and that it keeps to hand it back."""


def process(worker: Worker, lane: Lane, items: Sequence[WorkItem], budget: Budget | None = None) -> dict[str, Any]:
    """Process a batch and return counts of what was done. Raises StoreError: nothing of the batch is acknowledged."""
    with relaxed_gc():
        return Invocation(worker, lane, items, budget or Budget()).process()


class Invocation:
    """One batch."""

    def __init__(self, worker: Worker, lane: Lane, items: Sequence[WorkItem], budget: Budget) -> None:
        self._worker = worker
        self._lane: Lane = lane
        self._items = items
        self._budget = budget
        self._sizer = SliceSizer(worker.clock)
        self._tally = InvocationTally()
        self._commits = CommitGroup(worker, self._tally)
        self._committed_at = worker.clock()
        self._setup = Setup(worker.functions.setup, worker.args, worker.expire_args)
        self._has_progress = False
        """Whether any event was delivered. Time may run out while an object is read up to where it resumes: handed back
        there, it would come back for ever. Left to Lambda, it comes max_attempts times."""
        self._until = worker.now() + min(budget.remaining(), LONGEST) + MARGIN
        self._at_work_elsewhere: list[WorkItem] = []
        # An object that is begun ahead must not use up its only attempt.
        prefetch = len(items) > 1 and worker.config.limits.max_attempts > 1
        self._prefetcher = Prefetcher(
            items if prefetch else (), worker.ledger, worker.objects, worker.is_read, self._holder
        )

    def process(self) -> dict[str, Any]:
        """Process the items in order, as far as time allows; the rest goes back into the lane."""
        try:
            untouched = self._process_in_order()
            self._end_prefetcher()
            self._hand_back(untouched)
            log_context.clear()
            self._commit(last=True)
            self._leave_to_others()
        except StoreError:
            self._end_prefetcher()
            self._commits.give_back()
            raise
        finally:
            log_context.clear()
        return self._tally.report(self._commits.results)

    def _holder(self, item: WorkItem) -> Holder:
        return Holder(item.record_id, self._until)

    def _leave_to_others(self) -> None:
        """Hand back what others are at work on. Who has nothing else to do waits, so that it does not go round."""
        waiting = self._at_work_elsewhere
        if waiting and len(waiting) == len(self._items):
            seconds = min(item.not_before for item in waiting) - self._worker.now()
            self._worker.sleep(max(0.0, min(seconds, PAUSE, self._budget.remaining() - RESERVE)))
        self._hand_back(waiting)

    def _end_prefetcher(self) -> None:
        """Tell the ledger that what was begun ahead, and never had its turn, was not attempted."""
        fetched = self._prefetcher.close()
        self._worker.ledger.give_back([FinishedWork(each.item, Books(), "", each.progress.token) for each in fetched])

    def _process_in_order(self) -> Sequence[WorkItem]:
        """Process items until time runs out, and return those that are left."""
        number = 0
        while number < len(self._items):
            # The first one is begun whatever the clock says: a batch without any progress would come back for ever.
            if number and self._is_late():
                break
            count = self._count_same_object(number)
            if not self._process(number, self._items[number : number + count]):
                return self._items[number + count :]
            number += count
            self._has_progress = True
        return self._items[number:]

    def _count_same_object(self, number: int) -> int:
        """Count the drained items from `number` on that name positions of one object: it is read once for all."""
        first, count = self._items[number], 1
        if first.error_id and first.positions:
            for item in self._items[number + 1 :]:
                if not (item.error_id and item.positions and item.ref == first.ref):
                    break
                count += 1
        return count

    def _process(self, number: int, items: Sequence[WorkItem]) -> bool:
        """Process an object. Returns False when time ran out in the middle of it."""
        objects: ObjectStore = self._worker.objects
        fetched = self._prefetcher.take(number) if len(items) == 1 else None
        if fetched is not None:
            objects = fetched
        distinct = {item.work_id: item for item in items}.values()
        begun = [(item, fetched.progress if fetched else self._begin(item)) for item in distinct]
        runs = [run for item, progress in begun if progress is not None and (run := self._run(item, progress))]
        if not runs:
            return True
        if len(runs) > 1 and any(run.is_suspect or run.needs_headers or run.is_whole for run in runs):
            # Each of them, even when time runs out after the first: it was begun, so it must record how far it is.
            finished = [self._read(self._worker.objects, [run]) for run in runs]
            return all(finished)
        return self._read(objects, runs)

    def _begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt; None where there is nothing to do. What may have crashed the last one is begun alone: all
        before it is then safe; so is what is given in pieces."""
        log_context.bind(item)
        if self._commits.holds(item) or item.split > 1:  # The ledger must hear of the first before it judges a second.
            self._commit()
        try:
            progress = self._worker.ledger.begin(item, self._holder(item))
        except (ItemUnreadable, StoreRefused) as fault:
            self._refuse(item, None, "crash", fault)
            return None
        if isinstance(progress, AtWork):
            log.info("another invocation is at work on s3://%s/%s", item.bucket_name, item.object_key)
            self._at_work_elsewhere.append(msgspec.structs.replace(item, not_before=math.ceil(progress.until)))
            return None
        if progress is None:
            log.info("done before: s3://%s/%s", item.bucket_name, item.object_key)
        elif progress.attempts > 1:
            self._commit()
        return progress

    def _run(self, item: WorkItem, progress: Progress) -> ObjectRun | None:
        """Make the run of this work; None where there is nothing to do: no function takes it, or it cannot be done."""
        try:
            chain = self._worker.chain(item)
            if progress.attempts > self._worker.config.limits.max_attempts:
                raise Crashed(
                    f"{progress.attempts - 1} attempts ended without a checkpoint past {progress.resume_from}"
                )
            functions = self._functions(item, chain)
            if not functions:
                self._worker.ledger.finish([FinishedWork(item, progress.books, "done", progress.token)])
                return None
            self._setup.call()
            item = find_key(item, self._worker.objects)
            return ObjectRun(item, chain, functions, self._lane, self._worker.config.limits, progress)
        except (StoreError, *ENDS):
            raise
        except Crashed as fault:
            self._tally.crashed += 1
            self._refuse(item, progress, "crash", fault)
        except (SetupFailed, UnknownFunction) as fault:
            self._refuse(item, progress, "process", fault)
        except SlipsError as fault:
            self._refuse(item, progress, "route", fault)
        # An error of the engine itself must cost this object alone: raised, it would hold up the shard for ever.
        except BaseException as fault:
            log.exception("s3://%s/%s", item.bucket_name, item.object_key)
            self._refuse(item, progress, "crash", fault)
        return None

    def _functions(self, item: WorkItem, chain: Chain) -> list[Function]:
        functions = self._worker.functions.of_format(chain.name, item.processors)
        unknown = set(item.processors) - {function.name for function in functions}
        if unknown:
            raise UnknownFunction(f"app.py no longer has a function {', '.join(sorted(unknown))} for {chain.name}")
        return functions

    def _read(self, objects: ObjectStore, runs: Sequence[ObjectRun]) -> bool:
        """Deliver the object to its runs. Returns False when time ran out."""
        reading = Reading(objects, self._worker.config.limits, runs)
        self._commits.add(*runs)
        log_context.bind(runs[0].item)
        begun, are_in_pieces = self._worker.clock(), any(run.is_in_pieces for run in runs)
        try:
            for _ in reading.steps(self._sizer):
                self._has_progress = self._has_progress or any(run.has_moved for run in runs)
                if are_in_pieces and any(run.has_piece for run in runs):
                    self._commits.flush()
                if self._has_progress and self._is_late():
                    break
                if self._seconds_since_commit() >= self._worker.config.checkpoint_seconds:
                    self._commit()
        except (StoreError, *ENDS):
            raise
        except BaseException as fault:
            log.exception("s3://%s/%s", runs[0].item.bucket_name, runs[0].item.object_key)
            for run in runs:
                run.fail("crash", fault)
        for run in runs:
            run.stored_bytes = reading.stored_bytes
        self._tally.add(runs, reading.stored_bytes, self._worker.clock() - begun)
        unfinished = [run for run in runs if run.state == "started"]
        for run in unfinished:
            self._continue(run)
        self._commit_if_due(runs, is_large=objects is self._worker.objects)
        return not unfinished

    def _commit_if_due(self, runs: Sequence[ObjectRun], *, is_large: bool) -> None:
        """Commit, unless it can wait: small objects wait for each other, and where functions buffer all objects do; a
        suspect never waits, nor does what is given in pieces."""
        waits = self._commits.is_buffered or not is_large
        patience = self._worker.config.checkpoint_seconds if self._commits.is_buffered else COMMIT_SECONDS
        is_due = self._commits.is_full or self._seconds_since_commit() >= patience
        if not waits or is_due or any(run.is_suspect or run.is_in_pieces for run in runs):
            self._commit()

    def _continue(self, run: ObjectRun) -> None:
        """Commit, and put the rest of the object into the lane."""
        run.is_handed_over = True
        self._commit()
        if run.state != "started":  # Another invocation has begun it in the meantime, and will finish it.
            return
        rest = msgspec.structs.replace(
            run.item, resume_from=run.next_position, chain=run.counting, suspended=run.suspended, not_before=0
        )
        if self._worker.lanes.enqueue(self._lane, [rest]):
            run.fail("dispatch", LaneClosed("the rest of the object could not be put into its lane"))
        else:
            self._commits.forget(run)
            self._tally.continued += 1

    def _hand_back(self, items: Sequence[WorkItem]) -> None:
        """Put untouched items back into the lane, or, where that fails, into the ErrorTable."""
        for item in self._worker.lanes.enqueue(self._lane, items) if items else []:
            fault = LaneClosed("the object could not be put back into its lane")
            self._refuse(item, None, "dispatch", fault)

    def _refuse(self, item: WorkItem, progress: Progress | None, stage: Stage, fault: BaseException) -> None:
        """Make an error item of the object, or of what is left of it."""
        log.warning("s3://%s/%s: %s: %s", item.bucket_name, item.object_key, stage, fault)
        resume_from, chain = find_rest(item, progress)
        failure_log = FailureLog(item, "", self._lane, 0, chain=chain)
        failure_log.fail_rest(stage, fault, resume_from)
        failures = failure_log.take(self._worker.now)
        self._worker.errors.record(failures)
        self._tally.add_failures(failures)
        if progress is not None:
            self._worker.ledger.finish([FinishedWork(item, progress.books, "failed", progress.token)])
        self._tally.quarantined += 1

    def _commit(self, *, last: bool = False) -> None:
        begun = self._worker.clock()
        self._commits.commit(last=last)
        self._committed_at = self._worker.clock()
        self._budget.record_commit(self._committed_at - begun)

    def _seconds_since_commit(self) -> float:
        return self._worker.clock() - self._committed_at

    def _is_late(self) -> bool:
        return self._budget.is_low(self._sizer.longest)
