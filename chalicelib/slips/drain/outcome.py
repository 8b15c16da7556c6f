"""What became of a drain: a canary of a few items shows whether it is safe to drain the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..errors import NotFound
from ..model import Books
from ..quarantine import Quarantine
from .request import DrainOutcome


class Work(Protocol):
    """A unit of work, as the ledger knows it."""

    state: str
    books: Books


class Works(Protocol):
    """The ledger."""

    def of_works(self, work_ids: Sequence[str]) -> Mapping[str, Work]:
        """Read those of these works that were begun. Raises StoreError."""
        ...


def load_outcome(drain_id: str, quarantine: Quarantine, ledger: Works) -> DrainOutcome:
    """Count what became of the drain. Raises NotFound for one that is unknown or older than a week, StoreError."""
    work_ids = quarantine.works_of_drain(drain_id)
    if not work_ids:
        raise NotFound(f'no drain "{drain_id[:100]}" in the last seven days')
    ended = [work for work in ledger.of_works(work_ids).values() if work.state in ("done", "failed")]
    failed = sum(_has_failed(work) for work in ended)
    return DrainOutcome(
        drain_id=drain_id,
        works=len(work_ids),
        succeeded=len(ended) - failed,
        failed_again=failed,
        pending=len(work_ids) - len(ended),
    )


def _has_failed(work: Work) -> bool:
    quarantined = work.books.unparsable + sum(books.quarantined for books in work.books.processors.values())
    return work.state == "failed" or quarantined > 0
