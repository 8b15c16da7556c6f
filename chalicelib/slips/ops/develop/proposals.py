"""Proposals of formats: their order, and those that nothing in a file tells apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

FEWEST_CONFIDENCE = 0.05
SURE = 0.6
"""The confidence from which an envelope's content is looked at, and formats are compared."""
UNDECIDED = 0.75
"""The most confidence where two formats read a file alike."""

_NEAR = 0.1
_SAME_VALUES = 0.7
"""The share of values in common that makes two events the same: one format splits the request, another does not."""

Values = Sequence[frozenset[str]]
"""The values of the first events, whatever their names."""


class Proposal(NamedTuple):
    """A format, or a chain (`docker-json,nginx-access`), that may be meant; `confidence` is 0 to 1."""

    name: str
    confidence: float
    why: str


def rank(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return the proposals with some confidence, the likeliest first."""
    sure = [proposal for proposal in proposals if proposal.confidence >= FEWEST_CONFIDENCE]
    return sorted(sure, key=lambda proposal: (-proposal.confidence, proposal.name))


def put_content_first(proposals: list[Proposal]) -> list[Proposal]:
    """Return them with the first, an envelope, behind the format that is as sure to read what is inside."""
    inner = next((other for other in proposals[1:] if other.confidence >= SURE and "," not in other.name), None)
    if inner is None:
        return proposals
    behind = [proposal for proposal in proposals if proposal is not inner]
    return [inner, *(_bounded(proposal, inner.confidence) for proposal in behind)]


def mark_alike(proposals: list[Proposal], values_of: Callable[[str], Values]) -> list[Proposal]:
    """Return them with less confidence, and with a reason that says so, where another format reads what the first one
    reads."""
    near = [other for other in proposals if other.confidence >= max(SURE, proposals[0].confidence - _NEAR)]
    if len(near) < 2:
        return proposals
    read = values_of(near[0].name)
    alike = [near[0].name, *(other.name for other in near[1:] if _is_same(read, values_of(other.name)))]
    if len(alike) == 1:
        return proposals
    return [_undecided(proposal, alike) for proposal in proposals]


def _bounded(proposal: Proposal, most: float) -> Proposal:
    return proposal._replace(confidence=min(proposal.confidence, most))


def _undecided(proposal: Proposal, alike: Sequence[str]) -> Proposal:
    proposal = _bounded(proposal, UNDECIDED)
    if proposal.name not in alike:
        return proposal
    others = " and ".join(name for name in alike if name != proposal.name)
    return proposal._replace(why=f"{proposal.why}; {others} reads the same here: choose by what writes the file")


def _is_same(values: Values, others: Values) -> bool:
    if not values or len(values) != len(others):
        return False
    shares = (len(one & other) / (len(one | other) or 1) for one, other in zip(values, others, strict=True))
    return all(share >= _SAME_VALUES for share in shares)
