"""Find the objects that are missing from the ledger, those that were not finished, and duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from ...ledger.items import FINAL, LedgerItem
from ...model import ObjectRef
from .listing import Listing
from .selection import Candidate, Selection
from .stalled import is_stalled

Kind = Literal["missing", "unfinished", "duplicate"]

KINDS: dict[Kind, str] = {
    "missing": "the ledger does not know this content of the key",
    "unfinished": "begun, and not finished for longer than a lane keeps its records",
    "duplicate": "a function got all events twice, such as from two notifications of one write",
}
"""What each kind means."""


class Finding(msgspec.Struct, frozen=True):
    """An object that is not as it should be."""

    kind: Kind
    candidate: Candidate

    @property
    def ref(self) -> ObjectRef:
        """The object."""
        return self.candidate.ref


class Reconciliation(msgspec.Struct):
    """The counts: objects that were compared, and by kind those that are not as they should be."""

    compared: int = 0
    counts: Counter[Kind] = msgspec.field(default_factory=Counter)
    waiting: int = 0
    """Objects that are in progress, or so new that their notification may still be on its way."""


def find_unreconciled(
    pages: Iterable[Listing], selection: Selection, total: Reconciliation, show: Callable[[int, int | None], None]
) -> Iterator[list[Finding]]:
    """Compare the objects with the ledger, page by page; yield what is found of each page, and count it in `total`.
    What is not mapped, dropped or archived is not compared. Raises StoreError and botocore's errors."""
    for page in pages:
        routed = [each for each in map(selection.route, page.objects) if not each.reason]
        findings = []
        for candidate, works in zip(routed, selection.find_all_works(routed), strict=True):
            kind = _classify(candidate, works, selection)
            total.compared += 1
            if kind == "waiting":
                total.waiting += 1
            elif kind is not None:
                total.counts[kind] += 1
                findings.append(Finding(kind, candidate))
        show(total.compared, None)
        yield findings


def _classify(
    candidate: Candidate, works: Sequence[LedgerItem], selection: Selection
) -> Kind | Literal["waiting"] | None:
    """Return what is wrong with an object; None where nothing is, also where it failed: then it has an error item."""
    if not works:
        return "waiting" if selection.is_new(candidate.ref) else "missing"
    begun = [work for work in works if work.state not in FINAL]
    if begun:
        return "unfinished" if all(is_stalled(work, selection.stalled_before) for work in begun) else "waiting"
    # A drain, and what is tried again, name the work that left it to them.
    whole = Counter(name for work in works if not work.from_work for name in work.books.processors)
    return "duplicate" if max(whole.values(), default=0) > 1 else None
