"""Causes, with what is known of their past: new or not, come back, muted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from ..errors import StoreError
from ..model import utc
from ..quarantine import Cause, Causes

if TYPE_CHECKING:
    from ..ledger.cause_notes import CauseNote, CauseNotes

MOST_NOTED: Final = 100
"""Causes of which the past is looked up, the most frequent ones."""
log = logging.getLogger("slips")


class CauseReport(Cause, kw_only=True):
    """A cause, and its past. It fails at least since `known_since`. One that `came_back` was drained or discarded as a
    whole, at `resolved_at` (empty: it was not), and has failed again since. Nobody has to look at one that is muted
    until `muted_until` (seconds since the epoch; 0: it is not), as `muted_by` said, who says why in `mute_note`."""

    known_since: str
    resolved_at: str = ""
    came_back: bool = False
    muted_until: int = 0
    muted_by: str = ""
    mute_note: str = ""


class CauseReports(msgspec.Struct, frozen=True):
    """All causes, the most frequent first. Not `complete` if time ran out: then only the newest items are counted."""

    causes: tuple[CauseReport, ...]
    complete: bool


def report_causes(listing: Causes, notes: CauseNotes, now: float) -> CauseReports:
    """Add their past to the causes. Where that cannot be read, they are shown without it."""
    known: dict[str, CauseNote] = {}
    try:
        known = notes.read(cause.fingerprint for cause in listing.causes[:MOST_NOTED])
    except StoreError as fault:
        log.warning("causes are shown without their past: %s", fault)
    return CauseReports(_report_all(listing.causes, known, now), listing.complete)


def _report_all(causes: Sequence[Cause], known: dict[str, CauseNote], now: float) -> tuple[CauseReport, ...]:
    return tuple(_report(cause, known.get(cause.fingerprint), now) for cause in causes)


def _report(cause: Cause, note: CauseNote | None, now: float) -> CauseReport:
    report = CauseReport(**msgspec.structs.asdict(cause), known_since=cause.first_seen)
    if note is None:
        return report
    times = [utc.iso(at) for at in (note.seen_at, note.before_at) if at]
    report.known_since = min([report.known_since, *times])
    if note.resolved_at:
        report.resolved_at = utc.iso(note.resolved_at)
        report.came_back = cause.last_seen > report.resolved_at
    if note.muted_until > now:
        report.muted_until, report.muted_by, report.mute_note = note.muted_until, note.muted_by, note.mute_note
    return report
