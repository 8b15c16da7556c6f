from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.model import Failure
from slips.model.positions import Positions
from slips.quarantine import Quarantine
from slips.quarantine.bounds import (
    ARGUMENT_BYTES,
    MOST_ARGUMENT_BYTES,
    POSITIONS_BYTES,
    split_failure,
    truncate,
    truncate_middle,
)
from slips.quarantine.items import encode_failure, measure

from ..builders import failure, item

ITEM_LIMIT = 400 * 1024
HUGE = "😀é\udcff" * 200_000
MANY = ",".join(str(n) for n in range(1, 200_000, 2))


def encode(whole: Failure) -> list[dict[str, dict[str, str]]]:
    return [encode_failure(part, now=0, max_attempts=3, ttl_days=1) for part in split_failure(whole)]


@given(st.text(), st.integers(40, 200))
def test_a_truncated_text_fits_and_keeps_its_beginning(text: str, limit: int) -> None:
    truncated = truncate(text, limit).encode()
    assert len(truncated) <= limit
    assert truncated.decode() == text or truncated.decode().startswith(text[: limit // 8])


def test_a_truncated_text_says_how_long_it_was() -> None:
    assert truncate("a" * 60, 40) == "a" * 26 + "… (60 bytes)"


def test_a_short_text_is_not_truncated() -> None:
    assert truncate("abc", 3) == truncate_middle("abc", 3) == "abc"


@given(st.text(), st.integers(40, 200))
def test_a_text_truncated_in_the_middle_fits(text: str, limit: int) -> None:
    assert len(truncate_middle(text, limit).encode()) <= limit


def test_a_long_traceback_keeps_its_beginning_and_its_cause() -> None:
    items = encode(failure(traceback="Traceback" + "x" * 100_000 + "KeyError: 'user'"))
    text = items[0]["traceback"]["S"]
    assert text.startswith("Traceback")
    assert text.endswith("KeyError: 'user'")
    assert "100025 bytes" in text


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"traceback": HUGE}, id="traceback"),
        pytest.param({"sample": HUGE}, id="sample"),
        pytest.param({"error_message": HUGE}, id="message"),
        pytest.param({"processor": HUGE, "error_type": HUGE, "format": HUGE, "fingerprint": HUGE}, id="names"),
        pytest.param({"bucket_name": HUGE, "object_key": HUGE, "lane": HUGE, "event_time": HUGE}, id="place"),
        pytest.param({"positions": MANY}, id="positions"),
        pytest.param({"argument": tuple(item(f"logs/{n}") for n in range(2000))}, id="argument"),
        pytest.param({"argument": (item(positions=MANY),), "positions": ""}, id="positions of the argument"),
        pytest.param(
            {"traceback": HUGE, "sample": HUGE, "error_message": HUGE, "positions": MANY, "object_key": HUGE}, id="all"
        ),
    ],
)
def test_no_item_is_above_400_kb(fields: dict[str, object]) -> None:
    for attributes in encode(failure(**fields)):
        assert measure(attributes) <= ITEM_LIMIT
        for value in attributes.values():
            for text in value.values():
                text.encode()


def test_the_sample_takes_the_bytes_that_are_left() -> None:
    (attributes,) = encode(failure(sample="x" * 260_000, argument=(), positions=""))
    assert attributes["sample"]["S"] == "x" * 260_000


def test_long_positions_are_split_over_items_and_none_is_lost() -> None:
    parts = list(split_failure(failure(positions=MANY, failed_count=100_000)))
    assert len(parts) > 1
    assert all(len(part.positions) <= POSITIONS_BYTES for part in parts)
    assert ",".join(part.positions for part in parts) == MANY
    assert sum(part.failed_count for part in parts) == 100_000


def test_split_ranges_and_events_are_counted() -> None:
    positions = MANY + ",200000-200009,200011.3"
    assert [part.failed_count for part in split_failure(failure(positions=positions))][-1] >= 11
    assert sum(part.failed_count for part in split_failure(failure(positions=positions))) == 100_011


def test_the_parts_have_ids_of_their_own_the_same_in_every_delivery() -> None:
    ids = [part.request_id for part in split_failure(failure(positions=MANY))]
    assert ids[0] == "r1"
    assert len(set(ids)) == len(ids)
    assert ids == [part.request_id for part in split_failure(failure(positions=MANY))]
    assert not set(ids[1:]) & {part.request_id for part in split_failure(failure(positions=MANY, attempts=2))}


def test_a_short_failure_is_one_item_with_its_own_count() -> None:
    (part,) = split_failure(failure(positions="3-7", failed_count=9))
    assert (part.request_id, part.failed_count) == ("r1", 9)


def test_many_work_items_are_split_over_items_and_none_is_lost() -> None:
    works = tuple(item(f"logs/{n}") for n in range(2000))
    parts = list(split_failure(failure(argument=works, positions="")))
    assert len(parts) > 1
    assert tuple(work for part in parts for work in part.argument) == works
    assert all(len(msgspec.json.encode(part.argument)) <= MOST_ARGUMENT_BYTES + 2 for part in parts)
    narrowed = list(split_failure(failure(argument=works, positions="1")))
    assert all(len(msgspec.json.encode(part.argument)) <= ARGUMENT_BYTES + 2 for part in narrowed)
    assert len(narrowed) > 2 * len(parts)


def test_a_few_work_items_stay_together() -> None:
    assert [len(part.argument) for part in split_failure(failure(argument=(item("a"), item("b"))))] == [2]


def test_a_work_item_too_long_by_itself_makes_no_empty_part() -> None:
    long = item(processors=("x" * ARGUMENT_BYTES,))
    assert [len(part.argument) for part in split_failure(failure(argument=(long, item("b"))))] == [1, 1]


def test_a_message_without_an_object_is_an_item_too() -> None:
    assert len(list(split_failure(failure(argument=())))) == 1


def test_positions_that_the_failure_names_are_not_kept_twice() -> None:
    (part,) = split_failure(failure(argument=(item(positions="3-9"),), positions="3"))
    assert part.argument[0].positions == ""


def test_positions_of_the_argument_stay_where_the_failure_names_none() -> None:
    (part,) = split_failure(failure(argument=(item(positions="3-9"),), positions=""))
    assert part.argument[0].positions == "3-9"


def test_positions_too_long_for_the_argument_become_all_from_the_first_on() -> None:
    (part,) = split_failure(failure(argument=(item(positions="50," + MANY.replace("1,", "", 1)),), positions=""))
    first = Positions.parse("50," + MANY.replace("1,", "", 1)).first
    assert (part.argument[0].positions, part.argument[0].resume_from) == ("", first)


def test_a_huge_failure_is_really_written(quarantine: Quarantine) -> None:
    quarantine.record([failure(traceback=HUGE, sample=HUGE, error_message=HUGE, positions=MANY)])
    assert quarantine.get("r1").positions.startswith("1,3,5")
