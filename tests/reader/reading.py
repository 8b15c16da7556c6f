"""Reading bytes by a container, for tests: what came of them, flattened, with the books checked on the way."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from slips.config.settings import Limits
from slips.errors import ReadError
from slips.reader import FRAMERS
from slips.reader.framing import Batch, FramingOptions, RecordFilter

Record = tuple[int, bytes]


@dataclass
class Read:
    """What a container gave: records and faults by position, header records, counts, and the error it ended with."""

    records: list[Record] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    samples: list[bytes] = field(default_factory=list)
    """How the records at `faults` begin."""
    complaints: list[str] = field(default_factory=list)
    """What is said of the records at `faults`."""
    headers: list[bytes] = field(default_factory=list)
    count: int = 0
    skipped: int = 0
    out_of_range: int = 0
    error: ReadError | None = None

    @property
    def bodies(self) -> list[bytes]:
        """The records without their positions."""
        return [record for _, record in self.records]

    def add(self, batch: Batch) -> None:
        """One more batch; it must go on where the last ended, and its books must balance."""
        assert batch.first == self.count + 1
        accounted = len(batch.records) + batch.skipped + batch.out_of_range + len(batch.faults)
        assert batch.count == accounted
        positions = batch.positions
        if positions is None:
            positions = list(range(batch.first, batch.first + batch.count))
        assert all(isinstance(record, bytes) for record in batch.records)
        self.records.extend(zip(positions, batch.records, strict=True))
        self.faults.extend(fault.position for fault in batch.faults)
        self.samples.extend(fault.sample for fault in batch.faults)
        self.complaints.extend(str(fault.error) for fault in batch.faults)
        self.headers.extend(batch.headers)
        self.count += batch.count
        self.skipped += batch.skipped
        self.out_of_range += batch.out_of_range


def read(
    source: str,
    text: bytes | Iterable[bytes],
    *,
    record_filter: RecordFilter | None = None,
    argument: str = "",
    array_keys: tuple[str, ...] = (),
    max_line_bytes: int = 1 << 20,
    sizes: Sequence[int] = (),
) -> Read:
    """Read `text` (or chunks), cut into chunks of `sizes`, over and over."""
    chunks = cut(text, sizes) if isinstance(text, bytes) else text
    limits, options = Limits(max_line_bytes=max_line_bytes), FramingOptions(argument=argument, array_keys=array_keys)
    result = Read()
    try:
        for batch in FRAMERS[source](chunks, record_filter or RecordFilter(), limits, options):
            result.add(batch)
    except ReadError as error:
        result.error = error
    return result


def cut(text: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """The text in chunks of these sizes, over and over; without sizes, in one."""
    at = turn = 0
    while at < len(text):
        size = sizes[turn % len(sizes)] if sizes else len(text)
        yield text[at : at + size]
        at, turn = at + size, turn + 1


def broken_off(text: bytes, error: ReadError) -> Iterator[bytes]:
    """The text, and then the connection breaks."""
    yield text
    raise error


class Counted:
    """Chunks that count how many of them were asked for."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.pulled = 0
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.pulled += 1
            yield chunk


def peak(
    source: str,
    chunks: Iterable[bytes],
    *,
    record_filter: RecordFilter | None = None,
    array_keys: tuple[str, ...] = (),
    argument: str = "",
    limit: int = 1 << 20,
) -> tuple[int, int]:
    """How many records and faults come of the chunks, and the most bytes that Python held on the way, none of them
    kept."""
    options, limits = FramingOptions(argument=argument, array_keys=array_keys), Limits(max_line_bytes=limit)
    list(FRAMERS[source]([], RecordFilter(), limits, options))  # Its imports are no part of it.
    tracemalloc.start()
    try:
        batches = FRAMERS[source](chunks, record_filter or RecordFilter(), limits, options)
        count = sum(len(batch.records) + len(batch.faults) for batch in batches)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
