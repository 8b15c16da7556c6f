"""Positions of records in an object, as text that a person can read and DynamoDB can hold.

A position is the 1-based ordinal of a record. One event of a record that holds several is
`(position, index)` with a 0-based index. The text form is `"3-7,12,15.2"`: records 3 to 7, record 12, and event 2
of record 15.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ..errors import BadRequest

Position = tuple[int, int | None]
"""(record, index of the event in it), the index None where the record is one event or all of it is meant."""

_PART = re.compile(r"([1-9]\d{0,14})(?:-([1-9]\d{0,14})|\.(\d{1,9}))?", re.ASCII)


def explain_recount(chain: str, counting: str) -> str:
    """Say why positions that `chain` counted mean nothing where `counting` counts."""
    return f"positions were counted by `{chain}`, and are now by `{counting}`"


class Positions:
    """An immutable set of positions.

    >>> some = Positions.parse("3-7,12,15.2")
    >>> (5, None) in some, (5, 1) in some, (15, 2) in some, (15, 0) in some
    (True, True, True, False)
    """

    __slots__ = ("_ends", "_events", "_starts")

    def __init__(self, positions: Iterable[Position]) -> None:
        whole: set[int] = set()
        self._events: dict[int, frozenset[int]] = {}
        for record, index in positions:
            if index is None:
                whole.add(record)
            else:
                self._events[record] = self._events.get(record, frozenset()) | {index}
        self._starts, self._ends = _merge((record, record) for record in whole)

    @classmethod
    def parse(cls, text: str) -> Positions:
        """Read the text form. Raises BadRequest for any other text."""
        positions = cls(())
        ranges: list[tuple[int, int]] = []
        for part in filter(None, text.replace(" ", "").split(",")):
            match = _PART.fullmatch(part)
            if match is None or int(match[2] or match[1]) < int(match[1]):
                raise BadRequest(f'positions: "{part[:40]}" is not a position; write "3-7,12,15.2"')
            first, last, index = match.groups()
            if index is not None:
                events = positions._events.get(int(first), frozenset())
                positions._events[int(first)] = events | {int(index)}
            else:
                ranges.append((int(first), int(last or first)))
        positions._starts, positions._ends = _merge(ranges)
        return positions

    @classmethod
    def span(cls, first: int, last: int, without: Iterable[int] = ()) -> Positions:
        """Take all records from `first` to `last`, but those."""
        positions = cls(())
        for gap in [*sorted({record for record in without if first <= record <= last}), last + 1]:
            if gap > first:
                positions._starts.append(first)
                positions._ends.append(gap - 1)
            first = gap + 1
        return positions

    @classmethod
    def union(cls, sets: Iterable[Positions]) -> Positions:
        """Join several sets."""
        return cls.parse(",".join(str(positions) for positions in sets if positions))

    def __contains__(self, position: Position) -> bool:
        record, index = position
        return self.has_whole(record) or (index is not None and index in self._events.get(record, ()))

    def has_whole(self, record: int) -> bool:
        """Whether the set holds every event of the record."""
        at = bisect_right(self._starts, record) - 1
        return at >= 0 and record <= self._ends[at]

    def touches(self, record: int) -> bool:
        """Whether the set holds any event of the record."""
        return record in self._events or self.has_whole(record)

    def missing_of(self, record: int, events: int) -> list[int]:
        """The indexes of events that the set names of a record of `events` events, and that it does not hold."""
        return sorted(index for index in self._events.get(record, ()) if index >= events)

    def since(self, record: int) -> Positions:
        """Take those from that record on."""
        positions = Positions((at, index) for at, indexes in self._events.items() if at >= record for index in indexes)
        ranges = [(max(start, record), end) for start, end in self._ranges() if end >= record]
        positions._starts, positions._ends = [start for start, _ in ranges], [end for _, end in ranges]
        return positions

    def until(self, record: int, without: Iterable[int] = ()) -> Positions:
        """Take those up to that record, but none of the records `without`."""
        left_out = set(without)
        positions = Positions(
            (at, index)
            for at, indexes in self._events.items()
            if at <= record and at not in left_out
            for index in indexes
        )
        spans = [Positions.span(start, min(end, record), left_out) for start, end in self._ranges() if start <= record]
        positions._starts = [start for span in spans for start in span._starts]
        positions._ends = [end for span in spans for end in span._ends]
        return positions

    @property
    def first(self) -> int:
        """The first record, 0 for an empty set."""
        return min([*self._starts[:1], *self._events], default=0)

    @property
    def last(self) -> int:
        """The last record, 0 for an empty set."""
        return max([*self._ends[-1:], *self._events], default=0)

    def __bool__(self) -> bool:
        return bool(self._starts or self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Positions) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return ",".join(text for _, text in sorted(self._parts()))

    def __repr__(self) -> str:
        return f"Positions({str(self)!r})"

    def _ranges(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)

    def _parts(self) -> Iterator[tuple[Position, str]]:
        for start, end in self._ranges():
            yield (start, -1), str(start) if start == end else f"{start}-{end}"
        for record, indexes in self._events.items():
            for index in indexes:
                yield (record, index), f"{record}.{index}"


def _merge(ranges: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Join ranges that touch or overlap; return starts and ends."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(ranges):
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends
