"""What the engine, dispatch and drain need of the outside, each as small as they need it.

The AWS side stands in `reader/s3.py`, `lanes.py`, `ledger.py` and `quarantine.py`; the in-memory side, for tests of
your own, in `testing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from . import Books, Failure, Lane, ObjectRef, WorkItem


class ObjectStore(Protocol):
    """Where the bytes of objects are."""

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """The stored bytes of the object in order, in chunks of any size. Raises ReadError where they end early."""
        ...


class Lanes(Protocol):
    """Where work items wait."""

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Put the items into the lane; the answer is those that could not be put, after all retries."""
        ...


class Record(NamedTuple):
    """A record that a lane still holds."""

    sequence_number: str
    data: bytes


class Streams(Protocol):
    """What lanes still hold of the past."""

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        """The records of a shard from one sequence number to another, as far as they are still there. Raises
        StoreError where the stream does not answer."""
        ...


class Errors(Protocol):
    """Where failures are kept."""

    def record(self, failures: Sequence[Failure]) -> None:
        """Keep the failures. Putting the same `request_id` again replaces it. Raises StoreError: nothing is safe."""
        ...


class Progress(msgspec.Struct):
    """How far a unit of work is: the 1-based record to go on with, the books up to there, the attempts begun. `token`
    tells this beginning from an earlier one, whose writes are refused from now on."""

    resume_from: int = 1
    books: Books = msgspec.field(default_factory=Books)
    attempts: int = 1
    token: int = 1


class FinishedWork(msgspec.Struct):
    """Work that is over: `state` is "done" or "failed"."""

    item: WorkItem
    books: Books
    state: str
    token: int


class Ledger(Protocol):
    """What was done."""

    def begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt and say where to go on; None when the work is done already. Raises StoreError."""
        ...

    def peek(self, item: WorkItem) -> Progress | None:
        """The same without counting anything."""
        ...

    def begin_new(self, item: WorkItem) -> Progress | None:
        """Count the first attempt of work that the ledger does not know; None, and nothing counted, for any other.
        Raises StoreError."""
        ...

    def checkpoint(self, item: WorkItem, progress: Progress) -> bool:
        """Everything before `progress.resume_from` is safe. False when the work was begun anew meanwhile, or finished:
        it is another's. Raises StoreError."""
        ...

    def finish(self, ended: Sequence[FinishedWork]) -> None:
        """The work is over, with these books; what is another's meanwhile is left alone. Raises StoreError."""
        ...

    def give_back(self, begun: Sequence[FinishedWork]) -> None:
        """These were begun, and will be begun again through no fault of theirs: do not count the attempt. Never
        raises."""
        ...
