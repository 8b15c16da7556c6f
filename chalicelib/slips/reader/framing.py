"""What framers share: which records they keep, and the batches in which they yield them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from ..config.settings import Limits
from ..errors import ReadError
from ..model.positions import Positions
from .needle_search import compile_needles


class RecordFilter(msgspec.Struct, kw_only=True):
    """Which records of an object to keep. The others are counted, and skipped as cheaply as possible.

    Positions count from 1 through all documents of an object (the members of an archive); `first` is that of the
    document's first record. `resume_from` is that of the first one to keep; `only` narrows to some positions (of a
    drained item); a record must hold at least one of the bytes in `needles` (`contains`), if there are any.
    `header_records` and `header_prefix` are the parser's (see `formats.base.Parser`): it sees such records, as
    `Batch.headers`, even where they are skipped; each document has headers of its own.
    """

    first: int = 1
    resume_from: int = 1
    only: Positions | None = None
    needles: tuple[bytes, ...] = ()
    header_records: int = 0
    header_prefix: bytes = b""

    @property
    def accepts_all(self) -> bool:
        """Whether no record is skipped."""
        return self.resume_from <= self.first and self.only is None and not self.needles

    def in_range(self, position: int) -> bool:
        """Tell whether a record at this position is kept, its bytes aside."""
        return position >= self.resume_from and (self.only is None or self.only.touches(position))

    def matches(self, position: int, record: bytes) -> bool:
        """Tell whether this record is kept."""
        if not self.in_range(position):
            return False
        return not self.needles or compile_needles(self.needles).holds(record)

    def is_header(self, position: int, record: bytes) -> bool:
        """Tell whether the parser must see this record even where it is skipped."""
        return position - self.first < self.header_records or bool(
            self.header_prefix and record.startswith(self.header_prefix)
        )

    def is_exhausted(self, position: int) -> bool:
        """Tell whether no record from `position` on is kept, so that reading may stop."""
        return self.only is not None and position > self.only.last


class RecordFault(msgspec.Struct):
    """A record that the framer could not yield, though it can read those after it: a line above the limit."""

    position: int
    error: ReadError
    sample: bytes


class Batch(msgspec.Struct, kw_only=True):
    """Consecutive records.

    It covers `count` records, kept or skipped, from position `first` on. `records` are the kept ones, without line
    ends; `positions` are theirs, or None for `first`, `first + 1`, … . `skipped` counts those in range without a
    needle, `out_of_range` those before the resume point or outside `only`. `begins_document`: they are the first of
    another document than the batch before.
    """

    first: int
    count: int
    records: list[bytes]
    positions: list[int] | None = None
    skipped: int = 0
    out_of_range: int = 0
    headers: list[bytes] = []
    faults: list[RecordFault] = []
    begins_document: bool = False


class FramingOptions(msgspec.Struct, kw_only=True):
    """What a framer needs besides the bytes: its argument in slips.yml (`s3-json:items`), the keys of the arrays in
    which the format's documents hold their events, and those of the `limits` that it keeps."""

    argument: str = ""
    array_keys: tuple[str, ...] = ()
    max_line_bytes: int = Limits().max_line_bytes
    max_object_bytes: int = Limits().max_object_bytes
    max_inflate_ratio: int = Limits().max_inflate_ratio


Framer = Callable[[Iterable[bytes], RecordFilter, FramingOptions], Iterator[Batch]]
"""Cuts inflated chunks into batches of records. Raises ReadError where the bytes end early or break the framing, after
the batches before that."""
