"""One search for all needles of all functions: what a chunk costs hardly depends on how many there are.

`ahocorasick_rs` searches for 50 needles in the time that `bytes.find` takes for one or two. Where it is not installed,
`bytes.find` finds the same, one needle after another (decision 29).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from heapq import merge
from itertools import accumulate
from typing import Final, Protocol

WINDOW: Final = 64 * 1024
"""Bytes searched at once: each may be a hit, and a hit takes 140 bytes."""
MOST_LISTED: Final = 4096
"""Bytes of a record of which all hits are listed, for the same reason: there, needles may overlap each other."""
FEW: Final = 3
"""Needles from which on a search for all of them at once is faster in a single record."""
MOST_PACKED: Final = 32
"""Needles that the processor's vector instructions look for at once, on either architecture."""
MOST_GROUPS: Final = 4
"""Groups of so many: from there on one table, a step a byte, is as fast."""
MOST_TABLE: Final = 16_384
"""Bytes of needles in that table, which takes some 500 bytes each; the tables of more are smaller, and half as fast."""


class Automaton(Protocol):
    """An `ahocorasick_rs.BytesAhoCorasick`."""

    def find_matches_as_indexes(self, haystack: bytes, overlapping: bool = False) -> list[tuple[int, int, int]]:
        """Return the number, the start and the end of each hit."""


class NeedleSearch:
    """Finds which records hold which of these needles."""

    def __init__(self, needles: tuple[bytes, ...]) -> None:
        self.needles = needles
        in_lines = [needle for needle in needles if b"\n" not in needle]
        self._in_lines = tuple(in_lines)
        self._spanning = tuple(needle for needle in needles if b"\n" in needle)
        self._overlap = max(map(len, in_lines), default=1) - 1
        self._groups, self._all = _make_automatons(needles, in_lines)

    def holds(self, data: bytes) -> bool:
        """Whether the bytes, of any size, hold any of the needles."""
        if len(self.needles) < FEW or not self._groups:
            return any(needle in data for needle in self.needles)
        windows = (data[at : at + WINDOW + self._overlap] for at in range(0, len(data), WINDOW))
        return any(group.find_matches_as_indexes(window) for window in windows for group in self._groups) or any(
            needle in data for needle in self._spanning
        )

    def held(self, record: bytes) -> tuple[int, ...]:
        """Return the numbers of the needles that the record holds, in ascending order."""
        if self._all is None or len(record) > MOST_LISTED:
            return tuple(number for number, needle in enumerate(self.needles) if needle in record)
        hits = self._all.find_matches_as_indexes(record, overlapping=True)
        return tuple(sorted({number for number, _, _ in hits}))

    def held_by_position(self, positions: Sequence[int], records: Sequence[bytes]) -> dict[int, tuple[int, ...]]:
        """Return the numbers of the needles that each record holds, by its position, without those that hold none."""
        numbers = range(len(records)) if self._spanning else self._find_records(records)
        return {positions[number]: held for number in numbers if (held := self.held(records[number]))}

    def _find_records(self, records: Sequence[bytes]) -> Iterator[int]:
        """Yield the numbers of records that may hold a needle."""
        # A window at a time: the allocator fetches larger pieces from the system, and gives them back.
        step = max(1, len(records) * WINDOW // (sum(map(len, records)) + 1))
        for first in range(0, len(records), step):
            some = records[first : first + step]
            lines = b"\n".join((*some, b""))
            if hits := list(self.find(lines, 0, len(lines))):
                ends = list(accumulate(len(record) + 1 for record in some))
                yield from dict.fromkeys(first + bisect_right(ends, at) for at in hits)

    def find(self, data: bytes, start: int, end: int) -> Iterator[int]:
        """Yield the offsets of hits in the lines `data[start:end]`, in ascending order: at least one of each line that
        holds a needle. No line holds a needle with a line end in it."""
        while start < end:
            stop = data.rfind(b"\n", start, min(start + WINDOW, end)) + 1
            if stop > start:
                yield from self._find_in_window(data, start, stop)
            else:
                stop = data.index(b"\n", start) + 1
                if self.holds(data[start : stop - 1]):
                    yield start
            start = stop

    def _find_in_window(self, data: bytes, start: int, stop: int) -> Iterator[int]:
        if self._groups:
            window = data[start:stop]
            found = [group.find_matches_as_indexes(window) for group in self._groups]
            hits = found[0] if len(found) == 1 else merge(*found, key=_offset)
            return (start + at for _, at, _ in hits)
        # Most needles are absent, which rfind tells in a third of the time that find takes.
        present = [needle for needle in self._in_lines if data.rfind(needle, start, stop) >= 0]
        return merge(*(_find_each(needle, data, start, stop) for needle in present))


@lru_cache(maxsize=64)
def compile_needles(needles: tuple[bytes, ...]) -> NeedleSearch:
    """Return the search for these needles: made once, and not for each object."""
    return NeedleSearch(needles)


def _make_automatons(needles: Sequence[bytes], in_lines: Sequence[bytes]) -> tuple[list[Automaton], Automaton | None]:
    """Make those that find a hit on each line, and the one that finds all hits of a record; none without the wheel."""
    try:
        from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind
    except ImportError:
        return [], None
    # Only hits that do not overlap, the leftmost first, are looked for by vector instructions; of each line that holds
    # a needle they are one at least.
    kind, implementation, size = MatchKind.LeftmostFirst, None, MOST_PACKED
    if len(in_lines) > MOST_PACKED * MOST_GROUPS:
        size = len(in_lines)
        implementation = Implementation.DFA if sum(map(len, in_lines)) <= MOST_TABLE else None
    by_length = sorted(in_lines, key=len)  # A needle of one or two bytes slows down the others of its group.
    groups = [by_length[at : at + size] for at in range(0, len(by_length), size)]
    automatons: list[Automaton] = [
        BytesAhoCorasick(group, matchkind=kind, implementation=implementation) for group in groups
    ]
    return automatons, BytesAhoCorasick(needles) if len(needles) >= FEW else None


def _find_each(needle: bytes, data: bytes, start: int, end: int) -> Iterator[int]:
    """Yield the first offset of the needle in each line."""
    while (at := data.find(needle, start, end)) >= 0:
        yield at
        start = data.index(b"\n", at)


def _offset(hit: tuple[int, int, int]) -> int:
    return hit[1]
