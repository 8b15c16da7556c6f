"""`/errors`: what failed, by item and by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import BadRequest
from . import asked

if TYPE_CHECKING:
    from ..quarantine import ErrorItem, Page, Quarantine

FILTERS = ("bucket", "prefix", "format", "processor", "fingerprint", "state", "stage", "since", "until")
KNOWN = ("limit", "cursor", "group", *FILTERS)


def listing(quarantine: Quarantine, query: asked.Query | None) -> Any:
    """`GET /errors`: `{errors, cursor}`, newest first, or with `group=fingerprint` `{causes, complete}`."""
    from ..quarantine import Filter  # Only the function of the API needs it.

    found = asked.query(query, KNOWN)
    wanted = Filter(**{name: found[name] for name in FILTERS if name in found})
    asked.one_of(found, "state", asked.STATES)
    asked.one_of(found, "stage", asked.STAGES)
    if asked.one_of(found, "group", ("fingerprint",)):
        if "limit" in found or "cursor" in found:
            raise BadRequest("group: causes come all at once, without limit and cursor")
        return quarantine.causes(wanted)
    page = quarantine.page(wanted, asked.limit(found.get("limit")), found.get("cursor", ""))
    return shown_page(page)


def shown_page(page: Page) -> dict[str, Any]:
    """A page as the API and the command line show it."""
    return {"errors": [shown(row) for row in page.items], "cursor": page.cursor or None}


def shown(row: Any) -> dict[str, Any]:
    """An item without what only the table needs."""
    made: dict[str, Any] = msgspec.to_builtins(row)
    for internal in ("sort_key", "leased_until", "claim_id"):
        made.pop(internal, None)
    return made


def detail(quarantine: Quarantine, request_id: str) -> dict[str, Any]:
    """`GET /errors/{id}`: all of it, with traceback, positions, sample and work items."""
    item: ErrorItem = quarantine.get(request_id)
    return {**shown(item), "history": list(item.history)}


def discard(quarantine: Quarantine, request_id: str) -> dict[str, Any]:
    """`DELETE /errors/{id}`."""
    quarantine.delete(request_id)
    return {"discarded": request_id}
