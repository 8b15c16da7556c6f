"""What the engine, dispatch and drain need from outside, as small as they need it.

`reader/s3.py`, `lanes/`, `ledger/` and `quarantine/` implement it on AWS; `testing/` in memory, for your tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from . import Books, Failure, Lane, ObjectRef, WorkItem


class ObjectStore(Protocol):
    """Where the bytes of objects are."""

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """Read the stored bytes of the object, in chunks of any size. Raises ReadError where they end early."""
        ...


class Lanes(Protocol):
    """Where work items wait."""

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Put the items into the lane; return those that could not be put after all retries."""
        ...


class Record(NamedTuple):
    """A record that a lane still holds."""

    sequence_number: str
    data: bytes


class Streams(Protocol):
    """What lanes still hold of past records."""

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        """Read the records of a shard from one sequence number to another, as far as they are still there. Raises
        StoreError where the stream does not answer."""
        ...


class Errors(Protocol):
    """Where failures are kept."""

    def record(self, failures: Sequence[Failure]) -> None:
        """Write the failures; one with the same `request_id` replaces the earlier. Raises StoreError: then none is
        safe."""
        ...


class Progress(msgspec.Struct):
    """How far a unit of work is: the 1-based record to resume at, the books up to there, the attempts begun. `token`
    distinguishes this beginning from earlier ones, whose writes are now refused."""

    resume_from: int = 1
    books: Books = msgspec.field(default_factory=Books)
    attempts: int = 1
    token: int = 1


class FinishedWork(msgspec.Struct):
    """Work of one beginning, by its `token`; `state` is "done" or "failed" when it ended."""

    item: WorkItem
    books: Books
    state: str
    token: int


class Ledger(Protocol):
    """What was done."""

    def begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt and return where to resume; None when the work is done. Raises StoreError."""
        ...

    def peek(self, item: WorkItem) -> Progress | None:
        """Return where to resume without counting an attempt; None when the work is done. Raises StoreError."""
        ...

    def begin_new(self, item: WorkItem) -> Progress | None:
        """Count the first attempt of work that the ledger does not know. For any other, None, and nothing is counted.
        Raises StoreError."""
        ...

    def checkpoint(self, item: WorkItem, progress: Progress) -> bool:
        """Note that everything before `progress.resume_from` is safe. False when another invocation has begun or
        finished the work since. Raises StoreError."""
        ...

    def finish(self, ended: Sequence[FinishedWork]) -> None:
        """Write the books of work that ended; skip what another invocation has begun since. Raises StoreError."""
        ...

    def give_back(self, begun: Sequence[FinishedWork]) -> None:
        """Take back the attempts: the work will begin again, through no fault of its own. Never raises."""
        ...
