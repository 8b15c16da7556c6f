"""What a Table makes of DynamoDB's answers, without DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slips.aws.dynamodb import Table
from slips.aws.retry import Backoff
from slips.errors import IndexBuilding, IndexMissing, StoreError, StoreRefused

from ..error_table import Time

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchGetItem")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")


class Script:
    """A client that gives these answers in turn, or raises them, and keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.requests.append(request)
            answer = self._answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def table(client: Script) -> Table:
    time = Time()
    return Table(client, "t", "id", Backoff(sleep=time.sleep, clock=time, jitter=lambda: 1.0))


def item(key: str) -> dict[str, Any]:
    return {"id": {"S": key}}


def test_a_query_follows_pages_until_its_limit() -> None:
    pages = [{"Items": [item(key)], "LastEvaluatedKey": item(key)} for key in "abc"]
    client = Script(*pages)
    assert table(client).query_all("i", "#x = :x", {":x": "1"}, forward=True, limit=2) == [item("a"), item("b")]
    assert [request.get("ExclusiveStartKey") for request in client.requests] == [None, item("a")]
    assert [request["Limit"] for request in client.requests] == [2, 1]


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        ("The table does not have the specified index: i", IndexMissing, "run `slips provision`, which adds it"),
        ("Cannot read from backfilling global secondary index: i", IndexBuilding, "try again in some minutes"),
        ("Query key condition not supported", StoreRefused, "ValidationException"),
    ],
)
def test_an_index_that_cannot_be_read_is_told_from_other_faults(message: str, kind: type, text: str) -> None:
    client = Script(ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "Query"))
    with pytest.raises(StoreError, match=r"^table t: ") as raised:
        table(client).query("i", "#x = :x", {":x": "1"}, forward=True, limit=1)
    assert (type(raised.value), text in str(raised.value)) == (kind, True)


def test_a_query_ends_with_the_last_page() -> None:
    client = Script({"Items": [], "LastEvaluatedKey": item("a")}, {"Items": [item("b")]})
    assert table(client).query_all("i", "#x = :x", {":x": "1"}, forward=True, limit=9) == [item("b")]


def test_keys_that_were_left_unprocessed_are_read_again() -> None:
    unprocessed = {"UnprocessedKeys": {"t": {"Keys": [item("b")]}}}
    client = Script(THROTTLED, {"Responses": {"t": [item("a")]}, **unprocessed}, {"Responses": {"t": [item("b")]}})
    assert list(table(client).get_many(["a", "b"])) == [item("a"), item("b")]
    assert [request["RequestItems"]["t"]["Keys"] for request in client.requests[1:]] == [
        [item("a"), item("b")],
        [item("b")],
    ]


def test_more_keys_than_a_request_takes_are_read_in_several() -> None:
    client = Script({"Responses": {"t": []}}, {"Responses": {"t": []}})
    assert list(table(client).get_many(map(str, range(101)), consistent=False)) == []
    assert [len(request["RequestItems"]["t"]["Keys"]) for request in client.requests] == [100, 1]
    assert not client.requests[0]["RequestItems"]["t"]["ConsistentRead"]


def test_items_that_stay_unprocessed_are_a_store_error_in_the_end() -> None:
    client = Script(*[{"UnprocessedItems": {"t": ["one"]}}] * 1000)
    with pytest.raises(StoreError, match="table t: 1 item not processed in time"):
        table(client).write([item("a")])
    assert len(client.requests) < 20


@pytest.mark.parametrize("fault", [DENIED, EndpointConnectionError(endpoint_url="x")], ids=str)
def test_a_fault_is_a_store_error_that_names_the_table(fault: Exception) -> None:
    with pytest.raises(StoreError, match=r"^table t: "):
        table(Script(fault)).query("i", "#x = :x", {":x": "1"}, forward=True, limit=1)


def test_a_request_holds_the_names_and_values_that_its_expressions_use() -> None:
    client = Script({"Attributes": {}})
    values = {":state": "open", ":n": 1, ":unused": "x"}
    table(client).update("a", "SET #state = :state ADD #a0 :n", "", values, {"a0": "e:1:json"})
    assert client.requests == [
        {
            "TableName": "t",
            "Key": item("a"),
            "UpdateExpression": "SET #state = :state ADD #a0 :n",
            "ExpressionAttributeNames": {"#state": "state", "#a0": "e:1:json"},
            "ExpressionAttributeValues": {":state": {"S": "open"}, ":n": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        }
    ]


def test_a_condition_that_is_not_met_is_not_a_fault() -> None:
    refused = ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
    assert table(Script(refused)).update("a", "SET #x = :x", "#y = :x", {":x": "1"}) is None
    assert not table(Script(refused)).delete("a", "attribute_exists(#id)")


def test_an_update_that_is_refused_for_the_moment_is_sent_again_until_its_end() -> None:
    client = Script(THROTTLED, EndpointConnectionError(endpoint_url="x"), {"Attributes": item("a")})
    patient = table(client)
    assert patient.update("a", "SET #x = :x", values={":x": 1}, end=patient.backoff.end()) == item("a")
    assert client.requests[0] == client.requests[1] == client.requests[2]


@pytest.mark.parametrize(("fault", "has_end"), [(THROTTLED, False), (DENIED, True)], ids=["no end", "denied"])
def test_an_update_is_sent_once_without_an_end_and_where_it_is_refused_for_good(
    fault: Exception, has_end: bool
) -> None:
    client = Script(fault, {"Attributes": item("a")})
    patient = table(client)
    with pytest.raises(StoreError):
        patient.update("a", "SET #x = :x", values={":x": 1}, end=patient.backoff.end() if has_end else None)
    assert len(client.requests) == 1


def test_an_update_whose_condition_is_not_met_the_second_time_says_so() -> None:
    """The answer to the first was lost."""
    unmet = ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
    patient = table(Script(THROTTLED, unmet))
    assert patient.update("a", "SET #x = :x", values={":x": 1}, end=patient.backoff.end()) is None
