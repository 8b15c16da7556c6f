"""All deliveries of one object: what each of its events is called with."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import ENDS
from ..formats.base import Parser
from ..model import ProcessorBooks, WorkItem
from ..model.meta import Meta
from ..model.positions import Positions
from .delivery import Delivery
from .event_filter import Call, Offered, converter
from .failures import FailureLog
from .functions import Function
from .pauses import Pauses
from .recipients import Recipients
from .record_bytes import weigh_all


class Deliveries:
    """The functions that one object is delivered to. An event goes through `direct_call`, or through `call`; what
    `direct_call` raises goes to `fail`."""

    def __init__(
        self, functions: Sequence[Function], parser: Parser, log: FailureLog, limit: int, item: WorkItem, first: int,
        pauses: Pauses,
    ) -> None:  # fmt: skip
        """`first` is the record that delivery begins at."""
        is_single = len(functions) == 1
        # Where all functions name bytes, the reader searches; records that are joined must all be decoded.
        reader_searches = all(function.needles for function in functions) and not parser.joins_records
        needles = {needle for function in functions for needle in function.needles}
        self.needles = tuple(sorted(needles)) if reader_searches else ()
        """The bytes of which a record must hold one, where the reader can pass over all others."""
        takes_all = is_single and not functions[0].tag and _is_json_of(functions[0].type, parser)
        self.record_type: type[msgspec.Struct] | None = functions[0].type if takes_all else None
        """The user's type that records are decoded into, where one function takes them all and they are plain JSON."""
        self._offered = Offered()
        self._unconditional: list[tuple[Call, Delivery]] = []
        self._deliveries = [
            Delivery(
                function, log, limit, pauses=pauses, first=first, joins_records=parser.joins_records,
                search=not (reader_searches and is_single),
                convert=None if self.record_type
                else converter(function.type, direct=_is_json_of(function.type, parser)),
                offered=self._offered, suspended=function.name in item.suspended, waits=function.name in item.waiting,
                split=item.split,
            )
            for function in functions
        ]  # fmt: skip
        self._has_batches = any(function.batch for function in functions)
        self._recipients = Recipients(self._deliveries, joins_records=parser.joins_records)
        self.time_faults = 0
        """Events whose time was asked for, and could not be read."""

    def begin_slice(self, positions: Sequence[int], records: Sequence[bytes]) -> None:
        """Prepare for these records: deliver every batch that would have too many bytes with their events, and find out
        which functions look for them."""
        if self._has_batches:
            size = weigh_all(records)
            for delivery in self._deliveries:
                if delivery.function.batch is not None:
                    delivery.make_room(size)
            self._recipients.renew()
        self._recipients.begin_slice(positions, records)

    @property
    def direct_call(self) -> Call:
        """What the inner loop calls: the only function itself that takes the events of this slice, since a loop around
        one call costs one event in thirty. Another one after every failure."""
        recipients = self._recipients.shared
        if recipients and len(recipients) == 1 and recipients[0][0] is not None:
            return _call_where(recipients[0][0], recipients[0][1])
        if not recipients or any(where is not None for where, _, _ in recipients):
            return self.call
        self._unconditional = [(call, delivery) for _, call, delivery in recipients]
        return recipients[0][1] if len(recipients) == 1 else self._call_all

    def _call_all(self, meta: Meta, event: Any) -> None:
        """Do as `call` where no function has a condition: to look for one costs one event in twenty."""
        for call, delivery in self._unconditional:
            try:
                call(meta, event)
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - as in `call`
                delivery.fail(meta, fault)
                self._recipients.renew()
                self._unconditional = [(each.call, each) for _, each in self._unconditional]

    def call(self, meta: Meta, event: Any) -> None:
        """Call each function that the event is for. Whatever one raises costs the event for that one alone."""
        recipients = self._recipients
        for where, call, delivery in recipients.of(meta) if recipients.shared is None else recipients.shared:
            try:
                if where is None or where(meta, event):
                    call(meta, event)
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
                delivery.fail(meta, fault)
                recipients.renew()
        self._offered.events += 1

    def fail(self, meta: Meta, fault: BaseException) -> None:
        """Quarantine an event that `direct_call` raised for."""
        shared = self._recipients.shared
        for delivery in self._deliveries if shared is None else [delivery for _, _, delivery in shared]:
            delivery.fail(meta, fault)
        self._recipients.renew()

    @property
    def open_batch(self) -> list[tuple[Meta, Any]] | None:
        """The batch that all events go into as they are, where there is only one function."""
        return self._deliveries[0].open_batch if len(self._deliveries) == 1 else None

    @property
    def capacity(self) -> int:
        """How many events fit in before the next `advance`."""
        return min((delivery.capacity for delivery in self._deliveries), default=sys.maxsize)

    def advance(self, events: int) -> None:
        """Note that `events` of the object were offered so far, and deliver every batch that is full."""
        # Those that `direct_call` took are counted here alone, and within a slice only then.
        self._offered.events = events = max(events, self._offered.events)
        for delivery in self._deliveries:
            delivery.advance(events)
        if self._has_batches:
            self._recipients.renew()

    def flush_batches(self, *, at_end: bool) -> None:
        """Deliver batches that are not full. `at_end`: the object has no rest to suspend a function for."""
        for delivery in self._deliveries:
            delivery.flush_batch(at_end=at_end)
        self._recipients.renew()

    @property
    def has_unflushed(self) -> bool:
        """Whether a function took, or will take, anything since the last flush."""
        return any(delivery.has_unflushed for delivery in self._deliveries)

    def commit(self, next_position: int) -> None:
        """Note that everything delivered, before the record of that position, is flushed."""
        for delivery in self._deliveries:
            delivery.commit(next_position)

    def fail_unflushed(
        self, fault: BaseException, names: Collection[str], first: int, last: int, only: Positions | None, *,
        at_end: bool,
    ) -> None:  # fmt: skip
        """Quarantine what the functions of these names, or all where there are none, took since the last flush. See
        `Delivery.fail_unflushed`."""
        for delivery in self.of(names):
            delivery.fail_unflushed(fault, first, last, only, at_end=at_end)
        self._recipients.renew()

    def fail_events(
        self, failed: Mapping[Delivery, Mapping[Meta, BaseException]], last: int, *, at_end: bool
    ) -> None:  # fmt: skip
        """Quarantine those events that `on_flush` has named; `last` is the last record that was read."""
        for delivery in self._deliveries:
            if its := failed.get(delivery):
                delivery.take_back(its)
                delivery.note_failed(its, last, at_end=at_end)
        self._recipients.renew()

    def of(self, names: Collection[str]) -> list[Delivery]:
        """Return the deliveries to the functions of these names, or all where there are none."""
        return [delivery for delivery in self._deliveries if not names or delivery.function.name in names]

    @property
    def suspended(self) -> tuple[str, ...]:
        """The functions that get nothing more of the object."""
        return tuple(item.function.name for item in self._deliveries if item.suspended_at is not None)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Those of them of which the rest waits for another try."""
        return tuple(item.function.name for item in self._deliveries if item.suspended_at is not None and item.waits)

    @property
    def all_suspended(self) -> bool:
        """Whether every function is suspended."""
        return bool(self._deliveries) and len(self.suspended) == len(self._deliveries)

    def books(self) -> dict[str, ProcessorBooks]:
        """Return what became of the events so far, by function."""
        return {delivery.function.name: delivery.books for delivery in self._deliveries}


def _call_where(where: Call, call: Call) -> Call:
    """Return the call of the only function, under its condition: to ask for it elsewhere costs one event in ten."""

    def call_where(meta: Meta, event: Any) -> None:
        if where(meta, event):
            call(meta, event)

    return call_where


def _is_json_of(struct: type[msgspec.Struct] | None, parser: Parser) -> bool:
    """Tell whether a record can be decoded into the struct at once. One that requires no field would also be made of
    the document around several events."""
    if struct is None or not parser.is_event_json:
        return False
    return not parser.opens_arrays or any(field.required for field in msgspec.structs.fields(struct))
