from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from slips.errors import NotFound
from slips.model import utc
from slips.quarantine import UNKNOWN, Adoption, Filter, Quarantine
from slips.quarantine.adoption import MARKER

from ..builders import TIME, failure, legacy_item
from ..error_table import NOW, Tapped, Time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def legacy(dynamodb: DynamoDBClient, table: str) -> Any:
    """A function that puts an item as the class-based SLIPS did."""

    def put(request_id: str, *works: dict[str, Any], argument: str | None = None) -> None:
        text = json.dumps(works) if argument is None else argument
        dynamodb.put_item(TableName=table, Item={"request_id": {"S": request_id}, "argument": {"S": text}})

    return put


def ids(quarantine: Quarantine, **filters: str) -> list[str]:
    return [row.request_id for row in quarantine.page(Filter(**filters)).items]


def test_an_adopted_item_is_listed_among_the_others(quarantine: Quarantine, legacy: Any) -> None:
    quarantine.record([failure("older", failed_at="2026-01-30"), failure("newer", failed_at="2026-02-01")])
    legacy("old", legacy_item("logs/x"))
    assert quarantine.adopt() == Adoption(1, complete=True)
    assert ids(quarantine) == ["newer", "old", "older"]


def test_missing_fields_are_shown_as_unknown(quarantine: Quarantine, legacy: Any) -> None:
    legacy("old", legacy_item("logs/x"), legacy_item("logs/y"))
    quarantine.adopt()
    (row,) = quarantine.page(Filter()).items
    assert (row.bucket_name, row.object_key, row.object_size, row.event_time) == ("logs", "logs/x", 100, TIME)
    assert (row.state, row.attempts, row.work_items) == ("open", 1, 2)
    unknown = (row.failed_at, row.first_seen, row.lane, row.format, row.stage, row.error_type, row.error_message)
    assert {*unknown, row.fingerprint} == {UNKNOWN}
    assert quarantine.causes(Filter()).causes[0].first_seen == TIME


def test_an_adopted_item_can_be_filtered(quarantine: Quarantine, legacy: Any) -> None:
    legacy("old", legacy_item("logs/x"))
    quarantine.adopt()
    for filters in ({"bucket": "logs"}, {"prefix": "logs/"}, {"state": "open"}, {"stage": "unknown"}):
        assert ids(quarantine, **filters) == ["old"]


def test_an_item_is_whole_before_it_is_adopted_and_after(quarantine: Quarantine, legacy: Any) -> None:
    legacy("old", legacy_item("logs/x"), legacy_item("logs/y"))
    before = quarantine.get("old")
    assert [work.object_key for work in before.argument] == ["logs/x", "logs/y"]
    assert (before.object_key, before.work_items, before.stage) == ("logs/x", 2, UNKNOWN)
    quarantine.adopt()
    after = quarantine.get("old")
    assert after.argument == before.argument
    assert after.positions == after.processor == ""


@pytest.mark.parametrize("argument", ["", "garbage", "[]", "{}", '[{"bucket_name": 1}]'])
def test_an_argument_that_cannot_be_read_is_listed_all_the_same(
    quarantine: Quarantine, legacy: Any, argument: str
) -> None:
    legacy("old", argument=argument)
    assert quarantine.get("old").argument == ()
    quarantine.adopt()
    (row,) = quarantine.page(Filter()).items
    assert (row.request_id, row.sorted_at, row.work_items) == ("old", "1970-01-01T00:00:00.000Z", 0)


def test_a_time_to_come_counts_as_now(quarantine: Quarantine, legacy: Any) -> None:
    legacy("old", legacy_item("logs/x") | {"event_time": "9999-12-31T23:59:59.999Z"})
    quarantine.adopt()
    assert quarantine.newest_time() == utc.iso(NOW)


def test_a_time_that_cannot_be_read_sorts_oldest(quarantine: Quarantine, legacy: Any) -> None:
    legacy("old", legacy_item() | {"event_time": "?"})
    quarantine.adopt()
    assert quarantine.page(Filter()).items[0].event_time == "?"


def test_new_items_and_the_marker_are_left_alone(quarantine: Quarantine, legacy: Any) -> None:
    quarantine.record([failure("new")])
    before = quarantine.get("new")
    legacy("old", legacy_item())
    assert quarantine.adopt().adopted == 1
    assert quarantine.adopt(older_than=0.0).adopted == 0
    assert quarantine.get("new") == before
    assert sorted(ids(quarantine)) == ["new", "old"]


def test_what_the_old_version_writes_meanwhile_is_adopted_by_the_next_call(quarantine: Quarantine, legacy: Any) -> None:
    """It may run in parallel for weeks."""
    for number in range(3):
        legacy(f"late{number}", legacy_item())
        assert quarantine.adopt() == Adoption(1, complete=True)
    assert len(ids(quarantine)) == 3


def test_the_table_is_scanned_again_when_the_last_scan_is_old(
    quarantine: Quarantine, tapped: Tapped, time: Time, legacy: Any
) -> None:
    quarantine.adopt()
    legacy("late", legacy_item())
    time.now = NOW + 50
    assert quarantine.adopt(older_than=60.0) == Adoption(0, complete=True)
    assert tapped.calls.count("scan") == 1
    time.now = NOW + 61
    assert quarantine.adopt(older_than=60.0) == Adoption(1, complete=True)


def test_an_item_that_is_deleted_during_the_scan_stays_deleted(
    quarantine: Quarantine, tapped: Tapped, dynamodb: DynamoDBClient, table: str, legacy: Any
) -> None:
    legacy("old", legacy_item())

    def delete_after(call: Any, **request: Any) -> Any:
        page = call(**request)
        dynamodb.delete_item(TableName=table, Key={"request_id": {"S": "old"}})
        return page

    tapped.on["scan"] = delete_after
    assert quarantine.adopt() == Adoption(0, complete=True)
    with pytest.raises(NotFound):
        quarantine.get("old")


def test_an_item_that_fails_again_during_the_scan_stays_as_it_is(
    quarantine: Quarantine, tapped: Tapped, legacy: Any
) -> None:
    legacy("old", legacy_item())

    def put_after(call: Any, **request: Any) -> Any:
        page = call(**request)
        quarantine.record([failure("old", attempts=2)])
        return page

    tapped.on["scan"] = put_after
    assert quarantine.adopt() == Adoption(0, complete=True)
    assert (quarantine.get("old").stage, quarantine.get("old").attempts) == ("process", 2)


def test_a_long_table_is_adopted_at_once_where_time_allows(quarantine: Quarantine, tapped: Tapped, legacy: Any) -> None:
    for number in range(5):
        legacy(f"old{number}", legacy_item())
    tapped.on["scan"] = lambda call, **request: call(**request, Limit=2)
    assert quarantine.adopt(budget=10.0) == Adoption(5, complete=True)


def test_a_long_table_is_adopted_in_several_calls(
    quarantine: Quarantine, tapped: Tapped, time: Time, legacy: Any
) -> None:
    for number in range(25):
        legacy(f"old{number}", legacy_item())
    tapped.on["scan"] = lambda call, **request: call(**request, Limit=10)
    tapped.on["update_item"] = lambda call, **request: _take_a_second(time, call, request)
    calls: list[Adoption] = []
    while not calls or not calls[-1].complete:
        calls.append(quarantine.adopt(budget=7.0, older_than=3600.0))
    assert [call.adopted for call in calls] == [7, 7, 7, 4]
    assert len(ids(quarantine)) == 25


def _take_a_second(time: Time, call: Any, request: dict[str, Any]) -> Any:
    time.now += 1
    return call(**request)


def test_each_call_adopts_one_item_at_least(quarantine: Quarantine, legacy: Any) -> None:
    for number in range(3):
        legacy(f"old{number}", legacy_item())
    calls = [quarantine.adopt(budget=0.0) for _ in range(3)]
    assert [call.adopted for call in calls] == [1, 1, 1]
    assert len(ids(quarantine)) == 3


def test_pages_without_old_items_also_end_with_the_budget(quarantine: Quarantine, tapped: Tapped, legacy: Any) -> None:
    """DynamoDB reads, and bills, what a filter leaves out."""
    quarantine.record([failure(f"new{number}") for number in range(4)])
    tapped.on["scan"] = lambda call, **request: call(**request, Limit=1)
    assert quarantine.adopt(budget=0.0) == Adoption(0, complete=False)
    assert tapped.calls.count("scan") == 1


def test_what_was_written_behind_a_scan_that_stopped_is_adopted_by_the_call_that_ends_it(
    quarantine: Quarantine, tapped: Tapped, time: Time, legacy: Any
) -> None:
    """The next part goes on where the last one stopped, and an item may come before that."""
    for number in range(4):
        legacy(f"old{number}", legacy_item())
    tapped.on["scan"] = lambda call, **request: call(**request, Limit=1)
    assert quarantine.adopt(budget=0.0) == Adoption(1, complete=False)
    for number in range(20):
        legacy(f"late{number}", legacy_item())
    time.now += 60
    assert quarantine.adopt() == Adoption(23, complete=True)


def test_an_hour_counts_from_the_beginning_of_a_scan(
    quarantine: Quarantine, tapped: Tapped, time: Time, legacy: Any
) -> None:
    """What is written while it runs may lie where it has been already."""
    legacy("old", legacy_item())
    tapped.on["update_item"] = lambda call, **request: _take_a_second(time, call, request)
    quarantine.adopt()
    legacy("late", legacy_item())
    time.now = NOW + 59
    assert quarantine.adopt(older_than=60.0) == Adoption(0, complete=True)
    time.now = NOW + 60
    assert quarantine.adopt(older_than=60.0) == Adoption(1, complete=True)


@pytest.mark.parametrize("marker", [{"finished_at": {"N": "1"}}, {"resume_after": {"S": "old"}}])
def test_the_marker_of_the_version_that_adopted_once_is_read(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, legacy: Any, marker: dict[str, Any]
) -> None:
    dynamodb.put_item(TableName=table, Item={"request_id": {"S": MARKER}, **marker})
    for number in range(5):
        legacy(f"old{number}", legacy_item())
    assert quarantine.adopt() == Adoption(5, complete=True)
