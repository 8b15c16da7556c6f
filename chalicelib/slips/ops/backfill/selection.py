"""Which objects to queue, and for which functions, by slips.yml, app.py and the ledger.

An object is done for a function when the ledger has books of that function for this version of it, of work that ended.
So a backfill for a new function delivers the old objects to that function only. Work that was begun, and that no lane
holds any longer, is queued again under its own id: the ledger resumes it at its checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import msgspec

from ...config import Config, routing
from ...errors import RouteError
from ...ledger.items import FINAL, LedgerItem
from ...model import Lane, ObjectRef, WorkItem, digest, work_item
from ...model.utc import epoch
from .listing import Listed
from .stalled import is_stalled
from .state import State

if TYPE_CHECKING:
    from ...config.access import S3Access
    from ...decorators import Slips

WORKERS = 32
"""Concurrent queries of the ledger."""
NEW_SECONDS = 900.0
"""Seconds that a notification may take to reach the ledger."""

REASONS = {
    "done": "the ledger has them",
    "at work": "in progress now",
    "stalled drain": "a drain of them was begun and never finished; --again queues them whole",
    "new": "just written, left to their notifications (--until includes them)",
    "archived": "archived (Glacier): restore them first",
    "dropped": "a routing rule drops them",
    "unmapped": "no routing rule or mapping takes them",
    "no function": "no function takes them",
}
"""Why an object is not queued."""


class BookLookup(Protocol):
    """A ledger that finds the works on an object."""

    def of_object(self, bucket: str, key: str, limit: int = 50) -> list[LedgerItem]:
        """Return the works on an object, with their books."""
        ...


class Candidate(msgspec.Struct, frozen=True):
    """An object to queue, or the reason why not. `missing` are the functions to deliver to; empty: all. `stalled` is
    the work to resume."""

    ref: ObjectRef
    lane: Lane = "slow"
    missing: tuple[str, ...] = ()
    reason: str = ""
    stalled: LedgerItem | None = None


class Selection:
    """A selection for one backfill, whose state separates the works of one `--again` from those of another. Unfinished
    work that has not changed since `stalled_before` is stalled."""

    def __init__(self, state: State, slips: Slips, ledger: BookLookup, access: S3Access, stalled_before: str) -> None:
        self.stalled_before = stalled_before
        self._request = request = state.request
        self._new_since = None if request.until is not None else state.began_at - NEW_SECONDS
        self._slips = slips
        self._config: Config = slips.config
        self._ledger = ledger
        self._access = access
        self._run_id = state.run_id
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="slips-backfill")

    def route(self, listed: Listed) -> Candidate:
        """Decide by slips.yml and app.py, without the ledger."""
        ref = listed.ref
        try:
            lane = routing.route(self._config, ref).lane
            needed = self._needed(ref)
        except RouteError:
            return Candidate(ref, reason="unmapped")
        if lane == "drop":
            return Candidate(ref, reason="dropped")
        if not needed:
            return Candidate(ref, reason="no function")
        if listed.is_archived:
            return Candidate(ref, reason="archived")
        chosen = self._request.lane
        return Candidate(ref, lane if chosen == "routed" else chosen, needed)

    def drop_done(self, routed: Iterable[Candidate]) -> list[Candidate]:
        """Mark the candidates that are done by the ledger. Raises StoreError."""
        waiting = list(routed)
        return waiting if self._request.again else list(self._pool.map(self._not_done, waiting))

    def find_all_works(self, candidates: Iterable[Candidate]) -> list[Sequence[LedgerItem]]:
        """Return the works on this version of each object, newest first. Raises StoreError."""
        return list(self._pool.map(lambda each: self._find_works(each.ref), candidates))

    def items(self, candidate: Candidate) -> list[WorkItem]:
        """Return the work items, always the same for the object in this backfill, so that an item put twice is
        processed once. Functions that took no part in a stalled work get the object in another, from its beginning."""
        stalled = candidate.stalled
        if stalled is None:
            return [self._item(candidate, candidate.missing)]
        took_part = stalled.books.processors if stalled.resume_from > 1 else candidate.missing
        resumed = tuple(name for name in candidate.missing if name in took_part)
        others = tuple(name for name in candidate.missing if name not in took_part)
        items = [self._item(candidate, names) for names in (resumed, others) if names]
        if resumed:
            version_id = stalled.version if stalled.version != candidate.ref.etag else ""
            items[0] = msgspec.structs.replace(items[0], work_id=stalled.work_id, version_id=version_id)
        return items

    def _item(self, candidate: Candidate, missing: tuple[str, ...]) -> WorkItem:
        ref = candidate.ref
        whole = not self._request.function and set(missing) == set(self._all(ref))
        only = () if whole else missing
        item = work_item(ref, self._config.lane(candidate.lane).stream)
        again = self._run_id if self._request.again else ""
        work_id = digest(ref.work_id, "backfill", again, *only) if only or again else ref.work_id
        return msgspec.structs.replace(item, work_id=work_id, processors=only, event_name="ObjectCreated:Backfill")

    def _needed(self, ref: ObjectRef) -> tuple[str, ...]:
        names = self._all(ref)
        only = self._request.function
        return names if not only else tuple(name for name in names if name == only)

    def _all(self, ref: ObjectRef) -> tuple[str, ...]:
        """Return the functions that take the format of the object."""
        chain = self._slips.chain(routing.find_mapping(self._config, ref).chain)
        if chain.framing == "ignore":
            return ()
        return tuple(function.name for function in self._slips.functions.of_format(chain.name))

    def _not_done(self, candidate: Candidate) -> Candidate:
        if candidate.reason:
            return candidate
        works = self._find_works(candidate.ref)
        if not works and self.is_new(candidate.ref):
            return msgspec.structs.replace(candidate, reason="new")
        ended = [work for work in works if work.state in FINAL]
        begun = [work for work in works if work.state not in FINAL]
        if not all(is_stalled(work, self.stalled_before) for work in begun):
            return msgspec.structs.replace(candidate, reason="at work")
        if begun:
            # The first work on an object is the whole; a drain repeats a part of it, and comes later.
            return self._resume(candidate, begun[-1], ended)
        # Work that failed before any function saw it has no books of functions; its error item covers it.
        if any(work.state == "failed" and not work.books.processors for work in ended):
            return msgspec.structs.replace(candidate, reason="done")
        missing = _without_done(candidate.missing, ended)
        return msgspec.structs.replace(candidate, missing=missing, reason="" if missing else "done")

    def _resume(self, candidate: Candidate, stalled: LedgerItem, ended: Sequence[LedgerItem]) -> Candidate:
        """Resume the stalled work for the functions that are missing. For one function alone, its id cannot be used:
        it would then be done for all."""
        # A drain that ended before the checkpoint has books of its function, but not of the object.
        whole = [work for work in ended if work.books.records >= stalled.resume_from]
        missing = _without_done(candidate.missing, whole)
        if not missing:
            return msgspec.structs.replace(candidate, missing=(), reason="stalled drain")
        return msgspec.structs.replace(candidate, missing=missing, stalled=None if self._request.function else stalled)

    def is_new(self, ref: ObjectRef) -> bool:
        """Whether its notification may still be on its way."""
        return self._new_since is not None and epoch(ref.event_time) >= self._new_since

    def _find_works(self, ref: ObjectRef) -> Sequence[LedgerItem]:
        works = self._ledger.of_object(ref.bucket, ref.key)
        if all(ref.etag in (work.version, work.etag) for work in works):
            return works
        # In a versioned bucket, notifications name the version, and listings do not; nor did earlier ledgers the ETag.
        version = self._version(ref)
        return [work for work in works if ref.etag in (work.version, work.etag) or work.version == version]

    def _version(self, ref: ObjectRef) -> str:
        from botocore.exceptions import ClientError

        try:
            parameters = self._access.object_parameters(ref.bucket)
            head = self._access.client(ref.bucket).head_object(**parameters, Key=ref.key, IfMatch=f'"{ref.etag}"')
        except ClientError:  # Deleted or overwritten since the listing: its error item will say so.
            return ""
        return head.get("VersionId", "")


def _without_done(names: Sequence[str], works: Sequence[LedgerItem]) -> tuple[str, ...]:
    """The functions that none of these works has books of."""
    done = {name for work in works for name in work.books.processors}
    return tuple(name for name in names if name not in done)
