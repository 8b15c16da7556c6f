"""Reading bytes by a container, for tests: what came of them, flattened, with the books checked on the way."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from slips.config.settings import Limits
from slips.errors import ReadError
from slips.reader import SOURCES
from slips.reader.base import Batch, Shape, Want

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
    passed: int = 0
    error: ReadError | None = None

    @property
    def bodies(self) -> list[bytes]:
        """The records without their positions."""
        return [record for _, record in self.records]

    def add(self, batch: Batch) -> None:
        """One more batch; it must go on where the last ended, and its books must balance."""
        assert batch.first == self.count + 1
        accounted = len(batch.records) + batch.skipped + batch.passed + len(batch.faults)
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
        self.passed += batch.passed


def read(
    source: str,
    text: bytes | Iterable[bytes],
    *,
    want: Want | None = None,
    argument: str = "",
    containers: tuple[str, ...] = (),
    max_line_bytes: int = 1 << 20,
    sizes: Sequence[int] = (),
) -> Read:
    """Read `text` (or chunks), cut into chunks of `sizes`, over and over."""
    chunks = cut(text, sizes) if isinstance(text, bytes) else text
    limits, shape = Limits(max_line_bytes=max_line_bytes), Shape(argument=argument, containers=containers)
    found = Read()
    try:
        for batch in SOURCES[source](chunks, want or Want(), limits, shape):
            found.add(batch)
    except ReadError as error:
        found.error = error
    return found


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
    want: Want | None = None,
    containers: tuple[str, ...] = (),
    argument: str = "",
    limit: int = 1 << 20,
) -> tuple[int, int]:
    """How many records and faults come of the chunks, and the most bytes that Python held on the way, none of them
    kept."""
    shape, limits = Shape(argument=argument, containers=containers), Limits(max_line_bytes=limit)
    list(SOURCES[source]([], Want(), limits, shape))  # Its imports are no part of it.
    tracemalloc.start()
    try:
        batches = SOURCES[source](chunks, want or Want(), limits, shape)
        count = sum(len(batch.records) + len(batch.faults) for batch in batches)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
