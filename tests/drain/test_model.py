"""Ledger, ErrorTable and drain against a model: whatever is interleaved, no event is lost, nobody does another's work.

The tables are in memory (`MemoryDynamoDB`); the worker is one of the test's own, which keeps to the protocol of
`ports.py` and dies where hypothesis likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from slips.drain import DrainRequest, drain
from slips.engine.failures import whole_object
from slips.errors import Killed
from slips.ledger.ledger import DynamoLedger
from slips.model import Books, Failure, Lane, WorkItem
from slips.model.failures import name_failure
from slips.model.ports import AtWork, FinishedWork, Progress, Token
from slips.model.positions import Positions
from slips.quarantine import Filter

from .. import error_table
from ..builders import config, failure, item
from ..ledger_table import create as create_ledger

Event = tuple[str, int]
CHAIN = "s3-lines"
"""What all positions are counted by."""


@dataclass
class Lanes:
    """A lane in memory that can refuse everything, or kill the process that has put something into it."""

    waiting: list[WorkItem] = field(default_factory=list)
    mood: str = ""

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        if self.mood == "refuses":
            return [*items]
        self.waiting += items
        if items and self.mood == "kills":
            raise Killed
        return []


@dataclass
class Run:
    """A worker's hold on an item: `at` is the next record, `failed` what is in no table yet."""

    item: WorkItem
    token: Token
    at: int
    failed: list[int] = field(default_factory=list)


@dataclass
class Known:
    """What the model holds of a unit of work."""

    token: int = 0
    resume_from: int = 1
    is_done: bool = False


class LedgerAndDrain(RuleBasedStateMachine):
    """`client` and the tables are set by the test; the ErrorTable is empty at the end of each run."""

    client: Any
    ledger_table: str
    error_table: str

    def __init__(self) -> None:
        super().__init__()
        self.time = error_table.Time()
        self.errors = error_table.quarantine(self.client, self.error_table, self.time, max_attempts=2)
        self.ledger = DynamoLedger(self.client, self.ledger_table, ttl_days=1, clock=self.time)
        self.lanes = Lanes()
        self.config = config()
        self.name = uuid4().hex
        self.sizes: dict[str, int] = {}
        self.failing: set[Event] = set()
        self.delivered: set[Event] = set()
        self.runs: list[Run] = []
        self.known: dict[str, Known] = {}

    @rule(size=st.integers(1, 6), failing=st.sets(st.integers(1, 6), max_size=3), twice=st.booleans())
    def land(self, size: int, failing: set[int], twice: bool) -> None:
        key = f"{self.name}/{len(self.sizes)}"
        self.sizes[key] = size
        self.failing |= {(key, number) for number in failing}
        self.lanes.waiting += [item(key)] * (2 if twice else 1)

    @precondition(lambda self: self.lanes.waiting)
    @rule()
    def begin(self) -> None:
        work = self.lanes.waiting.pop(0)
        known = self.known.setdefault(work.work_id, Known())
        progress = self.ledger.begin(work)
        assert not isinstance(progress, AtWork)
        assert (progress is None) == known.is_done
        if progress is not None:
            assert progress.resume_from == known.resume_from
            assert progress.token.number == known.token + 1
            known.token = progress.token.number
            at = max(progress.resume_from, work.resume_from)
            self.runs.append(Run(work, progress.token, at))

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 9), records=st.integers(0, 4))
    def checkpoint(self, which: int, records: int) -> None:
        run = self.runs[which % len(self.runs)]
        known = self.known[run.item.work_id]
        self._work(run, records)
        self._keep_failures(run)
        owned = self.ledger.checkpoint(run.item, Progress(run.at, attempts=0, token=run.token, chain=CHAIN))
        assert owned == (known.token == run.token.number and not known.is_done)
        if owned:
            known.resume_from = run.at
        else:
            self.runs.remove(run)

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 9))
    def finish(self, which: int) -> None:
        run = self.runs.pop(which % len(self.runs))
        self._work(run, 99)
        self._keep_failures(run)
        self.ledger.finish([FinishedWork(run.item, Books(), "done", run.token)])
        known = self.known[run.item.work_id]
        known.is_done |= known.token == run.token.number

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 9), records=st.integers(0, 4), stays=st.booleans())
    def die(self, which: int, records: int, stays: bool) -> None:
        """Kinesis delivers again; the process may live on, as a zombie."""
        run = self.runs[which % len(self.runs)]
        self._work(run, records)
        self.lanes.waiting.insert(0, run.item)
        if not stays:
            self.runs.remove(run)

    @rule(limit=st.integers(1, 3), mood=st.sampled_from(("", "", "refuses", "kills")))
    def drain(self, limit: int, mood: str) -> None:
        self.lanes.mood = mood
        with suppress(Killed):
            self._drain(DrainRequest(limit=limit))
        self.lanes.mood = ""

    @rule()
    def leases_end(self) -> None:
        self.time.now += 301

    def teardown(self) -> None:
        """All functions are fixed: work in progress is delivered again, and everything is drained."""
        self.failing.clear()
        for run in self.runs:
            self.lanes.waiting.append(run.item)
        self.runs.clear()
        self._work_off()
        self.time.now += 301
        self._drain(DrainRequest())
        if parked := self._listed():
            self._drain(DrainRequest(ids=tuple(row.request_id for row in parked)))
        self._work_off()
        assert self._listed() == ()
        assert not self.lanes.waiting
        everything = {(key, number) for key, size in self.sizes.items() for number in range(1, size + 1)}
        assert self.delivered == everything

    def _work_off(self) -> None:
        while self.lanes.waiting:
            self.begin()
            while self.runs:
                self.finish(0)

    def _drain(self, request: DrainRequest) -> None:
        self.time.now += 1
        drain(request, self.errors, self.lanes, self.config, self.time.now + 60, self.time)

    def _listed(self) -> tuple[Any, ...]:
        return self.errors.page(Filter(), 500).items

    def _work(self, run: Run, records: int) -> None:
        end = min(run.at + records, self.sizes[run.item.object_key] + 1)
        only = Positions.parse(run.item.positions) if run.item.positions else None
        for number in range(run.at, end):
            event = (run.item.object_key, number)
            if only is not None and (number, None) not in only:
                continue
            if event in self.failing:
                run.failed.append(number)
            else:
                self.delivered.add(event)
        run.at = end

    def _keep_failures(self, run: Run) -> None:
        if run.failed:
            self.errors.record([self._failure(run)])
            run.failed = []

    def _failure(self, run: Run) -> Failure:
        work, positions = run.item, str(Positions([(number, None) for number in run.failed]))
        return failure(
            name_failure(work, CHAIN, "watch_logins", positions, 0),
            argument=(whole_object(work),),
            object_key=work.object_key,
            positions=positions,
            chain=CHAIN,
            attempts=work.attempt + 1,
            failed_at="",
        )


@pytest.fixture
def machine(dynamodb: Any) -> Iterator[type[LedgerAndDrain]]:
    tables = {"ledger_table": create_ledger(dynamodb), "error_table": error_table.create(dynamodb)}
    yield type("Machine", (LedgerAndDrain,), {"client": dynamodb, **tables})
    for table in tables.values():
        dynamodb.delete_table(TableName=table)


def test_no_event_is_lost_and_nobody_does_anothers_work(machine: type[LedgerAndDrain]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_part_of_what_failed_does_not_replace_the_whole(machine: type[LedgerAndDrain]) -> None:
    state = machine()
    state.land(size=2, failing={1, 2}, twice=True)
    state.begin()
    state.begin()
    state.finish(which=1)
    zombie = state.runs[0]
    state._work(zombie, 1)
    state._keep_failures(zombie)
    state.teardown()
