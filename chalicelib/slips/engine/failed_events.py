"""Events that a function names as failed: which delivery each of them is of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from ..errors import EventsFailed, UnknownEvent, message_of
from ..model.meta import Meta


class Taker(Protocol):
    """A delivery, which knows what its function took."""

    def taken_of(self, metas: Collection[Meta]) -> list[Meta]:
        """Return those of the events that the function took since the last flush, and that did not fail."""
        ...


def sort_out(
    fault: BaseException, names: Collection[str], without: Collection[Meta] = ()
) -> tuple[BaseException | None, dict[Any, dict[Meta, BaseException]]]:
    """Return what all events of the functions of these names (of none: of all) failed of, None where the fault says
    which of them did; and those events, by their delivery, but for those `without`."""
    if not isinstance(fault, EventsFailed):
        return fault, {}
    try:
        known = set(without)
        found = _find_deliveries([meta for meta in fault.failed if meta not in known], names)
    except UnknownEvent as unknown:
        return unknown, {}
    return None, {delivery: {meta: fault.failed[meta] for meta in metas} for delivery, metas in found.items()}


def _find_deliveries(metas: Collection[Meta], names: Collection[str]) -> dict[Any, list[Meta]]:
    """Return the deliveries that took these events since the last flush, to the functions of these names (of none: to
    all), and which of the events each one has. Raises UnknownEvent for an event that none of them has."""
    asked: dict[Taker, list[Meta]] = {}
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
        f"EventsFailed names {message_of(meta):.200}, which this function has not taken since the last on_flush, or "
        "which failed before: name the metas that it was given with the events, and empty what it holds in on_flush"
    )
