"""Positions: a text that a person reads, and a set that the engine queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import BadRequest
from slips.model.positions import Positions

SOME = st.lists(st.tuples(st.integers(1, 60), st.one_of(st.none(), st.integers(0, 3))), max_size=40)


@given(SOME)
def test_text_and_set_say_the_same(positions: list[tuple[int, int | None]]) -> None:
    original = Positions(positions)
    again = Positions.parse(str(original))
    assert again == original
    assert hash(again) == hash(original)
    whole = {record for record, index in positions if index is None}
    for record in range(1, 62):
        assert again.has_whole(record) == (record in whole)
        assert again.touches(record) == any(record == at for at, _ in positions)
        for index in range(4):
            assert ((record, index) in again) == (record in whole or (record, index) in positions)
    assert (again.first, again.last) == (
        min((record for record, _ in positions), default=0),
        max((record for record, _ in positions), default=0),
    )


@given(SOME, st.integers(1, 61))
def test_since_takes_the_positions_from_a_record_on(positions: list[tuple[int, int | None]], record: int) -> None:
    later = [position for position in positions if position[0] >= record]
    assert Positions(positions).since(record) == Positions(later)


@given(st.integers(1, 30), st.integers(0, 30), st.sets(st.integers(1, 60)))
def test_span_is_a_range_with_gaps(first: int, length: int, without: set[int]) -> None:
    expected = [(record, None) for record in range(first, first + length) if record not in without]
    assert Positions.span(first, first + length - 1, without) == Positions(expected)


def test_a_long_range_is_short_and_quick() -> None:
    assert str(Positions.span(1, 10**9, {5})) == "1-4,6-1000000000"
    assert 7 * 10**8 in [Positions.parse("1-1000000000").last - 3 * 10**8]


@pytest.mark.parametrize("text", ["a", "0", "-3", "3-", "1.x", "1..2", "1;2", "٣"])
def test_text_that_holds_no_positions_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="positions"):
        Positions.parse(text)


def test_an_empty_set_is_false() -> None:
    assert not Positions.parse("")
    assert Positions.parse("1")
    assert repr(Positions.parse("1-2")) == "Positions('1-2')"


def test_a_union_merges_what_touches_and_overlaps() -> None:
    both = Positions.union([Positions.parse("1-10,20"), Positions.parse("3-4,11,15.2"), Positions.parse("")])
    assert str(both) == "1-11,15.2,20"
    assert (7, None) in both


def test_until_cuts_at_a_record_and_leaves_records_out() -> None:
    assert str(Positions.parse("1-10,12.1,15,20.3").until(15, without=[3, 15])) == "1-2,4-10,12.1"
