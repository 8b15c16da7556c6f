"""Positions for the records of the containers that must split every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from ..errors import LimitExceeded, ReadError
from .framing import Batch, RecordFault, RecordFilter, is_exhausted, select

SAMPLE = 512
"""So many bytes of a record beyond the limit are kept to show."""
BLOCK = 128 * 1024
"""Bytes of records that are gathered to a group."""


class Overlong(msgspec.Struct):
    """A record beyond `limits.max_line_bytes` that was left out; `sample` is how it begins."""

    sample: bytes


class Unreadable(msgspec.Struct):
    """A record that the container cannot tell in JSON; `sample` is what can be told of it."""

    why: str
    sample: bytes


class Group(msgspec.Struct):
    """Consecutive records, and the bytes that hold them all: what is not in `block` is in none of them."""

    block: bytes
    records: Sequence[bytes | msgspec.Raw]


def grouped(records: Iterable[bytes | Overlong]) -> Iterator[Group | Overlong]:
    """Groups of records that come one by one; those before an error are given before it is raised."""
    whole: list[bytes] = []
    size = 0
    try:
        for record in records:
            if isinstance(record, bytes):
                whole.append(record)
                size += len(record)
            if size >= BLOCK or isinstance(record, Overlong):
                yield from _group(whole)
                whole, size = [], 0
            if isinstance(record, Overlong):
                yield record
    except ReadError:
        yield from _group(whole)
        raise
    yield from _group(whole)


def _group(records: list[bytes]) -> Iterator[Group]:
    if records:
        yield Group(b"\n".join(records), records)


def numbered(
    groups: Iterable[Group | Overlong | Unreadable], record_filter: RecordFilter, limit: int, position: int = 1
) -> Iterator[Batch]:
    """Batches of these records, the first one at `position`. A record above `limit` bytes, or one that cannot be read,
    is a fault of its own."""
    for group in groups:
        for part in _within(group, limit):
            if is_exhausted(record_filter, position):
                return
            if isinstance(part, Group):
                yield from _batches(part, position, record_filter)
                position += len(part.records)
            else:
                yield _fault(part, position, record_filter, limit)
                position += 1


def _within(group: Group | Overlong | Unreadable, limit: int) -> Iterator[Group | Overlong | Unreadable]:
    """The group, taken apart where it holds a record that is too long."""
    if not isinstance(group, Group) or len(group.block) <= limit:
        yield group
        return
    records = [bytes(record) for record in group.records]
    overlong = [at for at, record in enumerate(records) if len(record) > limit]
    for before, at in pairwise([-1, *overlong, len(records)]):
        if before >= 0:
            yield Overlong(records[before][:SAMPLE])
        if at > before + 1:
            yield Group(group.block, records[before + 1 : at])


def _fault(left_out: Overlong | Unreadable, position: int, record_filter: RecordFilter, limit: int) -> Batch:
    batch = Batch(first=position, count=1, records=[], positions=[])
    if record_filter.in_range(position):
        error = (
            ReadError(f"record {position}: {left_out.why}")
            if isinstance(left_out, Unreadable)
            else LimitExceeded(f"record {position} is longer than {limit} bytes, limits.max_line_bytes of slips.yml")
        )
        batch.faults = [RecordFault(position, error, left_out.sample)]
    else:
        batch.out_of_range = 1
    return batch


def _batches(group: Group, first: int, record_filter: RecordFilter) -> Iterator[Batch]:
    count = len(group.records)
    headless = first > record_filter.header_records and not record_filter.header_prefix
    if headless and _outside(record_filter, first + count - 1):
        yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
    elif headless and _without_needle(group.block, first, record_filter):
        yield Batch(first=first, count=count, records=[], positions=[], skipped=count)
    else:
        yield from select(list(map(bytes, group.records)), first, record_filter)


def _outside(record_filter: RecordFilter, last: int) -> bool:
    return last < record_filter.resume_from or (record_filter.only is not None and last < record_filter.only.first)


def _without_needle(block: bytes, first: int, record_filter: RecordFilter) -> bool:
    if not record_filter.needles or record_filter.only is not None or first < record_filter.resume_from:
        return False
    return not any(needle in block for needle in record_filter.needles)
