"""DynamoDB in memory answers as the emulator does: each case runs against both, over HTTP and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slips.ledger.counters import Counters
from slips.ledger.ledger import DynamoLedger
from slips.model import Books
from slips.model.ports import NOBODY, AtWork, FinishedWork, Holder, Progress, Token
from slips.quarantine import DiscardRequest, Filter, Quarantine, discard, schema

from .. import error_table
from ..builders import failure, item, legacy_item
from ..error_table import NOW, Time
from ..ledger_table import create as create_ledger
from ..memory_dynamodb import MemoryDynamoDB

Item = dict[str, dict[str, Any]]


@pytest.fixture(params=["memory", "emulator"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return MemoryDynamoDB() if request.param == "memory" else request.getfixturevalue("emulated_dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    name = error_table.create(dynamodb)
    yield name
    dynamodb.delete_table(TableName=name)


def key(name: str) -> Item:
    return {"request_id": {"S": name}}


def indexed(name: str, at: str = "a", spread: str = "0", **attributes: str) -> Item:
    others = {attribute: {"S": text} for attribute, text in attributes.items()}
    return {**key(name), "spread": {"S": spread}, "sort_key": {"S": at}, **others}


def code_of(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return str(refusal.value.response["Error"]["Code"])


# Items


def test_an_item_is_what_was_put_last(dynamodb: Any, table: str) -> None:
    values: Item = {"text": {"S": "é"}, "number": {"N": "7"}, "list": {"L": [{"S": "x"}, {"N": "1"}]}}
    dynamodb.put_item(TableName=table, Item=key("a"))
    dynamodb.put_item(TableName=table, Item=key("a") | values)
    assert dynamodb.get_item(TableName=table, Key=key("a"), ConsistentRead=True)["Item"] == key("a") | values
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("b"))


def test_batches_write_and_read_many(dynamodb: Any, table: str) -> None:
    puts = [{"PutRequest": {"Item": indexed(f"r{n}")}} for n in range(25)]
    assert dynamodb.batch_write_item(RequestItems={table: puts}).get("UnprocessedItems") == {}
    keys = [key(f"r{n}") for n in range(100)]
    answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    assert sorted(each["request_id"]["S"] for each in answer["Responses"][table]) == sorted(f"r{n}" for n in range(25))


@pytest.mark.parametrize("count", [26, 101])
def test_a_batch_takes_25_writes_and_100_reads(count: int) -> None:
    """The emulator takes more."""
    client = MemoryDynamoDB()
    table, keys = error_table.create(client), [key(f"r{n}") for n in range(count)]
    puts = [{"PutRequest": {"Item": each}} for each in keys]
    assert code_of(client.batch_write_item, RequestItems={table: puts}) == "ValidationException"
    if count > 100:
        assert code_of(client.batch_get_item, RequestItems={table: {"Keys": keys}}) == "ValidationException"


def test_a_key_comes_once_in_a_batch(dynamodb: Any, table: str) -> None:
    keys = [key("a"), key("a")]
    assert code_of(dynamodb.batch_get_item, RequestItems={table: {"Keys": keys}}) == "ValidationException"
    puts = [{"PutRequest": {"Item": each}} for each in keys]
    assert code_of(dynamodb.batch_write_item, RequestItems={table: puts}) == "ValidationException"


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(key(""), id="an empty key"),
        pytest.param(key("x" * 2049), id="a long key"),
        pytest.param(indexed("a", at=""), id="an empty key of an index"),
        pytest.param({**key("a"), "text": {"S": "x" * 400 * 1024}}, id="more than 400 KB"),
    ],
)
def test_items_that_no_table_takes_are_refused(dynamodb: Any, table: str, refused: Item) -> None:
    assert code_of(dynamodb.put_item, TableName=table, Item=refused) == "ValidationException"


def test_a_table_that_is_not_there_is_a_fault(dynamodb: Any) -> None:
    name: Any = {"TableName": "no-such-table"}
    for call in (
        lambda: dynamodb.get_item(**name, Key=key("a")),
        lambda: dynamodb.put_item(**name, Item=key("a")),
        lambda: dynamodb.delete_item(**name, Key=key("a")),
        lambda: dynamodb.scan(**name),
        lambda: dynamodb.describe_table(**name),
        lambda: dynamodb.batch_get_item(RequestItems={"no-such-table": {"Keys": [key("a")]}}),
    ):
        assert code_of(call) == "ResourceNotFoundException"


# Expressions

BEFORE: Item = {**key("a"), "text": {"S": "b"}, "number": {"N": "10"}, "list": {"L": [{"S": "x"}]}}
NAMES = {"#request_id": "request_id", "#text": "text", "#number": "number", "#list": "list", "#none": "none"}
VALUES: Item = {
    **{f":{letter}": {"S": letter} for letter in "abc"},
    **{f":{number}": {"N": number} for number in ("9", "10")},
    ":x": {"L": [{"S": "y"}]},
}


def expressions(**parameters: str) -> dict[str, Any]:
    """The request's expressions, with what they use."""
    text = " ".join(parameters.values())
    request: dict[str, Any] = {
        **parameters,
        "ExpressionAttributeNames": {name: attribute for name, attribute in NAMES.items() if name in text},
        "ExpressionAttributeValues": {name: value for name, value in VALUES.items() if name in text.split(" ")},
    }
    return {name: value for name, value in request.items() if value}


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("attribute_exists ( #text )", True),
        ("attribute_exists ( #none )", False),
        ("attribute_not_exists ( #none )", True),
        ("#text = :b", True),
        ("#text = :a", False),
        ("#text = :9", False),
        ("#none = :b", False),
        ("NOT #none = :b", True),
        ("#text <> :a", True),
        ("#text <> :b", False),
        ("#text <> :9", True),
        ("#number <> :9", True),
        ("#number <> :10", False),
        ("#none <> :b", True),
        ("#none = :b OR #text <> :b AND #number = :10", False),
        ("#number < :9", False),
        (":9 < #number", True),
        ("#number < :10", False),
        ("#number <= :10", True),
        ("#number > :9", True),
        ("#number >= :10", True),
        ("#text < :c", True),
        ("#none < :c", False),
        ("#text IN ( :a , :b )", True),
        ("#text IN ( :a , :c )", False),
        ("NOT #none IN ( :a , :c )", True),
        ("NOT #text IN ( :a , :b )", False),
        ("#text BETWEEN :a AND :b", True),
        ("#text BETWEEN :a AND :b AND #number = :9", False),
        ("begins_with ( #text , :b )", True),
        ("begins_with ( #none , :b )", False),
        ("contains ( #text , :b )", True),
        ("contains ( #text , :a )", False),
        ("contains ( #none , :b )", False),
        ("#text = :a OR #text = :b AND #number = :9", False),
        ("#text = :b OR #text = :a AND #number = :9", True),
        ("( #text = :b OR #text = :a ) AND #number = :9", False),
        ("NOT #text = :a AND #number = :10", True),
        ("attribute_not_exists ( #text ) OR NOT #text IN ( :a , :c )", True),
    ],
)
def test_a_condition_is_met_or_not(dynamodb: Any, table: str, condition: str, is_met: bool) -> None:
    dynamodb.put_item(TableName=table, Item=BEFORE)
    request = {"TableName": table, "Key": key("a")}
    if is_met:
        dynamodb.delete_item(**request, **expressions(ConditionExpression=condition))
    else:
        refused = code_of(dynamodb.delete_item, **request, **expressions(ConditionExpression=condition))
        assert refused == "ConditionalCheckFailedException"
    assert ("Item" in dynamodb.get_item(**request)) is not is_met
    dynamodb.put_item(TableName=table, Item=BEFORE)
    items = dynamodb.scan(TableName=table, **expressions(FilterExpression=condition))["Items"]
    assert items == ([BEFORE] if is_met else [])


@pytest.mark.parametrize(
    ("update", "changes"),
    [
        ("SET #text = :a", {"text": {"S": "a"}}),
        ("SET #text = :a , #none = :b", {"text": {"S": "a"}, "none": {"S": "b"}}),
        ("SET #none = #text , #text = :a", {"text": {"S": "a"}, "none": {"S": "b"}}),
        ("SET #text = if_not_exists(#text, :a )", {}),
        ("SET #none = if_not_exists(#none, :a )", {"none": {"S": "a"}}),
        ("SET #number = #number - :9", {"number": {"N": "1"}}),
        ("SET #number = #number + :9", {"number": {"N": "19"}}),
        ("SET #list = list_append(if_not_exists(#list, :x ), :x )", {"list": {"L": [{"S": "x"}, {"S": "y"}]}}),
        ("SET #none = list_append(if_not_exists(#none, :x ), :x )", {"none": {"L": [{"S": "y"}, {"S": "y"}]}}),
        ("ADD #number :9 , #none :10", {"number": {"N": "19"}, "none": {"N": "10"}}),
        (
            "SET #text = :a ADD #number :9 REMOVE #list , #none",
            {"text": {"S": "a"}, "number": {"N": "19"}, "list": None},
        ),
    ],
)
def test_an_update_changes_what_it_names(dynamodb: Any, table: str, update: str, changes: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item=BEFORE)
    after = {name: value for name, value in (BEFORE | changes).items() if value}
    request = {"TableName": table, "Key": key("a"), **expressions(UpdateExpression=update)}
    assert dynamodb.update_item(**request, ReturnValues="ALL_NEW")["Attributes"] == after
    assert dynamodb.get_item(TableName=table, Key=key("a"))["Item"] == after


def test_an_update_makes_the_item_unless_its_condition_forbids_it(dynamodb: Any, table: str) -> None:
    request = {"TableName": table, "Key": key("a")}
    must_exist = expressions(UpdateExpression="SET #text = :a", ConditionExpression="attribute_exists(#request_id)")
    assert code_of(dynamodb.update_item, **request, **must_exist) == "ConditionalCheckFailedException"
    assert "Item" not in dynamodb.get_item(**request)
    dynamodb.update_item(**request, **expressions(UpdateExpression="SET #text = :a"))
    assert dynamodb.get_item(**request)["Item"] == {**key("a"), "text": {"S": "a"}}


UPDATE = expressions(UpdateExpression="SET #text = :a")


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(expressions(UpdateExpression="SET #none = #none - :9"), id="from what the item does not have"),
        pytest.param(UPDATE | {"ExpressionAttributeValues": {":b": {"S": "b"}}}, id="a value that is not defined"),
        pytest.param(UPDATE | {"ExpressionAttributeValues": VALUES}, id="values that are not used"),
        pytest.param(UPDATE | {"ExpressionAttributeNames": NAMES}, id="names that are not used"),
        pytest.param(expressions(UpdateExpression="SET #request_id = :b"), id="the key"),
    ],
)
def test_an_expression_that_makes_no_sense_is_refused(dynamodb: Any, table: str, request_: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item=BEFORE)
    assert code_of(dynamodb.update_item, TableName=table, Key=key("a"), **request_) == "ValidationException"
    assert dynamodb.get_item(TableName=table, Key=key("a"))["Item"] == BEFORE


def test_bounds_the_wrong_way_round_are_refused() -> None:
    """The emulator takes them."""
    client = MemoryDynamoDB()
    table = error_table.create(client)
    client.put_item(TableName=table, Item=indexed("a"))
    with pytest.raises(ClientError, match="ValidationException"):
        query(client, table, low="b", high="a")


# Pages


def query(
    dynamodb: Any, table: str, low: str = " ", high: str = "~", stage: str = "", **request: Any
) -> list[list[Item]]:
    """The pages of a query."""
    where = {"FilterExpression": "#stage = :stage"} if stage else {}
    names = {"#spread": "spread", "#sort_key": "sort_key"} | ({"#stage": "stage"} if stage else {})
    values = {":spread": "0", ":low": low, ":high": high} | ({":stage": stage} if stage else {})
    return pages(
        dynamodb.query,
        {
            "TableName": table,
            "IndexName": schema.INDEX,
            "KeyConditionExpression": "#spread = :spread AND #sort_key BETWEEN :low AND :high",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {name: {"S": text} for name, text in values.items()},
            **where,
            **request,
        },
    )


def test_a_query_of_an_index_that_is_missing_is_refused(dynamodb: Any, table: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*: The table does not have the specified index: none"):
        query(dynamodb, table, IndexName="none")


def pages(call: Any, request: dict[str, Any]) -> list[list[Item]]:
    """All pages. Behind one that its limit ended AWS gives another, even an empty one, and the emulator does not."""
    answers = [call(**request)]
    while "LastEvaluatedKey" in answers[-1]:
        answers.append(call(**request, ExclusiveStartKey=answers[-1]["LastEvaluatedKey"]))
    if len(answers) > 1 and not answers[-1]["ScannedCount"]:
        answers.pop()
    return [answer["Items"] for answer in answers]


def ids(pages: list[list[Item]]) -> list[list[str]]:
    return [[each["request_id"]["S"] for each in page] for page in pages]


def put(dynamodb: Any, table: str, *items: Item) -> None:
    for each in items:
        dynamodb.put_item(TableName=table, Item=each)


def test_a_query_is_sorted_by_the_range_key_and_then_by_the_key(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, indexed("2", "b"), indexed("3", "a"), indexed("1", "b"), indexed("4", "é"), indexed("5", "z"))
    assert ids(query(dynamodb, table, high="\U0010ffff")) == [["3", "1", "2", "5", "4"]]
    assert ids(query(dynamodb, table, high="\U0010ffff", ScanIndexForward=False)) == [["4", "5", "2", "1", "3"]]
    assert ids(query(dynamodb, table, low="b", high="b")) == [["1", "2"]]


def test_an_index_holds_the_items_of_its_partition_that_have_its_keys(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, indexed("1"), indexed("2", spread="1"), key("3"), {**key("4"), "spread": {"S": "0"}})
    assert ids(query(dynamodb, table)) == [["1"]]
    assert ids(pages(dynamodb.scan, {"TableName": table, "IndexName": schema.INDEX})) in ([["1", "2"]], [["2", "1"]])
    dynamodb.put_item(TableName=table, Item=key("1"))
    dynamodb.delete_item(TableName=table, Key=key("2"))
    assert ids(query(dynamodb, table)) == [[]]


def test_an_index_shows_what_it_projects(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, indexed("1", stage="read", traceback="long"))
    assert query(dynamodb, table) == [[indexed("1", stage="read")]]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9])
def test_a_query_goes_on_behind_the_last_key(dynamodb: Any, table: str, forward: bool, limit: int) -> None:
    put(dynamodb, table, *(indexed(str(n), "ab"[n % 2]) for n in range(6)))
    expected = ["0", "2", "4", "1", "3", "5"][:: 1 if forward else -1]
    pages_of_ids = ids(query(dynamodb, table, ScanIndexForward=forward, Limit=limit))
    assert pages_of_ids == [expected[start : start + limit] for start in range(0, 6, limit)]


def test_a_limit_counts_what_is_looked_at_and_not_what_matches(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, *(indexed(str(n), stage="read" if n == 4 else "parse") for n in range(6)))
    assert ids(query(dynamodb, table, Limit=2, stage="read")) == [[], [], ["4"]]


def test_a_page_ends_at_1_mb(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, *(indexed(str(n), error_message="x" * 300_000) for n in range(7)))
    assert ids(query(dynamodb, table)) == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert [len(page) for page in pages(dynamodb.scan, {"TableName": table})] == [3, 3, 1]


def test_a_scan_sees_every_item_once(dynamodb: Any, table: str) -> None:
    put(dynamodb, table, *(key(str(n)) for n in range(7)))
    pages_of_ids = ids(pages(dynamodb.scan, {"TableName": table, "Limit": 3}))
    assert [len(page) for page in pages_of_ids] == [3, 3, 1]
    assert sorted(each for page in pages_of_ids for each in page) == [str(n) for n in range(7)]


# Whatever is done in whatever order

NAME = st.sampled_from("abc")
TEXT = st.sampled_from("xyz")
CHANGES = [
    ("SET #state = :state, #spread = :spread, #sort_key = :at", "attribute_not_exists(#state) OR #state = :state"),
    ("SET #state = :state REMOVE #sort_key", "attribute_exists(#request_id)"),
    ("SET #state = if_not_exists(#state, :state) ADD #attempts :one", ""),
    ("ADD #attempts :one", "#attempts < :three OR NOT #state IN (:state, :at)"),
    ("SET #attempts = #attempts - :one", "#attempts >= :one AND (#state = :state OR attribute_exists(#sort_key))"),
]
STEP = st.tuples(st.sampled_from(["put", "delete", *range(len(CHANGES))]), NAME, TEXT, TEXT)


@pytest.fixture(scope="module")
def pair(emulated_dynamodb: Any) -> list[tuple[Any, str]]:
    """Both, with a table each."""
    return [(client, error_table.create(client)) for client in (MemoryDynamoDB(), emulated_dynamodb)]


@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=5, max_size=12))
def test_both_are_equal_after_any_steps(pair: list[tuple[Any, str]], steps: list[tuple[Any, str, str, str]]) -> None:
    in_memory, emulated = (outcome(client, table, steps) for client, table in pair)
    assert in_memory == emulated


def outcome(client: Any, table: str, steps: list[tuple[Any, str, str, str]]) -> tuple[Any, ...]:
    """The answers to the steps, and what can be read then. The table is empty after it."""
    answers = [take_step(client, table, *step) for step in steps]
    listed = [query(client, table, ScanIndexForward=forward, Limit=2) for forward in (True, False)]
    items = sorted(client.scan(TableName=table)["Items"], key=lambda each: str(each["request_id"]["S"]))
    for each in items:
        client.delete_item(TableName=table, Key=key(each["request_id"]["S"]))
    return answers, listed, items


def take_step(client: Any, table: str, step: Any, name: str, state: str, at: str) -> Any:
    if step == "put":
        client.put_item(TableName=table, Item=indexed(name, at, state=state))
        return None
    if step == "delete":
        client.delete_item(TableName=table, Key=key(name))
        return None
    update, condition = CHANGES[step]
    text = f"{update} {condition}"
    names = ("state", "spread", "sort_key", "attempts", "request_id")
    values: Item = {
        ":state": {"S": state}, ":at": {"S": at}, ":spread": {"S": "0"}, ":one": {"N": "1"}, ":three": {"N": "3"},
    }  # fmt: skip
    request: dict[str, Any] = {
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{each}": each for each in names if f"#{each}" in text},
        "ExpressionAttributeValues": {each: value for each, value in values.items() if each in text},
    }
    request = {parameter: value for parameter, value in request.items() if value}
    try:
        return client.update_item(TableName=table, Key=key(name), ReturnValues="ALL_NEW", **request)["Attributes"]
    except ClientError as refusal:
        return refusal.response["Error"]["Code"]


# The stores


def test_an_error_item_is_recorded_listed_claimed_refused_and_drained(dynamodb: Any, table: str) -> None:
    time = Time()
    quarantine = error_table.quarantine(dynamodb, table, time)
    quarantine.record([failure(f"r{n:02}", failed_at=f"2026-01-31T12:00:{n:02}.000Z") for n in range(30)])
    page = quarantine.page(Filter(), 20)
    rest = quarantine.page(Filter(), 20, page.cursor)
    assert [row.request_id for row in (*page.items, *rest.items)] == [f"r{n:02}" for n in reversed(range(30))]
    assert quarantine.causes(Filter(bucket="logs")).causes[0].count == 30

    claimed = quarantine.claim("r07", "c1", NOW, 60)
    assert claimed is not None
    assert quarantine.claim("r07", "c2", NOW, 60) is None
    assert not quarantine.confirm("r07", "c2")
    assert quarantine.refuse(claimed, "no route")
    assert (quarantine.get("r07").attempts, quarantine.get("r07").state) == (2, "open")
    claimed = quarantine.claim("r07", "c3", NOW, 60)
    assert claimed is not None
    assert quarantine.release(claimed)
    assert quarantine.claim("r07", "c4", NOW, 60)
    assert quarantine.confirm("r07", "c4")

    quarantine.record_drain("d1", ["w1"])
    quarantine.record_drain("d1", ["w2"])
    assert quarantine.works_of_drain("d1") == ["w1", "w2"]
    request = DiscardRequest(reason="test data", fingerprint="f1")
    assert discard(request, quarantine, time.now + 60, time).discarded == 29
    assert quarantine.page(Filter()).items == ()


def test_an_item_of_the_class_based_slips_is_adopted(dynamodb: Any, table: str) -> None:
    argument = json.dumps([legacy_item("logs/x")])
    dynamodb.put_item(TableName=table, Item={**key("old"), "argument": {"S": argument}})
    quarantine: Quarantine = error_table.quarantine(dynamodb, table)
    quarantine.record([failure("new")])
    assert quarantine.adopt().adopted == 1
    assert {row.request_id for row in quarantine.page(Filter()).items} == {"old", "new"}


def test_work_is_begun_goes_on_ends_and_is_counted(dynamodb: Any) -> None:
    table, work = create_ledger(dynamodb), item(work_id="w1")
    books = DynamoLedger(dynamodb, table, 30, Time())
    [first] = books.begin_new([(work, NOBODY)])
    assert isinstance(first, Progress)
    assert first == Progress(token=Token(1, first.token.name))
    assert books.begin_new([(work, NOBODY)]) == [None]
    second = books.begin(work)
    assert isinstance(second, Progress)
    assert second == Progress(attempts=2, token=Token(2, second.token.name))
    assert not books.checkpoint(work, Progress(resume_from=5, token=first.token))
    assert not books.checkpoint(work, Progress(resume_from=5, token=Token(2, first.token.name)))
    assert books.checkpoint(work, Progress(resume_from=5, token=second.token, attempts=0))
    third = books.begin(work, Holder("r1", NOW + 60))
    assert isinstance(third, Progress)
    assert third == Progress(resume_from=5, attempts=1, token=Token(3, third.token.name))
    assert books.begin(work, Holder("r2", NOW + 60)) == AtWork(NOW + 60)
    books.give_back([FinishedWork(work, Books(), "", third.token)])
    books.finish([FinishedWork(work, Books(records=3), "done", third.token)])
    books.give_back([FinishedWork(work, Books(), "", third.token)])
    assert books.get("w1").attempts == 0
    fourth = books.begin(work)
    assert isinstance(fourth, Progress)
    books.finish([FinishedWork(work, Books(records=3), "done", fourth.token)])
    assert books.begin(work) is None
    [ledger_item] = books.of_object(work.bucket_name, work.object_key)
    assert (ledger_item.work_id, ledger_item.state, ledger_item.books.records) == ("w1", "done", 3)
    assert set(books.of_works(["w1", "w2"])) == {"w1"}

    counters = Counters(dynamodb, table, Time())
    for _ in range(2):
        counters.record("fast", {"objects": 1, "events": 2, "by_format": {"a:b": 2}}, 0.5)
    [hour] = counters.since(1).hours
    assert (hour.objects, hour.formats) == (2, {"a:b": 4})
    dynamodb.delete_table(TableName=table)
