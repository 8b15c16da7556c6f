"""Items of every version are read: those of this one are frozen in tests/versions, so that the version that comes next
must still read them; those of the class-based SLIPS; and those of a later version, which cost nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slips.engine.failures import whole_object
from slips.model import WorkItem
from slips.model.work_items import decode_work_item, encode_work_item
from slips.quarantine import ErrorItem

from ..builders import item, legacy_item
from .test_any_item import deliver_all, listed
from .world import FUNCTIONS, Change, Deliver, Drain, Land, Process, World, in_one_thread

FROZEN = sorted((Path(__file__).parent.parent / "versions").glob("*.json"))


def frozen_world(path: Path) -> tuple[World, dict[str, Any]]:
    """A world with the tables of that version; and its work items."""
    made, frozen = World(), json.loads(path.read_text())
    for kept in frozen["objects"].values():
        made.objects.contents["logs", kept["key"]] = kept["content"].encode()
    for table in ("errors", "ledger"):
        for attributes in frozen[{"errors": "error_items", "ledger": "ledger_items"}[table]]:
            made.dynamodb._tables[made.tables[table]].put(attributes, "test")
    return made, frozen["work_items"]


def delivered(made: World, name: str) -> dict[str, str]:
    """The numbers of the events that each function got of that object."""
    numbers = {
        function: "".join(
            sorted(event.split(".")[0] for to, event in made.delivered if to == function and event.endswith(f".{name}"))
        )
        for function in FUNCTIONS
    }
    return {function: text for function, text in numbers.items() if text}


ALL = dict.fromkeys(FUNCTIONS, "12345678")


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_work_items_and_the_ledger_of_an_earlier_version_go_on(path: Path) -> None:
    with in_one_thread():
        made, works = frozen_world(path)
        table = made.dynamodb._tables[made.tables["errors"]]
        for key in list(table.items):
            table.remove(key)
        for work in works.values():
            made.kinesis.put_records([{"Data": json.dumps(work).encode()}])
        deliver_all(made)
        assert delivered(made, "whole") == ALL
        assert delivered(made, "begun") == ALL
        assert delivered(made, "continued") == {"plain": "45678", "buffered": "45678"}
        assert delivered(made, "resumed") == dict.fromkeys(FUNCTIONS, "45678")
        assert delivered(made, "drained") == {"plain": "235"}
        assert delivered(made, "done") == {}
        assert listed(made) == []


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_error_items_of_an_earlier_version_are_drained(path: Path) -> None:
    with in_one_thread():
        made, _ = frozen_world(path)
        made.take(Drain())
        assert {row.request_id for row in listed(made)} >= {"id-parked"}
        made.take(Drain(named=True))
        deliver_all(made)
        assert delivered(made, "failed") == {"plain": "235"}
        assert delivered(made, "rest") == {"batched": "45678"}
        assert delivered(made, "parked") == {"plain": "7"}
        assert delivered(made, "draining") == {"plain": "1"}
        assert delivered(made, "route") == ALL
        assert delivered(made, "message") == ALL  # Today's version knows the shape.
        [record] = listed(made)
        assert record.error_type == "NotificationError"
        assert record.error_message == "the record holds no work item"
        assert len(record.history) == record.attempts - 1


def test_items_of_an_earlier_version_whose_format_is_another_now_run_whole() -> None:
    with in_one_thread():
        made, _ = frozen_world(FROZEN[0])
        table = made.dynamodb._tables[made.tables["errors"]]
        for attributes in list(table.items.values()):
            table.put({**attributes, "format": {"S": "formerly"}}, "test")
        made.take(Drain())
        deliver_all(made)
        assert delivered(made, "failed") == {"plain": "12345678"}
        assert delivered(made, "rest") == {"batched": "12345678"}


def put_legacy(made: World, *keys: str) -> None:
    argument = [legacy_item(key) | {"object_size": None, "object_etag": ""} for key in keys]
    table = made.dynamodb._tables[made.tables["errors"]]
    table.put({"request_id": {"S": "old"}, "argument": {"S": json.dumps(argument)}}, "test")
    made._errors(Process(made, {}, 0)).adopt()


@pytest.mark.parametrize("key", ["logs/dt%3D2018-11-21/a+b%2Bc.json", "logs/caf%C3%A9", "logs/plain"])
@pytest.mark.parametrize("is_encoded", [True, False])
@pytest.mark.parametrize("is_in_lane", [True, False])
def test_a_key_of_the_class_based_slips_is_read_as_s3_meant_it_or_as_it_stands(
    key: str, is_encoded: bool, is_in_lane: bool
) -> None:
    decoded = {"logs/dt%3D2018-11-21/a+b%2Bc.json": "logs/dt=2018-11-21/a b+c.json", "logs/caf%C3%A9": "logs/café"}
    true_key = decoded.get(key, key) if is_encoded else key
    with in_one_thread():
        made = World()
        made.objects.put("logs", true_key, b"1.x\n2.x")
        if is_in_lane:
            data = json.dumps(legacy_item(key) | {"object_size": None, "object_etag": ""}).encode()
            made.kinesis.put_records([{"Data": data}])
        else:
            put_legacy(made, key)
            made.take(Drain())
        deliver_all(made)
        assert delivered(made, "x") == dict.fromkeys(FUNCTIONS, "12")
        assert listed(made) == []


def test_a_key_that_is_neither_is_missing_once_and_drained_later() -> None:
    with in_one_thread():
        made = World()
        put_legacy(made, "logs/a%2Bb", "logs/c")
        made.take(Drain())
        deliver_all(made)
        assert {row.error_type for row in listed(made)} == {"ObjectMissing"}
        made.objects.put("logs", "logs/a%2Bb", b"1.x")
        made.objects.put("logs", "logs/c", b"1.y")
        made.take(Drain(named=True))
        deliver_all(made)
        assert delivered(made, "x") == delivered(made, "y") == dict.fromkeys(FUNCTIONS, "1")


def test_only_an_item_without_any_identity_is_of_the_class_based_slips() -> None:
    for fields in ({"work_id": "w"}, {"version_id": "v"}, {"sequencer": "1"}):
        written = json.dumps(legacy_item("logs/a%2Bb") | fields).encode()
        assert decode_work_item(written).object_key == "logs/a%2Bb"


LATER = {"only_events": [17], "nested": {"a": [1, None, 2.5]}}


def test_fields_of_a_later_version_are_kept_when_an_item_is_handed_back_continued_and_drained() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3"]))
        made.take(Land(["1"]))
        for number, record in enumerate(made.kinesis.records):
            data = json.dumps(json.loads(record.data) | LATER).encode()
            made.kinesis.records[number] = record._replace(data=data)
        made.fail("plain", "3")
        made.take(Deliver(2, seconds_left=[100.0, 100.0, 1.0, 1.0, 1.0, 1.0]))
        assert len(made.kinesis.records) == 2  # The rest of the first, and the second as it was.
        assert all(json.loads(record.data).items() >= LATER.items() for record in made.kinesis.records)
        deliver_all(made)
        [failed] = listed(made)
        assert failed.argument[0].unknown == LATER
        made.take(Drain())
        assert json.loads(made.kinesis.records[0].data).items() >= LATER.items()


def test_no_field_of_ours_is_taken_for_one_of_a_later_version() -> None:
    work = item(record_id="0:1", unknown={"unknown": 1, "record_id": "x"})
    written = json.loads(encode_work_item(work))
    assert (written["unknown"], written["record_id"]) == (1, "x")
    assert decode_work_item(encode_work_item(work)) == msgspec.structs.replace(work, record_id="")
    assert whole_object(work).record_id == ""


@pytest.mark.parametrize("v", [2, 10**9])
def test_an_item_of_a_later_shape_is_kept_whole_for_the_version_that_knows_it(v: int) -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2"]))
        made.take(Land(["1", "2"]))
        [first, _] = made.kinesis.records
        data = json.dumps(json.loads(first.data) | {"v": v, "only_events": [1]}).encode()
        made.kinesis.records[0] = first._replace(data=data)
        deliver_all(made)
        [kept] = listed(made)
        assert "later version, which can drain it" in kept.error_message
        assert made.delivered["plain", "1.1"] == 0
        made.take(Drain(named=True))
        [still] = listed(made)
        assert (still.sample, still.error_message) == (kept.sample, kept.error_message)
        with pytest.MonkeyPatch.context() as later:
            later.setattr("slips.model.work_items.SHAPE", v)
            made.take(Drain(named=True))
            deliver_all(made)
        assert listed(made) == []
        assert made.delivered["plain", "1.1"] == 1


@pytest.mark.parametrize("where", ["v", "argument"])
def test_an_error_item_of_a_later_shape_stays_as_it_is(where: str) -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2"]))
        made.fail("plain", "2")
        deliver_all(made)
        table = made.dynamodb._tables[made.tables["errors"]]
        [(key, attributes)] = table.items.items()
        later = {"only_events": {"S": "17"}}
        if where == "v":
            later["v"] = {"N": "2"}
        else:
            [work] = json.loads(attributes["argument"]["S"])
            later["argument"] = {"S": json.dumps([work | {"v": 2}])}
        table.put({**attributes, **later}, "test")
        made.take(Change("repair"))
        made.take(Drain())
        deliver_all(made)
        assert made.delivered["plain", "2.1"] == 0
        left = table.items[key]
        assert {name: left[name] for name in later} == later
        [shown] = listed(made)
        assert "later version" in shown.unreadable
        assert "later version" in shown.history[-1]


def test_an_item_in_a_state_of_a_later_version_is_drained_by_its_id_alone() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2"]))
        made.fail("plain", "2")
        deliver_all(made)
        table = made.dynamodb._tables[made.tables["errors"]]
        [attributes] = table.items.values()
        table.put({**attributes, "state": {"S": "asleep"}}, "test")
        made.take(Change("repair"))
        made.take(Drain())
        assert made.kinesis.records == []
        made.take(Drain(named=True))
        deliver_all(made)
        assert made.delivered["plain", "2.1"] == 1
        assert listed(made) == []


def test_the_ledger_of_a_later_shape_costs_its_work() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2"]))
        made.take(Deliver(1, {2: "dies before"}))
        table = made.dynamodb._tables[made.tables["ledger"]]
        [attributes] = table.items.values()
        table.put({**attributes, "v": {"N": "2"}}, "test")
        deliver_all(made)
        [failed] = listed(made)
        assert "written by a later version" in failed.error_message
        made.end()


def test_what_is_written_is_what_the_version_before_reads() -> None:
    """A roll-back: no field has another name or type than in the frozen items."""
    work = msgspec.to_builtins(WorkItem(bucket_name="b", object_key="k"))
    frozen = json.loads(FROZEN[0].read_text())
    for old in frozen["work_items"].values():
        new = json.loads(encode_work_item(decode_work_item(json.dumps(old).encode())))
        assert new == old
    assert work == {"bucket_name": "b", "object_key": "k"}
    assert {field.name for field in msgspec.structs.fields(ErrorItem)} >= set(frozen["error_items"][0]) - {"spread"}
