"""What every container gives: batches of records with their positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..config.settings import Limits
from ..errors import ReadError
from ..model.positions import Positions


class RecordFilter(msgspec.Struct, kw_only=True):
    """Which records of an object are wanted; the others are counted and passed over as cheaply as can be.

    `resume_from` is the 1-based position of the first; `only` narrows to some positions (a drained item); `needles`
    are the bytes of which a record must hold one (`contains`; empty: no such condition). `header_records` and
    `header_prefix` are the parser's (see `formats.base.Parser`): such records come as `Batch.headers` even when they
    are passed over.
    """

    resume_from: int = 1
    only: Positions | None = None
    needles: tuple[bytes, ...] = ()
    header_records: int = 0
    header_prefix: bytes = b""

    @property
    def accepts_all(self) -> bool:
        """Whether no record is passed over."""
        return self.resume_from <= 1 and self.only is None and not self.needles

    def in_range(self, position: int) -> bool:
        """Whether a record of this position is wanted, as far as its bytes do not matter."""
        return position >= self.resume_from and (self.only is None or self.only.touches(position))

    def matches(self, position: int, record: bytes) -> bool:
        """Whether this record is wanted."""
        if not self.in_range(position):
            return False
        return not self.needles or any(needle in record for needle in self.needles)

    def is_header(self, position: int, record: bytes) -> bool:
        """Whether this record must be seen by the parser even when it is passed over."""
        return position <= self.header_records or bool(self.header_prefix and record.startswith(self.header_prefix))


class RecordFault(msgspec.Struct):
    """A record that the container could not give, while what follows it can be read: a line beyond the limit."""

    position: int
    error: ReadError
    sample: bytes


class Batch(msgspec.Struct, kw_only=True):
    """Consecutive records.

    `first` is the position of the first record covered and `count` how many are: both tell what was read, skipped ones
    included. `records` are the wanted ones without their line ends; `positions` theirs, None where they are simply
    `first`, `first + 1`, … . `skipped` counts those left out for want of a needle, `out_of_range` those before
    the resume point or outside `only`.
    """

    first: int
    count: int
    records: list[bytes]
    positions: list[int] | None = None
    skipped: int = 0
    out_of_range: int = 0
    headers: list[bytes] = []
    faults: list[RecordFault] = []


class FramingOptions(msgspec.Struct, kw_only=True):
    """What a container is told beside the bytes: its argument in slips.yml (`s3-json:items`), and the keys under which
    documents of the format hold their events."""

    argument: str = ""
    array_keys: tuple[str, ...] = ()


Framer = Callable[[Iterable[bytes], RecordFilter, Limits, FramingOptions], Iterator[Batch]]
"""A container: from inflated chunks to batches. Raises ReadError where the bytes end early or break the container;
what was read before has been yielded then."""


def select(records: list[bytes], first: int, record_filter: RecordFilter) -> Iterator[Batch]:
    """Batches of consecutive records, of which only the wanted ones are kept. For containers that must split every
    record anyway."""
    if record_filter.accepts_all:
        yield Batch(first=first, count=len(records), records=records)
        return
    positions: list[int] = []
    batch = Batch(first=first, count=0, records=[], positions=positions, headers=[])
    for position, record in enumerate(records, first):
        taken = record_filter.matches(position, record)
        if not taken and record_filter.is_header(position, record):
            if batch.records:  # A header counts for the records after it only, so it begins a batch.
                yield batch
                positions = []
                batch = Batch(first=position, count=0, records=[], positions=positions, headers=[])
            batch.headers.append(record)
        batch.count += 1
        if taken:
            batch.records.append(record)
            positions.append(position)
        elif record_filter.in_range(position):
            batch.skipped += 1
        else:
            batch.out_of_range += 1
    yield batch


def is_exhausted(record_filter: RecordFilter, position: int) -> bool:
    """Whether no wanted record stands at `position` or after it, so that reading may stop."""
    return record_filter.only is not None and position > record_filter.only.last
