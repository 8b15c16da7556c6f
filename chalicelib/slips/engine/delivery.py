"""Delivery of one object's events to one function: guarded, filtered, typed, batched and counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ..errors import ENDS, RetryLater, TooMany, message_of
from ..model import ProcessorBooks
from ..model.meta import Meta
from ..model.positions import Positions
from .failures import FailureLog
from .fault_kinds import stage_of
from .functions import Function
from .pauses import Pauses

Call = Callable[[Meta, Any], Any]

MOST_WAITING: Final = 3
"""Calls in one object that may fail by what passes by itself. Each may take as long as a connection that times out."""


class Delivery:
    """One function and one object.

    Each event goes through `call`, and what that raises goes to `fail`. For a function that needs no filter, type or
    batch, `call` *is* the function, so an event costs no more than calling it. More than `limit` calls that fail
    suspend the function for the rest of the object: `call` then only counts. So does `RetryLater` at once, and a few
    calls that fail by what passes by itself: then the function has a pause, in which it gets nothing of any object.
    """

    def __init__(
        self, function: Function, log: FailureLog, limit: int, *, pauses: Pauses, first: int,
        search: bool, convert: Call | None, suspended: bool, waits: bool = False, split: int = 1,
        joins_records: bool = False,
    ) -> None:  # fmt: skip
        """`first` is the record that the delivery begins at; `search` tells whether `contains` is still to be checked
        here; `convert` makes the user's type of an event; `suspended` is for a function whose error item already has
        the rest of the object, and `waits` whether that waits for another try; `split` divides batches."""
        self.function = function
        self._size = max(1, function.batch // split) if function.batch else None
        self._failed_calls = self._waiting_calls = 0
        self.suspended_at: int | None = 0 if suspended else None
        """The record at which the function was suspended; 0: before this part of the object."""
        self._suspended_by: BaseException | None = None
        self.waits = waits
        """Whether the rest of the object, from there on, waits for another try."""
        self._pauses = pauses
        self._joins_records = joins_records
        self.books = ProcessorBooks()
        """What became of the function's events so far."""
        self._counted = self._committed = 0
        self._log = log
        self._limit = limit
        self._batch: list[tuple[Meta, Any]] = []
        self._filtered_before_batch = self._filtered_before = 0
        """Events that were filtered before the first of the batch, and before the last commit."""
        self._needles = function.needles if search else ()
        self._convert = convert
        self._filters = bool(function.where or function.tag or self._needles or convert)
        self._is_simple = not (self._filters or function.batch)
        pause = None if suspended else pauses.of(function.name)
        if pause is not None:
            self._suspend_from(first, pause)
        self.call: Call = self._quarantine if self.suspended_at is not None else self._choose_call()

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
            if not self._batch:
                self._filtered_before_batch = self.books.filtered
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
            self.books.delivered += events - (self._not_delivered - self._counted)
            self._counted = self._not_delivered
        while self._size is not None and len(self._batch) >= self._size:
            self._deliver(self._size, at_end=False)

    @property
    def _not_delivered(self) -> int:
        return self.books.quarantined + self.books.waiting

    def flush_batch(self, *, at_end: bool) -> None:
        """Deliver the batch although it is not full. `at_end`: the object has no rest to suspend the function for."""
        if self._batch:
            self._deliver(len(self._batch), at_end=at_end)

    def _deliver(self, count: int, *, at_end: bool) -> None:
        """A batch that raises fails whole: only the function knows how much of it was done."""
        batch = self._batch[:count]
        del self._batch[:count]
        filtered_before, self._filtered_before_batch = self._filtered_before_batch, self.books.filtered
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
            if isinstance(fault, RetryLater) and self._may_begin_at(batch[0][0]):
                self._count_lost(fault, len(batch) + self._count_filtered_again(filtered_before))
                self._suspend_from(batch[0][0].position, fault)
            else:
                for meta, _ in batch:
                    self._add_failure(meta, fault)
                self._count_failed_call(batch[-1][0].position, fault, at_end=at_end)

    def fail(self, meta: Meta, fault: BaseException) -> None:
        """Quarantine an event that raised, and suspend the function where that was one too many."""
        if isinstance(fault, RetryLater) and self.suspended_at is None and self._may_begin_at(meta):
            self._count_lost(fault, 1)
            self._suspend_from(meta.position, fault)
            return
        self._add_failure(meta, fault)
        self._count_failed_call(meta.position, fault, at_end=False)

    def _may_begin_at(self, meta: Meta) -> bool:
        """Whether the rest of the object may be said to begin at the record of this event, so that it is one item: the
        function has taken nothing from there on, and no item has anything of it."""
        if meta.index or self._joins_records:
            return False
        return all(record < meta.position for record, _ in self._log.failed_positions(self.function.name))

    def _add_failure(self, meta: Meta, fault: BaseException) -> None:
        self._count_lost(fault, 1)
        self._log.add_event(stage_of(fault), fault, meta, self.function.name)

    def _count_lost(self, fault: BaseException, events: int) -> None:
        if self._log.waits(fault):
            self.books.waiting += events
        else:
            self.books.quarantined += events

    def _count_filtered_again(self, before: int) -> int:
        """Take back those events that will be filtered again, all but the first `before`; return how many."""
        again = self.books.filtered - before
        self.books.filtered = before
        return again

    def _count_failed_call(self, position: int, fault: BaseException, *, at_end: bool) -> None:
        """Suspend the function behind that record where this failure is one too many."""
        self._failed_calls += 1
        self._waiting_calls += self._log.waits(fault)
        is_down = isinstance(fault, RetryLater) or self._waiting_calls >= MOST_WAITING
        if is_down:
            self._pause(fault)
        if at_end or self.suspended_at is not None:
            return
        if is_down:
            self._suspend_from(position + 1, fault)
        elif self._failed_calls > self._limit:
            self._suspend_from(position + 1, TooMany(self._limit, fault, message_of(fault)))

    def _pause(self, fault: BaseException) -> None:
        """Give the function nothing of other objects either, if these wait and so come again."""
        if self._log.waits(fault):
            self._pauses.begin(self.function.name, fault)

    def _suspend_from(self, resume_from: int, fault: BaseException) -> None:
        """Give the function nothing more of the object: an item has it from the record `resume_from` on."""
        cause = fault.cause if isinstance(fault, TooMany) else fault
        self.suspended_at, self._suspended_by, self.waits = resume_from - 1, cause, self._log.waits(fault)
        if isinstance(fault, RetryLater):
            self._pause(fault)
        self._log.suspend(stage_of(cause), fault, resume_from, self.function.name)
        self.call = self._quarantine

    def _quarantine(self, meta: Meta, event: Any) -> None:  # noqa: ARG002 - the shape of a Call
        """Count an event of a suspended function: an error item has the rest of the object."""
        if self.waits:
            self.books.waiting += 1
        else:
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
        self._committed, self._filtered_before = self.books.delivered, self.books.filtered

    def fail_unflushed(
        self, fault: BaseException, first: int, last: int, only: Positions | None, *, at_end: bool
    ) -> None:
        """Quarantine what the function took since the last flush, of the records `first` to `last` (of a drained item:
        of `only`), because `on_flush` failed."""
        count = self.books.delivered - self._committed
        if not count:
            return
        last = last if self.suspended_at is None else self.suspended_at
        self.books.delivered -= count
        # Where nothing of it has failed in another way, the rest of the object begins at the first of them.
        is_rest = isinstance(fault, RetryLater) and not self._log.failed_positions(self.function.name)
        if is_rest and not self._joins_records:
            self._count_lost(fault, count + self._count_filtered_again(self._filtered_before))
            self._suspend_from(first if only is None else only.first, fault)
        else:
            self._count_lost(fault, count)
            self._log.add_unflushed(fault, self.function.name, first, last, count, only)
            self._count_failed_call(last, fault, at_end=at_end)
        self._counted = self._not_delivered


def converter(struct: type[msgspec.Struct] | None, *, direct: bool) -> Call | None:
    """Make the call from an event to the user's struct; None without one. `direct`: the record is the event in JSON,
    and decodes at once."""
    if struct is None:
        return None
    if direct:
        decode = msgspec.json.Decoder(struct).decode
        return lambda meta, event: decode(meta._record)  # noqa: ARG005
    return lambda meta, event: msgspec.convert(event, struct, strict=False)  # noqa: ARG005
