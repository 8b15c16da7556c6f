"""A drain that is watched: a few items first, what became of them, and the rest when that is wanted."""

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
"""The question, and whether the canary came home well."""


class Watched(msgspec.Struct, kw_only=True):
    """The counts of the whole drain, and what became of it: None where that cannot be told."""

    total: DrainReport
    canary: DrainOutcome | None = None
    outcome: DrainOutcome | None = None
    went_on: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether anything could not go, failed again, or is still not known."""
        told = self.outcome
        return bool(self.total.failed) or (told is not None and bool(told.failed_again or told.pending))

    def outcome_line(self, what: str) -> str:
        """What became of it, for a person."""
        return told_line(what, self.outcome)


def told_line(what: str, told: DrainOutcome | None) -> str:
    """What became of a drain, for a person."""
    if told is None:
        return f"{what}: what became of it cannot be told"
    pending = f", {told.pending} still waiting or at work" if told.pending else ""
    return f"{what}: {told.succeeded} of {told.works} succeeded, {told.failed_again} failed again{pending}"


def watched(to: Target, canary: DrainRequest, drain: Drain, *, ask: Ask, wait: float) -> Watched:
    """Drain the canary (`canary.limit` items), watch it, and drain the rest where `ask` says so. What fails again
    meanwhile is not drained a second time."""
    first = drain(canary)
    seen = Watched(total=first)
    if not first.drained:
        return seen
    seen.canary = seen.outcome = _await_outcome(to, first.drain_id, wait)
    click.echo(told_line("canary", seen.canary), err=True)
    if not first.cursor or not first.remaining:
        return seen
    told = seen.canary
    good = told is not None and not told.failed_again and not told.pending
    if not ask(f"drain the other {first.remaining}?", good):
        return seen
    rest = drain(msgspec.structs.replace(canary, cursor=first.cursor, limit=None))
    seen.went_on = True
    seen.total = DrainReport(
        drained=first.drained + rest.drained,
        remaining=rest.remaining,
        failed=first.failed | rest.failed,
        drain_id=first.drain_id,
    )
    seen.outcome = _await_outcome(to, first.drain_id, wait)
    return seen


def _await_outcome(to: Target, drain_id: str, wait: float) -> DrainOutcome | None:
    """Return what became of the drain, once none of it is pending or `wait` seconds have passed."""
    try:
        with progress("at work") as show:

            def look() -> DrainOutcome:
                result = load_outcome(drain_id, to.quarantine, to.ledger)
                show(result.works - result.pending, result.works)
                return result

            return poll(look, lambda result: not result.pending, seconds=wait, pause=POLL_SECONDS)
    except NotFound:
        return None
