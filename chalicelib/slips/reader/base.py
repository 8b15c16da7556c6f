"""What every container gives: batches of records with their positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..config.settings import Limits
from ..errors import ReadError
from ..model.positions import Positions


class Want(msgspec.Struct, kw_only=True):
    """Which records of an object are wanted; the others are counted and passed over as cheaply as can be.

    `resume_from` is the 1-based position of the first; `only` narrows to some positions (a drained item); `needles`
    are the bytes of which a record must hold one (`contains`; empty: no such condition). `prologue` and `directive`
    are the parser's (see `formats.base.Parser`): such records come as `Batch.headers` even when they are passed over.
    """

    resume_from: int = 1
    only: Positions | None = None
    needles: tuple[bytes, ...] = ()
    prologue: int = 0
    directive: bytes = b""

    @property
    def everything(self) -> bool:
        """Whether no record is passed over."""
        return self.resume_from <= 1 and self.only is None and not self.needles

    def covers(self, position: int) -> bool:
        """Whether a record of this position is wanted, as far as its bytes do not matter."""
        return position >= self.resume_from and (self.only is None or self.only.touches(position))

    def takes(self, position: int, record: bytes) -> bool:
        """Whether this record is wanted."""
        if not self.covers(position):
            return False
        return not self.needles or any(needle in record for needle in self.needles)

    def heads(self, position: int, record: bytes) -> bool:
        """Whether this record must be seen by the parser even when it is passed over."""
        return position <= self.prologue or bool(self.directive and record.startswith(self.directive))


class Fault(msgspec.Struct):
    """A record that the container could not give, while what follows it can be read: a line beyond the limit."""

    position: int
    error: ReadError
    sample: bytes


class Batch(msgspec.Struct, kw_only=True):
    """Consecutive records.

    `first` is the position of the first record covered and `count` how many are: both tell what was read, skipped ones
    included. `records` are the wanted ones without their line ends; `positions` theirs, None where they are simply
    `first`, `first + 1`, … . `skipped` counts those left out for want of a needle, `passed` those before the resume
    point or outside `only`.
    """

    first: int
    count: int
    records: list[bytes]
    positions: list[int] | None = None
    skipped: int = 0
    passed: int = 0
    headers: list[bytes] = []
    faults: list[Fault] = []


class Shape(msgspec.Struct, kw_only=True):
    """What a container is told beside the bytes: its argument in slips.yml (`s3-json:items`), and the keys under which
    documents of the format hold their events."""

    argument: str = ""
    containers: tuple[str, ...] = ()


Source = Callable[[Iterable[bytes], Want, Limits, Shape], Iterator[Batch]]
"""A container: from inflated chunks to batches. Raises ReadError where the bytes end early or break the container;
what was read before has been yielded then."""


def pick(records: list[bytes], first: int, want: Want) -> Iterator[Batch]:
    """Batches of consecutive records, of which only the wanted ones are kept. For containers that must split every
    record anyway."""
    if want.everything:
        yield Batch(first=first, count=len(records), records=records)
        return
    positions: list[int] = []
    batch = Batch(first=first, count=0, records=[], positions=positions, headers=[])
    for position, record in enumerate(records, first):
        taken = want.takes(position, record)
        if not taken and want.heads(position, record):
            if batch.records:  # A header counts for the records after it only, so it begins a batch.
                yield batch
                positions = []
                batch = Batch(first=position, count=0, records=[], positions=positions, headers=[])
            batch.headers.append(record)
        batch.count += 1
        if taken:
            batch.records.append(record)
            positions.append(position)
        elif want.covers(position):
            batch.skipped += 1
        else:
            batch.passed += 1
    yield batch


def past(want: Want, position: int) -> bool:
    """Whether no wanted record stands at `position` or after it, so that reading may stop."""
    return want.only is not None and position > want.only.last
