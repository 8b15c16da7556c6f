"""What a drain and a discard take: the same ids or filters, the same cursor, the same deadline."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips.drain import DrainRequest
from slips.errors import BadRequest
from slips.model import utc
from slips.quarantine import DiscardRequest, ErrorSelection, Quarantine, SelectionWalk, schema

from ..builders import failure
from ..error_table import SKEWED, Tapped, Time
from .test_listing import fill


def take(walk: SelectionWalk, size: int, chunks: int) -> list[list[str]]:
    """That many chunks; the walk is left at the last one's end."""
    result: list[list[str]] = []
    for ids in walk.chunks(lambda: size if len(result) < chunks else 0):
        result.append(ids)
    return result


@pytest.mark.parametrize("selected", [{"ids": ("r0003", "r0001", "r0003", "r0002")}, {"fingerprint": "f1"}], ids=str)
def test_a_walk_continues_behind_the_last_chunk(quarantine: Quarantine, time: Time, selected: dict[str, Any]) -> None:
    fill(quarantine, 4)
    walk = SelectionWalk(ErrorSelection(**selected), quarantine, time.now + 60, time)
    first = take(walk, 2, 1)
    rest = SelectionWalk(ErrorSelection(**selected, cursor=str(walk.cursor)), quarantine, time.now + 60, time)
    everything = take(SelectionWalk(ErrorSelection(**selected), quarantine, time.now + 60, time), 9, 9)
    assert first + take(rest, 9, 1) == [everything[0][:2], everything[0][2:]]
    assert not walk.at_end
    assert rest.at_end


def test_a_chunk_that_the_caller_breaks_off_at_comes_again(quarantine: Quarantine, time: Time) -> None:
    ids = fill(quarantine, 4)[::-1]
    walk = SelectionWalk(ErrorSelection(), quarantine, time.now + 60, time)
    for chunk in walk.chunks(lambda: 2):
        if chunk != ids[:2]:
            break
    again = SelectionWalk(ErrorSelection(cursor=str(walk.cursor)), quarantine, time.now + 60, time)
    assert take(again, 9, 1) == [ids[2:]]


def test_a_walk_leaves_out_what_failed_after_it_began(quarantine: Quarantine, time: Time) -> None:
    earlier = fill(quarantine, 2)[::-1]
    walk = SelectionWalk(ErrorSelection(), quarantine, time.now + 60, time)
    time.now += 1
    quarantine.record([failure("late", failed_at="")])
    assert take(walk, 9, 1) == [earlier]


def test_a_walk_through_an_empty_table_takes_nothing_that_comes(quarantine: Quarantine, time: Time) -> None:
    walk = SelectionWalk(ErrorSelection(), quarantine, time.now + 60, time)
    quarantine.record([failure("late")])
    assert take(walk, 9, 1) == [[]]


@SKEWED
def test_a_walk_takes_what_had_failed_whatever_the_clock_says(quarantine: Quarantine, time: Time, skew: float) -> None:
    """The newest item has just been written by another machine."""
    quarantine.record([failure("new", failed_at=utc.iso(time.now))])
    clock = Time(time.now + skew)
    walk = SelectionWalk(ErrorSelection(), quarantine, clock() + 60, clock)
    quarantine.record([failure("late", failed_at=utc.iso(time.now + 0.001))])
    assert take(walk, 9, 1) == [["new"]]


@pytest.mark.parametrize("matching", [{}, {"fingerprint": "f1"}], ids=str)
def test_the_newest_item_costs_one_small_query_per_partition(
    quarantine: Quarantine, tapped: Tapped, time: Time, matching: dict[str, str]
) -> None:
    fill(quarantine, 20, fingerprint="f2")
    tapped.requests.clear()
    SelectionWalk(ErrorSelection(**matching), quarantine, time.now + 60, time)
    assert [request["Limit"] for request in tapped.requests] == [1] * schema.PARTITIONS
    assert not any("FilterExpression" in request for request in tapped.requests)


def test_named_items_need_no_newest(quarantine: Quarantine, tapped: Tapped, time: Time) -> None:
    SelectionWalk(ErrorSelection(ids=("a",)), quarantine, time.now + 60, time)
    assert tapped.calls == []


@pytest.mark.parametrize("kind", [DrainRequest, DiscardRequest])
def test_ids_and_filters_do_not_go_together(kind: type[ErrorSelection]) -> None:
    reason = {"reason": "test"} if kind is DiscardRequest else {}
    with pytest.raises(BadRequest, match=r"^ids: .*not both"):
        kind(ids=("a",), bucket="b", **reason)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "body",
    [{"ids": []}, {"ids": [""]}, {"fingerprint": ""}, {"bucket": ""}, {"state": ""}, {"since": ""}, {"x": "y"}],
)
@pytest.mark.parametrize("kind", [DrainRequest, DiscardRequest])
def test_a_decoded_request_never_takes_everything_by_mistake(kind: type[ErrorSelection], body: dict[str, Any]) -> None:
    reason = {"reason": "test"} if kind is DiscardRequest else {}
    assert msgspec.convert({**reason, "fingerprint": "f1"}, kind).filters() == {"fingerprint": "f1"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**reason, **body}, kind)


@pytest.mark.parametrize("fields", [{}, {"cursor": "x"}])
def test_a_discard_of_everything_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match=r"^ids: .*one of both"):
        DiscardRequest(reason="test", **fields)


def test_a_discard_of_all_that_is_open_is_refused() -> None:
    with pytest.raises(BadRequest, match="add another filter"):
        DiscardRequest(reason="test", state="open")
    assert DiscardRequest(reason="test", state="parked").filters() == {"state": "parked"}


@pytest.mark.parametrize("kind", [DrainRequest, DiscardRequest])
def test_a_time_that_is_none_is_refused(kind: type[ErrorSelection]) -> None:
    reason = {"reason": "test"} if kind is DiscardRequest else {}
    with pytest.raises(BadRequest, match=r"^until: "):
        kind(until="yesterday", **reason)  # type: ignore[call-arg]


def test_a_selection_ends_where_it_says_and_where_it_began(quarantine: Quarantine, time: Time) -> None:
    for name, seconds in (("a", 0), ("b", 10), ("c", 20)):
        quarantine.record([failure(name, failed_at=utc.iso(time.now + seconds))])
    selected = ErrorSelection(since=utc.iso(time.now + 5), until=utc.iso(time.now + 15))
    assert take(SelectionWalk(selected, quarantine, time.now + 60, time), 9, 1) == [["b"]]


def test_what_is_left_is_counted_once_it_is_behind_the_cursor(quarantine: Quarantine, time: Time) -> None:
    fill(quarantine, 4)
    ids = take(SelectionWalk(ErrorSelection(), quarantine, time.now + 60, time), 9, 1)[0]
    walk = SelectionWalk(
        ErrorSelection(), quarantine, time.now + 60, time, leave=lambda row: "odd" if row.request_id == ids[0] else ""
    )
    chunks = walk.chunks(lambda: 2)
    assert next(chunks) == ids[1:3]
    assert dict(walk.left) == {}
    next(chunks)
    assert dict(walk.left) == {"odd": 1}


def test_a_discard_needs_a_reason() -> None:
    with pytest.raises(BadRequest, match=r"^reason: "):
        DiscardRequest(reason=" ", ids=("a",))


def test_a_selection_says_what_it_takes() -> None:
    assert ErrorSelection(ids=("a", "b")).describe() == "2 named items"
    assert ErrorSelection(bucket="b", prefix="p/").describe() == "bucket 'b', prefix 'p/'"
