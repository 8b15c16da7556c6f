"""Delivery of one object's events to one function: guarded, filtered, typed, batched and counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec

from ..errors import ENDS, TooMany, message_of
from ..model import ProcessorBooks
from ..model.meta import Meta
from ..model.positions import Positions
from .failures import FailureLog, stage_of
from .functions import Function

Call = Callable[[Meta, Any], Any]


class Delivery:
    """One function and one object.

    Each event goes through `call`, and what that raises goes to `fail`. For a function that needs no filter, type or
    batch, `call` *is* the function, so an event costs no more than calling it. More than `limit` calls that fail
    suspend the function for the rest of the object: `call` then only counts.
    """

    def __init__(
        self, function: Function, log: FailureLog, limit: int, *,
        search: bool, convert: Call | None, suspended: bool, split: int = 1,
    ) -> None:  # fmt: skip
        """`search` tells whether `contains` is still to be checked here; `convert` makes the user's type of an event;
        `suspended` is for a function whose error item already has the rest of the object; `split` divides batches."""
        self.function = function
        self._size = max(1, function.batch // split) if function.batch else None
        self._failed_calls = 0
        self.suspended_at: int | None = 0 if suspended else None
        """The record at which the function was suspended; 0: before this part of the object."""
        self._suspended_by: BaseException | None = None
        self.books = ProcessorBooks()
        """What became of the function's events so far."""
        self._counted = self._committed = 0
        self._log = log
        self._limit = limit
        self._batch: list[tuple[Meta, Any]] = []
        self._needles = function.needles if search else ()
        self._convert = convert
        self._filters = bool(function.where or function.tag or self._needles or convert)
        self._is_simple = not (self._filters or function.batch)
        self.call: Call = self._quarantine if suspended else self._choose_call()

    def _choose_call(self) -> Call:
        if self._is_simple:
            return self.function.call
        return self._filter if self.open_batch is None else self._gatherer()

    @property
    def open_batch(self) -> list[tuple[Meta, Any]] | None:
        """The batch that takes every event as it is; None without one, or where there is more to do."""
        takes_all = self.function.batch is not None and not self._filters and self.suspended_at is None
        return self._batch if takes_all else None

    def _gatherer(self) -> Call:
        append = self._batch.append

        def gather(meta: Meta, event: Any) -> None:  # A closure costs half of a method.
            append((meta, event))

        return gather

    @property
    def capacity(self) -> int:
        """How many events fit in before the next `advance`."""
        return (self._size or sys.maxsize) - len(self._batch)

    def _filter(self, meta: Meta, event: Any) -> None:
        if self._convert is not None:
            event = self._convert(meta, event)
        if not self._matches(meta, event):
            self.books.filtered += 1
        elif self.function.batch is None:
            self.function.call(meta, event)
            self.books.delivered += 1
        else:
            self._batch.append((meta, event))

    def _matches(self, meta: Meta, event: Any) -> bool:
        function = self.function
        if self._needles and not any(needle in meta._record for needle in self._needles):
            return False
        if function.tag and not function.takes_tag(meta.tag):
            return False
        try:
            return function.where is None or bool(function.where(meta, event))
        except (AttributeError, TypeError) as fault:
            if function.type is not None:
                name = function.type.__name__
                fault.args = (f"{fault} (with type={name}, `where` gets a {name}, not a dict)",)
            raise

    def advance(self, events: int) -> None:
        """Count `events` more that went through `call`, where `call` is the function itself, and deliver every batch
        that is full."""
        if self._is_simple:
            self.books.delivered += events - (self.books.quarantined - self._counted)
            self._counted = self.books.quarantined
        while self._size is not None and len(self._batch) >= self._size:
            self._deliver(self._size, at_end=False)

    def flush_batch(self, *, at_end: bool) -> None:
        """Deliver the batch although it is not full. `at_end`: the object has no rest to suspend the function for."""
        if self._batch:
            self._deliver(len(self._batch), at_end=at_end)

    def _deliver(self, count: int, *, at_end: bool) -> None:
        """A batch that raises fails whole: only the function knows how much of it was done."""
        batch = self._batch[:count]
        del self._batch[:count]
        if self.suspended_at is not None:
            for meta, event in batch:
                self._quarantine(meta, event)
            return
        try:
            self.function.call(batch.copy())  # The function may change its list.
            self.books.delivered += len(batch)
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
            for meta, _ in batch:
                self._add_failure(meta, fault)
            self._count_failed_call(batch[-1][0].position, fault, at_end=at_end)

    def fail(self, meta: Meta, fault: BaseException) -> None:
        """Quarantine an event that raised, and suspend the function where that was one too many."""
        self._add_failure(meta, fault)
        self._count_failed_call(meta.position, fault, at_end=False)

    def _add_failure(self, meta: Meta, fault: BaseException) -> None:
        self.books.quarantined += 1
        self._log.add_event(stage_of(fault), fault, meta, self.function.name)

    def _count_failed_call(self, position: int, fault: BaseException, *, at_end: bool) -> None:
        """Suspend the function behind that record where this failure is one too many."""
        self._failed_calls += 1
        if at_end or self._failed_calls <= self._limit or self.suspended_at is not None:
            return
        self.suspended_at, self._suspended_by = position, fault
        too_many = TooMany(self._limit, fault, message_of(fault))
        self._log.suspend(stage_of(fault), too_many, position + 1, self.function.name)
        self.call = self._quarantine

    def _quarantine(self, meta: Meta, event: Any) -> None:  # noqa: ARG002 - the shape of a Call
        """Count an event of a suspended function: an error item has the rest of the object."""
        self.books.quarantined += 1
        # That item begins at the next record: the other events of this one must be named.
        if self._suspended_by is not None and meta.position == self.suspended_at:
            self._log.add_event(stage_of(self._suspended_by), self._suspended_by, meta, self.function.name)

    @property
    def has_unflushed(self) -> bool:
        """Whether the function took, or will take, anything since the last flush."""
        return bool(self._batch) or self.books.delivered != self._committed

    def commit(self) -> None:
        """Note that everything the function took is flushed."""
        self._committed = self.books.delivered

    def fail_unflushed(
        self, fault: BaseException, first: int, last: int, only: Positions | None, *, at_end: bool
    ) -> None:
        """Quarantine what the function took since the last flush, of the records `first` to `last` (of a drained item:
        of `only`), because `on_flush` failed."""
        count = self.books.delivered - self._committed
        if count:
            last = last if self.suspended_at is None else self.suspended_at
            self._log.add_unflushed(fault, self.function.name, first, last, count, only)
            self.books.delivered -= count
            self.books.quarantined += count
            self._counted = self.books.quarantined
            self._count_failed_call(last, fault, at_end=at_end)


def converter(struct: type[msgspec.Struct] | None, *, direct: bool) -> Call | None:
    """Make the call from an event to the user's struct; None without one. `direct`: the record is the event in JSON,
    and decodes at once."""
    if struct is None:
        return None
    if direct:
        decode = msgspec.json.Decoder(struct).decode
        return lambda meta, event: decode(meta._record)  # noqa: ARG005
    return lambda meta, event: msgspec.convert(event, struct, strict=False)  # noqa: ARG005
