"""Delivery of one object's events to one function: guarded, filtered, typed, batched and counted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..errors import ENDS, EventsFailed, RetryLater, TooMany, message_of
from ..model import ProcessorBooks
from ..model.meta import Meta
from ..model.positions import Positions
from .event_filter import Call, EventFilter, Offered
from .failed_events import sort_out
from .failures import FailureLog
from .fault_kinds import stage_of
from .functions import Function
from .pauses import Pauses
from .record_bytes import Gathered

MOST_WAITING: Final = 3
"""Calls in one object that may fail by what passes by itself. Each may take as long as a connection that times out."""


class Delivery:
    """One function and one object.

    Each event of its tag that has a needle, if any are named, and that passes `filter.where`, goes through `call`; what
    that raises goes to `fail`. For a function without filter, type or batch `call` *is* the function. More than `limit`
    calls that fail suspend it for the rest of the object: `call` then gets every event, and only counts. So does
    `RetryLater` at once, and a few calls that fail by what passes by itself: then it has a pause, in which it gets
    nothing of any object.
    """

    def __init__(
        self, function: Function, log: FailureLog, limit: int, *, pauses: Pauses, first: int,
        search: bool, convert: Call | None, offered: Offered, suspended: bool, waits: bool = False, split: int = 1,
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
        self._committed = 0
        self._open_from = first
        """The record from which on nothing is flushed."""
        self._log = log
        self._limit = limit
        self._batch: list[tuple[Meta, Any]] = []
        self._gathered = Gathered()
        self._filtered_before_batch = self._filtered_before = 0
        """Events that were filtered before the first of the batch, and before the last commit."""
        self.filter = EventFilter(function, convert, search=search)
        self._offered = offered
        self._is_simple = not (self.filter.is_needed or function.batch)
        pause = None if suspended else pauses.of(function.name)
        if pause is not None:
            self._suspend_from(first, pause)
        self.call: Call = self._quarantine if self.suspended_at is not None else self._choose_call()

    def _choose_call(self) -> Call:
        if self._is_simple:
            return self.function.call
        return self.filter.add_to(self._take if self.open_batch is None else self._gatherer())

    @property
    def open_batch(self) -> list[tuple[Meta, Any]] | None:
        """The batch that takes every event as it is; None without one, or where there is more to do."""
        takes_all = self.function.batch is not None and not self.filter.is_needed and self.suspended_at is None
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

    def _take(self, meta: Meta, event: Any) -> None:
        if self.function.batch is None:
            self.function.call(meta, event)
            self.books.delivered += 1
        else:
            if not self._batch:
                self._count_filtered(self._offered.events)
                self._filtered_before_batch = self.books.filtered
            self._batch.append((meta, event))

    def _count_filtered(self, events: int) -> None:
        """Of the first `events` of the object, those that came to nothing else were filtered."""
        self.books.filtered = events - self.books.delivered - self._not_delivered - len(self._batch)

    def advance(self, events: int) -> None:
        """Note that `events` of the object were offered so far, and deliver every batch that is full."""
        if self._is_simple:
            self.books.delivered = events - self._not_delivered
        elif self.filter.is_needed:
            self._count_filtered(events)
        while self._size is not None and len(self._batch) >= self._size:
            self._deliver(self._size, at_end=False)

    @property
    def _not_delivered(self) -> int:
        return self.books.quarantined + self.books.waiting

    def make_room(self, size: int) -> None:
        """Deliver the batch early where it would have too many bytes with `size` more."""
        if self._gathered.is_too_much(size, self._batch):
            self._deliver(len(self._batch), at_end=False)

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
            # Not here: a variable for the cause would be a cycle with this frame, which holds the batch.
            self._fail_batch([meta for meta, _ in batch], fault, filtered_before, at_end=at_end)

    def _fail_batch(self, batch: list[Meta], fault: BaseException, filtered_before: int, *, at_end: bool) -> None:
        cause = self._sort_out(fault, batch, at_end=at_end)
        if cause is None:
            return
        if isinstance(cause, RetryLater) and self._may_begin_at(batch[0]):
            self._count_lost(cause, len(batch) + self._count_filtered_again(filtered_before))
            self._suspend_from(batch[0].position, cause)
            return
        for meta in batch:
            self._add_failure(meta, cause)
        self._count_failed_call(batch[-1].position, cause, at_end=at_end)

    def fail(self, meta: Meta, fault: BaseException) -> None:
        """Quarantine an event that raised, and suspend the function where that was one too many."""
        cause = self._sort_out(fault, [meta], at_end=False)
        if cause is None:
            return
        if isinstance(cause, RetryLater) and self.suspended_at is None and self._may_begin_at(meta):
            self._count_lost(cause, 1)
            self._suspend_from(meta.position, cause)
            return
        self._add_failure(meta, cause)
        self._count_failed_call(meta.position, cause, at_end=False)

    def _sort_out(self, fault: BaseException, batch: Sequence[Meta], *, at_end: bool) -> BaseException | None:
        """The function was given these events, and raised. Returns the cause that all of them failed of; None where it
        says which of them, and of earlier ones, did."""
        cause, earlier = sort_out(fault, [self.function.name], batch)
        if cause is not None or not isinstance(fault, EventsFailed):
            return cause
        for delivery, failed in earlier.items():
            delivery.take_back(failed)
        mine = {meta: fault.failed[meta] for meta in batch if meta in fault.failed}
        if not self._is_simple:
            self.books.delivered += len(batch) - len(mine)
        for meta, cause in mine.items():
            self._add_failure(meta, cause)
        self.note_failed(fault.failed, batch[-1].position, at_end=at_end)
        return None

    def take_back(self, failed: Mapping[Meta, BaseException]) -> None:
        """Quarantine events that were counted as delivered since the last flush."""
        self.books.delivered -= len(failed)
        for meta, cause in failed.items():
            self._add_failure(meta, cause)

    def taken_of(self, metas: Iterable[Meta]) -> list[Meta]:
        """Return those of the events that the function has taken since the last flush, and that did not fail."""
        end = sys.maxsize if self.suspended_at is None else self.suspended_at
        failed, gathered = self._log.failed_positions(self.function.name), {meta for meta, _ in self._batch}
        open_ones = (meta for meta in metas if self._open_from <= meta.position <= end and meta not in gathered)
        return [
            meta for meta in open_ones if (meta.position, meta.index) not in failed and self.filter.would_match(meta)
        ]

    def note_failed(self, failed: Mapping[Meta, BaseException], position: int, *, at_end: bool) -> None:
        """Suspend the function behind the record of that position where these failures are too many, or say that the
        destination takes nothing now."""
        later = [cause for cause in failed.values() if self._log.waits(cause)]
        others = [cause for cause in failed.values() if not self._log.waits(cause)]
        self._failed_calls += max(0, len(others) - 1)
        told = next((cause for cause in later if isinstance(cause, RetryLater)), None)
        for cause in (told or next(iter(later), None), next(iter(others), None)):
            if cause is not None:
                self._count_failed_call(position, cause, at_end=at_end)

    def _may_begin_at(self, meta: Meta) -> bool:
        """Whether the rest of the object may be said to begin at the record of this event, so that it is one item: the
        function has taken nothing from there on, and no item has anything of it."""
        failed = self._log.failed_positions(self.function.name)
        return not (meta.index or self._joins_records) and all(record < meta.position for record, _ in failed)

    def _add_failure(self, meta: Meta, fault: BaseException) -> None:
        self._count_lost(fault, 1)
        self._log.add_event(stage_of(fault), fault, meta, self.function.name)

    def _count_lost(self, fault: BaseException, events: int) -> None:
        waits = self._log.waits(fault)
        self.books.waiting += events if waits else 0
        self.books.quarantined += 0 if waits else events

    def _count_filtered_again(self, before: int) -> int:
        """Take back those events that will be filtered again, all but the first `before`; return how many."""
        again, self.books.filtered = self.books.filtered - before, before
        return again

    def _count_failed_call(self, position: int, fault: BaseException, *, at_end: bool) -> None:
        """Suspend the function behind that record where this failure is one too many."""
        self._failed_calls += 1
        self._waiting_calls += self._log.waits(fault)
        is_down = isinstance(fault, RetryLater) or self._waiting_calls >= MOST_WAITING
        if is_down:
            self._pause(fault)
        may_suspend = not at_end and self.suspended_at is None
        if is_down and may_suspend:
            self._suspend_from(position + 1, fault)
        elif may_suspend and self._failed_calls > self._limit:
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
        self.books.waiting += self.waits
        self.books.quarantined += not self.waits
        # That item begins at the next record: the other events of this one must be named.
        if self._suspended_by is not None and meta.position == self.suspended_at:
            self._log.add_event(stage_of(self._suspended_by), self._suspended_by, meta, self.function.name)

    @property
    def has_unflushed(self) -> bool:
        """Whether the function took, or will take, anything since the last flush."""
        return bool(self._batch) or self.books.delivered != self._committed

    def commit(self, next_position: int) -> None:
        """Note that everything the function took, before the record of that position, is flushed."""
        self._open_from = next_position
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
