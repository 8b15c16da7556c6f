"""Events that a function names as failed: which delivery each of them is of."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..errors import EventsFailed, UnknownEvent
from ..model.meta import Meta

if TYPE_CHECKING:
    from .delivery import Delivery


def sort_out(
    fault: BaseException, names: Collection[str], given: Collection[Meta] = ()
) -> tuple[BaseException | None, dict[Delivery, dict[Meta, BaseException]]]:
    """Return what all events of the functions of these names (of none: of all) failed of, None where the fault says
    which of them did; and those events, but for the ones that were just `given`, by their delivery."""
    if not isinstance(fault, EventsFailed):
        return fault, {}
    try:
        found = _find_deliveries(fault.failed.keys() - set(given), names)
    except UnknownEvent as unknown:
        return unknown, {}
    return None, {delivery: {meta: fault.failed[meta] for meta in metas} for delivery, metas in found.items()}


def _find_deliveries(metas: Collection[Meta], names: Collection[str]) -> dict[Delivery, list[Meta]]:
    """Return the deliveries that took these events since the last flush, to the functions of these names (of none: to
    all), and which of the events each one has. Raises UnknownEvent for an event that none of them has."""
    asked: dict[Delivery, list[Meta]] = {}
    for meta in metas:
        deliveries = getattr(getattr(meta, "_context", None), "deliveries", None)
        if deliveries is None:
            raise _unknown(meta)
        for delivery in deliveries.of(names):
            asked.setdefault(delivery, []).append(meta)
    found = {delivery: delivery.taken_of(its) for delivery, its in asked.items()}
    taken = {meta for its in found.values() for meta in its}
    for meta in metas:
        if meta not in taken:
            raise _unknown(meta)
    return {delivery: its for delivery, its in found.items() if its}


def _unknown(meta: object) -> UnknownEvent:
    return UnknownEvent(
        f"EventsFailed names {meta!r:.200}, which this function has not taken since the last on_flush, or which failed "
        "before: name the metas that it was given with the events, and empty what it holds in on_flush"
    )
