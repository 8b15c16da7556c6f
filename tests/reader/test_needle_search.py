"""All needles in one search: it finds what a search for each of them finds, with and without the wheel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.reader import needle_search as module
from slips.reader.needle_search import MOST_GROUPS, MOST_PACKED, NeedleSearch, compile_needles

Make = Callable[[tuple[bytes, ...]], NeedleSearch]


def with_wheel(needles: tuple[bytes, ...]) -> NeedleSearch:
    """Make a search as a deployment with the wheel makes it."""
    return NeedleSearch(needles)


def without_wheel(needles: tuple[bytes, ...]) -> NeedleSearch:
    """Make a search where `ahocorasick_rs` cannot be imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "ahocorasick_rs", None)
        return NeedleSearch(needles)


BOTH = pytest.mark.parametrize("make", [with_wheel, without_wheel])
FILLERS = tuple(b"never %d" % number for number in range(MOST_PACKED * MOST_GROUPS))
NEEDLES = st.lists(
    st.sampled_from([b"a", b"ab", b"ba", b"bb", b"aba", b"c", b"b\na", b"\n", b"c\r"]), min_size=1, unique=True
)
FILLED = st.sampled_from([(), FILLERS[:MOST_PACKED], FILLERS])
RECORDS = st.lists(st.text("abc\r", max_size=12).map(str.encode), min_size=1, max_size=12)
WINDOWS = st.sampled_from([1, 4, 9, module.WINDOW])


def numbers_in(record: bytes, needles: tuple[bytes, ...]) -> tuple[int, ...]:
    """Search as anybody would."""
    return tuple(number for number, needle in enumerate(needles) if needle in record)


@BOTH
@given(NEEDLES, FILLED, RECORDS, WINDOWS, st.sampled_from([3, module.MOST_LISTED]))
def test_it_finds_what_a_search_for_each_needle_finds(make, drawn, fillers, records, window, most_listed):
    needles = (*drawn, *fillers)
    lines = b"".join(record + b"\n" for record in records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW", window)
        patch.setattr(module, "MOST_LISTED", most_listed)
        search = make(needles)
        for record in (*records, lines):
            assert search.held(record) == numbers_in(record, needles)
            assert search.holds(record) == bool(numbers_in(record, needles))
        expected = {number: held for number, record in enumerate(records) if (held := numbers_in(record, needles))}
        assert search.held_by_position(range(len(records)), records) == expected
        hits = list(search.find(lines, 0, len(lines)))
    assert hits == sorted(hits)
    in_lines = tuple(needle for needle in needles if b"\n" not in needle)
    ends = [sum(len(record) + 1 for record in records[: number + 1]) for number in range(len(records))]
    hit_lines = {next(number for number, end in enumerate(ends) if at < end) for at in hits}
    assert hit_lines == {number for number, record in enumerate(records) if numbers_in(record, in_lines)}


@BOTH
@given(NEEDLES, st.lists(st.sampled_from([b"a\nb", b"b", b"a", b"xb\nax", b""]), min_size=1))
def test_records_of_several_lines_are_found_alone(make, drawn, records):
    needles = tuple(drawn)
    expected = {number: held for number, record in enumerate(records, 5) if (held := numbers_in(record, needles))}
    assert make(needles).held_by_position(range(5, 5 + len(records)), records) == expected


@BOTH
def test_only_the_lines_asked_for_are_searched(make: Make) -> None:
    data = b"no needle\nyes, needle\nnone\nneedle"
    assert list(make((b"needle",)).find(data, 10, 27)) in ([10], [15])


@pytest.mark.parametrize("count", [1, MOST_PACKED, MOST_PACKED + 1, MOST_PACKED * MOST_GROUPS + 1])
def test_many_needles_are_few_searches(count: int) -> None:
    searches = with_wheel(tuple(b"needle %d" % number for number in range(count)))._groups
    assert len(searches) == (1 if count > MOST_PACKED * MOST_GROUPS else -(-count // MOST_PACKED))


def test_a_search_is_made_once_for_all_objects() -> None:
    assert compile_needles((b"a", b"b")) is compile_needles((b"a", b"b"))


def test_no_more_than_a_window_is_searched_at_once() -> None:
    """Each byte of it may be a hit, and a hit takes many times a byte."""
    search = with_wheel((b"x", b"y", b"z"))
    sizes: list[int] = []

    def find(haystack: bytes, overlapping: bool = False) -> list[tuple[int, int, int]]:
        sizes.append(len(haystack))
        return []

    search._groups = [SimpleNamespace(find_matches_as_indexes=find)]
    large = (b"a" * 99 + b"\n") * 2000
    assert not search.holds(large.replace(b"\n", b"a"))
    assert list(search.find(large, 0, len(large))) == []
    assert search.held_by_position(range(2000), large.split(b"\n")[:-1]) == {}
    assert sizes
    assert max(sizes) <= module.WINDOW + 1
