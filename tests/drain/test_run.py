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
from slips.errors import BadRequest, NotFound
from slips.model import WorkItem, utc
from slips.quarantine import Filter, Quarantine

from .. import error_table
from ..builders import config, failure, item
from ..doubles import RecordingLanes
from ..error_table import NOW, Tapped, Time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Killed(BaseException):
    """As if the process ended here."""


Drain = Callable[..., DrainReport]


@pytest.fixture
def lanes() -> RecordingLanes:
    return RecordingLanes()


@pytest.fixture
def drained(quarantine: Quarantine, lanes: RecordingLanes, time: Time) -> Drain:
    """Drains with an hour's time, all or what is asked for."""

    def call(
        *, to: RecordingLanes = lanes, by: Config | None = None, within: float = 3600, **asked: Any
    ) -> DrainReport:
        report = drain(DrainRequest(**asked), quarantine, to, by or config(), time.now + within, time)
        assert bool(report.drain_id) is (report.drained > 0 and not report.dry_run)
        return msgspec.structs.replace(report, drain_id="")

    return call


def fill(quarantine: Quarantine, count: int, **fields: Any) -> list[str]:
    """So many items of as many objects, the oldest first."""
    ids = [f"r{n:04}" for n in range(count)]
    quarantine.record(
        [
            failure(each, failed_at=utc.iso(NOW - 9000 + n), argument=(item(each),), **fields)
            for n, each in enumerate(ids)
        ]
    )
    return ids


def kept(quarantine: Quarantine) -> list[str]:
    return [row.request_id for row in quarantine.page(Filter(), 10_000).items][::-1]


def test_everything_goes_back_into_its_lane_the_oldest_first(
    quarantine: Quarantine, lanes: RecordingLanes, drained: Drain
) -> None:
    ids = fill(quarantine, 30)
    assert drained() == DrainReport(drained=30)
    assert lanes.keys("fast") == ids
    assert kept(quarantine) == []


def test_each_item_goes_into_its_own_lane(quarantine: Quarantine, lanes: RecordingLanes, drained: Drain) -> None:
    quarantine.record([failure("a", argument=(item("a"),)), failure("b", argument=(item("b"),), lane="slow")])
    assert drained().drained == 2
    assert (lanes.keys("fast"), lanes.keys("slow")) == (["a"], ["b"])


def test_more_than_500_items_and_more_than_one_page_go(
    quarantine: Quarantine, lanes: RecordingLanes, drained: Drain, tapped: Tapped
) -> None:
    ids = fill(quarantine, 520)
    tapped.on["query"] = lambda call, **request: call(**request | {"Limit": 10})
    assert drained() == DrainReport(drained=520)
    assert lanes.keys() == ids
    assert [len(items) for lane, items in lanes.puts if lane == "fast"] == [run.CHUNK, 520 - run.CHUNK]
    assert kept(quarantine) == []


@pytest.mark.parametrize("asked", [{"fingerprint": "x"}, {"bucket": "x"}, {"prefix": "x/"}, {"format": "x"}], ids=str)
def test_a_filter_takes_what_it_names_and_no_more(
    quarantine: Quarantine, drained: Drain, asked: dict[str, str]
) -> None:
    quarantine.record([failure("a"), failure("b", fingerprint="x", bucket_name="x", object_key="x/", format="x")])
    assert drained(**asked).drained == 1
    assert kept(quarantine) == ["a"]


def test_named_items_go_and_no_others(quarantine: Quarantine, lanes: RecordingLanes, drained: Drain) -> None:
    fill(quarantine, 4)
    assert drained(ids=("r0003", "r0001", "r0003")) == DrainReport(drained=2)
    assert lanes.keys() == ["r0003", "r0001"]
    assert kept(quarantine) == ["r0000", "r0002"]


def test_a_name_of_nothing_is_told(quarantine: Quarantine, drained: Drain) -> None:
    fill(quarantine, 1)
    report = drained(ids=("none", "r0000"))
    assert report.drained == 1
    assert "none" in report.failed["none"]


def test_a_limit_is_kept_and_the_rest_counted(quarantine: Quarantine, lanes: RecordingLanes, drained: Drain) -> None:
    ids = fill(quarantine, 10)
    report = drained(limit=4)
    assert (report.drained, report.remaining) == (4, 6)
    assert kept(quarantine) == ids[4:]
    report = drained(limit=10, cursor=report.cursor)
    assert (report.drained, report.remaining, report.cursor) == (6, 0, "")
    assert lanes.keys() == ids


def test_a_limit_that_is_just_met_leaves_no_cursor(quarantine: Quarantine, drained: Drain) -> None:
    fill(quarantine, 4)
    assert drained(limit=4) == DrainReport(drained=4)
    fill(quarantine, 4)
    assert drained(ids=("r0001", "r0002"), limit=2) == DrainReport(drained=2)


def test_a_limit_of_named_items_goes_on_from_there(
    quarantine: Quarantine, lanes: RecordingLanes, drained: Drain
) -> None:
    ids = tuple(fill(quarantine, 5))
    report = drained(ids=ids, limit=2)
    assert (report.drained, report.remaining) == (2, 3)
    assert drained(ids=ids, cursor=report.cursor) == DrainReport(drained=3)
    assert lanes.keys() == [*ids]


def test_a_dry_run_counts_and_changes_nothing(quarantine: Quarantine, lanes: RecordingLanes, drained: Drain) -> None:
    ids = fill(quarantine, 5)
    report = drained(dry_run=True, limit=3)
    assert (report.drained, report.remaining, report.dry_run) == (3, 2, True)
    assert drained(dry_run=True, ids=("none", "r0001")).drained == 1
    assert drained(dry_run=True, ids=("none", "r0001")).failed.keys() == {"none"}
    assert lanes.items == []
    assert kept(quarantine) == ids
    assert {row.state for row in quarantine.page(Filter()).items} == {"open"}


def test_parked_items_go_only_when_named(quarantine: Quarantine, drained: Drain) -> None:
    quarantine.record([failure("a", attempts=3), failure("b")])
    assert drained() == DrainReport(drained=1)
    assert kept(quarantine) == ["a"]
    assert drained(ids=("a",)) == DrainReport(drained=1)


def test_a_parked_item_whose_drain_was_killed_still_goes_only_when_named(
    quarantine: Quarantine, drained: Drain, time: Time
) -> None:
    quarantine.record([failure("a", attempts=3)])
    quarantine.claim("a", "killed", time.now, 60, parked=True)
    time.now += 61
    assert drained().drained == 0
    assert drained(ids=("a",)).drained == 1


# Safety


def test_nothing_is_deleted_before_it_is_in_its_lane(quarantine: Quarantine, drained: Drain) -> None:
    ids = fill(quarantine, 3)
    states: list[list[str]] = []

    def look(items: Sequence[WorkItem]) -> None:
        states.append([quarantine.get(each).state for each in ids])

    drained(to=RecordingLanes(before=look))
    assert states[0] == ["draining"] * 3
    assert kept(quarantine) == []


def test_what_its_lane_does_not_take_stays_open(quarantine: Quarantine, drained: Drain) -> None:
    ids = fill(quarantine, 4)
    report = drained(to=RecordingLanes(lambda item: item.object_key in ids[1:3]))
    assert (report.drained, report.failed.keys(), report.cursor) == (2, {ids[1], ids[2]}, "")
    assert kept(quarantine) == ids[1:3]
    for each in ids[1:3]:
        assert (quarantine.get(each).state, quarantine.get(each).attempts) == ("open", 1)
    assert drained().drained == 2


def test_an_item_of_which_one_object_is_not_taken_stays_whole(quarantine: Quarantine, drained: Drain) -> None:
    quarantine.record([failure("a", argument=(item("x"), item("y")))])
    report = drained(to=RecordingLanes(lambda item: item.object_key == "y"))
    assert (report.drained, report.failed.keys()) == (0, {"a"})
    assert len(quarantine.get("a").argument) == 2


def test_a_drain_stops_when_the_lanes_take_nothing(
    quarantine: Quarantine, drained: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 3)
    ids = fill(quarantine, 8)
    stuck = RecordingLanes(lambda item: item.object_key in ids[3:])
    report = drained(to=stuck)
    assert (report.drained, report.remaining, report.failed.keys()) == (3, 5, set(ids[3:6]))
    assert drained(cursor=report.cursor) == DrainReport(drained=5)


def test_a_kill_between_put_and_delete_loses_nothing(
    quarantine: Quarantine, drained: Drain, tapped: Tapped, lanes: RecordingLanes, time: Time
) -> None:
    (request_id,) = fill(quarantine, 1)

    def killed(call: Any, **request: Any) -> Any:
        raise Killed

    tapped.on["delete_item"] = killed
    with pytest.raises(Killed):
        drained()
    del tapped.on["delete_item"]
    assert quarantine.get(request_id).state == "draining"
    assert drained().drained == 0
    time.now += LEASE_SECONDS + 1
    assert drained().drained == 1
    first, again = lanes.items
    assert first == again
    assert kept(quarantine) == []


def test_a_kill_before_the_put_loses_nothing(
    quarantine: Quarantine, drained: Drain, lanes: RecordingLanes, time: Time
) -> None:
    def killed(items: Sequence[WorkItem]) -> None:
        raise Killed

    fill(quarantine, 2)
    with pytest.raises(Killed):
        drained(to=RecordingLanes(before=killed))
    time.now += LEASE_SECONDS + 1
    assert drained().drained == 2
    assert lanes.keys() == ["r0000", "r0001"]


def test_work_that_fails_again_before_it_is_confirmed_stays(quarantine: Quarantine, drained: Drain) -> None:
    fill(quarantine, 1)

    def fails_at_once(items: Sequence[WorkItem]) -> None:
        quarantine.record([failure(work.error_id, attempts=work.attempt + 1, argument=(work,)) for work in items])

    assert drained(to=RecordingLanes(before=fails_at_once)).drained == 1
    again = quarantine.get("r0000")
    assert (again.attempts, again.state) == (2, "open")
    assert again.first_seen == utc.iso(NOW - 9000)


def test_what_fails_again_does_not_come_round_in_the_same_drain(
    quarantine: Quarantine, drained: Drain, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    fill(quarantine, 6)

    def fails_at_once(items: Sequence[WorkItem]) -> None:
        time.now += 0.01
        now = utc.iso(time.now)
        quarantine.record([failure(work.error_id, attempts=2, failed_at=now, argument=(work,)) for work in items])

    failing = RecordingLanes(before=fails_at_once)
    report = drained(to=failing, limit=4)
    assert (report.drained, report.remaining) == (4, 2)
    assert drained(to=failing, cursor=report.cursor) == DrainReport(drained=2)
    assert len(failing.items) == len(kept(quarantine)) == 6


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
    assert kept(quarantine) == []


def test_what_another_drain_has_claimed_is_left_to_it(quarantine: Quarantine, drained: Drain, time: Time) -> None:
    fill(quarantine, 2)
    quarantine.claim("r0000", "other", time.now, 60)
    assert drained() == DrainReport(drained=1)
    report = drained(ids=("r0000",))
    assert report.drained == 0
    assert "2026-02-01T00:01:00.000Z" in report.failed["r0000"]
    assert drained(ids=("r0000",), dry_run=True).drained == 0


def test_a_claim_whose_lease_is_over_is_free(quarantine: Quarantine, drained: Drain, time: Time) -> None:
    fill(quarantine, 1)
    quarantine.claim("r0000", "other", time.now, 60)
    time.now += 61
    assert drained(ids=("r0000",), dry_run=True) == DrainReport(drained=1, dry_run=True)
    assert drained() == DrainReport(drained=1)


def test_a_named_item_that_another_drain_claims_first_is_reported(
    quarantine: Quarantine, drained: Drain, tapped: Tapped
) -> None:
    def faster(call: Any, **request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")

    fill(quarantine, 1)
    tapped.on["update_item"] = faster
    assert drained().failed == {}
    assert "just been claimed" in drained(ids=("r0000",)).failed["r0000"]


def test_an_item_that_cannot_even_be_refused_stays_claimed_and_the_others_go(
    quarantine: Quarantine, drained: Drain, tapped: Tapped, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(call: Any, **request: Any) -> Any:
        if ":sort_key" in request["ExpressionAttributeValues"]:
            raise EndpointConnectionError(endpoint_url="x")
        return call(**request)

    quarantine.record([failure("a", stage="route"), failure("b")])
    tapped.on["update_item"] = unreachable
    assert drained(by=UNROUTED).drained == 1
    assert quarantine.get("a").state == "draining"
    assert "a stays claimed" in caplog.text


def test_a_table_that_cannot_be_written_costs_no_item(
    quarantine: Quarantine, drained: Drain, tapped: Tapped, time: Time
) -> None:
    def unreachable(call: Any, **request: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="x")

    ids = fill(quarantine, 2)
    tapped.on["update_item"] = unreachable
    assert drained().failed.keys() == set(ids)
    del tapped.on["update_item"]
    tapped.on["delete_item"] = unreachable
    report = drained()
    assert (report.drained, report.failed.keys()) == (0, set(ids))
    assert kept(quarantine) == ids


# Time


def test_a_drain_ends_before_its_deadline_and_goes_on_from_there(
    quarantine: Quarantine, drained: Drain, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    ids = fill(quarantine, 10)

    def slow(items: Sequence[WorkItem]) -> None:
        time.now += 5 if items else 0

    slowly = RecordingLanes(before=slow)
    report = drained(to=slowly, within=18)
    assert time.now <= NOW + 18
    assert (report.drained, report.remaining) == (6, 4)
    assert drained(to=slowly, cursor=report.cursor).drained == 4
    assert slowly.keys() == ids


def test_without_time_nothing_is_begun(quarantine: Quarantine, drained: Drain) -> None:
    fill(quarantine, 2)
    report = drained(within=0)
    assert report.drained == 0
    assert drained(cursor=report.cursor) == DrainReport(drained=2)


# What was in no lane


UNROUTED = config(routing=(Rule(dest="fast", prefix="none"),))


def test_what_had_no_route_goes_once_slips_yml_is_mended(
    quarantine: Quarantine, drained: Drain, lanes: RecordingLanes
) -> None:
    quarantine.record([failure("a", stage="route", lane="", positions="", processor="")])
    assert drained(by=config(routing=(Rule(dest="slow"),))).drained == 1
    assert lanes.keys("slow") == ["logs/a.gz"]
    assert kept(quarantine) == []


def test_what_is_to_be_dropped_by_now_is_gone(quarantine: Quarantine, drained: Drain, lanes: RecordingLanes) -> None:
    quarantine.record([failure("a", stage="route")])
    assert drained(by=config(routing=(Rule(dest="drop"),))).drained == 1
    assert lanes.items == []
    assert kept(quarantine) == []


def test_what_still_has_no_route_has_failed_once_more(quarantine: Quarantine, drained: Drain) -> None:
    quarantine.record([failure("a", stage="route"), failure("b", argument=(item("b"),))])
    report = drained(by=UNROUTED)
    assert (report.drained, report.failed.keys(), report.cursor) == (1, {"a"}, "")
    found = quarantine.get("a")
    assert (found.state, found.attempts) == ("open", 2)
    assert found.error_message == report.failed["a"]
    drained(by=UNROUTED)
    assert quarantine.get("a").state == "parked"


def test_an_item_that_names_no_object_stays(quarantine: Quarantine, drained: Drain) -> None:
    quarantine.record([failure("a", stage="dispatch", argument=(), sample="an alarm")])
    assert "names no object" in drained().failed["a"]
    assert quarantine.get("a").sample == "an alarm"


def test_an_adopted_item_of_the_class_based_slips_is_drained(
    quarantine: Quarantine, drained: Drain, lanes: RecordingLanes, dynamodb: DynamoDBClient, table: str
) -> None:
    argument = (
        '[{"bucket_name": "logs", "object_key": "x", "dest_stream": "slips-slow"},'
        ' {"bucket_name": "logs", "object_key": "y", "dest_stream": "slips-fast"}]'
    )
    dynamodb.put_item(TableName=table, Item={"request_id": {"S": "old"}, "argument": {"S": argument}})
    quarantine.adopt()
    assert drained() == DrainReport(drained=1)
    assert (lanes.keys("slow"), lanes.keys("fast")) == (["x"], ["y"])
    with pytest.raises(NotFound):
        quarantine.get("old")


def test_an_item_that_was_not_adopted_goes_when_named(
    quarantine: Quarantine, drained: Drain, dynamodb: DynamoDBClient, table: str
) -> None:
    argument = '[{"bucket_name": "logs", "object_key": "x", "dest_stream": "slips-slow"}]'
    dynamodb.put_item(TableName=table, Item={"request_id": {"S": "old"}, "argument": {"S": argument}})
    assert drained(ids=("old",)) == DrainReport(drained=1)


# What is asked for


def test_names_and_filters_do_not_go_together() -> None:
    with pytest.raises(BadRequest, match=r"^ids: "):
        DrainRequest(ids=("a",), bucket="b")


def test_a_limit_below_one_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match=r"^limit: "):
        DrainRequest(limit=0)


@pytest.mark.parametrize("asked", [{"cursor": "x"}, {"ids": ("a",), "cursor": "eyJhZnRlciI6ImIifQ"}], ids=str)
def test_a_broken_cursor_is_a_bad_request(drained: Drain, asked: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        drained(**asked)


def test_a_cursor_of_named_items_is_none_of_a_filter(quarantine: Quarantine, drained: Drain) -> None:
    ids = tuple(fill(quarantine, 3))
    cursor = drained(ids=ids, limit=1).cursor
    with pytest.raises(BadRequest, match=r"^cursor: "):
        drained(cursor=cursor)


@pytest.mark.parametrize("until", ["nonsense", "2026-13-01"])
def test_a_cursor_with_another_time_is_a_bad_request(drained: Drain, until: str) -> None:
    from slips.quarantine import Cursor

    with pytest.raises(BadRequest):
        drained(cursor=str(Cursor(until=until)))


def test_a_table_of_nothing_drains_nothing(drained: Drain) -> None:
    assert drained() == DrainReport()


def test_a_slow_table_is_told_by_its_own_clock(dynamodb: DynamoDBClient, table: str) -> None:
    quarantine = error_table.quarantine(dynamodb, table)
    fill(quarantine, 3)
    time = error_table.Ticking()
    report = drain(DrainRequest(), quarantine, RecordingLanes(), config(), time.now + 12, time)
    assert report.drained + report.remaining <= 3
    assert time.now < NOW + 40
