"""A watched drain: a few items first, their outcome, and then the rest if the user agrees."""

from __future__ import annotations

from collections.abc import Callable

import click
import msgspec

from ...drain import DrainOutcome, DrainReport, DrainRequest, load_outcome
from ...errors import NotFound
from ..polling import poll
from ..target import Target
from .terminal import progress

POLL_SECONDS = 0.5

Drain = Callable[[DrainRequest], DrainReport]
Ask = Callable[[str, bool], bool]
"""Called with the question and whether the canary succeeded."""


class WatchedDrain(msgspec.Struct, kw_only=True):
    """The counts and the outcome of the whole drain; an outcome is None if it is unknown."""

    total: DrainReport
    canary: DrainOutcome | None = None
    outcome: DrainOutcome | None = None
    went_on: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether anything could not be drained, failed again, or is still pending."""
        outcome = self.outcome
        return bool(self.total.failed) or (outcome is not None and bool(outcome.failed_again or outcome.pending))

    def outcome_line(self, what: str) -> str:
        """Describe the outcome for a person."""
        return describe_outcome(what, self.outcome)


def describe_outcome(what: str, outcome: DrainOutcome | None) -> str:
    """Describe the outcome of a drain for a person."""
    if outcome is None:
        return f"{what}: the outcome is unknown"
    pending = f", {outcome.pending} still waiting or in progress" if outcome.pending else ""
    return f"{what}: {outcome.succeeded} of {outcome.works} succeeded, {outcome.failed_again} failed again{pending}"


def drain_watched(to: Target, canary: DrainRequest, drain: Drain, *, ask: Ask, wait: float) -> WatchedDrain:
    """Drain the canary (`canary.limit` items), watch it, and drain the rest if `ask` agrees. Items that fail again
    meanwhile are not drained a second time."""
    first = drain(canary)
    result = WatchedDrain(total=first)
    if not first.drained:
        return result
    result.canary = result.outcome = _await_outcome(to, first.drain_id, wait)
    click.echo(describe_outcome("canary", result.canary), err=True)
    if not first.cursor or not first.remaining:
        return result
    outcome = result.canary
    good = outcome is not None and not outcome.failed_again and not outcome.pending
    if not ask(f"drain the other {first.remaining}?", good):
        return result
    rest = drain(msgspec.structs.replace(canary, cursor=first.cursor, limit=None))
    result.went_on = True
    result.total = msgspec.structs.replace(first)  # The caller counts the parts.
    result.total.add(rest)
    result.outcome = _await_outcome(to, first.drain_id, wait)
    return result


def _await_outcome(to: Target, drain_id: str, wait: float) -> DrainOutcome | None:
    """Return the outcome of the drain once nothing is pending, or `wait` seconds have passed."""
    try:
        with progress("in progress") as show:

            def look() -> DrainOutcome:
                result = load_outcome(drain_id, to.quarantine, to.ledger)
                show(result.works - result.pending, result.works)
                return result

            return poll(look, lambda result: not result.pending, seconds=wait, pause=POLL_SECONDS)
    except NotFound:
        return None
