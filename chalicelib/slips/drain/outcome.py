"""What became of a drain, for who drains a few of many first."""

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
        """Those of these works that were begun. Raises StoreError."""
        ...


def load_outcome(drain_id: str, quarantine: Quarantine, ledger: Works) -> DrainOutcome:
    """What became of the drain. Raises NotFound for one that is unknown or a week over, StoreError."""
    # An old item may name an object twice, and a drain may put what it had put before: the same work, done once.
    drained = list(dict.fromkeys(quarantine.works_of_drain(drain_id)))
    if not drained:
        raise NotFound(f'there is no drain "{drain_id[:100]}"; it is remembered for seven days')
    found = ledger.of_works(drained)
    over = [work for work in found.values() if work.state in ("done", "failed")]
    failed = sum(_failed(work) for work in over)
    return DrainOutcome(
        drain_id=drain_id,
        works=len(drained),
        succeeded=len(over) - failed,
        failed_again=failed,
        pending=len(drained) - len(over),
    )


def _failed(work: Work) -> bool:
    lost = work.books.unparsable + sum(each.quarantined for each in work.books.processors.values())
    return work.state == "failed" or lost > 0
