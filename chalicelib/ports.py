"""What the engine, dispatch and drain need of the outside, each as small as they need it.

The AWS side stands in `reader/s3.py`, `lanes.py`, `ledger.py` and `quarantine.py`; the in-memory side, for tests of
your own, in `testing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from .model import Books, Failure, Lane, ObjectRef, WorkItem


class Objects(Protocol):
    """Where the bytes of objects are."""

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """The stored bytes of the object in order, in chunks of any size. Raises ReadError where they end early."""
        ...


class Lanes(Protocol):
    """Where work items wait."""

    def put(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Put the items into the lane; the answer is those that could not be put, after all retries."""
        ...


class Errors(Protocol):
    """Where failures are kept."""

    def put(self, failures: Sequence[Failure]) -> None:
        """Keep the failures. Putting the same `request_id` again replaces it. Raises StoreError: nothing is safe."""
        ...


class Progress(msgspec.Struct):
    """How far a unit of work is: the 1-based record to go on with, the books up to there, the attempts begun."""

    resume_from: int = 1
    books: Books = msgspec.field(default_factory=Books)
    attempts: int = 1


class Ledger(Protocol):
    """What was done."""

    def begin(self, item: WorkItem) -> Progress | None:
        """Count an attempt and say where to go on; None when the work is done already. Raises StoreError."""
        ...

    def checkpoint(self, item: WorkItem, progress: Progress) -> None:
        """Everything before `progress.resume_from` is safe. Raises StoreError."""
        ...

    def finish(self, item: WorkItem, books: Books, state: str) -> None:
        """The work is done (`state` "done" or "failed"), with these books. Raises StoreError."""
        ...
