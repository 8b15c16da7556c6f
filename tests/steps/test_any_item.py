"""Whatever stands in a lane or a table, no item stops a shard: the handlers return, its neighbours are delivered, and
what was not understood stands in the ErrorTable."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slips.model import Books, ProcessorBooks, WorkItem, work_item
from slips.quarantine import Filter

from .world import FUNCTIONS, Abandon, Change, Deliver, Drain, Land, Process, World, in_one_thread, list_all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.sampled_from((-1, 0, 2, 99, 10**15, 10**40, 1.5, True))
TEXTS = st.sampled_from(
    (
        "",
        "x",
        "1-2;4",
        "7-3",
        ",",
        "0",
        "1.5",
        "2",
        "1-99999999999999999999999",
        "x" * 3000,
        "é" * 2000,
        "slips:x",
        "\0",
    )
)
VALUES = JSON | NUMBERS | TEXTS | st.lists(TEXTS, max_size=3)
FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(WorkItem))
ATTRIBUTE = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": str(int(number))}),
    st.sampled_from(
        ({"N": "1.5"}, {"N": "-7"}, {"L": []}, {"L": [{"S": "x"}, {"N": "1"}]}, {"BOOL": True}, {"NULL": True})
    ),
)
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def world() -> World:
    made = World()
    made.take(Land(["1", "2", "3"]))
    return made


def a_whole_item(made: World) -> dict[str, Any]:
    """A work item with every field that one may have."""
    ref = made.objects.put("logs", "logs/odd", b"1.odd\n2.odd\n3.odd")
    item = msgspec.structs.replace(
        work_item(ref, "slips-fast"), object_size=None, resume_from=2, positions="2-3", processors=("plain",),
        attempt=1, error_id="e", first_failed="2026-01-31T12:00:00.000Z", history=("once",), chain="s3-lines joined",
        split=10, books=Books(records=1, processors={"plain": ProcessorBooks(delivered=1)}),
    )  # fmt: skip
    document: dict[str, Any] = msgspec.to_builtins(item)
    return document


def is_delivered(made: World, count: int = 1) -> bool:
    return all(made.delivered[function, f"{number}.{count}"] for function in FUNCTIONS for number in "123")


def listed(made: World) -> list[Any]:
    errors = made._errors(Process(made, {}, 0))
    errors.causes(Filter())
    return [errors.get(row.request_id) for row in list_all(errors)]


def deliver_all(made: World) -> None:
    for _ in range(4):
        made.take(Deliver(10, commits_often=False))
        made.take(Change("seconds", 1000))
    assert made.kinesis.records == []


@SETTINGS
@given(st.one_of(st.binary(max_size=60), JSON.map(lambda value: json.dumps(value).encode())), st.booleans())
def test_any_record_of_a_lane_is_an_error_item_and_its_neighbours_are_delivered(
    data: bytes, is_abandoned: bool
) -> None:
    with in_one_thread():
        made = World()
        made.kinesis.put_records([{"Data": data}])
        made.take(Land(["1", "2", "3"]))
        if is_abandoned:
            made.take(Abandon(10))
        deliver_all(made)
        [bad] = [item for item in listed(made) if not item.argument]
        assert bad.error_type in ("NotificationError", "RetryAttemptsExhausted")
        made.take(Drain(named=True))
        deliver_all(made)
        assert is_delivered(made)
        [stays] = listed(made)
        assert (stays.error_message, stays.failed_at) == (bad.error_message, bad.failed_at)
        assert len(stays.history) == 1


@SETTINGS
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=2), st.sampled_from((None, *FIELDS)))
def test_any_work_item_runs_or_is_an_error_item(changes: dict[str, Any], left_out: str | None) -> None:
    with in_one_thread():
        made = world()
        document = a_whole_item(made) | changes
        document.pop(left_out or "", None)
        made.kinesis.put_records([{"Data": json.dumps(document).encode()}])
        deliver_all(made)
        assert is_delivered(made)
        is_done = made.delivered["plain", "2.odd"] or made.delivered["plain", "3.odd"]
        assert is_done or listed(made) or changes.keys() & {"positions", "resume_from"}


@SETTINGS
@given(st.dictionaries(
    st.sampled_from((
        "attempts", "token", "token_name", "holder", "held_until", "resume_from", "chain", "books", "v", "expires_at",
        "changed_at", "bucket_name", "later",
    )), ATTRIBUTE, min_size=1, max_size=2,
))  # fmt: skip
def test_any_item_of_the_ledger_costs_its_work_at_most(changes: dict[str, Any]) -> None:
    with in_one_thread():
        made = world()
        made.take(Deliver(1, {3: "dies"}))
        table = made.dynamodb._tables[made.tables["ledger"]]
        [key] = table.items
        attributes = {**table.items[key], **changes}
        table.put(attributes, "test")
        made.take(Land(["1", "2", "3"]))
        deliver_all(made)
        assert is_delivered(made, 2)
        if "resume_from" not in changes:  # It may lie, or be beyond the end: then it stays an error item.
            made.end()


@SETTINGS
@given(st.dictionaries(
    st.sampled_from((
        "argument", "positions", "resume_from", "processor", "chain", "attempts", "state", "leased_until", "stage",
        "failed_at", "first_seen", "lane", "format", "sample", "error_message", "refusals", "v", "expires_at",
        "failed_count", "object_size", "work_items", "event_time", "claim_id", "later",
    )), ATTRIBUTE, min_size=1, max_size=2,
))  # fmt: skip
def test_any_error_item_is_drained_or_says_why_not(changes: dict[str, Any]) -> None:
    with in_one_thread():
        made = world()
        made.fail("plain", "2")
        made.take(Land(["1", "2", "3"]))
        deliver_all(made)
        table = made.dynamodb._tables[made.tables["errors"]]
        first, second = [key for key in table.items if not key.startswith("slips:")]
        table.put({**table.items[first], **changes}, "test")
        made.take(Change("repair"))
        made.take(Drain())
        made.take(Drain(named=True))
        deliver_all(made)
        left = {item.request_id: item for item in listed(made)}
        assert second not in left
        done = [made.delivered["plain", f"2.{count}"] for count in (1, 2)]
        is_narrowed_otherwise = changes.keys() & {"positions", "resume_from", "processor"}
        assert all(done) or left or is_narrowed_otherwise


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"positions": "1-2;4"}, '"1-2;4" is not a position'),
        ({"positions": "7-3"}, '"7-3" is not a position'),
        ({"positions": ","}, "names no record"),
        ({"positions": "1-99999999999999999999999"}, "is not a position"),
        ({"resume_from": 0}, "resume_from: 0 is not a number from 1 on"),
        ({"attempt": -1}, "attempt: -1"),
        ({"work_id": "x" * 3000}, "is not an id"),
        ({"work_id": "slips:counts:1"}, "is not an id"),
        ({"object_key": ""}, "may not be empty"),
        ({"object_key": "k" * 5000}, "longer than 4096 bytes"),
        ({"history": ["x" * 200_000]}, "longer than 131072 bytes"),
        ({"v": 2, "only_events": [1]}, "written by a later version, which can drain it"),
        ({"v": "x"}, "shape"),
    ],
)
def test_a_work_item_that_cannot_be_meant_says_why(changes: dict[str, Any], why: str) -> None:
    with in_one_thread():
        made = world()
        made.kinesis.put_records([{"Data": json.dumps(a_whole_item(made) | changes).encode()}])
        deliver_all(made)
        assert is_delivered(made)
        [bad] = listed(made)
        assert why in bad.error_message
