"""Which functions an event goes to: worked out once for each tag and each set of needles, and then looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..errors import ENDS
from ..model.meta import Meta
from ..reader.needle_search import compile_needles
from .delivery import Delivery
from .event_filter import Call
from .functions import Where

Recipient = tuple[Where | None, Call, Delivery]
"""What an event must be for the delivery, what it is then called with, and the delivery."""

MOST_KNOWN: Final = 1000
"""Tags and sets of needles that are remembered: a tag may have a field of the event in it."""


class Recipients:
    """The recipients of each event of one object, in the order of app.py.

    Records are searched a slice at a time. `joins_records`: an event may be made of several records, so that each
    event's own is searched instead.
    """

    def __init__(self, deliveries: Sequence[Delivery], *, joins_records: bool) -> None:
        self._deliveries = deliveries
        self._joins_records = joins_records
        self._has_tags = any(delivery.function.tag for delivery in deliveries)
        needles = sorted({needle for delivery in deliveries for needle in delivery.filter.needles})
        self._search = compile_needles(tuple(needles)) if needles else None
        self._numbers = {needle: number for number, needle in enumerate(needles)}
        self._held: dict[int, tuple[int, ...]] = {}
        """The needles that records of this slice hold, by position."""
        self._known: dict[tuple[str | None, tuple[int, ...]], list[Recipient]] = {}
        self._depends_on_event = self._has_tags or (joins_records and self._search is not None)
        self.shared: Sequence[Recipient] | None = None
        """The recipients of all events of this slice; None where they depend on the event."""
        self._suspended: list[int | None] = []
        self._usual: list[Recipient] = []
        """Those of an event without a needle, where there are no tags."""
        self.renew()

    def renew(self) -> None:
        """Forget what was worked out where a delivery was suspended since."""
        suspended = [delivery.suspended_at for delivery in self._deliveries]
        if suspended == self._suspended:
            return
        self._suspended = suspended
        self._known.clear()
        self._usual = [] if self._depends_on_event else self._work_out("", ())
        self._note_shared()

    def begin_slice(self, positions: Sequence[int], records: Sequence[bytes]) -> None:
        """Search the records that come next."""
        if self._search is not None and not self._joins_records:
            self._held = self._search.held_by_position(positions, records)
            self._note_shared()

    def _note_shared(self) -> None:
        self.shared = None if self._held or self._depends_on_event else self._usual

    def of(self, meta: Meta) -> Sequence[Recipient]:
        """Return the recipients of an event."""
        held = self._held.get(meta.position, ())
        if not self._depends_on_event:
            if not held:
                return self._usual
            key: tuple[str | None, tuple[int, ...]] = "", held
        elif self._joins_records and self._search is not None:
            key = _tag_of(meta) if self._has_tags else "", self._search.held(meta._record)
        else:
            key = _tag_of(meta), held
        recipients = self._known.get(key)
        return self._work_out(*key) if recipients is None else recipients

    def _work_out(self, tag: str | None, held: tuple[int, ...]) -> list[Recipient]:
        """Work out the recipients; a `tag` of None is one that cannot be found, which is a failure of those who ask."""
        recipients: list[Recipient] = []
        for delivery in self._deliveries:
            function, where = delivery.function, delivery.filter.where
            if delivery.suspended_at is not None:  # It counts every event.
                where = None
            elif not self._holds(held, delivery.filter.needles):
                continue
            elif function.tag and tag is None:
                where = _read_tag
            elif function.tag and not function.takes_tag(tag or ""):
                continue
            recipients.append((where, delivery.call, delivery))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[tag, held] = recipients
        return recipients

    def _holds(self, held: tuple[int, ...], needles: Sequence[bytes]) -> bool:
        return not needles or any(self._numbers[needle] in held for needle in needles)


def _tag_of(meta: Meta) -> str | None:
    try:
        return meta.tag
    except ENDS:
        raise
    except BaseException:  # noqa: BLE001 - it is raised again for each function that asks for a tag
        return None


def _read_tag(meta: Meta, event: Any) -> object:  # noqa: ARG001 - the shape of a Where
    return meta.tag
