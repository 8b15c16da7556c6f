"""What a backfill would do: counted before it begins."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from .cost import Cost, cost
from .listing import Listing
from .selection import Candidate, Selection

EXACT = 10_000
"""Objects up to which the ledger is asked about each; of what follows, about SAMPLED of a page: it is asked again when
their turn comes, and a question a piece would double the time."""
SAMPLED = 20


class Plan(msgspec.Struct, kw_only=True):
    """`count` and `size` (bytes) of what is to be queued; `is_exact` False where the ledger was asked about a part.
    `skipped` counts the others, by reason."""

    count: int = 0
    size: int = 0
    listed: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    is_exact: bool = True
    rate: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the queueing takes."""
        return self.count / self.rate if self.rate else 0.0

    @property
    def cost(self) -> Cost:
        """What listing, queueing and processing cost."""
        return cost(self.listed, self.count, self.size)


def plan(pages: Iterable[Listing], selection: Selection, rate: float, show: Callable[[int, int | None], None]) -> Plan:
    """Go through all pages, queueing nothing. Raises StoreError, botocore's errors."""
    total = Plan(rate=rate)
    skipped: Counter[str] = Counter()
    for page in pages:
        routed = [selection.route(each) for each in page.objects]
        total.listed += len(routed)
        open_ = [each for each in routed if not each.reason]
        skipped.update(each.reason for each in routed if each.reason)
        _count(total, skipped, open_, selection)
        show(total.listed, None)
    total.skipped = dict(skipped)
    return total


def _count(total: Plan, skipped: Counter[str], waiting: list[Candidate], selection: Selection) -> None:
    exact = total.listed <= EXACT or len(waiting) <= SAMPLED
    total.is_exact &= exact
    # By chance, and the same each time: a plan that is asked for twice should say the same.
    asked = waiting if exact else random.Random(total.listed).sample(waiting, SAMPLED)  # noqa: S311 - no secret
    decided = selection.drop_done(asked)
    queued = [each for each in decided if not each.reason]
    factor = 1.0 if exact or not asked else len(waiting) / len(asked)
    total.count += round(len(queued) * factor)
    total.size += round(sum(each.ref.size or 0 for each in queued) * factor)
    for reason, count in Counter(each.reason for each in decided if each.reason).items():
        skipped[reason] += round(count * factor)
