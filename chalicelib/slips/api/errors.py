"""`/errors`: the error items, and their causes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import StoreError
from ..model.work_items import show_work_items
from .causes import report_causes
from .requests import LIMIT

if TYPE_CHECKING:
    from ..ledger.cause_notes import CauseNotes
    from ..quarantine import ErrorItem, Page, Quarantine
    from .requests import ErrorQuery

INTERNAL: Final = ("sort_key", "leased_until", "claim_id", "former_state", "unknown", "record_id")
"""Fields of an item, and of its work items, that no answer holds."""


ADOPTION_SECONDS, ADOPTION_INTERVAL = 1.0, 3600.0
_log = logging.getLogger(__name__)


def adopt_items(quarantine: Quarantine) -> None:
    """Put the items of the class-based SLIPS, which may be running still, into the listings: an hour after the table
    was last read, and for a second of this request. A table of ours has none, and no request reads all of it."""
    try:
        quarantine.adopt(ADOPTION_SECONDS, older_than=ADOPTION_INTERVAL)
    except StoreError as fault:  # A role of one's own may lack the permission to scan; the listing needs none.
        _log.warning("new error items of the class-based SLIPS are not listed: %s", fault)


def list_errors(quarantine: Quarantine, query: ErrorQuery, notes: Callable[[], CauseNotes]) -> Any:
    """Answer `GET /errors`: `{errors, cursor}`, newest first, or with `group=fingerprint` `{causes, complete}`."""
    if query.group:
        return report_causes(quarantine.causes(query.filter()), notes(), time.time())
    oldest_first = query.order == "oldest"
    return page_json(quarantine.page(query.filter(), query.limit or LIMIT, query.cursor, oldest_first=oldest_first))


def page_json(page: Page) -> dict[str, Any]:
    """Convert a page to what the API and the command line show."""
    return {"errors": [to_json(row) for row in page.items], "cursor": page.cursor or None}


def to_json(row: Any) -> dict[str, Any]:
    """Convert an item to JSON values, without the internal fields."""
    fields: dict[str, Any] = msgspec.to_builtins(row)
    for internal in INTERNAL:
        fields.pop(internal, None)
    if "argument" in fields:
        fields["argument"] = show_work_items(row.argument)
    return fields


def show_error(quarantine: Quarantine, request_id: str) -> dict[str, Any]:
    """Answer `GET /errors/{id}`: the whole item, with traceback, positions, sample and work items."""
    item: ErrorItem = quarantine.get(request_id)
    return {**to_json(item), "history": list(item.history)}
