from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slips.config.settings import Config, Rule
from slips.drain import DrainReport, DrainRequest, drain, run
from slips.drain.chunk import LEASE_SECONDS
from slips.errors import BadRequest, Killed, NotFound
from slips.model import WorkItem, utc
from slips.quarantine import Filter, Quarantine

from .. import error_table
from ..builders import config, failure, item
from ..doubles import RecordingLanes
from ..error_table import NOW, SKEWED, Tapped, Time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


Drain = Callable[..., DrainReport]


@pytest.fixture
def lanes() -> RecordingLanes:
    return RecordingLanes()


@pytest.fixture
def run_drain(quarantine: Quarantine, lanes: RecordingLanes, time: Time) -> Drain:
    """A drain of all items, or of those that are selected, with an hour's time."""

    def call(
        *, to: RecordingLanes = lanes, by: Config | None = None, within: float = 3600, **selected: Any
    ) -> DrainReport:
        report = drain(DrainRequest(**selected), quarantine, to, by or config(), time.now + within, time)
        assert bool(report.drain_id) is (report.drained > 0 and not report.dry_run)
        return msgspec.structs.replace(report, drain_id="")

    return call


def fill(quarantine: Quarantine, count: int, **fields: Any) -> list[str]:
    """Record that many items of as many objects; return their ids, the oldest first."""
    ids = [f"r{n:04}" for n in range(count)]
    quarantine.record(
        [
            failure(request_id, failed_at=utc.iso(NOW - 9000 + n), argument=(item(request_id),), **fields)
            for n, request_id in enumerate(ids)
        ]
    )
    return ids


def remaining_ids(quarantine: Quarantine) -> list[str]:
    return [row.request_id for row in quarantine.page(Filter(), 10_000).items][::-1]


def test_everything_goes_back_into_its_lane_the_oldest_first(
    quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain
) -> None:
    ids = fill(quarantine, 30)
    assert run_drain() == DrainReport(drained=30)
    assert lanes.keys("fast") == ids
    assert remaining_ids(quarantine) == []


def test_each_item_goes_into_its_own_lane(quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain) -> None:
    quarantine.record([failure("a", argument=(item("a"),)), failure("b", argument=(item("b"),), lane="slow")])
    assert run_drain().drained == 2
    assert (lanes.keys("fast"), lanes.keys("slow")) == (["a"], ["b"])


def test_more_items_than_a_chunk_and_a_page_hold_are_drained(
    quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain, tapped: Tapped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 20)
    ids = fill(quarantine, 26)
    tapped.on["query"] = lambda call, **request: call(**request | {"Limit": 2})
    assert run_drain() == DrainReport(drained=26)
    assert lanes.keys() == ids
    assert [len(items) for lane, items in lanes.puts if lane == "fast"] == [20, 6]
    assert remaining_ids(quarantine) == []


@pytest.mark.parametrize(
    "selected", [{"fingerprint": "x"}, {"bucket": "x"}, {"prefix": "x/"}, {"format": "x"}, {"processor": "x"}], ids=str
)
def test_a_filter_takes_what_it_names_and_nothing_else(
    quarantine: Quarantine, run_drain: Drain, selected: dict[str, str]
) -> None:
    fields = {"fingerprint": "x", "bucket_name": "x", "object_key": "x/", "format": "x", "processor": "x"}
    quarantine.record([failure("a"), failure("b", **fields)])
    assert run_drain(**selected).drained == 1
    assert remaining_ids(quarantine) == ["a"]


def test_named_items_go_and_no_others(quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain) -> None:
    fill(quarantine, 4)
    assert run_drain(ids=("r0003", "r0001", "r0003")) == DrainReport(drained=2)
    assert lanes.keys() == ["r0003", "r0001"]
    assert remaining_ids(quarantine) == ["r0000", "r0002"]


def test_an_unknown_id_is_reported(quarantine: Quarantine, run_drain: Drain) -> None:
    fill(quarantine, 1)
    report = run_drain(ids=("none", "r0000"))
    assert report.drained == 1
    assert "none" in report.failed["none"]


def test_a_limit_is_kept_and_the_rest_counted(quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain) -> None:
    ids = fill(quarantine, 10)
    report = run_drain(limit=4)
    assert (report.drained, report.remaining) == (4, 6)
    assert remaining_ids(quarantine) == ids[4:]
    report = run_drain(limit=10, cursor=report.cursor)
    assert (report.drained, report.remaining, report.cursor) == (6, 0, "")
    assert lanes.keys() == ids


def test_a_limit_that_is_just_met_leaves_no_cursor(quarantine: Quarantine, run_drain: Drain) -> None:
    fill(quarantine, 4)
    assert run_drain(limit=4) == DrainReport(drained=4)
    fill(quarantine, 4)
    assert run_drain(ids=("r0001", "r0002"), limit=2) == DrainReport(drained=2)


def test_a_limited_drain_of_named_items_continues_at_its_cursor(
    quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain
) -> None:
    ids = tuple(fill(quarantine, 5))
    report = run_drain(ids=ids, limit=2)
    assert (report.drained, report.remaining) == (2, 3)
    assert run_drain(ids=ids, cursor=report.cursor) == DrainReport(drained=3)
    assert lanes.keys() == [*ids]


def test_a_dry_run_counts_and_changes_nothing(quarantine: Quarantine, lanes: RecordingLanes, run_drain: Drain) -> None:
    ids = fill(quarantine, 5)
    report = run_drain(dry_run=True, limit=3)
    assert (report.drained, report.remaining, report.dry_run) == (3, 2, True)
    assert run_drain(dry_run=True, ids=("none", "r0001")).drained == 1
    assert run_drain(dry_run=True, ids=("none", "r0001")).failed.keys() == {"none"}
    assert lanes.items == []
    assert remaining_ids(quarantine) == ids
    assert {row.state for row in quarantine.page(Filter()).items} == {"open"}


def test_parked_items_go_only_when_named(quarantine: Quarantine, run_drain: Drain) -> None:
    quarantine.record([failure("a", attempts=3), failure("b")])
    assert run_drain() == DrainReport(drained=1, left={"parked": 1})
    assert remaining_ids(quarantine) == ["a"]
    assert run_drain(ids=("a",)) == DrainReport(drained=1)


def test_parked_items_go_when_their_state_is_named(quarantine: Quarantine, run_drain: Drain) -> None:
    quarantine.record([failure("a", attempts=3), failure("b")])
    assert run_drain(state="parked", dry_run=True) == DrainReport(drained=1, dry_run=True)
    assert run_drain(state="parked") == DrainReport(drained=1)
    assert remaining_ids(quarantine) == ["b"]


def test_a_parked_item_whose_drain_was_killed_still_goes_only_when_named(
    quarantine: Quarantine, run_drain: Drain, time: Time
) -> None:
    quarantine.record([failure("a", attempts=3)])
    quarantine.claim("a", "killed", time.now, 60, parked=True)
    time.now += 61
    assert run_drain().drained == 0
    assert run_drain(ids=("a",)).drained == 1


def wait(quarantine: Quarantine, request_id: str, retry_at: float) -> None:
    """Record an item that is tried again by itself."""
    quarantine.record(
        [failure(request_id, argument=(item(request_id),), retry_at=int(retry_at), waiting_since=int(NOW) - 60)]
    )


@pytest.mark.parametrize("selected", [{}, {"ids": ("a", "b", "c", "r0000")}], ids=["all", "named"])
def test_what_waited_is_counted_with_its_next_try(
    quarantine: Quarantine, run_drain: Drain, selected: dict[str, Any]
) -> None:
    fill(quarantine, 1)
    for request_id, seconds in (("a", 900), ("b", 300), ("c", 600)):
        wait(quarantine, request_id, NOW + seconds)
    first = int(NOW) + 300
    expected = DrainReport(drained=4, waiting=3, retry_at=first, dry_run=True)
    assert run_drain(dry_run=True, **selected) == expected
    assert run_drain(**selected) == msgspec.structs.replace(expected, dry_run=False)


def test_each_call_counts_what_waited_of_its_own(
    quarantine: Quarantine, run_drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    for number in range(5):
        wait(quarantine, f"w{number}", NOW + 100 * (number + 1))
    rows = sorted(quarantine.page(Filter()).items, key=lambda row: row.sort_key)
    report = run_drain(limit=3)
    assert (report.waiting, report.retry_at) == (3, min(row.retry_at for row in rows[:3]))
    rest = run_drain(cursor=report.cursor)
    assert (rest.waiting, rest.retry_at) == (2, min(row.retry_at for row in rows[3:]))
    report.add(rest)
    assert (report.drained, report.waiting, report.retry_at, report.remaining) == (5, 5, int(NOW) + 100, 0)


def test_what_waits_on_is_not_counted_as_taken(quarantine: Quarantine, run_drain: Drain) -> None:
    wait(quarantine, "a", NOW + 300)
    wait(quarantine, "b", NOW + 600)
    report = run_drain(to=RecordingLanes(lambda item: item.object_key == "a"))
    assert (report.drained, report.waiting, report.retry_at) == (1, 1, int(NOW) + 600)
    assert [(row.request_id, row.state) for row in quarantine.page(Filter()).items] == [("a", "waiting")]


def test_an_item_that_was_parked_stays_so_where_more_attempts_are_allowed_now(
    table: str, dynamodb: DynamoDBClient, quarantine: Quarantine, lanes: RecordingLanes, time: Time
) -> None:
    quarantine.record([failure("a", attempts=3)])
    patient = Quarantine(dynamodb, table, max_attempts=5, clock=time)
    report = drain(DrainRequest(), patient, lanes, config(), time.now + 3600, time)
    assert report == DrainReport(left={"parked": 1})


def test_an_item_in_the_state_of_a_later_version_is_left_with_that_reason(
    quarantine: Quarantine, run_drain: Drain
) -> None:
    quarantine.record([failure("a"), failure("b")])
    quarantine._table.update("a", "SET #state = :state", "attribute_exists(#request_id)", {":state": "pondering"})
    assert run_drain() == DrainReport(drained=1, left={"newer": 1})
    assert run_drain(ids=("a",)) == DrainReport(drained=1)


# Safety


def test_nothing_is_deleted_before_it_is_in_its_lane(quarantine: Quarantine, run_drain: Drain) -> None:
    ids = fill(quarantine, 3)
    states: list[list[str]] = []

    def note_states(items: Sequence[WorkItem]) -> None:
        states.append([quarantine.get(request_id).state for request_id in ids])

    run_drain(to=RecordingLanes(before=note_states))
    assert states[0] == ["draining"] * 3
    assert remaining_ids(quarantine) == []


def test_an_item_that_its_lane_does_not_take_stays_open(quarantine: Quarantine, run_drain: Drain) -> None:
    ids = fill(quarantine, 4)
    report = run_drain(to=RecordingLanes(lambda item: item.object_key in ids[1:3]))
    assert (report.drained, report.failed.keys(), report.cursor) == (2, {ids[1], ids[2]}, "")
    assert remaining_ids(quarantine) == ids[1:3]
    for request_id in ids[1:3]:
        assert (quarantine.get(request_id).state, quarantine.get(request_id).attempts) == ("open", 1)
    assert run_drain().drained == 2


def test_an_item_of_which_one_object_is_not_taken_stays_whole(quarantine: Quarantine, run_drain: Drain) -> None:
    quarantine.record([failure("a", argument=(item("x"), item("y")))])
    report = run_drain(to=RecordingLanes(lambda item: item.object_key == "y"))
    assert (report.drained, report.failed.keys()) == (0, {"a"})
    assert len(quarantine.get("a").argument) == 2


def test_a_drain_stops_when_the_lanes_take_nothing(
    quarantine: Quarantine, run_drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 3)
    ids = fill(quarantine, 8)
    stuck = RecordingLanes(lambda item: item.object_key in ids[3:])
    report = run_drain(to=stuck)
    assert (report.drained, report.remaining, report.failed.keys()) == (3, 5, set(ids[3:6]))
    assert run_drain(cursor=report.cursor) == DrainReport(drained=5)


def test_a_kill_between_put_and_delete_loses_nothing(
    quarantine: Quarantine, run_drain: Drain, tapped: Tapped, lanes: RecordingLanes, time: Time
) -> None:
    (request_id,) = fill(quarantine, 1)

    def kill(call: Any, **request: Any) -> Any:
        raise Killed

    tapped.on["delete_item"] = kill
    with pytest.raises(Killed):
        run_drain()
    del tapped.on["delete_item"]
    assert quarantine.get(request_id).state == "draining"
    assert run_drain().drained == 0
    time.now += LEASE_SECONDS + 1
    assert run_drain().drained == 1
    first, again = lanes.items
    assert first == again
    assert remaining_ids(quarantine) == []


def test_a_kill_before_the_put_loses_nothing(
    quarantine: Quarantine, run_drain: Drain, lanes: RecordingLanes, time: Time
) -> None:
    def kill(items: Sequence[WorkItem]) -> None:
        raise Killed

    fill(quarantine, 2)
    with pytest.raises(Killed):
        run_drain(to=RecordingLanes(before=kill))
    time.now += LEASE_SECONDS + 1
    assert run_drain().drained == 2
    assert lanes.keys() == ["r0000", "r0001"]


def test_work_that_fails_again_before_it_is_confirmed_stays(quarantine: Quarantine, run_drain: Drain) -> None:
    fill(quarantine, 1)

    def fails_at_once(items: Sequence[WorkItem]) -> None:
        quarantine.record([failure(work.error_id, attempts=work.attempt + 1, argument=(work,)) for work in items])

    assert run_drain(to=RecordingLanes(before=fails_at_once)).drained == 1
    again = quarantine.get("r0000")
    assert (again.attempts, again.state) == (2, "open")
    assert again.first_seen == utc.iso(NOW - 9000)


def test_an_item_that_fails_again_is_not_drained_twice_by_one_drain(
    quarantine: Quarantine, run_drain: Drain, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    fill(quarantine, 6)

    def fails_at_once(items: Sequence[WorkItem]) -> None:
        time.now += 0.01
        now = utc.iso(time.now)
        quarantine.record([failure(work.error_id, attempts=2, failed_at=now, argument=(work,)) for work in items])

    failing = RecordingLanes(before=fails_at_once)
    report = run_drain(to=failing, limit=4)
    assert (report.drained, report.remaining) == (4, 2)
    assert run_drain(to=failing, cursor=report.cursor) == DrainReport(drained=2)
    assert len(failing.items) == len(remaining_ids(quarantine)) == 6


@SKEWED
@pytest.mark.parametrize("size", [2, 400])
def test_a_drain_takes_everything_once_whatever_the_clock_says(
    quarantine: Quarantine, time: Time, monkeypatch: pytest.MonkeyPatch, skew: float, size: int
) -> None:
    """The newest item has just been written; the machine that drains is minutes behind or ahead of that one."""
    monkeypatch.setattr(run, "CHUNK", size)
    ids = fill(quarantine, 3)
    quarantine.record([failure("new", failed_at=utc.iso(time.now), argument=(item("new"),))])

    def fails_at_once(items: Sequence[WorkItem]) -> None:
        time.now += 0.01
        now = utc.iso(time.now)
        quarantine.record([failure(work.error_id, attempts=2, failed_at=now, argument=(work,)) for work in items])

    lanes = RecordingLanes(before=fails_at_once)
    clock = Time(time.now + skew)
    report = drain(DrainRequest(), quarantine, lanes, config(), clock() + 3600, clock)
    assert (report.drained, report.remaining, report.cursor) == (4, 0, "")
    assert lanes.keys() == [*ids, "new"]
    assert sorted(remaining_ids(quarantine)) == ["new", *ids]


@SKEWED
def test_an_item_that_is_refused_fails_once_whatever_the_clock_says(
    quarantine: Quarantine, tapped: Tapped, table: str, time: Time, monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    monkeypatch.setattr(run, "CHUNK", 1)
    quarantine.record([failure("a", stage="route", failed_at=utc.iso(NOW - 9)), failure("b", failed_at=utc.iso(NOW))])
    clock = Time(time.now + skew)
    skewed = error_table.quarantine(tapped, table, clock, ttl_days=90)
    drain(DrainRequest(), skewed, RecordingLanes(), UNROUTED, clock() + 3600, clock)
    refused = quarantine.get("a")
    assert refused.attempts == 2
    assert refused.failed_at == utc.iso(NOW - 9)
    assert refused.expires_at == int(NOW + skew) + 90 * utc.DAY


def test_two_drains_at_once_take_nothing_twice(
    quarantine: Quarantine, lanes: RecordingLanes, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 20)
    ids = fill(quarantine, 100)

    def one(_: int) -> DrainReport:
        return drain(DrainRequest(), quarantine, lanes, config(), time.now + 3600, time)

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(one, range(3)))
    assert sorted(lanes.keys()) == ids
    assert sum(report.drained for report in reports) == 100
    assert not any(report.failed for report in reports)
    assert remaining_ids(quarantine) == []


def test_an_item_that_another_drain_has_claimed_is_left_to_it(
    quarantine: Quarantine, run_drain: Drain, time: Time
) -> None:
    fill(quarantine, 2)
    quarantine.claim("r0000", "other", time.now, 60)
    assert run_drain() == DrainReport(drained=1, left={"claimed": 1})
    report = run_drain(ids=("r0000",))
    assert report.drained == 0
    assert "2026-02-01T00:01:00.000Z" in report.failed["r0000"]
    assert run_drain(ids=("r0000",), dry_run=True).drained == 0


def test_a_claim_whose_lease_has_ended_is_free(quarantine: Quarantine, run_drain: Drain, time: Time) -> None:
    fill(quarantine, 1)
    quarantine.claim("r0000", "other", time.now, 60)
    time.now += 61
    assert run_drain(ids=("r0000",), dry_run=True) == DrainReport(drained=1, dry_run=True)
    assert run_drain() == DrainReport(drained=1)


def test_a_named_item_that_another_drain_claims_first_is_reported(
    quarantine: Quarantine, run_drain: Drain, tapped: Tapped
) -> None:
    def faster(call: Any, **request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")

    fill(quarantine, 1)
    tapped.on["update_item"] = faster
    assert run_drain().failed == {}
    assert "just been claimed" in run_drain(ids=("r0000",)).failed["r0000"]


def test_an_item_that_cannot_even_be_refused_stays_claimed_and_the_others_are_drained(
    quarantine: Quarantine, run_drain: Drain, tapped: Tapped, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(call: Any, **request: Any) -> Any:
        if ":refusals" in request["ExpressionAttributeValues"]:
            raise EndpointConnectionError(endpoint_url="x")
        return call(**request)

    quarantine.record([failure("a", stage="route"), failure("b")])
    tapped.on["update_item"] = unreachable
    assert run_drain(by=UNROUTED).drained == 1
    assert quarantine.get("a").state == "draining"
    assert "a stays claimed" in caplog.text


def test_a_table_that_cannot_be_written_costs_no_item(
    quarantine: Quarantine, run_drain: Drain, tapped: Tapped, time: Time
) -> None:
    def unreachable(call: Any, **request: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="x")

    ids = fill(quarantine, 2)
    tapped.on["update_item"] = unreachable
    assert run_drain().failed.keys() == set(ids)
    del tapped.on["update_item"]
    tapped.on["delete_item"] = unreachable
    report = run_drain()
    assert (report.drained, report.failed.keys()) == (0, set(ids))
    assert remaining_ids(quarantine) == ids


# Time


def test_a_drain_ends_before_its_deadline_and_continues_at_its_cursor(
    quarantine: Quarantine, run_drain: Drain, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    ids = fill(quarantine, 10)

    def slow(items: Sequence[WorkItem]) -> None:
        time.now += 5 if items else 0

    slowly = RecordingLanes(before=slow)
    report = run_drain(to=slowly, within=18)
    assert time.now <= NOW + 18
    assert (report.drained, report.remaining) == (6, 4)
    assert run_drain(to=slowly, cursor=report.cursor).drained == 4
    assert slowly.keys() == ids


def test_without_time_nothing_is_begun(quarantine: Quarantine, run_drain: Drain) -> None:
    fill(quarantine, 2)
    report = run_drain(within=0)
    assert report.drained == 0
    assert run_drain(cursor=report.cursor) == DrainReport(drained=2)


# What was in no lane


UNROUTED = config(routing=(Rule(dest="fast", prefix="none"),))


def test_an_item_without_a_route_is_drained_once_slips_yml_is_fixed(
    quarantine: Quarantine, run_drain: Drain, lanes: RecordingLanes
) -> None:
    quarantine.record([failure("a", stage="route", lane="", positions="", processor="")])
    assert run_drain(by=config(routing=(Rule(dest="slow"),))).drained == 1
    assert lanes.keys("slow") == ["logs/a.gz"]
    assert remaining_ids(quarantine) == []


def test_an_item_that_slips_yml_now_drops_is_deleted(
    quarantine: Quarantine, run_drain: Drain, lanes: RecordingLanes
) -> None:
    quarantine.record([failure("a", stage="route")])
    assert run_drain(by=config(routing=(Rule(dest="drop"),))).drained == 1
    assert lanes.items == []
    assert remaining_ids(quarantine) == []


def test_an_item_that_still_has_no_route_has_failed_once_more(quarantine: Quarantine, run_drain: Drain) -> None:
    quarantine.record([failure("a", stage="route"), failure("b", argument=(item("b"),))])
    report = run_drain(by=UNROUTED)
    assert (report.drained, report.failed.keys(), report.cursor) == (1, {"a"}, "")
    refused = quarantine.get("a")
    assert (refused.state, refused.attempts) == ("open", 2)
    [line] = refused.history
    assert line.endswith(f" not drained: {report.failed['a']}")
    run_drain(by=UNROUTED)
    assert quarantine.get("a").state == "parked"


def test_an_item_that_names_no_object_stays(quarantine: Quarantine, run_drain: Drain) -> None:
    quarantine.record([failure("a", stage="dispatch", argument=(), lane="", sample="an alarm")])
    report = run_drain()
    assert (report.drained, report.failed.keys()) == (0, {"a"})
    assert "names no object" in report.failed["a"]
    refused = quarantine.get("a")
    assert (refused.sample, refused.attempts, len(refused.history)) == ("an alarm", 2, 1)
    assert refused.error_message == "'user'"


def test_an_adopted_item_of_the_class_based_slips_is_drained(
    quarantine: Quarantine, run_drain: Drain, lanes: RecordingLanes, dynamodb: DynamoDBClient, table: str
) -> None:
    argument = (
        '[{"bucket_name": "logs", "object_key": "x", "dest_stream": "slips-slow"},'
        ' {"bucket_name": "logs", "object_key": "y", "dest_stream": "slips-fast"}]'
    )
    dynamodb.put_item(TableName=table, Item={"request_id": {"S": "old"}, "argument": {"S": argument}})
    quarantine.adopt()
    assert run_drain() == DrainReport(drained=1)
    assert (lanes.keys("slow"), lanes.keys("fast")) == (["x"], ["y"])
    with pytest.raises(NotFound):
        quarantine.get("old")


def test_an_item_that_was_not_adopted_goes_when_named(
    quarantine: Quarantine, run_drain: Drain, dynamodb: DynamoDBClient, table: str
) -> None:
    argument = '[{"bucket_name": "logs", "object_key": "x", "dest_stream": "slips-slow"}]'
    dynamodb.put_item(TableName=table, Item={"request_id": {"S": "old"}, "argument": {"S": argument}})
    assert run_drain(ids=("old",)) == DrainReport(drained=1)


# Requests


def test_a_limit_below_one_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match=r"^limit: "):
        DrainRequest(limit=0)


@pytest.mark.parametrize("selected", [{"cursor": "x"}, {"ids": ("a",), "cursor": "eyJhZnRlciI6ImIifQ"}], ids=str)
def test_a_broken_cursor_is_a_bad_request(run_drain: Drain, selected: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        run_drain(**selected)


def test_a_cursor_of_named_items_is_refused_for_a_filter(quarantine: Quarantine, run_drain: Drain) -> None:
    ids = tuple(fill(quarantine, 3))
    cursor = run_drain(ids=ids, limit=1).cursor
    with pytest.raises(BadRequest, match=r"^cursor: "):
        run_drain(cursor=cursor)


@pytest.mark.parametrize("until", ["nonsense", "2026-13-01"])
def test_a_cursor_with_another_time_is_a_bad_request(run_drain: Drain, until: str) -> None:
    from slips.quarantine import Cursor

    with pytest.raises(BadRequest):
        run_drain(cursor=str(Cursor(until=until)))


def test_an_empty_table_drains_nothing(run_drain: Drain) -> None:
    assert run_drain() == DrainReport()


def test_a_slow_table_is_noticed_by_the_clock(dynamodb: DynamoDBClient, table: str) -> None:
    quarantine = error_table.quarantine(dynamodb, table)
    fill(quarantine, 3)
    time = error_table.Ticking()
    report = drain(DrainRequest(), quarantine, RecordingLanes(), config(), time.now + 12, time)
    assert report.drained + report.remaining <= 3
    assert time.now < NOW + 40
