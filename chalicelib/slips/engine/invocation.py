"""One invocation of `process_*`: a batch of a lane's work items, object by object.

Nothing is acknowledged before it is safe: before the batch returns, the events of every object are delivered and
flushed, its failures are in the ErrorTable and its books in the ledger; what the tables do not take goes back into the
lane. Only where nothing at all could be written does it raise: Kinesis then delivers the batch again, and the ledger
skips what was done.
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
    ReadError,
    SlipsError,
    StoreError,
    StoreRefused,
    UnknownFunction,
)
from ..model import Books, Lane, WorkItem
from ..model.ports import AtWork, FinishedWork, Holder, ObjectStore, Progress
from ..observability import log_context
from ..wording import plural
from .budget import Budget
from .commit import CommitGroup
from .gc_tuning import relaxed_gc
from .lane_return import LaneReturn
from .prefetch import Prefetcher
from .reading import Reading, find_key, same_object
from .run import ObjectRun
from .setup import Setup
from .slices import SliceSizer
from .tally import InvocationTally
from .worker import Worker

log = logging.getLogger("slips")

COMMIT_SECONDS = 1.0
"""How long finished objects wait for a common commit where no function buffers."""
REFUSALS = 2
"""Works that the tables refuse to begin, after which the rest is not tried."""


def process(worker: Worker, lane: Lane, items: Sequence[WorkItem], budget: Budget | None = None) -> dict[str, Any]:
    """Process a batch and return counts of what was done. Raises StoreError: nothing of the batch is acknowledged."""
    with relaxed_gc():
        return Invocation(worker, lane, items, budget or Budget()).process()


class Invocation:
    """One batch."""

    def __init__(self, worker: Worker, lane: Lane, items: Sequence[WorkItem], budget: Budget) -> None:
        worker.functions.reset()
        self._worker = worker
        self._lane: Lane = lane
        self._items = items
        self._budget = budget
        self._sizer = SliceSizer(worker.clock)
        self._tally = InvocationTally(log_objects=worker.config.log_objects)
        self._commits = CommitGroup(worker, self._tally)
        self._committed_at = worker.clock()
        self._setup = Setup(worker)
        self._has_progress = False
        """Whether any event was delivered. Time may run out while an object is read up to where it resumes: handed back
        there, it would come back for ever. Left to Lambda, it comes max_attempts times."""
        self._until = budget.until(worker.now())
        self._lane_return = LaneReturn(worker, lane, self._tally, budget)
        self._at_work_elsewhere: list[WorkItem] = []
        self._not_begun: list[WorkItem] = []
        """What the tables refused to begin."""
        self._faults: list[StoreError] = []
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
            log_context.clear()
            rests = self._make_safe()
            self._lane_return.let_wait(self._setup)
            self._lane_return.hand_back([*rests, *self._not_begun, *untouched])
            waiting = self._at_work_elsewhere
            self._lane_return.leave_to_others(waiting, is_all=len(waiting) == len(self._items))
        except StoreError:
            self._end_prefetcher()
            self._commits.give_back()
            raise
        finally:
            log_context.clear()
        return self._tally.report(self._commits.results)

    def _make_safe(self) -> Sequence[WorkItem]:
        """Commit for the last time. Return what the tables did not take, as work for the lane. Raises StoreError where
        they took nothing."""
        if self._faults:
            self._commits.hand_over()
        try:
            self._commit(last=True)
        except StoreError as fault:
            self._faults.append(fault)
        if not self._faults:
            return ()
        if not self._commits.has_written:
            raise self._faults[0]
        log.error("what the tables refused goes back into the lane: %s", self._faults[0])
        rests = self._commits.take_rests()
        self._tally.continued += len(rests)
        return rests

    def _holder(self, item: WorkItem) -> Holder:
        return Holder(item.record_id, self._until)

    def _end_prefetcher(self) -> None:
        """Tell the ledger that what was begun ahead, and never had its turn, was not attempted."""
        self._give_back(self._prefetcher.close())

    def _give_back(self, begun: Sequence[tuple[WorkItem, Progress]]) -> None:
        self._worker.ledger.give_back([FinishedWork(item, Books(), "", progress.token) for item, progress in begun])

    def _process_in_order(self) -> Sequence[WorkItem]:
        """Process items until time runs out, or the tables take nothing; return those that are left."""
        number = 0
        while number < len(self._items):
            # The first one is begun whatever the clock says: a batch without any progress would come back for ever.
            if number and self._is_late():
                break
            group = same_object(self._items, number)
            number += len(group)
            if self._setup.holds_back(group):
                continue
            try:
                if not self._process(number - len(group), group):
                    break
                self._has_progress = True
            except StoreError as fault:
                if not self._set_aside(group, fault):
                    break
        return self._items[number:]

    def _set_aside(self, group: Sequence[WorkItem], fault: StoreError) -> bool:
        """Note what a table refused. Returns False where the others are not worth a try: each costs the table's whole
        patience."""
        self._faults.append(fault)
        known = {item.work_id for item in self._at_work_elsewhere}
        refused = [item for item in group if not self._commits.holds(item)]
        self._not_begun += [item for item in refused if item.work_id not in known]
        return len(refused) == len(group) and len(self._faults) < REFUSALS

    def _process(self, number: int, items: Sequence[WorkItem]) -> bool:
        """Process an object. Returns False when time ran out in the middle of it."""
        fetched = self._prefetcher.take(number) if len(items) == 1 else None
        begun: list[tuple[WorkItem, Progress]] = []
        try:
            for item in {item.work_id: item for item in items}.values():
                progress = fetched.progress if fetched else self._begin(item)
                if progress is not None:
                    begun.append((item, progress))
            runs = [run for item, progress in begun if (run := self._run(item, progress))]
            return self._read_all(fetched or self._worker.objects, runs)
        except StoreError:
            self._give_back([(item, progress) for item, progress in begun if not self._commits.holds(item)])
            raise

    def _read_all(self, objects: ObjectStore, runs: Sequence[ObjectRun]) -> bool:
        if len(runs) > 1 and any(run.is_suspect or run.needs_headers or run.is_whole for run in runs):
            # Each of them, even when time runs out after the first: it was begun, so it must record how far it is.
            finished = [self._read(objects, [run]) for run in runs]
            return all(finished)
        return self._read(objects, runs) if runs else True

    def _begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt; None where there is nothing to do. What may have crashed the last one is begun alone: all
        before it is then safe; so is what is given in pieces."""
        log_context.bind(item)
        if self._commits.holds(item) or item.split > 1 or item.is_whole_copy:  # The first must be in the ledger.
            self._commit()
        try:
            progress = self._worker.ledger.begin(item, self._holder(item))
        except (ItemUnreadable, StoreRefused) as fault:
            self._lane_return.refuse(item, None, "crash", fault)
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
                ended = plural(progress.attempts - 1, "attempt")
                raise Crashed(f"{ended} ended without a checkpoint past {progress.resume_from}")
            functions = self._worker.functions_for(item, chain)
            if not functions:
                self._worker.ledger.finish([FinishedWork(item, progress.books, "done", progress.token)])
                return None
            item = find_key(item, self._worker.objects)
            limits, pauses, retry = self._worker.config.limits, self._worker.pauses, self._worker.next_try(item)
            return ObjectRun(
                item, chain, functions, self._lane, limits, progress, pauses=pauses, retry=retry,
                on_missing=self._worker.on_missing(item),
            )  # fmt: skip
        except (StoreError, *ENDS):
            raise
        except Crashed as fault:
            self._tally.crashed += 1
            self._lane_return.refuse(item, progress, "crash", fault)
        except UnknownFunction as fault:
            self._lane_return.refuse(item, progress, "process", fault)
        except SlipsError as fault:
            self._lane_return.refuse(item, progress, "read" if isinstance(fault, ReadError) else "route", fault)
        # An error of the engine itself must cost this object alone: raised, it would hold up the shard for ever.
        except BaseException as fault:
            log.exception("s3://%s/%s", item.bucket_name, item.object_key)
            self._lane_return.refuse(item, progress, "crash", fault)
        return None

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
        if self._worker.lanes.enqueue(self._lane, [run.rest()]):
            run.fail("dispatch", LaneClosed("the rest of the object could not be put into its lane"))
        else:
            self._commits.forget(run)
            self._tally.continued += 1

    def _commit(self, *, last: bool = False) -> None:
        begun = self._worker.clock()
        self._commits.commit(last=last)
        self._committed_at = self._worker.clock()
        self._budget.record_commit(self._committed_at - begun)

    def _seconds_since_commit(self) -> float:
        return self._worker.clock() - self._committed_at

    def _is_late(self) -> bool:
        return self._budget.is_low(self._sizer.longest)
