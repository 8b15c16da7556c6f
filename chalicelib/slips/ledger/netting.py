"""The books of an object over all its works: what a later work did of an earlier one's rest counts once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ..model import ProcessorBooks
from .items import LedgerItem


class NetBooks(msgspec.Struct, kw_only=True):
    """What became of the events of a version of an object, by function. What failed or had to wait, and was taken up by
    a later work, is counted as that work counts it."""

    version: str
    processors: dict[str, ProcessorBooks] = {}


def net_books(works: Sequence[LedgerItem]) -> list[NetBooks]:
    """Add up the works of an object, a sum for each of its versions."""
    return [
        NetBooks(version=version, processors=_add_up([work for work in works if work.version == version]))
        for version in dict.fromkeys(work.version for work in works)
    ]


def _add_up(works: Sequence[LedgerItem]) -> dict[str, ProcessorBooks]:
    sums: dict[str, ProcessorBooks] = {}
    for work in works:
        followers = [each for each in works if each.from_work == work.work_id]
        for name, books in work.books.processors.items():
            added = sums.setdefault(name, ProcessorBooks())
            added.delivered += books.delivered
            added.filtered += books.filtered
            retried = _taken_up(name, (each for each in followers if each.tries))
            drained = _taken_up(name, (each for each in followers if not each.tries))
            added.waiting += max(0, books.waiting - retried)
            added.quarantined += max(0, books.quarantined - drained)
    return sums


def _taken_up(name: str, followers: Iterable[LedgerItem]) -> int:
    """Count the events of the function that later works account for."""
    return sum(work.books.processors[name].total for work in followers if name in work.books.processors)
