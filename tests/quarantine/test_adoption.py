from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from slips.errors import NotFound
from slips.model import utc
from slips.quarantine import UNKNOWN, Adoption, Filter, Quarantine

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


def test_the_table_is_scanned_once(quarantine: Quarantine, tapped: Tapped, time: Time, legacy: Any) -> None:
    quarantine.adopt()
    time.now += 1_000_000
    assert quarantine.adopt() == Adoption(0, complete=True)
    assert tapped.calls.count("scan") == 1


def test_the_table_is_scanned_again_when_the_last_scan_is_old(quarantine: Quarantine, time: Time, legacy: Any) -> None:
    quarantine.adopt()
    legacy("late", legacy_item())
    time.now = NOW + 50
    assert quarantine.adopt(older_than=60.0) == Adoption(0, complete=True)
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


def test_a_long_table_is_adopted_in_several_calls(quarantine: Quarantine, tapped: Tapped, legacy: Any) -> None:
    for number in range(25):
        legacy(f"old{number}", legacy_item())
    tapped.on["scan"] = lambda call, **request: call(**request, Limit=10)
    calls: list[Adoption] = []
    while not calls or not calls[-1].complete:
        calls.append(quarantine.adopt(budget=0.0))
    assert [call.adopted for call in calls] == [10, 10, 5]
    assert len(ids(quarantine)) == 25
    assert tapped.calls.count("scan") == 3
