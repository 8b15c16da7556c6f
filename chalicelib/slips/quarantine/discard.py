"""Discarding: many items at once, each gone for good. What was discarded, and why, stands in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from ..errors import BadRequest, NotFound
from ..model import utc
from .cursor import Cursor, decode, position
from .listing import Filter
from .store import Quarantine

CHUNK: Final = 200
WORKERS: Final = 8
"""Deletes are single requests: each says whether there was something to delete."""
_FILTERS: Final = ("fingerprint", "bucket", "prefix", "format")

log = logging.getLogger("slips")


class DiscardRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to discard: the items of `ids`, or all that the filters match; and why. Raises BadRequest where that is
    nothing, or everything: nobody means to discard all there is."""

    reason: str
    ids: tuple[str, ...] = ()
    fingerprint: str = ""
    bucket: str = ""
    prefix: str = ""
    format: str = ""
    cursor: str = ""

    def __post_init__(self) -> None:
        filters = [name for name in _FILTERS if getattr(self, name)]
        if bool(self.ids) == bool(filters):
            raise BadRequest(f"ids: name items, or filter them by {', '.join(_FILTERS)}; one of both")
        if not self.reason.strip():
            raise BadRequest("reason: say why; what is discarded is gone")

    def describe(self) -> str:
        """Say in words what is to be discarded."""
        named = {name: getattr(self, name) for name in _FILTERS if getattr(self, name)}
        return f"{len(self.ids)} named items" if self.ids else ", ".join(f"{name} {named[name]!r}" for name in named)


class DiscardReport(msgspec.Struct, kw_only=True):
    """How many items are gone. With a `cursor` there are more: call again with it."""

    discarded: int = 0
    cursor: str = ""


def discard_one(quarantine: Quarantine, request_id: str, reason: str) -> None:
    """Discard an item. Raises NotFound, StoreError."""
    said = reason or "no reason given"
    log.warning("discarding %s: %r", request_id, said)  # Who dies behind the delete has told of it.
    quarantine.delete(request_id)
    log.warning("discarded %s: %r", request_id, said)


def discard(
    request: DiscardRequest, quarantine: Quarantine, deadline: float, clock: utc.Clock = time.time
) -> DiscardReport:
    """Discard what is asked for, the oldest first; end before `deadline` (on `clock`). What fails meanwhile is left.
    Raises BadRequest for a broken cursor, StoreError."""
    cursor = decode(request.cursor)
    begun = Cursor(cursor.after, cursor.until or utc.iso(clock() + 0.001))
    steps = _named(request) if request.ids else _matching(request, quarantine, begun)
    report, slowest = DiscardReport(), 0.0
    # Said before the first one goes: who dies in the middle has told of it.
    log.warning("discarding (%s): %r", request.describe(), request.reason)
    with ThreadPoolExecutor(WORKERS) as pool:
        while chunk := list(islice(steps, CHUNK)):
            started = clock()
            report.discarded += sum(pool.map(lambda step: _gone(quarantine, step.request_id), chunk))
            slowest = max(slowest, clock() - started)
            if len(chunk) == CHUNK and clock() + 2 * slowest >= deadline:
                report.cursor = str(Cursor(chunk[-1].mark, begun.until))
                break
    log.warning("discarded %d items (%s): %r", report.discarded, request.describe(), request.reason)
    return report


class _Step(NamedTuple):
    """A place in what is asked for, and the item there; empty where it is not to be discarded."""

    mark: str
    request_id: str


def _named(request: DiscardRequest) -> Iterator[_Step]:
    """From the beginning whatever the cursor says: those that are gone are passed over."""
    return (_Step("", each) for each in dict.fromkeys(request.ids))


def _matching(request: DiscardRequest, quarantine: Quarantine, begun: Cursor) -> Iterator[_Step]:
    wanted = Filter(until=begun.until, **{name: getattr(request, name) for name in _FILTERS})
    walk = quarantine.oldest(wanted, position(begun))
    return (_Step(mark, row.request_id if row else "") for mark, row in walk)


def _gone(quarantine: Quarantine, request_id: str) -> bool:
    try:
        quarantine.delete(request_id)  # An empty id is none: that is not found, without a request.
    except NotFound:
        return False
    return True
