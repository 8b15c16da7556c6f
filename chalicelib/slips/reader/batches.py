"""Blocks of records to batches: counts positions, applies the filter, leaves out what is above the limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import msgspec

from ..config.settings import Limits
from ..errors import LimitExceeded, ReadError
from .framing import Batch, RecordFault, RecordFilter
from .needle_search import compile_needles

SAMPLE = 512
"""Bytes kept of a record that is left out, to show it."""
BLOCK = 128 * 1024
"""Bytes of records in a group."""
MOST_GROUPED = 8192
"""Records of a group, which may be empty."""


HEAVY = 1024 * 1024
"""Bytes of a record that is weighed before anybody decodes it."""
MOST_WEIGHT = 6
"""Times `limits.max_line_bytes` that a record may take in memory when it is decoded."""
VALUE, MAPPING = 64, 176
"""Bytes of a value in Python, and those of an object besides: `[[],[],…` takes twenty times its own."""


class TooLong(msgspec.Struct, frozen=True):
    """A record above `limits.max_line_bytes`; `sample` is how it begins."""

    sample: bytes


class Undecodable(msgspec.Struct, frozen=True):
    """A record that cannot be written as JSON; `sample` is what can be."""

    why: str
    sample: bytes


class Block(Protocol):
    """Consecutive records that need not be split to be counted or searched."""

    @property
    def count(self) -> int:
        """How many records."""

    @property
    def size(self) -> int:
        """How many bytes."""

    @property
    def data(self) -> bytes:
        """What they are in."""

    def split(self) -> list[bytes]:
        """Return the records."""

    def search(self, first: int, needles: Sequence[bytes]) -> Batch:
        """Return the batch of the records that hold a needle; the block begins at position `first`."""


class Group(msgspec.Struct, frozen=True):
    """Records cut one by one, and the bytes that hold them all: what `data` lacks, each of them lacks."""

    data: bytes
    records: Sequence[bytes | msgspec.Raw]

    @property
    def count(self) -> int:
        """How many records."""
        return len(self.records)

    @property
    def size(self) -> int:
        """How many bytes."""
        return len(self.data)

    def split(self) -> list[bytes]:
        """Return the records."""
        return list(map(bytes, self.records))

    def search(self, first: int, needles: Sequence[bytes]) -> Batch:
        """Return the batch of the records that hold a needle."""
        search = compile_needles(tuple(needles))
        if not search.holds(self.data):
            return Batch(first=first, count=self.count, records=[], positions=[], skipped=self.count)
        (batch,) = select(self.split(), first, RecordFilter(needles=tuple(needles)))
        return batch


def group_records(records: Iterable[bytes | TooLong]) -> Iterator[Group | TooLong]:
    """Yield records that come one by one in groups. Those before an error are yielded before it is raised."""
    pending: list[bytes] = []
    size = 0
    try:
        for record in records:
            if isinstance(record, bytes):
                pending.append(record)
                size += len(record)
            if size >= BLOCK or len(pending) >= MOST_GROUPED or isinstance(record, TooLong):
                yield from _group(pending)
                pending, size = [], 0
            if isinstance(record, TooLong):
                yield record
    except ReadError:
        yield from _group(pending)
        raise
    yield from _group(pending)


def _group(records: list[bytes]) -> Iterator[Group]:
    if records:
        yield Group(b"\n".join(records), records)


def batch_groups(
    groups: Iterable[Block | TooLong | Undecodable],
    record_filter: RecordFilter,
    limit: int,
    position: int | None = None,
) -> Iterator[Batch]:
    """Yield the records in batches, from `position` on; without one, those of a whole document. A record above `limit`
    bytes, or an undecodable one, is a fault of its own."""
    position = record_filter.first if position is None else position
    for group in groups:
        for part in _cut_out_faulty(group, limit):
            if record_filter.is_exhausted(position):
                return
            if isinstance(part, (TooLong, Undecodable)):
                yield _leave_out(part, position, record_filter, limit)
                position += 1
                continue
            for batch in _filter_block(part, position, record_filter):
                yield batch
                position = batch.first + batch.count


def _cut_out_faulty(group: Block | TooLong | Undecodable, limit: int) -> Iterator[Block | TooLong | Undecodable]:
    """Yield the group without those records that are too long or too heavy, and these."""
    if isinstance(group, (TooLong, Undecodable)) or group.size <= min(limit, HEAVY):
        yield group
        return
    records = group.split()
    faults = {index: fault for index, record in enumerate(records) if (fault := _fault_of(record, limit))}
    if not faults:
        yield group
        return
    for before, index in pairwise([-1, *faults, len(records)]):
        if before >= 0:
            yield faults[before]
        if index > before + 1:
            yield Group(group.data, records[before + 1 : index])


def _fault_of(record: bytes, limit: int) -> TooLong | Undecodable | None:
    if len(record) > limit:
        return TooLong(record[:SAMPLE])
    if len(record) > HEAVY and (weight := weigh(record)) > (most := MOST_WEIGHT * max(limit, Limits().max_line_bytes)):
        return Undecodable(
            f"its {len(record)} bytes would take about {weight} in memory, since they hold that many values; at most "
            f"{most} are taken, {MOST_WEIGHT} times limits.max_line_bytes of slips.yml",
            record[:SAMPLE],
        )
    return None


def weigh(record: bytes) -> int:
    """Return about how many bytes a record takes in Python when it is decoded, at most."""
    separators = b",[{:" if record[:1] in (b"{", b"[") else b",[{:;|=<& \t\n"
    pieces = (record[at : at + BLOCK] for at in range(0, len(record), BLOCK))  # No copy of the whole.
    values = sum(len(piece) - len(piece.translate(None, separators)) for piece in pieces)
    return len(record) + VALUE * values + MAPPING * record.count(b"{")


def _leave_out(record: TooLong | Undecodable, position: int, record_filter: RecordFilter, limit: int) -> Batch:
    batch = Batch(first=position, count=1, records=[], positions=[])
    if record_filter.in_range(position):
        error = (
            ReadError(f"record {position}: {record.why}")
            if isinstance(record, Undecodable)
            else LimitExceeded(f"record {position} is longer than {limit} bytes, limits.max_line_bytes of slips.yml")
        )
        batch.faults = [RecordFault(position, error, record.sample)]
    else:
        batch.out_of_range = 1
    return batch


def _filter_block(block: Block, first: int, record_filter: RecordFilter) -> Iterator[Batch]:
    """Yield the batches of a block; it is only split where the filter must see its records."""
    only, resume_from = record_filter.only, record_filter.resume_from
    may_hold_headers = first - record_filter.first < record_filter.header_records or record_filter.header_prefix
    if not record_filter.accepts_all and not may_hold_headers:
        if record_filter.needles and only is None and first >= resume_from:
            yield block.search(first, record_filter.needles)
            return
        count = block.count
        last = first + count - 1
        if last < resume_from or (only is not None and last < only.first):
            yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
            return
    yield from select(block.split(), first, record_filter)


def select(records: list[bytes], first: int, record_filter: RecordFilter) -> Iterator[Batch]:
    """Yield batches of consecutive records with the kept ones of them; a header begins a batch."""
    if record_filter.accepts_all:
        yield Batch(first=first, count=len(records), records=records)
        return
    positions: list[int] = []
    batch = Batch(first=first, count=0, records=[], positions=positions, headers=[])
    for position, record in enumerate(records, first):
        matches = record_filter.matches(position, record)
        if not matches and record_filter.is_header(position, record):
            if batch.records:  # A header is for the records after it only.
                yield batch
                positions = []
                batch = Batch(first=position, count=0, records=[], positions=positions, headers=[])
            batch.headers.append(record)
        batch.count += 1
        if matches:
            batch.records.append(record)
            positions.append(position)
        elif record_filter.in_range(position):
            batch.skipped += 1
        else:
            batch.out_of_range += 1
    yield batch
