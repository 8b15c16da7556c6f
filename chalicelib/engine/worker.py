"""One invocation of `process_*`: a batch of a lane's work items, object by object.

Nothing is acknowledged before it is safe: every object's events are delivered and flushed, its failures are in the
ErrorTable and its books in the ledger before the batch returns. It raises only where those cannot be written: then
Kinesis delivers the batch again, and the ledger skips what was done.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import msgspec

from .. import routing
from ..config.typed import Config
from ..errors import SlipsError, StoreError
from ..formats.chain import Chain
from ..model import Books, Lane, Stage, WorkItem
from ..ports import Errors, Lanes, Ledger, Objects, Progress
from ..reader.base import Shape
from ..reader.objects import ObjectReader
from .budget import Budget
from .commit import Commits
from .delivery import FAULTS
from .failures import FailureLog
from .functions import Functions
from .pace import Pace
from .run import ObjectRun

log = logging.getLogger("slips")

Chains = Callable[[Sequence[str]], Chain]
"""From the chain of slips.yml to the compiled one."""


class Crashed(SlipsError):
    """Processing this object ended the Lambda process time and again."""


class UnknownFunction(SlipsError):
    """A drained error is for a function that app.py no longer has."""


class SetupFailed(SlipsError):
    """An `on_setup` function raised, so no event could be delivered."""


class LaneClosed(SlipsError):
    """Work could not be put (back) into its lane."""


class Worker:
    """What stays the same between the invocations of a lane's function."""

    def __init__(
        self,
        config: Config,
        functions: Functions,
        chains: Chains,
        *,
        objects: Objects,
        lanes: Lanes,
        errors: Errors,
        ledger: Ledger,
        args: Callable[[], Mapping[str, Any]] = dict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.functions = functions
        self.chains = chains
        self.objects = objects
        self.lanes = lanes
        self.errors = errors
        self.ledger = ledger
        self.args = args
        self.clock = clock

    def process(self, lane: Lane, items: Sequence[WorkItem], budget: Budget | None = None) -> dict[str, Any]:
        """Process a batch; the answer counts what was done. Raises StoreError: nothing of the batch is acknowledged."""
        return Invocation(self, lane, budget or Budget()).process(items)


class Invocation:
    """One batch."""

    def __init__(self, worker: Worker, lane: Lane, budget: Budget) -> None:
        self._worker = worker
        self._lane: Lane = lane
        self._budget = budget
        self._pace = Pace(worker.clock)
        self._commits = Commits(worker.functions, worker.errors, worker.ledger)
        self._committed_at = worker.clock()
        self._ready: bool | BaseException = False
        self._counts: Counter[str] = Counter()
        self._runs: list[ObjectRun] = []

    def process(self, items: Sequence[WorkItem]) -> dict[str, Any]:
        """Process the items in order, as far as time allows; the rest goes back into the lane."""
        for number, item in enumerate(items):
            # The first one is begun whatever the clock says: a batch without any progress would come back for ever.
            if number and self._is_late():
                self._hand_back(items[number:])
                break
            if not self._process(item):
                self._hand_back(items[number + 1 :])
                break
        self._commit(last=True)
        return self._report()

    def _process(self, item: WorkItem) -> bool:
        """Process an object; False when time ran out in the middle of it."""
        run: ObjectRun | None = None
        try:
            progress = self._worker.ledger.begin(item)
            if progress is None:
                log.info("done before: s3://%s/%s", item.bucket_name, item.object_key)
                return True
            mapping = routing.mapping(self._worker.config, item.ref)
            chain = self._worker.chains(mapping.chain)
            if progress.attempts > self._worker.config.limits.max_attempts:
                raise Crashed(
                    f"{progress.attempts - 1} attempts ended without a checkpoint past {progress.resume_from}"
                )
            run = self._run(item, chain, progress)
            return run is None or self._deliver(run, chain)
        except StoreError:
            raise
        except Crashed as fault:
            self._refuse(item, run, "crash", fault)
        except (SetupFailed, UnknownFunction) as fault:
            self._refuse(item, run, "process", fault)
        except SlipsError as fault:
            self._refuse(item, run, "route", fault)
        # An error of the engine itself must cost this object alone: raised, it would hold up the shard for ever.
        except Exception as fault:
            log.exception("s3://%s/%s", item.bucket_name, item.object_key)
            self._refuse(item, run, "crash", fault)
        return True

    def _run(self, item: WorkItem, chain: Chain, progress: Progress) -> ObjectRun | None:
        """The run of this object, None where no function takes its format."""
        functions = self._worker.functions.of_format(chain.name, item.processors)
        unknown = set(item.processors) - {function.name for function in functions}
        if unknown:
            raise UnknownFunction(f"app.py has no function {', '.join(sorted(unknown))} for {chain.name} any more")
        if not functions:
            self._worker.ledger.finish(item, progress.books, "done")
            return None
        self._set_up()
        return ObjectRun(item, chain, functions, self._lane, self._worker.config.limits, progress)

    def _set_up(self) -> None:
        """Call the `on_setup` functions, once an invocation."""
        if self._ready is False:
            try:
                for hook in self._worker.functions.setup:
                    hook(self._worker.args())
                self._ready = True
            except FAULTS as fault:
                self._ready = fault
        if isinstance(self._ready, BaseException):
            raise SetupFailed(f"on_setup raised {type(self._ready).__name__}: {self._ready}") from self._ready

    def _deliver(self, run: ObjectRun, chain: Chain) -> bool:
        reader = ObjectReader(self._worker.objects, run.item.ref, self._worker.config.limits)
        self._commits.add(run)
        self._runs.append(run)
        shape = Shape(argument=chain.argument, containers=chain.containers)
        with closing(reader.batches(chain.source, shape, run.want())) as batches:
            for _ in run.steps(batches, self._pace):
                if self._is_late():
                    break
                if self._worker.clock() - self._committed_at >= self._worker.config.checkpoint_seconds:
                    self._commit()
        finished = run.state != "started"
        if finished and not self._commits.may_wait:
            self._commit()
        elif not finished:
            self._continue(run)
        self._counts["bytes"] += reader.stored_bytes
        return finished

    def _continue(self, run: ObjectRun) -> None:
        """Write down how far the object is, and put the rest of it into the lane."""
        self._commit()
        rest = msgspec.structs.replace(run.item, resume_from=run.next_position)
        if self._worker.lanes.put(self._lane, [rest]):
            run.fail("dispatch", LaneClosed("the rest of the object could not be put into its lane"))
            self._commits.add(run)
        else:
            self._counts["continued"] += 1

    def _hand_back(self, items: Sequence[WorkItem]) -> None:
        """Put untouched items back into the lane, or, where that fails, into the ErrorTable."""
        for item in self._worker.lanes.put(self._lane, items) if items else []:
            self._refuse(item, None, "dispatch", LaneClosed("the object could not be put back into its lane"))

    def _refuse(self, item: WorkItem, run: ObjectRun | None, stage: Stage, fault: Exception) -> None:
        """The object, or what is left of it, becomes an error item."""
        if run is not None:
            run.fail(stage, fault)
            return
        log.warning("s3://%s/%s: %s: %s", item.bucket_name, item.object_key, stage, fault)
        refused = FailureLog(item, "", self._lane, 0)
        refused.left(stage, fault, item.resume_from)
        self._worker.errors.put(refused.take())
        if stage != "dispatch":
            self._worker.ledger.finish(item, Books(), "failed")
        self._counts["quarantined"] += 1

    def _commit(self, *, last: bool = False) -> None:
        begun = self._worker.clock()
        self._commits.commit(last=last)
        self._committed_at = self._worker.clock()
        self._budget.committed(self._committed_at - begun)

    def _is_late(self) -> bool:
        return self._budget.is_low(self._pace.longest)

    def _report(self) -> dict[str, Any]:
        """What the invocation did, for the log, the metrics and the caller."""
        by_format: Counter[str] = Counter()
        for run in self._runs:
            books = run.segment()
            by_format[run.format] += books.events
            self._counts["objects"] += run.state != "started"
            self._counts["events"] += books.events
            self._counts["delivered"] += sum(each.delivered for each in books.processors.values())
            self._counts["quarantined"] += books.unparsable + sum(e.quarantined for e in books.processors.values())
        counted = ("objects", "events", "delivered", "quarantined", "bytes", "continued")
        results = [as_json(result) for result in self._commits.results]
        return {**{name: self._counts[name] for name in counted}, "by_format": dict(by_format), "results": results}


def as_json(value: Any) -> Any:
    """The value as JSON can hold it: Lambda counts an answer that it cannot write as a failure of the function."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=repr))
