"""Invocations while S3 throttles, is down, or says nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from slips import Slips
from slips.aws.retry import Deadline
from slips.config.access import S3Access
from slips.config.settings import Limits
from slips.config.settings import Mapping as PrefixMapping
from slips.engine.budget import RESERVE, Budget
from slips.engine.functions import Function, Functions
from slips.engine.invocation import process
from slips.engine.worker import Worker
from slips.formats import registry
from slips.formats.chain import compile_chain
from slips.model import WorkItem, work_item
from slips.model.work_items import decode_work_item
from slips.reader import FRAMER_NAMES
from slips.reader.s3 import S3Objects
from slips.testing import MemoryLedger

from ..builders import config, legacy_item
from ..doubles import RecordingErrors, RecordingLanes
from ..error_table import Time
from ..fake_s3 import FakeS3, patient, refused
from ..steps.world import AtOnce, in_one_thread

OBJECTS = 100


class Lane:
    """Objects in a lane, and a function that takes their events."""

    def __init__(self) -> None:
        self.time = Time(0.0)
        self.s3 = FakeS3(self.time)
        self.deadline = Deadline()
        self.lanes, self.errors, self.ledger = RecordingLanes(), RecordingErrors(), MemoryLedger()
        self.delivered: list[tuple[str, int]] = []
        self.worker = Worker(
            config(mappings=(PrefixMapping(bucket="logs", chain=("s3-lines", "json")),), limits=Limits()),
            Functions(events=[Function(name="take", call=self._take, format="json")]),
            lambda names: compile_chain(names, FRAMER_NAMES, registry.get),
            objects=S3Objects(S3Access({}, self.s3), self.deadline, patient(self.time)),
            lanes=self.lanes,
            errors=self.errors,
            ledger=self.ledger,
            clock=self.time,
            now=self.time,
            sleep=self.time.sleep,
        )

    def _take(self, meta: Any, event: Any) -> None:
        self.delivered.append((meta.source.key, event["n"]))

    def land(self, count: int = OBJECTS, events: int = 3) -> list[WorkItem]:
        """Put objects into S3, and return the work on them."""
        content = b"".join(b'{"n":%d}\n' % n for n in range(events))
        return [work_item(self.s3.put(f"json/{number}", content), "slips-fast") for number in range(count)]

    def process(self, items: list[WorkItem], seconds: float = 900.0) -> dict[str, Any]:
        """Process a batch in an invocation that may take so many seconds."""
        end = self.time.now + seconds
        budget = Budget(lambda: end - self.time.now)
        with (
            in_one_thread(),
            patch("slips.engine.prefetch.WINDOW", 32),
            patch("slips.engine.prefetch.ThreadPoolExecutor", AtOnce),
            self.deadline.during(budget.remaining, budget.reserve),
        ):
            return process(self.worker, "fast", items, budget)


@pytest.fixture
def lane() -> Lane:
    return Lane()


@pytest.mark.parametrize("requests", [1, 9])
def test_a_storm_at_the_beginning_costs_no_object(lane: Lane, requests: int) -> None:
    def fail(number: int, key: str) -> None:
        if number <= requests:
            raise refused()

    items = lane.land()
    lane.s3.fail = fail
    lane.process(items)
    assert (len(lane.delivered), lane.errors.failures, lane.lanes.items) == (3 * OBJECTS, [], [])


@pytest.mark.parametrize("answered", [2, 3, 5])
def test_a_bucket_that_refuses_most_requests_slows_the_invocation_down_and_costs_no_object(
    lane: Lane, answered: int
) -> None:
    def fail(number: int, key: str) -> None:
        if number % answered:
            raise refused()

    items = lane.land()
    lane.s3.fail = fail
    report = lane.process(items)
    assert (lane.errors.failures, len(lane.delivered)) == ([], 3 * report["objects"])
    assert len(lane.delivered) + 3 * len(lane.lanes.items) == 3 * OBJECTS
    assert lane.time.now > 5


def test_an_outage_of_twenty_seconds_is_waited_out(lane: Lane) -> None:
    def fail(number: int, key: str) -> None:
        if lane.time.now < 20:
            raise refused()

    items = lane.land()
    lane.s3.fail = fail
    lane.process(items)
    assert (len(lane.delivered), lane.errors.failures, lane.lanes.items) == (3 * OBJECTS, [], [])
    assert lane.time.now < 30


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_bucket_that_stays_down_holds_the_shard_for_a_minute_or_so(lane: Lane, size: str) -> None:
    def fail(number: int, key: str) -> None:
        raise refused()

    items = lane.land()
    if size == "large":  # Each is then read at its turn.
        items = [msgspec.structs.replace(item, object_size=2 << 20) for item in items]
    lane.s3.fail = fail
    lane.process(items)
    assert {failure.error_type for failure in lane.errors.failures} == {"Unavailable"}
    assert {failure.stage for failure in lane.errors.failures} == {"read"}
    assert len(lane.errors.failures) == OBJECTS
    assert len({failure.fingerprint for failure in lane.errors.failures}) == 1
    assert 25 < lane.time.now < 90


def test_an_object_whose_body_falls_silent_is_continued_at_the_deadline(lane: Lane) -> None:
    [item] = lane.land(1, events=200_000)
    lane.s3.silent_from = 700_000
    lane.process([item], seconds=25.0)
    assert lane.errors.failures == []
    [rest] = lane.lanes.items
    assert rest.resume_from == len(lane.delivered) + 1 > 1
    assert 25 - RESERVE <= lane.time.now < 25 - RESERVE + 1
    lane.s3.silent_from = None
    lane.process([rest])
    assert [n for _, n in lane.delivered] == list(range(200_000))


def test_an_object_of_which_nothing_came_does_not_come_round_for_ever(lane: Lane) -> None:
    [item] = lane.land(1)
    lane.s3.silent_from = 0
    lane.process([item], seconds=12.0)
    assert lane.lanes.items == []
    [failure] = lane.errors.failures
    assert (failure.error_type, failure.stage, failure.resume_from) == ("OutOfTime", "read", 1)
    assert lane.time.now < 12.0 - RESERVE + 1


def test_behind_what_was_done_an_object_of_which_nothing_came_goes_back_into_the_lane(lane: Lane) -> None:
    items = lane.land(3, events=3)
    items = [msgspec.structs.replace(item, object_size=2 << 20) for item in items]

    def fail(number: int, key: str) -> None:
        if key == "json/1":
            lane.s3.silent_from = 0

    lane.s3.fail = fail
    lane.process(items, seconds=12.0)
    assert lane.errors.failures == []
    assert lane.lanes.keys() == ["json/1", "json/2"]
    assert lane.delivered == [("json/0", n) for n in range(3)]


def test_a_key_is_not_taken_for_another_while_s3_does_not_answer(lane: Lane) -> None:
    item = decode_work_item(msgspec.json.encode(legacy_item("json/a%2Bb")))

    def fail(number: int, key: str) -> None:
        raise refused() if lane.time.now < 40 else refused("NoSuchKey", 404)

    lane.s3.fail = fail
    lane.process([item])
    [failure] = lane.errors.failures
    assert (failure.error_type, failure.stage) == ("Unavailable", "read")


def test_reading_knows_how_much_time_an_invocation_of_lambda_has_for_it(
    slips: Slips, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[float] = []

    def look(worker: Worker, *_: object) -> dict[str, Any]:
        objects: Any = worker.objects
        left.append(objects._deadline.left_for_work())
        return {"results": []}

    monkeypatch.setattr("slips.engine.invocation.process", look)
    monkeypatch.setattr("slips.ledger.counters.WAIT", 1e6)  # Nothing is counted.
    slips.process_fast(
        SimpleNamespace(
            to_dict=lambda: {"Records": []}, context=SimpleNamespace(get_remaining_time_in_millis=lambda: 20_000)
        )
    )
    assert left == [20.0 - RESERVE]
    assert slips.deadline.left_for_work() == float("inf")


def test_what_commits_take_is_kept_for_the_end() -> None:
    budget = Budget(lambda: 100.0)
    assert budget.reserve() == RESERVE
    budget.record_commit(20.0)
    assert budget.reserve() == 40.0
    assert (budget.is_low(59.0), budget.is_low(61.0)) == (False, True)
