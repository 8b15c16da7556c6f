"""What passes by itself waits: the function is given no more, and one item has all that it did not take."""

from __future__ import annotations

import socket
import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from slips import Meta, RetryLater, Slips
from slips.config import Mapping
from slips.drain.requeue import plan_requeue
from slips.engine.fault_kinds import passes_by_itself
from slips.engine.invocation import process
from slips.engine.pauses import Pauses
from slips.engine.retries import PAUSES, Retries, Retry
from slips.engine.worker import Worker
from slips.errors import LaneClosed, ParseError, TooMany, Unavailable
from slips.model import Failure, WorkItem, work_item
from slips.quarantine import ErrorItem
from slips.testing import SlipsTester

from .conftest import MakeSlips

LATER = RetryLater("search answers 429", after=30)
GIVE_UP = 12 * 3600


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(1, count + 1)]


@pytest.fixture
def wired(slips: Slips) -> Slips:
    """A Slips whose app.py tries again what waits."""
    slips.app.schedule("rate(1 minute)")(slips.retry)
    return slips


def raise_at(*numbers: int, fault: BaseException = LATER) -> Callable[[Meta, Any], None]:
    def function(meta: Meta, event: Any) -> None:
        if event["n"] in numbers:
            raise fault

    return function


def read_on(meta: Meta, event: Any) -> None:
    """Where no function takes any more, the object is not read on."""


def describe(failures: list[Failure]) -> list[tuple[str, str, int]]:
    return sorted((each.processor, each.positions, each.resume_from) for each in failures)


class TestRetryLater:
    def test_gives_the_function_no_more_and_the_others_go_on(self, wired: Slips) -> None:
        wired.on_format("json")(raise_at(3))

        @wired.on_format("json")
        def other(meta: Meta, event: Any) -> None: ...

        before = time.time()
        outcome = SlipsTester(wired).lines("json", numbered(5))
        outcome.check()
        assert outcome.errors == []
        [waiting] = outcome.waiting
        assert (waiting.processor, waiting.resume_from, waiting.error_type) == ("function", 3, "RetryLater")
        assert (waiting.error_message, waiting.attempts, waiting.tries) == ("search answers 429", 0, 1)
        assert before + 30 <= waiting.retry_at <= time.time() + 61
        assert before - 1 <= waiting.waiting_since <= time.time()
        assert [event["n"] for _, event in outcome.events["function"]] == [1, 2, 3]
        assert msgspec.to_builtins(outcome.books.processors["function"]) == {
            "delivered": 2, "filtered": 0, "quarantined": 0, "waiting": 3,
        }  # fmt: skip
        assert outcome.books.processors["other"].delivered == 5
        assert outcome.books.waits_for == [waiting.fingerprint]
        assert outcome.books.imbalance() == ""
        assert (outcome.report["waiting"], outcome.report["quarantined"], outcome.report["by_stage"]) == (3, 0, {})

    @pytest.mark.parametrize("limit", [1, 100])
    def test_counts_at_once_however_many_errors_an_object_may_have(self, make_slips: MakeSlips, limit: int) -> None:
        slips = make_slips(f"limits: {{errors_per_object: {limit}}}")
        slips.app.schedule("rate(1 minute)")(slips.retry)
        slips.on_format("json")(raise_at(1, 2, 3))
        outcome = SlipsTester(slips).lines("json", numbered(5))
        assert (len(outcome.events["function"]), describe(outcome.waiting)) == (1, [("function", "", 1)])

    def test_of_a_batch_takes_back_the_batch_and_what_was_filtered_since_it_began(self, wired: Slips) -> None:
        @wired.on_format("json", batch=2, where=lambda meta, event: event["n"] not in (2, 5))
        def function(batch: list[tuple[Meta, Any]]) -> None:
            if batch[0][1]["n"] > 3:
                raise LATER

        wired.on_format("json")(read_on)
        outcome = SlipsTester(wired).lines("json", numbered(8))
        assert describe(outcome.waiting) == [("function", "", 4)]
        books = outcome.books.processors["function"]
        assert (books.delivered, books.filtered, books.waiting) == (2, 1, 5)

    def test_of_a_record_of_several_events_keeps_those_that_were_taken(self, wired: Slips) -> None:
        @wired.format("pairs")
        def parse(record: str) -> Iterator[dict[str, Any]]:
            for number in (1, 2, 3):
                yield {"record": record, "n": number}

        @wired.on_format("pairs")
        def function(meta: Meta, event: Any) -> None:
            if event == {"record": "b", "n": 2}:
                raise LATER

        wired.on_format("pairs")(read_on)
        outcome = SlipsTester(wired).lines("pairs", ["a", "b", "c"])
        assert describe(outcome.waiting) == [("function", "", 3), ("function", "2.1,2.2", 0)]
        books = outcome.books.processors["function"]
        assert (books.delivered, books.waiting) == (4, 5)

    def test_of_on_flush_takes_back_all_since_the_last_flush(self, wired: Slips) -> None:
        wired.on_format("json")(raise_at())

        @wired.on_flush
        def flush() -> None:
            raise LATER

        outcome = SlipsTester(wired).lines("json", numbered(5))
        outcome.check()
        assert describe(outcome.waiting) == [("function", "", 1)]
        assert outcome.books.processors["function"].waiting == 5
        assert outcome.books.imbalance() == ""

    def test_of_on_flush_leaves_what_failed_before_to_its_own_item(self, wired: Slips) -> None:
        wired.on_format("json")(raise_at(2, fault=ValueError()))

        @wired.on_flush
        def flush() -> None:
            raise LATER

        outcome = SlipsTester(wired).lines("json", numbered(5))
        assert describe(outcome.errors) == [("function", "2", 0)]
        assert describe(outcome.waiting) == [("function", "1,3-5", 0)]
        books = outcome.books.processors["function"]
        assert (books.quarantined, books.waiting) == (1, 4)

    def test_without_the_function_retry_is_an_open_item(self, slips: Slips) -> None:
        slips.on_format("json")(raise_at(3))
        slips.on_format("json")(read_on)
        outcome = SlipsTester(slips).lines("json", numbered(5))
        assert (outcome.waiting, describe(outcome.errors)) == ([], [("function", "", 3)])
        assert (outcome.errors[0].attempts, outcome.errors[0].retry_at) == (1, 0)
        assert outcome.books.processors["function"].quarantined == 3
        with pytest.raises(RetryLater):
            outcome.check()

    @pytest.mark.parametrize("after", [-1, "soon", float("nan"), 10**6])
    def test_waits_for_a_number_of_seconds(self, after: Any) -> None:
        with pytest.raises(ValueError, match="after is a number of seconds from 0 to 43200"):
            RetryLater("down", after=after)


class TestOnFlushOf:
    def test_concerns_the_events_of_its_functions_alone(self, wired: Slips) -> None:
        @wired.on_format("json")
        def first(meta: Meta, event: Any) -> None: ...

        @wired.on_format("json")
        def second(meta: Meta, event: Any) -> None: ...

        @wired.on_flush(of=[first])
        def flush_first() -> None:
            raise LATER

        @wired.on_flush(of=[second])
        def flush_second() -> None: ...

        outcome = SlipsTester(wired).lines("json", numbered(4))
        assert describe(outcome.waiting) == [("first", "", 1)]
        assert outcome.books.processors["second"].delivered == 4

    @pytest.mark.parametrize("of", [[print], [None], ["first"]])
    def test_names_registered_functions(self, slips: Slips, of: list[Any]) -> None:
        from slips.errors import RegistrationError

        with pytest.raises(RegistrationError, match=r"of=\[…\] lists functions that on_format or on_tag decorates"):
            slips.on_flush(of=of)


class Process:
    """One process of a lane's function, with a clock of its own."""

    def __init__(self, slips: Slips) -> None:
        self.tester, self.now = SlipsTester(slips), 1_000_000.0
        self.worker = Worker(
            msgspec.structs.replace(
                slips.config, mappings=(Mapping(bucket="logs", prefix="json/", chain=("s3-lines", "json")),)
            ),
            slips.functions,
            slips.chain,
            objects=self.tester.objects,
            lanes=self.tester.lanes,
            errors=self.tester.errors,
            ledger=self.tester.ledger,
            retries=Retries(give_up_after=GIVE_UP, jitter=lambda: 0.5),
            clock=self.clock,
            now=self.clock,
        )
        self.worker.pauses._jitter = lambda: 0.5

    def clock(self) -> float:
        return self.now

    def put(self, key: str, lines: int) -> WorkItem:
        content = b"".join(b'{"n":%d}\n' % number for number in range(1, lines + 1))
        return work_item(self.tester.objects.put("logs", f"json/{key}", content), "s")

    def process(self, *items: WorkItem) -> list[Failure]:
        """Process a batch; return the failures that are new."""
        before = self.tester.errors.items.copy()
        process(self.worker, "fast", items)
        return [failure for name, failure in self.tester.errors.items.items() if failure is not before.get(name)]

    def requeue(self, failure: Failure) -> WorkItem:
        fields = {name: getattr(failure, name) for name in failure.__struct_fields__ if hasattr(ErrorItem, name)}
        [(_, item)] = plan_requeue(ErrorItem(**fields), self.worker.config)
        return item


class TestAPausedFunction:
    def test_gets_nothing_of_other_objects_until_it_is_over(self, slips: Slips) -> None:
        calls: list[int] = []

        @slips.on_format("json")
        def function(meta: Meta, event: Any) -> None:
            calls.append(event["n"])
            if world.now < 1_000_030:
                raise LATER

        world = Process(slips)
        failures = world.process(world.put("a", 3), world.put("b", 3), world.put("c", 3))
        assert calls == [1]
        assert sorted(failure.object_key for failure in failures) == ["json/a", "json/b", "json/c"]
        assert {failure.resume_from for failure in failures} == {1}
        assert len({failure.fingerprint for failure in failures}) == 1
        world.now += 29
        assert len(world.process(world.put("d", 1))) == 1
        world.now += 1
        assert world.process(world.put("e", 2)) == []
        assert calls == [1, 1, 2]

    def test_costs_the_other_functions_nothing(self, slips: Slips) -> None:
        slips.on_format("json")(raise_at(1))
        taken: list[int] = []

        @slips.on_format("json")
        def other(meta: Meta, event: Any) -> None:
            taken.append(event["n"])

        world = Process(slips)
        failures = world.process(world.put("a", 2), world.put("b", 3))
        assert taken == [1, 2, 1, 2, 3]
        assert describe(failures) == [("function", "", 1)] * 2

    def test_where_it_is_the_only_one_has_no_object_read(self, slips: Slips) -> None:
        slips.on_format("json")(raise_at(1))
        world = Process(slips)
        world.process(world.put("a", 2))
        item = world.put("b", 2)
        world.tester.objects.contents.clear()
        [failure] = world.process(item)
        assert (failure.error_type, failure.retry_at > world.now) == ("RetryLater", True)
        assert world.tester.ledger.states[item.work_id] == "failed"

    def test_of_an_unknown_length_is_longer_each_time(self) -> None:
        now = [0.0]
        pauses, fault = Pauses(lambda: now[0], jitter=lambda: 0.5), ConnectionError()
        lengths = []
        for _ in range(8):
            pauses.begin("f", fault)
            begun = now[0]
            while pauses.of("f") is fault:
                now[0] += 1
            lengths.append(now[0] - begun)
        assert lengths == [10, 20, 40, 80, 160, 300, 300, 300]
        now[0] += 601
        pauses.begin("f", fault)
        now[0] += 10
        assert pauses.of("f") is None

    def test_is_not_begun_again_by_what_fails_meanwhile(self) -> None:
        now = [0.0]
        pauses = Pauses(lambda: now[0])
        pauses.begin("f", RetryLater("down", after=10))
        now[0] = 9.0
        pauses.begin("f", RetryLater("down", after=10))
        now[0] = 10.0
        assert (pauses.of("f"), pauses.of("g")) == (None, None)


class TestTries:
    def test_are_numbered_and_cost_no_attempt(self, slips: Slips) -> None:
        slips.on_format("json")(raise_at(2))
        world = Process(slips)
        [first] = world.process(world.put("a", 3))
        works, pauses = [], []
        failure = first
        for _ in range(6):
            world.now = failure.retry_at + 100
            works.append(world.requeue(failure))
            [failure] = world.process(works[-1])
            pauses.append(failure.retry_at - world.now)
        assert (failure.request_id, failure.attempts, failure.tries) == (first.request_id, 0, 7)
        assert failure.waiting_since == first.waiting_since
        assert len({work.work_id for work in works}) == 6
        assert {work.from_work for work in works[:1]} == {first.argument[0].work_id}
        assert [round(pause) for pause in pauses] == [151, 376, 1126, 4501, 4501, 4501]

    def test_end_after_some_hours(self, slips: Slips) -> None:
        slips.on_format("json")(raise_at(2))
        world = Process(slips)
        [failure] = world.process(world.put("a", 3))
        world.now = failure.waiting_since + GIVE_UP - 1
        [failure] = world.process(world.requeue(failure))
        assert failure.retry_at
        world.now = failure.waiting_since + GIVE_UP
        [failure] = world.process(world.requeue(failure))
        assert (failure.retry_at, failure.attempts, failure.is_open, failure.gave_up) == (0, 1, True, True)

    def test_of_what_then_fails_otherwise_are_forgotten(self, slips: Slips) -> None:
        fault: list[BaseException] = [LATER]

        @slips.on_format("json")
        def function(meta: Meta, event: Any) -> None:
            if fault:
                raise fault[0]

        world = Process(slips)
        [failure] = world.process(world.put("a", 1))
        world.now += 31
        fault[0] = ValueError()
        [failure] = world.process(world.requeue(failure))
        assert (failure.retry_at, failure.attempts, failure.tries) == (0, 1, 0)
        assert (failure.argument[0].tries, failure.argument[0].waiting_since) == (0, 0)

    @pytest.mark.parametrize(("number", "pause"), [*enumerate(PAUSES, 1), (6, 3600), (99, 3600)])
    def test_come_after_longer_and_longer_pauses(self, number: int, pause: int) -> None:
        assert Retry(number=number, since=0, spread=0.8).at(1000.0) == int(1000 + 0.8 * pause) + 1
        assert Retry(number=number, since=0, spread=1.2).at(1000.0, after=10) >= 1000 + 10

    @pytest.mark.parametrize("jitter", [0.0, 1.0])
    def test_come_not_before_the_function_said(self, jitter: float) -> None:
        item = WorkItem(bucket_name="b", object_key="k")
        retry = Retries(give_up_after=GIVE_UP, jitter=lambda: jitter).next_try(item, 0)
        assert retry is not None
        assert 30 <= retry.at(0.0, after=30.0) <= 47


class TestWhatPassesByItself:
    @pytest.mark.parametrize(
        "fault",
        [
            RetryLater("down"),
            Unavailable("503"),
            LaneClosed("closed"),
            ConnectionRefusedError(),
            TimeoutError(),
            socket.gaierror(8, "name not known"),
            urllib.error.URLError(ConnectionResetError()),
            type("ConnectionTimeout", (Exception,), {})(),
            type("Own", (type("ConnectError", (Exception,), {}),), {})(),
            type("HTTPError", (Exception,), {"status_code": 429})(),
            type("HTTPError", (Exception,), {"response": type("R", (), {"status_code": 503})()})(),
            TooMany(100, ConnectionError(), "down"),
        ],
        ids=repr,
    )
    def test_waits(self, fault: BaseException) -> None:
        assert passes_by_itself(fault)

    def test_also_waits_where_another_exception_says_so(self) -> None:
        outer = ValueError("wrapped")
        outer.__cause__ = ConnectionError()
        assert passes_by_itself(outer)

    @pytest.mark.parametrize(
        "fault",
        [
            ValueError(),
            KeyError("actor"),
            ParseError("no"),
            PermissionError(),
            FileNotFoundError(),
            type("HTTPError", (Exception,), {"status_code": 500})(),
            type("HTTPError", (Exception,), {"status_code": 404})(),
            TooMany(100, KeyError(), "no"),
        ],
        ids=repr,
    )
    def test_needs_a_person(self, fault: BaseException) -> None:
        assert not passes_by_itself(fault)

    def test_is_not_what_was_handled_when_another_fault_was_raised(self) -> None:
        fault = KeyError("actor")
        fault.__context__ = ConnectionError()
        assert not passes_by_itself(fault)

    def test_of_a_function_ends_after_a_few_calls(self, wired: Slips) -> None:
        """Each may take as long as a connection that times out."""
        wired.on_format("json")(raise_at(*range(1, 50), fault=ConnectionError("refused")))
        wired.on_format("json")(read_on)
        outcome = SlipsTester(wired).lines("json", numbered(50))
        assert len(outcome.events["function"]) == 3
        assert describe(outcome.waiting) == [("function", "", 4), ("function", "1-3", 0)]
        assert outcome.books.processors["function"].waiting == 50
        assert outcome.errors == []

    def test_and_what_does_not_are_items_of_their_own(self, wired: Slips) -> None:
        faults: dict[int, BaseException] = {1: ConnectionError("refused"), 2: ValueError("bad")}

        @wired.on_format("json")
        def function(meta: Meta, event: Any) -> None:
            if event["n"] in faults:
                raise faults[event["n"]]

        outcome = SlipsTester(wired).lines("json", numbered(3))
        assert (describe(outcome.waiting), describe(outcome.errors)) == ([("function", "1", 0)], [("function", "2", 0)])
        books = outcome.books.processors["function"]
        assert (books.delivered, books.quarantined, books.waiting) == (1, 1, 1)

    def test_at_one_line_is_another_cause_than_what_does_not(self, wired: Slips) -> None:
        class Answer(Exception):
            status = 0

        @wired.on_format("json")
        def function(meta: Meta, event: Any) -> None:
            fault = Answer()
            fault.status = 503 if event["n"] == 1 else 400
            raise fault

        outcome = SlipsTester(wired).lines("json", numbered(2))
        [waiting], [error] = outcome.waiting, outcome.errors
        assert waiting.fingerprint != error.fingerprint


class TestOnSetup:
    def test_that_fails_has_the_batch_wait_unbegun_in_one_item(self, slips: Slips) -> None:
        @slips.on_setup
        def connect(args: object) -> None:
            if world.now < 1_000_010:
                raise ConnectionError("throttled")

        taken: list[str] = []

        @slips.on_format("json")
        def function(meta: Meta, event: Any) -> None:
            taken.append(meta.source.key)

        world = Process(slips)
        items = [world.put(str(number), 1) for number in range(100)]
        [failure] = world.process(*items)
        assert world.tester.ledger.states == {}
        assert (failure.argument, failure.untouched, failure.attempts) == (tuple(items), True, 0)
        assert (failure.error_type, failure.failed_count, failure.is_open) == ("SetupFailed", 100, False)
        world.now = failure.retry_at
        fields = {name: getattr(failure, name) for name in failure.__struct_fields__ if hasattr(ErrorItem, name)}
        works = [work for _, work in plan_requeue(ErrorItem(**fields), world.worker.config)]
        assert {work.work_id for work in works} == {item.work_id for item in items}
        assert world.process(*works) == []
        assert sorted(taken) == sorted(item.object_key for item in items)

    def test_that_needs_a_deployment_rings_after_the_third_try(self, slips: Slips) -> None:
        @slips.on_setup
        def connect(args: object) -> None:
            raise KeyError("token")

        slips.on_format("json")(raise_at())
        world = Process(slips)
        item, rings = world.put("a", 1), []
        for _ in range(5):
            [failure] = world.process(item)
            rings.append((failure.retry_at > 0, failure.is_open))
            world.now = failure.retry_at
            item = world.requeue(failure)
        assert rings == [(True, False)] * 3 + [(True, True)] * 2

    def test_keeps_apart_what_waited_for_another_time(self, slips: Slips) -> None:
        @slips.on_setup
        def connect(args: object) -> None:
            raise ConnectionError("throttled")

        slips.on_format("json")(raise_at())
        world = Process(slips)
        [failure] = world.process(world.put("a", 1), world.put("b", 1))
        old = world.requeue(msgspec.structs.replace(failure, argument=failure.argument[:1]))
        failures = world.process(old, world.put("c", 1))
        assert sorted((each.tries, len(each.argument)) for each in failures) == [(1, 1), (2, 1)]


def test_each_try_is_work_of_its_own_even_within_a_millisecond(slips: Slips) -> None:
    """The ledger would take the second for the first, and skip it."""
    slips.on_format("json")(raise_at(2))
    world = Process(slips)
    [failure] = world.process(world.put("a", 3))
    again = msgspec.structs.replace(failure, tries=2)
    assert world.requeue(failure).work_id == world.requeue(failure).work_id
    assert world.requeue(failure).work_id != world.requeue(again).work_id
