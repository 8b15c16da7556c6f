"""What the engine, dispatch and drain need from outside, as small as they need it.

`reader/s3.py`, `lanes/`, `ledger/` and `quarantine/` implement it on AWS; `testing/` in memory, for your tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from ..errors import StoreError
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


class Holder(NamedTuple):
    """Who begins work: the Kinesis record that the work item came in, and the time (seconds since the epoch) at which
    the invocation is over, whatever happens."""

    record_id: str = ""
    until: float = 0.0


NOBODY = Holder()
"""Work is held for no time at all."""


class AtWork(NamedTuple):
    """Another record's invocation is at work on it, until that time at most."""

    until: float


class Token(NamedTuple):
    """What distinguishes a beginning from others: its number among those of the work, and a name that no other has.
    Writes of an earlier beginning are refused."""

    number: int = 1
    name: str = ""


class Progress(msgspec.Struct):
    """How far a unit of work is: the 1-based record to resume at, as `chain` counts, the books up to there, the
    attempts begun."""

    resume_from: int = 1
    books: Books = msgspec.field(default_factory=Books)
    attempts: int = 1
    token: Token = Token()
    chain: str = ""


class FinishedWork(msgspec.Struct):
    """Work of one beginning, by its `token`; `state` is "done" or "failed" when it ended."""

    item: WorkItem
    books: Books
    state: str
    token: Token


def find_rest(item: WorkItem, progress: Progress | None) -> tuple[int, str]:
    """Return the record from which on nothing of the item is safe, and the chain that counted it. Progress counted by
    another chain than the item's says nothing."""
    if progress is None or progress.resume_from <= item.resume_from:
        return item.resume_from, item.chain
    if item.is_narrowed and item.chain and progress.chain not in ("", item.chain):
        return item.resume_from, item.chain
    return progress.resume_from, progress.chain or item.chain


class Ledger(Protocol):
    """What was done."""

    def begin(self, item: WorkItem, holder: Holder = NOBODY) -> Progress | AtWork | None:
        """Count an attempt and return where to resume; None when the work is done. Work that another record's holder
        has begun is left to it until its time is over. Raises StoreError."""
        ...

    def peek(self, item: WorkItem) -> Progress | None:
        """Return where to resume without counting an attempt; None when the work is done. Raises StoreError."""
        ...

    def begin_new(self, works: Sequence[tuple[WorkItem, Holder]]) -> list[Progress | StoreError | None]:
        """Count the first attempt of each work that the ledger does not know; for any other, return None, and count
        nothing. Where nobody knows, return the fault. The works are different ones."""
        ...

    def find_receivers(self, item: WorkItem) -> set[str]:
        """Return the functions that got this content of the object in other work that ended. Raises StoreError."""
        ...

    def checkpoint(self, item: WorkItem, progress: Progress, *, is_over: bool = False) -> bool:
        """Note that everything before `progress.resume_from` is safe; `is_over`: another record goes on from there.
        False when another invocation has begun or finished the work since. Raises StoreError."""
        ...

    def finish(self, ended: Sequence[FinishedWork]) -> None:
        """Write the books of work that ended; skip what another invocation has begun since. Raises StoreError."""
        ...

    def give_back(self, begun: Sequence[FinishedWork]) -> None:
        """Take back the attempts: the work will begin again, through no fault of its own. Never raises."""
        ...
