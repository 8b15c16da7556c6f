"""`/errors`: what failed, by item and by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import BadRequest
from .routes import LIMIT

if TYPE_CHECKING:
    from ..quarantine import ErrorItem, Page, Quarantine

INTERNAL: Final = ("sort_key", "leased_until", "claim_id")
"""Fields of an item that only the table needs."""


def listing(quarantine: Quarantine, found: dict[str, Any]) -> Any:
    """`GET /errors`: `{errors, cursor}`, newest first, or with `group=fingerprint` `{causes, complete}`."""
    from ..quarantine import Filter  # Only the function of the API needs it.

    paging = {name: found.pop(name) for name in ("group", "limit", "cursor") if name in found}
    wanted = Filter(**found)
    if "group" in paging:
        if len(paging) > 1:
            raise BadRequest("group: causes come all at once, without limit and cursor")
        return quarantine.causes(wanted)
    return shown_page(quarantine.page(wanted, paging.get("limit", LIMIT), paging.get("cursor", "")))


def shown_page(page: Page) -> dict[str, Any]:
    """A page as the API and the command line show it."""
    return {"errors": [shown(row) for row in page.items], "cursor": page.cursor or None}


def shown(row: Any) -> dict[str, Any]:
    """An item without what only the table needs."""
    made: dict[str, Any] = msgspec.to_builtins(row)
    for internal in INTERNAL:
        made.pop(internal, None)
    return made


def detail(quarantine: Quarantine, request_id: str) -> dict[str, Any]:
    """`GET /errors/{id}`: all of it, with traceback, positions, sample and work items."""
    item: ErrorItem = quarantine.get(request_id)
    return {**shown(item), "history": list(item.history)}
