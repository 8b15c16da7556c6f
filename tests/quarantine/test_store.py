from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slips.errors import NotFound, StoreError
from slips.model.utc import DAY
from slips.observability import log_context
from slips.quarantine import Filter, Quarantine, schema

from .. import error_table
from ..builders import TIME, failure, item
from ..error_table import NOW, Tapped, Time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARKED = 3


def fault(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X")  # type: ignore[typeddict-item]


def test_a_claim_may_be_made_again_by_the_same_drain(quarantine: Quarantine) -> None:
    quarantine.record([failure("r1")])
    for _ in range(2):
        claimed = quarantine.claim("r1", "mine", NOW, 300)
        assert claimed is not None
        assert claimed.claim_id == "mine"
    assert quarantine.claim("r1", "another", NOW, 300) is None


def test_a_failure_comes_back_whole(quarantine: Quarantine) -> None:
    recorded = failure(traceback="Traceback…", sample='{"a": 1}', failed_count=2, resume_from=7, attempts=2)
    quarantine.record([recorded])
    item = quarantine.get("r1")
    for field in {*recorded.__struct_fields__} - {"rings", "ended", "gave_up", "archived"}:
        assert getattr(item, field) == getattr(recorded, field), field
    assert (item.state, item.work_items, item.first_seen) == ("open", 1, TIME)
    assert item.expires_at is None


@pytest.mark.parametrize("attempts", [1, PARKED])
def test_an_item_goes_some_days_after_it_failed_where_they_are_set(
    dynamodb: DynamoDBClient, table: str, attempts: int
) -> None:
    """DynamoDB deletes it by an attribute that the others do not have."""
    quarantine = error_table.quarantine(dynamodb, table, ttl_days=90)
    quarantine.record([failure("r1", attempts=attempts)])
    assert quarantine.get("r1").expires_at == NOW - DAY / 2 + 90 * DAY
    error_table.quarantine(dynamodb, table).record([failure("r2", attempts=attempts)])
    expiring = {item["request_id"]["S"]: "expires_at" in item for item in dynamodb.scan(TableName=table)["Items"]}
    assert expiring == {"r1": True, "r2": False}


def test_the_index_holds_only_what_a_listing_shows(dynamodb: DynamoDBClient, table: str) -> None:
    quarantine = error_table.quarantine(dynamodb, table, ttl_days=90)
    quarantine.record([failure()])
    quarantine.claim("r1", "c", NOW, 60)
    (attributes,) = dynamodb.scan(TableName=table, IndexName=schema.INDEX)["Items"]
    assert set(attributes) == {*schema.PROJECTED, *schema.ATTRIBUTES} - {"due"}


def test_the_time_of_a_failure_without_one_is_now(quarantine: Quarantine) -> None:
    quarantine.record([failure(failed_at="")])
    assert quarantine.get("r1").failed_at == "2026-02-01T00:00:00.000Z"


def test_times_sort_whatever_form_they_came_in(quarantine: Quarantine) -> None:
    quarantine.record([failure("a", failed_at="2026-01-31T13:00:00+01:00")])
    assert quarantine.get("a").sort_key == "2026-01-31T12:00:00.000Z#a"


def test_a_failure_without_fingerprint_gets_that_of_its_cause(quarantine: Quarantine) -> None:
    same = {"fingerprint": "", "stage": "read"}
    quarantine.record(
        [failure("a", **same), failure("b", error_message="x", **same), failure("c", processor="x", **same)]
    )
    a, b, c = (quarantine.get(request_id).fingerprint for request_id in "abc")
    assert a == b != c
    assert len(a) == 16


def test_the_same_id_again_replaces_the_item(quarantine: Quarantine) -> None:
    quarantine.record([failure(attempts=1, positions="3")])
    quarantine.record([failure(attempts=2, positions="4", failed_at="2026-01-31T13:00:00.000Z")])
    assert (quarantine.get("r1").attempts, quarantine.get("r1").positions) == (2, "4")
    assert len(quarantine.page(Filter()).items) == 1


def test_the_same_id_twice_in_one_call_is_one_item(quarantine: Quarantine) -> None:
    quarantine.record([failure(positions="3"), failure(positions="4")])
    assert quarantine.get("r1").positions == "4"


def test_an_item_that_failed_again_keeps_the_time_of_its_first_failure(quarantine: Quarantine) -> None:
    quarantine.record([failure(argument=(item(first_failed="2026-01-01T00:00:00.000Z"),))])
    assert quarantine.get("r1").first_seen == "2026-01-01T00:00:00.000Z"


def test_an_item_is_parked_at_its_last_attempt(quarantine: Quarantine) -> None:
    quarantine.record([failure("a", attempts=PARKED - 1), failure("b", attempts=PARKED)])
    assert (quarantine.get("a").state, quarantine.get("b").state) == ("open", "parked")
    assert not quarantine.is_parked(quarantine.get("a"))
    assert quarantine.is_parked(quarantine.get("b"))


def test_more_than_one_batch_is_written(quarantine: Quarantine, tapped: Tapped) -> None:
    quarantine.record([failure(f"r{n}") for n in range(51)])
    assert tapped.calls == ["batch_write_item"] * 3
    assert len(quarantine.page(Filter(), limit=100).items) == 51


def test_it_needs_only_a_client_and_a_table(dynamodb: DynamoDBClient, table: str) -> None:
    Quarantine(dynamodb, table).record([failure()])
    assert Quarantine(dynamodb, table).get("r1").state == "open"


def test_no_failure_is_no_request(quarantine: Quarantine, tapped: Tapped) -> None:
    quarantine.record([])
    assert tapped.calls == []


def test_what_dynamodb_left_unprocessed_is_written_again(quarantine: Quarantine, tapped: Tapped, time: Time) -> None:
    sizes: list[int] = []

    def half(call: Any, RequestItems: dict[str, list[Any]]) -> Any:
        ((table, requests),) = RequestItems.items()
        sizes.append(len(requests))
        refused = len(requests) // 2
        call(RequestItems={table: requests[refused:]})
        return {"UnprocessedItems": {table: requests[:refused]} if refused else {}}

    tapped.on["batch_write_item"] = half
    quarantine.record([failure(f"r{n}") for n in range(8)])
    assert sizes == [8, 4, 2, 1]
    assert time.now > NOW
    assert len(quarantine.page(Filter()).items) == 8


@pytest.mark.parametrize(
    "refusal",
    [fault("ProvisionedThroughputExceededException"), fault("X", 500), EndpointConnectionError(endpoint_url="x")],
    ids=str,
)
def test_a_request_that_failed_for_the_moment_is_sent_again(
    quarantine: Quarantine, tapped: Tapped, refusal: Exception
) -> None:
    def first_refused(call: Any, **request: Any) -> Any:
        del tapped.on["batch_write_item"]
        raise refusal

    tapped.on["batch_write_item"] = first_refused
    quarantine.record([failure()])
    assert quarantine.get("r1")


def test_items_that_are_not_written_in_time_are_a_store_error(
    quarantine: Quarantine, tapped: Tapped, time: Time
) -> None:
    tapped.on["batch_write_item"] = lambda call, RequestItems: {"UnprocessedItems": RequestItems}
    with pytest.raises(StoreError, match="1 item not"):
        quarantine.record([failure()])
    assert 15 < time.now - NOW <= 20


def test_a_table_that_is_not_there_is_a_store_error(dynamodb: DynamoDBClient) -> None:
    nowhere = error_table.quarantine(dynamodb, "nowhere")
    for act in (
        lambda: nowhere.record([failure()]),
        lambda: nowhere.get("r1"),
        lambda: nowhere.delete("r1"),
        lambda: nowhere.page(Filter()),
        lambda: nowhere.causes(Filter()),
        lambda: nowhere.claim("r1", "c", NOW, 60),
        lambda: nowhere.confirm("r1", "c"),
        lambda: nowhere.adopt(),
    ):
        with pytest.raises(StoreError, match="nowhere"):
            act()


def test_no_connection_is_a_store_error(quarantine: Quarantine, tapped: Tapped) -> None:
    def unreachable(call: Any, **request: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="x")

    tapped.on["get_item"] = unreachable
    with pytest.raises(StoreError):
        quarantine.get("r1")


@pytest.mark.parametrize("request_id", ["none", "", "x" * 3000, "\ud800", "slips:adoption"])
def test_an_unknown_item_is_not_found(quarantine: Quarantine, request_id: str) -> None:
    quarantine.adopt()
    with pytest.raises(NotFound):
        quarantine.get(request_id)
    with pytest.raises(NotFound):
        quarantine.delete(request_id)
    assert quarantine.claim(request_id, "c", NOW, 60, parked=True) is None


def test_a_deleted_item_is_gone(quarantine: Quarantine) -> None:
    quarantine.record([failure("a"), failure("b")])
    quarantine.delete("a")
    assert [row.request_id for row in quarantine.page(Filter()).items] == ["b"]


def test_items_are_spread_over_all_partitions_of_the_index(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    quarantine.record([failure(f"r{n}") for n in range(200)])
    partitions = {attributes["spread"]["S"] for attributes in dynamodb.scan(TableName=table)["Items"]}
    assert partitions == {str(n) for n in range(16)}


# Claims


def test_a_claim_takes_an_open_item(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    claimed = quarantine.claim("r1", "c1", NOW, 60)
    assert claimed is not None
    assert claimed == quarantine.get("r1")
    assert (claimed.state, claimed.claim_id, claimed.leased_until) == ("draining", "c1", int(NOW) + 60)
    assert claimed.argument == failure().argument


def test_a_claimed_item_is_not_claimed_again(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    quarantine.claim("r1", "c1", NOW, 60)
    assert quarantine.claim("r1", "c2", NOW + 60, 60, parked=True) is None
    assert quarantine.get("r1").claim_id == "c1"


def test_a_claim_whose_lease_has_ended_can_be_taken(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    quarantine.claim("r1", "c1", NOW, 60)
    claimed = quarantine.claim("r1", "c2", NOW + 61, 60)
    assert claimed is not None
    assert claimed.claim_id == "c2"


def test_a_claim_does_not_create_an_item(quarantine: Quarantine) -> None:
    assert quarantine.claim("r1", "c1", NOW, 60) is None
    with pytest.raises(NotFound):
        quarantine.get("r1")


def test_a_parked_item_is_claimed_only_on_request(quarantine: Quarantine) -> None:
    quarantine.record([failure(attempts=PARKED)])
    assert quarantine.claim("r1", "c1", NOW, 60) is None
    assert quarantine.claim("r1", "c1", NOW, 60, parked=True) is not None


def test_an_item_in_an_unknown_state_is_claimed_only_on_request(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    """A later version wrote it, and knows what it waits for."""
    set_state(quarantine, dynamodb, table, {"S": "asleep"})
    assert quarantine.claim("r1", "c1", NOW, 60) is None
    assert quarantine.get("r1").state == "asleep"
    assert quarantine.claim("r1", "c1", NOW, 60, parked=True) is not None


@pytest.mark.parametrize("parked", [False, True])
def test_an_item_without_a_state_is_claimed(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, parked: bool
) -> None:
    """The class-based SLIPS wrote none."""
    set_state(quarantine, dynamodb, table, None)
    assert quarantine.claim("r1", "c1", NOW, 60, parked=parked) is not None


@pytest.mark.parametrize("parked", [False, True])
def test_a_lease_that_nobody_can_see_the_end_of_is_over(
    quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, parked: bool
) -> None:
    set_state(quarantine, dynamodb, table, {"S": "draining"})
    assert quarantine.claim("r1", "c1", NOW, 60, parked=parked) is not None


def set_state(quarantine: Quarantine, dynamodb: DynamoDBClient, table: str, state: Any) -> None:
    """Record an item, and write its state past SLIPS."""
    quarantine.record([failure()])
    attributes = dynamodb.get_item(TableName=table, Key={"request_id": {"S": "r1"}})["Item"]
    changed = {name: value for name, value in (attributes | {"state": state}).items() if value}
    dynamodb.put_item(TableName=table, Item=changed)


def test_confirming_deletes(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    quarantine.claim("r1", "c1", NOW, 60)
    assert quarantine.confirm("r1", "c1")
    with pytest.raises(NotFound):
        quarantine.get("r1")


def test_only_the_claim_can_confirm(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    assert not quarantine.confirm("r1", "c1")
    quarantine.claim("r1", "c1", NOW, 60)
    assert not quarantine.confirm("r1", "c2")
    assert quarantine.get("r1").claim_id == "c1"


def test_an_item_that_failed_again_before_it_was_confirmed_stays(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    quarantine.claim("r1", "c1", NOW, 60)
    quarantine.record([failure(attempts=2)])
    assert not quarantine.confirm("r1", "c1")
    assert (quarantine.get("r1").attempts, quarantine.get("r1").state) == (2, "open")


@pytest.mark.parametrize(("attempts", "state"), [(1, "open"), (PARKED, "parked")])
def test_a_released_item_is_as_before(quarantine: Quarantine, attempts: int, state: str) -> None:
    quarantine.record([failure(attempts=attempts)])
    before = quarantine.get("r1")
    claimed = quarantine.claim("r1", "c1", NOW, 60, parked=True)
    assert claimed is not None
    assert quarantine.release(claimed)
    assert quarantine.get("r1") == before
    assert before.state == state


def test_only_the_claim_can_release(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    claimed = quarantine.claim("r1", "c1", NOW, 60)
    assert claimed is not None
    quarantine.claim("r1", "c2", NOW + 61, 60)
    assert not quarantine.release(claimed)
    assert not quarantine.refuse(claimed, "why")
    assert quarantine.get("r1").claim_id == "c2"


def test_a_refused_item_was_attempted_once_more_and_is_listed_as_before(quarantine: Quarantine, time: Time) -> None:
    argument = (item(history=("how it failed before",)),)
    quarantine.record([failure(argument=argument), failure("r2", failed_at="2026-01-31T13:00:00.000Z")])
    before = quarantine.get("r1")
    time.now = NOW + DAY
    claim_and_refuse(quarantine, "r1", "no route")
    refused = quarantine.get("r1")
    line = "2026-02-02T00:00:00.000Z not drained: no route"
    changes = {"attempts": 2, "refusals": (line,)}
    assert refused == msgspec.structs.replace(before, **changes)
    assert refused.history == ("how it failed before", line)
    assert [row.request_id for row in quarantine.page(Filter()).items] == ["r2", "r1"]


@pytest.mark.parametrize(("ttl_days", "expires_at"), [(30, NOW + 31 * DAY), (None, None)])
def test_a_refused_item_fails_now_so_its_time_begins_again(
    dynamodb: DynamoDBClient, table: str, time: Time, ttl_days: int | None, expires_at: float | None
) -> None:
    error_table.quarantine(dynamodb, table, time, ttl_days=90).record([failure("r1")])
    time.now = NOW + DAY
    quarantine = error_table.quarantine(dynamodb, table, time, ttl_days=ttl_days)
    claim_and_refuse(quarantine, "r1", "no route")
    assert quarantine.get("r1").expires_at == expires_at


def test_an_item_of_an_earlier_version_keeps_its_time_through_a_claim(
    dynamodb: DynamoDBClient, table: str, time: Time
) -> None:
    error_table.quarantine(dynamodb, table, time, ttl_days=90).record([failure("r1")])
    quarantine = error_table.quarantine(dynamodb, table, time)
    before = quarantine.get("r1")
    claimed = quarantine.claim("r1", "c1", NOW, 60)
    assert claimed is not None
    assert quarantine.release(claimed)
    assert quarantine.get("r1") == before
    assert before.expires_at is not None


def test_of_many_refusals_the_last_are_kept_and_each_is_short(quarantine: Quarantine) -> None:
    quarantine.record([failure()])
    for number in range(25):
        claim_and_refuse(quarantine, "r1", f"{number} " + "x" * 9999)
    history = quarantine.get("r1").history
    assert [line.split()[3] for line in history] == [str(number) for number in range(5, 25)]
    assert {len(line.encode()) for line in history} == {300}


def claim_and_refuse(quarantine: Quarantine, request_id: str, reason: str) -> None:
    claimed = quarantine.claim(request_id, "c1", NOW, 60, parked=True)
    assert claimed is not None
    assert quarantine.refuse(claimed, reason)


def test_an_item_is_parked_when_it_was_refused_too_often(quarantine: Quarantine) -> None:
    quarantine.record([failure(attempts=PARKED - 1)])
    claimed = quarantine.claim("r1", "c1", NOW, 60)
    assert claimed is not None
    quarantine.refuse(claimed, "no route")
    assert quarantine.get("r1").state == "parked"


def test_the_causes_of_what_was_recorded_are_given_once(quarantine: Quarantine) -> None:
    quarantine.record([failure("r1", fingerprint="a"), failure("r2", fingerprint="b"), failure("r3", fingerprint="a")])
    quarantine.record([failure("r4", fingerprint="c")])
    assert quarantine.take_causes() == ["a", "b", "c"]
    assert quarantine.take_causes() == []


def test_an_item_names_the_invocation_that_wrote_it(quarantine: Quarantine) -> None:
    """As its log lines do; on this machine there is none."""
    log_context.begin_invocation("3a1f0b2c")
    try:
        quarantine.record([failure("r1")])
    finally:
        log_context.begin_invocation("")
    quarantine.record([failure("r2")])
    assert [quarantine.get(each).invocation for each in ("r1", "r2")] == ["3a1f0b2c", ""]
