"""The plan of a backfill, counted before it begins."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from .cost import Cost, cost
from .listing import Listing
from .selection import Candidate, Selection

EXACT = 10_000
"""The ledger is queried for each of this many objects, and then for SAMPLED objects of a page: the queue queries it
again for each, and doing so twice would double the time."""
SAMPLED = 20


class Plan(msgspec.Struct, kw_only=True):
    """The `count` and `size` (bytes) of the objects to queue; estimates unless `is_exact`. `stalled` of them continue
    work that was begun. `skipped` counts the others by reason."""

    count: int = 0
    size: int = 0
    stalled: int = 0
    listed: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    is_exact: bool = True
    rate: float = 0.0

    @property
    def seconds(self) -> float:
        """The time to queue the objects."""
        return self.count / self.rate if self.rate else 0.0

    @property
    def cost(self) -> Cost:
        """The cost of listing, queueing and processing."""
        return cost(self.listed, self.count, self.size)


def plan(pages: Iterable[Listing], selection: Selection, rate: float, show: Callable[[int, int | None], None]) -> Plan:
    """Count all pages without queueing anything. Raises StoreError and botocore's errors."""
    total = Plan(rate=rate)
    skipped: Counter[str] = Counter()
    for page in pages:
        routed = [selection.route(each) for each in page.objects]
        total.listed += len(routed)
        waiting = [each for each in routed if not each.reason]
        skipped.update(each.reason for each in routed if each.reason)
        _count(total, skipped, waiting, selection)
        show(total.listed, None)
    total.skipped = dict(skipped)
    return total


def _count(total: Plan, skipped: Counter[str], waiting: list[Candidate], selection: Selection) -> None:
    exact = total.listed <= EXACT or len(waiting) <= SAMPLED
    total.is_exact &= exact
    # Random, but the same each time, so that two plans agree.
    sample = waiting if exact else random.Random(total.listed).sample(waiting, SAMPLED)  # noqa: S311 - no secret
    decided = selection.drop_done(sample)
    queued = [each for each in decided if not each.reason]
    factor = 1.0 if exact or not sample else len(waiting) / len(sample)
    total.count += round(len(queued) * factor)
    total.size += round(sum(each.ref.size or 0 for each in queued) * factor)
    total.stalled += round(sum(each.stalled is not None for each in queued) * factor)
    for reason, count in Counter(each.reason for each in decided if each.reason).items():
        skipped[reason] += round(count * factor)
