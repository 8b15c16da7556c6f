"""Discarding: items are deleted and never processed again. The log says what was discarded, and why."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ..errors import BadRequest, NotFound
from ..model import utc
from ..wording import plural
from .selection import FILTERS, ErrorSelection, SelectionWalk, Text
from .store import Quarantine

CHUNK: Final = 200
WORKERS: Final = 8
"""Deletes are single requests: each says whether there was something to delete."""

log = logging.getLogger("slips")


class DiscardRequest(ErrorSelection, frozen=True, kw_only=True):
    """What to discard, and why. Raises BadRequest for no ids and no filter: nobody means to discard everything."""

    reason: Annotated[Text, Meta(description="The reason, for the log: a discarded item cannot be restored.")]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.ids and not self.filters():
            raise BadRequest(f"ids: name items, or filter them by {', '.join(FILTERS)}; one of both")
        if self.filters().keys() == {"state"} and self.state in ("open", "waiting", "draining"):
            raise BadRequest(f"state: {self.state} alone matches what nobody has looked at; add another filter")
        if not self.reason.strip():
            raise BadRequest("reason: say why; what is discarded is gone")


class DiscardReport(msgspec.Struct, kw_only=True):
    """The number of discarded items. With a `cursor` there are more: call again with it."""

    discarded: int = 0
    cursor: str = ""


def discard_one(quarantine: Quarantine, request_id: str, reason: str) -> None:
    """Discard an item. Raises NotFound, StoreError."""
    why = reason or "no reason given"
    log.warning("discarding %s: %r", request_id, why)  # Before the delete: a crash behind it has left its line.
    quarantine.delete(request_id)
    log.warning("discarded %s: %r", request_id, why)


def discard(
    request: DiscardRequest, quarantine: Quarantine, deadline: float, clock: utc.Clock = time.time, discard_id: str = ""
) -> DiscardReport:
    """Discard the selected items, the oldest first; end before `deadline` (on `clock`). What fails in between stays.
    The cursor of a discard that begins here holds `discard_id`. Raises BadRequest for a broken cursor, StoreError."""
    walk = SelectionWalk(request, quarantine, deadline, clock)
    walk.cursor = msgspec.structs.replace(walk.cursor, drain_id=walk.cursor.drain_id or discard_id)
    report = DiscardReport()
    log.warning("discarding (%s): %r", request.describe(), request.reason)  # Before the first delete, as above.
    with ThreadPoolExecutor(WORKERS) as pool:
        for ids in walk.chunks(lambda: CHUNK):
            report.discarded += sum(pool.map(lambda request_id: _delete(quarantine, request_id), ids))
    report.cursor = "" if walk.at_end else str(walk.cursor)
    log.warning("discarded %s (%s): %r", plural(report.discarded, "item"), request.describe(), request.reason)
    return report


def _delete(quarantine: Quarantine, request_id: str) -> bool:
    """Delete the item; whether it was still there."""
    try:
        quarantine.delete(request_id)
    except NotFound:
        return False
    return True
