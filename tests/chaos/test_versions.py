"""The items of other versions are what this version takes them for; else the chaos runs would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import NotificationError
from slips.model.work_items import decode_work_item
from slips.quarantine.items import decode_item
from slips.quarantine.schema import INDEX_RANGE

from .objects import FUNCTIONS, Planted, deliveries, sound_object
from .versions import KINDS, LATER, Items

STREAM = "chaos-fast"


def planted() -> Planted:
    return sound_object("chaos/dt=2018-11-21/a b+c.json", "v0", 8, 0.0)


def items(kind: str) -> Items:
    return KINDS[kind](planted(), STREAM)


def names_the_object(work: Any) -> bool:
    return planted().key in (work.object_key, work.raw_key) and work.object_etag == planted().etag


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_a_work_item_unless_it_stays(kind: str) -> None:
    for record in items(kind).records:
        if items(kind).is_staying:
            with pytest.raises(NotificationError, match="later version"):
                decode_work_item(record)
        else:
            assert names_the_object(decode_work_item(record))


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_item_is_read_unless_it_stays(kind: str) -> None:
    for attributes in items(kind).errors:
        error = decode_item(attributes)
        assert bool(error.unreadable) is items(kind).is_staying
        assert all(names_the_object(work) for work in error.argument)
        assert kind == "2018 error item" or attributes[INDEX_RANGE]["S"].endswith(f"#{error.request_id}")


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_delivered_before_is_of_the_object(kind: str) -> None:
    assert set(items(kind).delivered) <= set(deliveries(planted().ids))


@pytest.mark.parametrize(
    ("name", "delivered"),
    [
        ("whole", []),
        ("continued", deliveries(["v0-0", "v0-1", "v0-2"])),
        ("parked", [each for each in deliveries(planted().ids) if each != "plain v0-6"]),
    ],
)
def test_the_version_before_had_delivered_what_its_items_do_not_name(name: str, delivered: list[str]) -> None:
    assert sorted(items(f"shape_1 {name}").delivered) == sorted(delivered)


def test_what_was_given_up_waits_in_the_error_table() -> None:
    [error] = items("shape_1 continued").errors
    assert (error["processor"]["S"], error["resume_from"]["N"]) == ("batched", "4")
    assert "batched" in FUNCTIONS


def test_an_item_of_2018_has_no_identity_but_its_key_as_s3_sent_it() -> None:
    [record] = items("2018 record").records
    assert b"chaos/dt%3D2018-11-21/a+b%2Bc.json" in record
    work = decode_work_item(record)
    assert (work.object_key, work.version_id, work.sequencer) == (planted().key, "", "")
    [error] = items("2018 error item").errors
    assert error.keys() == {"request_id", "argument"}


def test_fields_of_a_later_version_are_unknown_to_this_one() -> None:
    [record] = items("later fields").records
    assert decode_work_item(record).unknown == LATER
