"""`/errors`: what failed, by item and by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from .requests import LIMIT

if TYPE_CHECKING:
    from ..quarantine import ErrorItem, Page, Quarantine
    from .requests import ErrorQuery

INTERNAL: Final = ("sort_key", "leased_until", "claim_id")
"""Fields of an item that only the table needs."""


def list_errors(quarantine: Quarantine, query: ErrorQuery) -> Any:
    """`GET /errors`: `{errors, cursor}`, newest first, or with `group=fingerprint` `{causes, complete}`."""
    if query.group:
        return quarantine.causes(query.filter())
    return page_json(quarantine.page(query.filter(), query.limit or LIMIT, query.cursor))


def page_json(page: Page) -> dict[str, Any]:
    """A page as the API and the command line show it."""
    return {"errors": [to_json(row) for row in page.items], "cursor": page.cursor or None}


def to_json(row: Any) -> dict[str, Any]:
    """An item without what only the table needs."""
    fields: dict[str, Any] = msgspec.to_builtins(row)
    for internal in INTERNAL:
        fields.pop(internal, None)
    return fields


def show_error(quarantine: Quarantine, request_id: str) -> dict[str, Any]:
    """`GET /errors/{id}`: all of it, with traceback, positions, sample and work items."""
    item: ErrorItem = quarantine.get(request_id)
    return {**to_json(item), "history": list(item.history)}
