"""What waits is tried again by itself, a few items of a cause first, and nothing of it needs a person."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import RetryLater
from slips.drain.retry import ANSWER_SECONDS, CANARY, MOST, Retrying, next_size
from slips.errors import StoreError, StoreRefused, Unavailable
from slips.quarantine import RetryNote

from ..error_table import NOW
from ..waiting_world import GIVE_UP, WaitingWorld

HOUR = 3600


@pytest.fixture
def world() -> WaitingWorld:
    return WaitingWorld("sends", "other")


def test_what_a_destination_did_not_take_is_delivered_once_when_it_is_back(world: WaitingWorld) -> None:
    sends, other = world.destinations["sends"], world.destinations["other"]
    sends.down_until = NOW + HOUR
    for _ in range(59):
        world.minute(lambda: world.land(3))
    assert {item.state for item in world.items()} == {"waiting"}
    assert other.taken == dict.fromkeys(world.landed, 1)
    assert sends.taken == {}
    minutes = world.until_nothing_waits(10)
    assert minutes <= 6
    assert sends.taken == dict.fromkeys(world.landed, 1)
    assert world.rung == 0
    assert max(report.oldest for report in world.reports) > HOUR - 120


def test_a_few_are_tried_first_and_then_twice_as_many_each_time(world: WaitingWorld) -> None:
    sends = world.destinations["sends"]
    sends.down_until = NOW + 10 * 60
    for _ in range(200):
        world.land()
    released = []
    while world.items() or not released:
        world.minute()
        released.append(world.reports[-1].released)
    assert released[:8] == [0, 3, 3, 3, 3, 3, 3, 3]
    assert released[-8:] == [3, 6, 12, 24, 48, 96, 11, 0] or released[-7:] == [3, 6, 12, 24, 48, 96, 11]


def test_while_the_destination_is_down_few_calls_are_made(world: WaitingWorld) -> None:
    sends = world.destinations["sends"]
    sends.down_until = NOW + HOUR
    for _ in range(100):
        world.land()
    for _ in range(59):
        world.minute()
    assert sends.calls <= 1 + 59 * CANARY


def test_a_destination_that_takes_some_is_given_more_until_it_refuses(world: WaitingWorld) -> None:
    sends = world.destinations["sends"]
    sends.down_until, sends.most_a_minute = NOW + 120, 40
    for _ in range(300):
        world.land()
    world.process()
    minutes = world.until_nothing_waits(90)
    assert minutes < 45
    assert sends.taken == dict.fromkeys(world.landed, 1)
    assert world.rung == 0


def test_one_cause_does_not_hold_up_another() -> None:
    world = WaitingWorld("first", "second")
    world.destinations["first"].down_until = NOW + 2 * HOUR
    world.destinations["second"].down_until = NOW + 90
    for _ in range(50):
        world.land()
    for _ in range(10):
        world.minute()
    assert world.destinations["second"].taken == dict.fromkeys(world.landed, 1)
    assert {item.processor for item in world.items()} == {"first"}
    assert world.reports[-1].causes == 1


def test_after_give_up_a_person_is_told_of_what_was_never_tried_too(world: WaitingWorld) -> None:
    world.destinations["sends"].down_until = NOW + 10 * GIVE_UP
    for _ in range(20):
        world.land()
    world.process()
    world.time.now += GIVE_UP - 120
    world.minute()
    assert (world.rung, len(world.items("waiting"))) == (0, 20)
    world.time.now += 120
    world.minute()
    world.minute()
    assert (world.rung, len(world.items("open"))) == (20, 20)
    item = world.items()[0]
    assert (item.attempts, item.retry_at, item.leased_until) == (1, 0, 0)
    assert world.retry().causes == 0


def test_a_work_that_was_put_twice_is_judged_once(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies between putting and confirming leaves its items to the next one, which puts the same works."""
    world.destinations["sends"].down_until = NOW + 60
    world.land(), world.land()
    real = world.quarantine.record_drain

    def record_twice(drain_id: str, works: Any, most: Any) -> None:
        real(drain_id, works, most)
        real(drain_id, works, most)

    monkeypatch.setattr(world.quarantine, "record_drain", record_twice)
    world.until_nothing_waits(4)


def test_a_cause_that_the_tables_refuse_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    world = WaitingWorld("first", "second", "third")
    for destination in world.destinations.values():
        destination.down_until = NOW + 60
    world.land()
    world.process()
    world.time.now += 120
    broken = sorted(item.fingerprint for item in world.items())[1]
    real = Retrying._retry

    def refuse(self: Retrying, cause: str, *arguments: Any) -> None:
        if cause == broken:
            raise StoreRefused("as planned")
        real(self, cause, *arguments)

    monkeypatch.setattr(Retrying, "_retry", refuse)
    for _ in range(5):
        with pytest.raises(StoreRefused):
            world.retry()
    world.process()
    assert [item.fingerprint for item in world.items()] == [broken]
    assert sum(report.released for report in world.reports) == 2


def test_what_was_done_before_a_table_failed_is_reported(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody would learn that items were given up."""
    world.destinations["sends"].down_until = NOW + 10 * GIVE_UP
    world.land(), world.land()
    world.process()
    world.time.now += GIVE_UP + 60
    give_up, calls = world.quarantine.give_up, itertools.count()

    def fail_at_the_second(request_id: str) -> str:
        if next(calls):
            raise StoreError("the table is down")
        return give_up(request_id)

    monkeypatch.setattr(world.quarantine, "give_up", fail_at_the_second)
    with pytest.raises(StoreError, match="the table is down"):
        world.retry()
    assert world.reports[-1].gave_up.total() == 1


def test_what_waits_does_not_stand_in_the_way_of_new_objects(world: WaitingWorld) -> None:
    """Where the lanes are behind, less is put into them."""
    world.destinations["sends"].down_until = NOW + 60
    for _ in range(200):
        world.land()
    world.minute()
    world.minute()
    world.minute()
    before = world.reports[-1].released
    world.lane_age = 90.0
    world.minute()
    assert (before, world.reports[-1].released) == (6, 3)
    world.lane_age = 45.0
    world.minute()
    assert world.reports[-1].released == 3
    world.lane_age = 0.0
    world.minute()
    assert world.reports[-1].released == 6


def test_with_more_causes_than_time_each_gets_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred functions whose destinations are down, and time for ten of them a minute."""
    world = WaitingWorld(*(f"f{number}" for number in range(100)))
    for destination in world.destinations.values():
        destination.down_until = NOW + 10 * HOUR
    world.land()
    world.process()
    tried: set[str] = set()
    real = Retrying._retry

    def take_five_seconds(self: Retrying, cause: str, *arguments: Any) -> None:
        tried.add(cause)
        real(self, cause, *arguments)
        world.time.now += 4.5

    monkeypatch.setattr(Retrying, "_retry", take_five_seconds)
    minutes = 0
    while len(tried) < 100 and minutes < 120:
        minutes += 1
        world.time.now += 15
        world.retry()
    assert (len(tried), minutes < 80) == (100, True)


def test_as_many_works_of_a_release_are_remembered_as_it_is_judged_by(world: WaitingWorld) -> None:
    for _ in range(3):
        world.quarantine.record_drain("d", [str(number) for number in range(400)], 50)
    assert len(world.quarantine.works_of_drain("d")) == 50


def test_what_is_given_up_is_told_as_a_cause_too(world: WaitingWorld) -> None:
    world.destinations["sends"].down_until = NOW + 10 * GIVE_UP
    world.land()
    world.process()
    assert world.quarantine.take_causes() == []
    world.time.now += GIVE_UP + 1
    report = world.retry()
    assert (dict(report.gave_up), len(world.quarantine.take_causes())) == ({"process": 1}, 1)


def note(size: int = 8) -> RetryNote:
    return RetryNote(cause="c", size=size)


@pytest.mark.parametrize(
    ("verdict", "age", "size", "expected"),
    [
        ("none", 0, 0, CANARY), ("pending", 0, 8, 0), ("unanswered", 0, 8, CANARY), ("failed", 0, 400, CANARY),
        ("partly", 0, 400, 200), ("partly", 0, 4, CANARY), ("succeeded", 0, 8, 16), ("succeeded", 30, 8, 16),
        ("succeeded", 31, 8, 8), ("succeeded", 61, 8, 4), ("succeeded", 61, 4, CANARY), ("succeeded", 0, MOST, MOST),
    ],
)  # fmt: skip
def test_the_size_of_the_next_release(verdict: Any, age: float, size: int, expected: int) -> None:
    assert next_size(note(size), verdict, age) == expected


def test_a_release_that_has_not_ended_is_waited_for_and_put_aside_after_some_minutes(world: WaitingWorld) -> None:
    world.destinations["sends"].down_until = NOW + HOUR
    for _ in range(10):
        world.land()
    world.process()
    world.time.now += 61
    assert world.retry().released == 3  # And no process takes them from their lane.
    for _ in range(ANSWER_SECONDS // 60 - 1):
        world.time.now += 60
        assert world.retry().released == 0
    world.time.now += 60
    assert world.retry().released == 3


def test_two_runs_at_once_release_once(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.destinations["sends"].down_until = NOW + HOUR
    for _ in range(10):
        world.land()
    world.process()
    world.time.now += 61
    real = world.quarantine.note_retry
    second = []

    def race(*args: Any) -> bool:
        monkeypatch.setattr(world.quarantine, "note_retry", real)
        second.append(world.retry().released)
        return real(*args)

    monkeypatch.setattr(world.quarantine, "note_retry", race)
    assert world.retry().released == 0
    assert second == [3]
    assert len(world.lanes.waiting["fast"]) == 3


def die_in(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One run of `slips.retry`, whose process ends where it calls that."""

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(f"slips.drain.{name}", die)
        with pytest.raises(KeyboardInterrupt):
            world.retry()


def test_a_run_that_dies_after_its_note_is_made_up_for(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.destinations["sends"].down_until = NOW + 30
    for _ in range(10):
        world.land()
    world.process()
    world.time.now += 61
    die_in(world, monkeypatch, "retry.Chunks.requeue")
    world.until_nothing_waits(20)
    assert world.destinations["sends"].taken == dict.fromkeys(world.landed, 1)


def test_what_died_between_lane_and_table_is_delivered_and_deleted(
    world: WaitingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.destinations["sends"].down_until = NOW + 30
    for _ in range(3):
        world.land()
    world.process()
    world.time.now += 61
    die_in(world, monkeypatch, "chunk.Chunks._confirm")
    assert {item.state for item in world.items()} == {"draining"}
    world.until_nothing_waits(30)
    assert world.destinations["sends"].taken == dict.fromkeys(world.landed, 1)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("The table does not have the specified index: due", 'it has no index "due"'),
        ("Cannot read from backfilling global secondary index: due", "still building its index"),
    ],
)
def test_without_its_index_it_does_nothing_and_says_so(world: WaitingWorld, message: str, says: str) -> None:
    def refuse(call: Callable[..., Any], **request: Any) -> Any:
        if request["IndexName"] == "due":
            raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "Query")
        return call(**request)

    world.destinations["sends"].down_until = NOW + 30
    world.land()
    world.process()
    world.dynamodb.on["query"] = refuse
    world.time.now += 60
    report = world.retry()
    assert says in report.note
    assert report.released == 0
    assert [item.state for item in world.items()] == ["waiting"]
    assert [row.state for row in world.quarantine.page(_everything(), 10).items] == ["waiting"]
    assert [cause.waiting for cause in world.quarantine.causes(_everything()).causes] == [1]


def _everything() -> Any:
    from slips.quarantine import Filter

    return Filter()


def test_nothing_waits_and_nothing_is_read_but_the_index(world: WaitingWorld) -> None:
    world.dynamodb.calls.clear()
    report = world.retry()
    assert (report.causes, report.oldest) == (0, 0.0)
    assert world.dynamodb.calls == ["query"] * 16


def test_a_listing_says_when_an_item_is_tried_next(world: WaitingWorld) -> None:
    world.destinations["sends"].down_until = NOW + HOUR
    world.land()
    world.process()
    [row] = world.quarantine.page(_everything(), 10).items
    [cause] = world.quarantine.causes(_everything()).causes
    assert (row.state, row.retry_at) == ("waiting", NOW + 61)
    assert (cause.waiting, cause.retry_at, cause.parked) == (1, NOW + 61, 0)


def test_a_person_may_drain_what_waits_before_its_time(world: WaitingWorld) -> None:
    from slips.drain import DrainRequest, drain

    world.destinations["sends"].down_until = NOW + 30
    world.land()
    world.process()
    world.time.now += 31
    report = drain(DrainRequest(), world.quarantine, world.lanes, world.config, world.time() + 20, world.time)
    assert report.drained == 1
    world.worker = world.new_worker()
    world.process()
    assert world.items() == []
    assert world.destinations["sends"].taken == dict.fromkeys(world.landed, 1)


def test_an_item_that_no_lane_took_waits_on(world: WaitingWorld) -> None:
    world.destinations["sends"].down_until = NOW + 30
    world.land()
    world.process()
    world.time.now += 61
    world.lanes.closed = True
    assert world.retry().released == 0
    [item] = world.items()
    assert (item.state, item.claim_id, item.leased_until, item.tries) == ("waiting", "", 0, 1)
    world.lanes.closed = False
    world.until_nothing_waits(10)


def test_the_books_of_the_object_balance_when_all_is_delivered(world: WaitingWorld) -> None:
    from slips.ledger.netting import net_books

    world.destinations["sends"].down_until = NOW + 5 * 60
    item = world.land(4)
    world.process()
    works = world.ledger.of_object(item.bucket_name, item.object_key)
    [net] = net_books(works)
    assert (net.processors["sends"].waiting, net.processors["other"].delivered) == (4, 4)
    world.until_nothing_waits(20)
    works = world.ledger.of_object(item.bucket_name, item.object_key)
    assert {work.from_work for work in works if work.tries == 1} == {item.work_id}
    assert all(work.books.imbalance() == "" for work in works)
    [net] = net_books(works)
    for name in ("sends", "other"):
        books = net.processors[name]
        assert (books.delivered, books.waiting, books.quarantined) == (4, 0, 0)


def test_an_object_store_that_is_down_is_waited_for(world: WaitingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    real = world.objects.open

    def unavailable(ref: Any) -> Any:
        if world.time() < NOW + 10 * 60:
            raise Unavailable("503 SlowDown")
        return real(ref)

    monkeypatch.setattr(world.objects, "open", unavailable)
    for _ in range(30):
        world.land(2)
    world.process()
    assert {(item.state, item.stage, item.error_type) for item in world.items()} == {("waiting", "read", "Unavailable")}
    world.until_nothing_waits(30)
    assert world.rung == 0
    for destination in world.destinations.values():
        assert destination.taken == dict.fromkeys(world.landed, 1)


def test_on_setup_that_fails_for_an_hour_costs_nothing(world: WaitingWorld) -> None:
    def connect(args: object) -> None:
        if world.time() < NOW + HOUR:
            raise RetryLater("the secret is throttled")

    world.functions.setup.append(connect)
    for _ in range(250):
        world.land()
    world.process()
    sizes = sorted((item.state, item.work_items) for item in world.items())
    assert sizes == [("waiting", 50), ("waiting", 100), ("waiting", 100)]
    for _ in range(100):
        world.minute()
        if not world.items():
            break
    assert (world.items(), world.rung) == ([], 0)
    assert world.destinations["sends"].taken == dict.fromkeys(world.landed, 1)
