"""Reading bytes with a framer, for tests: the batches flattened, and their counts checked."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from slips.errors import ReadError
from slips.reader import FRAMERS
from slips.reader.framing import Batch, FramingOptions, RecordFilter

Record = tuple[int, bytes]


@dataclass
class Read:
    """What a framer yielded: records and faults by position, headers, counts, and the error it ended with."""

    records: list[Record] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    samples: list[bytes] = field(default_factory=list)
    """How the records at `faults` begin."""
    complaints: list[str] = field(default_factory=list)
    """The messages about the records at `faults`."""
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
        """Add a batch, which must begin where the last one ended, and whose counts must add up."""
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
    framing: str,
    text: bytes | Iterable[bytes],
    *,
    record_filter: RecordFilter | None = None,
    argument: str = "",
    array_keys: tuple[str, ...] = (),
    max_line_bytes: int = 1 << 20,
    sizes: Sequence[int] = (),
) -> Read:
    """Read `text` (or chunks), cut into chunks of `sizes`, in turns."""
    chunks = cut(text, sizes) if isinstance(text, bytes) else text
    options = FramingOptions(argument=argument, array_keys=array_keys, max_line_bytes=max_line_bytes)
    result = Read()
    try:
        for batch in FRAMERS[framing](chunks, record_filter or RecordFilter(), options):
            result.add(batch)
    except ReadError as error:
        result.error = error
    return result


def cut(text: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Yield the text in chunks of these sizes, in turns; without sizes, in one."""
    at = turn = 0
    while at < len(text):
        size = sizes[turn % len(sizes)] if sizes else len(text)
        yield text[at : at + size]
        at, turn = at + size, turn + 1


def broken_off(text: bytes, error: ReadError) -> Iterator[bytes]:
    """Yield the text, then break the connection."""
    yield text
    raise error


class Counted:
    """Chunks that count how many of them were read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.pulled = 0
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.pulled += 1
            yield chunk


def peak(
    framing: str,
    chunks: Iterable[bytes],
    *,
    record_filter: RecordFilter | None = None,
    array_keys: tuple[str, ...] = (),
    argument: str = "",
    limit: int = 1 << 20,
) -> tuple[int, int]:
    """Return how many records and faults the chunks hold, and the most bytes that Python held; nothing is kept."""
    options = FramingOptions(argument=argument, array_keys=array_keys, max_line_bytes=limit)
    list(FRAMERS[framing]([], RecordFilter(), options))  # Its imports do not count.
    tracemalloc.start()
    try:
        batches = FRAMERS[framing](chunks, record_filter or RecordFilter(), options)
        count = sum(len(batch.records) + len(batch.faults) for batch in batches)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
