from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from slips.aws.dynamodb import Table
from slips.errors import BadRequest
from slips.model import utc
from slips.quarantine import Filter, Quarantine, schema
from slips.quarantine.items import encode_failure
from slips.quarantine.listing import Walk

from .. import error_table
from ..builders import failure, item
from ..error_table import NOW, Tapped, Ticking

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def at(minute: int) -> str:
    return utc.iso(NOW - 100_000 + 60 * minute)


def fill(quarantine: Quarantine, count: int, **fields: Any) -> list[str]:
    """Record that many items in random order; return their ids, the newest first."""
    ids = [f"r{n:04}" for n in range(count)]
    failures = [failure(request_id, failed_at=at(n), **fields) for n, request_id in enumerate(ids)]
    Random(7).shuffle(failures)
    quarantine.record(failures)
    return ids[::-1]


def small_pages(call: Any, **request: Any) -> Any:
    """DynamoDB ends a page at 1 MB; here after two items."""
    return call(**request | {"Limit": 2})


def ids(quarantine: Quarantine, limit: int = 1000, **filters: str) -> list[str]:
    return [row.request_id for row in quarantine.page(Filter(**filters), limit).items]


def list_pages(quarantine: Quarantine, matching: Filter, limit: int, **fields: Any) -> list[list[str]]:
    pages, cursor = [], ""
    while True:
        page = quarantine.page(matching, limit, cursor, **fields)
        pages.append([row.request_id for row in page.items])
        cursor = page.cursor
        if not cursor:
            return pages


def test_the_newest_come_first(quarantine: Quarantine) -> None:
    everything = fill(quarantine, 100)
    assert ids(quarantine) == everything
    assert ids(quarantine, 7) == everything[:7]


def test_a_row_shows_what_the_item_holds(quarantine: Quarantine) -> None:
    quarantine.record([failure("a")])
    (row,) = quarantine.page(Filter()).items
    whole = quarantine.get("a")
    for field in row.__struct_fields__:
        assert getattr(row, field) == getattr(whole, field), field


def test_pages_together_are_everything_once(quarantine: Quarantine) -> None:
    everything = fill(quarantine, 100)
    pages = list_pages(quarantine, Filter(), 30)
    assert [len(page) for page in pages] == [30, 30, 30, 10]
    assert [request_id for page in pages for request_id in page] == everything


def test_more_than_one_page_of_dynamodb_is_read(quarantine: Quarantine, tapped: Tapped) -> None:
    everything = fill(quarantine, 60)
    tapped.on["query"] = small_pages
    assert ids(quarantine) == everything
    assert tapped.calls.count("query") > 16


def test_the_end_has_no_cursor(quarantine: Quarantine) -> None:
    fill(quarantine, 3)
    assert quarantine.page(Filter(), 3).cursor == ""
    assert quarantine.page(Filter(bucket="none")).cursor == ""


def test_a_page_reads_about_as_much_as_it_shows_but_more_for_a_filter(quarantine: Quarantine, tapped: Tapped) -> None:
    quarantine.page(Filter(), 80)
    quarantine.page(Filter(bucket="x"), 80)
    assert [request["Limit"] for request in tapped.requests] == [10] * 16 + [250] * 16


def test_items_of_one_moment_are_all_listed(quarantine: Quarantine) -> None:
    quarantine.record([failure(f"r{n}") for n in range(50)])
    pages = list_pages(quarantine, Filter(), 7)
    assert len({request_id for page in pages for request_id in page}) == sum(map(len, pages)) == 50


@pytest.mark.parametrize(
    "filters",
    [
        {"bucket": "special"},
        {"prefix": "special/"},
        {"format": "special"},
        {"processor": "special"},
        {"fingerprint": "special"},
        {"state": "parked"},
        {"stage": "crash"},
        {"bucket": "special", "prefix": "special/", "state": "parked"},
    ],
    ids=str,
)
def test_every_field_of_a_filter_is_matched(quarantine: Quarantine, filters: dict[str, str]) -> None:
    special: dict[str, Any] = {"bucket_name": "special", "object_key": "special/a", "format": "special"}
    special |= {"processor": "special", "fingerprint": "special", "attempts": 9, "stage": "crash"}
    quarantine.record([failure("plain"), failure("special", **special)])
    quarantine.record([failure("half", object_key="not/special/", bucket_name="special-too")])
    assert ids(quarantine, **filters) == ["special"]


def test_a_rare_item_is_found_behind_many_others(quarantine: Quarantine) -> None:
    fill(quarantine, 200)
    quarantine.record([failure("old", failed_at=at(-1), fingerprint="rare")])
    assert ids(quarantine, 1, fingerprint="rare") == ["old"]


def test_since_and_until_bound_the_time(quarantine: Quarantine) -> None:
    everything = fill(quarantine, 10)
    assert ids(quarantine, since=at(3), until=at(7)) == everything[3:7]
    assert ids(quarantine, since=at(3)) == everything[:7]
    assert ids(quarantine, until=at(7)) == everything[3:]


def test_times_are_taken_in_any_form(quarantine: Quarantine) -> None:
    everything = fill(quarantine, 10)
    assert ids(quarantine, since=at(3).replace("Z", "+00:00")) == everything[:7]


def test_since_and_until_are_conditions_of_the_index(quarantine: Quarantine, tapped: Tapped) -> None:
    fill(quarantine, 2)
    ids(quarantine, since=at(0), until=at(1))
    for request in tapped.requests[-16:]:
        assert request["FilterExpression"] == "NOT #state IN (:gone, :superseded)"
        assert ":low" in request["ExpressionAttributeValues"]
        assert request["ExpressionAttributeValues"][":low"] == {"S": at(0)}


def test_pages_of_a_time_stay_in_it(quarantine: Quarantine) -> None:
    everything = fill(quarantine, 10)
    assert list_pages(quarantine, Filter(since=at(3), until=at(7)), 3) == [everything[3:6], everything[6:7]]


def test_a_time_that_ends_before_it_begins_is_empty(quarantine: Quarantine) -> None:
    fill(quarantine, 10)
    assert ids(quarantine, since=at(7), until=at(3)) == []


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_text_that_is_not_a_time_is_a_bad_request(name: str) -> None:
    with pytest.raises(BadRequest, match=f"^{name}: "):
        Filter(**{name: "yesterday"})


def test_a_broken_cursor_is_a_bad_request(quarantine: Quarantine) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        quarantine.page(Filter(), 10, "x")


def test_a_limit_below_one_is_a_bad_request(quarantine: Quarantine) -> None:
    with pytest.raises(BadRequest, match=r"^limit: "):
        quarantine.page(Filter(), 0)


def test_no_listing_scans(quarantine: Quarantine, tapped: Tapped) -> None:
    fill(quarantine, 3)
    list_pages(quarantine, Filter(), 2)
    quarantine.causes(Filter())
    assert "scan" not in tapped.calls


def test_the_cursor_continues_where_time_ran_out(dynamodb: DynamoDBClient, table: str) -> None:
    slow = error_table.quarantine(dynamodb, table, Ticking())
    everything = fill(slow, 40, fingerprint="rare")
    pages = list_pages(slow, Filter(fingerprint="rare"), 30, budget=12.0)
    assert len(pages) > 2
    assert [request_id for page in pages for request_id in page] == everything


def test_the_cursor_continues_where_nothing_matched_in_time(tapped: Tapped, table: str) -> None:
    slow = error_table.quarantine(tapped, table, Ticking())
    fill(slow, 20)
    tapped.on["query"] = small_pages
    pages = list_pages(slow, Filter(fingerprint="none"), 10, budget=0.0)
    assert len(pages) > 1
    assert not any(pages)


def walk(client: Any, table: str, size: int, **fields: Any) -> Walk:
    return Walk(Table(client, table, schema.KEY), Filter(), size=size, **fields)


@pytest.mark.parametrize("oldest_first", [True, False])
def test_a_walk_goes_through_small_pages_in_order(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, oldest_first: bool
) -> None:
    everything = fill(quarantine, 50)
    steps = list(walk(dynamodb, table, 2, oldest_first=oldest_first))
    assert [step.row.request_id for step in steps if step.row] == (everything[::-1] if oldest_first else everything)
    assert [step.sort_key for step in steps] == sorted((step.sort_key for step in steps), reverse=not oldest_first)
    assert any(step.row is None for step in steps)


@pytest.mark.parametrize("oldest_first", [True, False])
def test_a_walk_can_be_taken_up_anywhere(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, oldest_first: bool
) -> None:
    fill(quarantine, 40)
    steps = list(walk(dynamodb, table, 2, oldest_first=oldest_first))
    for index in range(0, len(steps), 13):
        rest = walk(dynamodb, table, 2, oldest_first=oldest_first, after=steps[index].sort_key)
        expected = [step.row.request_id for step in steps[index + 1 :] if step.row]
        assert [step.row.request_id for step in rest if step.row] == expected


def test_a_walk_continues_when_the_items_it_passed_are_deleted(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    everything = fill(quarantine, 40)
    passed_ids = []
    for step in walk(dynamodb, table, 2):
        if step.row:
            passed_ids.append(step.row.request_id)
            quarantine.delete(step.row.request_id)
    assert passed_ids == everything


# Causes


def test_causes_are_counted_the_most_frequent_first(quarantine: Quarantine) -> None:
    quarantine.record([failure(f"a{n}", failed_at=at(n), failed_count=2) for n in range(3)])
    other: dict[str, Any] = {"fingerprint": "f2", "stage": "read", "error_type": "CorruptObject"}
    quarantine.record([failure("b", failed_at=at(9), error_message="not gzip", processor="", format="x", **other)])
    by_cause = quarantine.causes(Filter())
    assert by_cause.complete
    first, second = by_cause.causes
    assert (first.fingerprint, first.count, first.failed_count) == ("f1", 3, 6)
    assert (first.first_seen, first.last_seen, first.sample_id) == (at(0), at(2), "a2")
    assert (first.stage, first.error_type, first.processor, first.format) == (
        "process",
        "KeyError",
        "watch_logins",
        "g-suite-login",
    )
    assert (second.count, second.error_message, second.first_seen) == (1, "not gzip", at(9))


def test_a_cause_began_when_its_first_item_failed_for_the_first_time(quarantine: Quarantine) -> None:
    quarantine.record([failure("a"), failure("b", argument=(item(first_failed=at(-9)),))])
    assert quarantine.causes(Filter()).causes[0].first_seen == at(-9)


def test_causes_count_the_items_that_a_drain_leaves(quarantine: Quarantine, time: error_table.Time) -> None:
    fill(quarantine, 3)
    quarantine.record([failure("parked", attempts=3)])
    quarantine.claim("r0000", "c1", time(), 60)
    quarantine.claim("r0001", "c2", time(), -60)  # That claim has ended.
    (cause,) = quarantine.causes(Filter()).causes
    assert (cause.count, cause.parked, cause.draining) == (4, 1, 1)


EDGE = NOW + 7 * utc.DAY


def fill_expiring(dynamodb: DynamoDBClient, table: str, times: list[float | None]) -> None:
    """Put items that DynamoDB deletes at these times, the last one in the list the newest."""
    for number, expires_at in enumerate(times):
        attributes = encode_failure(failure(f"e{number}", failed_at=at(number)), now=NOW, max_attempts=3, ttl_days=None)
        ttl = {} if expires_at is None else {"expires_at": {"N": str(int(expires_at))}}
        dynamodb.put_item(TableName=table, Item=attributes | ttl)


def test_what_goes_within_a_week_is_counted(quarantine: Quarantine, dynamodb: DynamoDBClient, table: str) -> None:
    """DynamoDB may take two days to delete what is over."""
    fill_expiring(dynamodb, table, [NOW - 1, EDGE, EDGE + 1, None])
    assert [cause.expiring for cause in quarantine.causes(Filter()).causes] == [2]
    assert quarantine.count_expiring() == 2


def test_of_more_than_can_be_counted_in_time_the_oldest_are(dynamodb: DynamoDBClient, table: str) -> None:
    fill_expiring(dynamodb, table, [*[EDGE] * 10, *[None] * 30])
    slow = error_table.quarantine(dynamodb, table, Ticking())
    assert slow.count_expiring(budget=12.0) == 10
    assert 0 < slow.count_expiring(budget=5.0) < 10


def test_causes_are_filtered(quarantine: Quarantine) -> None:
    quarantine.record([failure("a"), failure("b", bucket_name="x", fingerprint="f2")])
    assert [cause.fingerprint for cause in quarantine.causes(Filter(bucket="x")).causes] == ["f2"]


def test_causes_say_when_time_ran_out(dynamodb: DynamoDBClient, table: str) -> None:
    slow = error_table.quarantine(dynamodb, table, Ticking())
    fill(slow, 20)
    by_cause = slow.causes(Filter(), budget=5.0)
    assert not by_cause.complete
    assert 0 < by_cause.causes[0].count < 20
