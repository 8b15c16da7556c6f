"""Delivery of one object's events to one function: guarded, filtered, typed, batched and counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec

from ..errors import TooMany
from ..model import ProcessorBooks
from ..model.meta import Meta
from .failures import FailureLog, message_of, stage_of
from .functions import Function

Call = Callable[[Meta, Any], Any]
Failed = Callable[[Meta, BaseException], None]
Slot = tuple[Call, Failed]
"""What the inner loop calls for each event, and what it calls with an exception of that."""

FAULTS = (Exception, SystemExit)
"""What a user's function may raise at the cost of its event. sys.exit() in it must not end the Lambda runtime."""


class Delivery:
    """One function and one object.

    It puts a `Slot` into `slots`, the list that the engine's inner loop goes through for each event. A function that
    asks for nothing special *is* the slot's call: it costs what calling it costs. Failures above `limit` give up the
    rest of the object for this function: then the call in its slot only counts.
    """

    def __init__(
        self, function: Function, slots: list[Slot], log: FailureLog, limit: int, *, search: bool, convert: Call | None
    ) -> None:
        """`search` is whether `contains` is left to do here, `convert` makes the user's type of an event."""
        self.function = function
        self.suspended_at: int | None = None
        self._books = ProcessorBooks()
        self._counted = self._committed = 0
        self._log = log
        self._limit = limit
        self._waiting: list[tuple[Meta, Any]] = []
        self._needles = function.needles if search else ()
        self._convert = convert
        self._is_simple = not (function.where or function.tag or function.batch or self._needles or convert)
        self._slots, self._slot = slots, len(slots)
        slots.append((self._call(), self._failed))

    def _call(self) -> Call:
        if self._is_simple:
            return self.function.call
        return self._full if self.waiting is None else self._gatherer()

    @property
    def waiting(self) -> list[tuple[Meta, Any]] | None:
        """The batch that all events go into as they are; None where there is none, or more to do."""
        function = self.function
        asks = function.where or function.tag or self._needles or self._convert
        return None if asks or function.batch is None or self.suspended_at is not None else self._waiting

    def _gatherer(self) -> Call:
        append = self._waiting.append

        def gather(meta: Meta, event: Any) -> None:  # A closure costs half of a method.
            append((meta, event))

        return gather

    @property
    def room(self) -> int:
        """How many events there may be until the next `passed`."""
        return (self.function.batch or sys.maxsize) - len(self._waiting)

    def _full(self, meta: Meta, event: Any) -> None:
        if self._convert is not None:
            event = self._convert(meta, event)
        if not self._wants(meta, event):
            self._books.filtered += 1
        elif self.function.batch is None:
            self.function.call(meta, event)
            self._books.delivered += 1
        else:
            self._waiting.append((meta, event))

    def _wants(self, meta: Meta, event: Any) -> bool:
        function = self.function
        if self._needles and not any(needle in meta._record for needle in self._needles):
            return False
        if function.tag and not function.takes_tag(meta.tag):
            return False
        return function.where is None or bool(function.where(meta, event))

    def passed(self, events: int) -> None:
        """So many events went through the slot since the last call: those of a simple call are counted by this, and a
        batch that is full is delivered."""
        if self._is_simple:
            self._books.delivered += events - (self._books.quarantined - self._counted)
            self._counted = self._books.quarantined
        while self.function.batch is not None and len(self._waiting) >= self.function.batch:
            self._deliver(self._taken(self.function.batch), at_end=False)

    def settle(self, *, at_end: bool) -> None:
        """Deliver what waits for its batch to fill. `at_end`: no rest of the object is left to give up."""
        if self._waiting:
            self._deliver(self._taken(len(self._waiting)), at_end=at_end)

    def _taken(self, count: int) -> list[tuple[Meta, Any]]:
        batch = self._waiting[:count]
        del self._waiting[:count]
        return batch

    def _deliver(self, batch: list[tuple[Meta, Any]], *, at_end: bool) -> None:
        """A batch that raises fails whole: how much of it the function had done, only the function knows."""
        if self.suspended_at is not None:
            for meta, event in batch:
                self._slots[self._slot][0](meta, event)
            return
        try:
            self.function.call(batch.copy())  # The function may change its list.
            self._books.delivered += len(batch)
        except FAULTS as fault:
            for meta, _ in batch:
                self._note(meta, fault)
            if not at_end:
                self._check_limit(batch[-1][0], fault)

    def _failed(self, meta: Meta, fault: BaseException) -> None:
        self._note(meta, fault)
        self._check_limit(meta, fault)

    def _note(self, meta: Meta, fault: BaseException) -> None:
        self._books.quarantined += 1
        self._log.event(stage_of(fault), fault, meta, self.function.name)

    def _check_limit(self, meta: Meta, fault: BaseException) -> None:
        if self._books.quarantined <= self._limit or self.suspended_at is not None:
            return
        suspended_at = self.suspended_at = meta.position
        stage, name, log, books = stage_of(fault), self.function.name, self._log, self._books
        log.suspend(stage, TooMany(self._limit, fault, message_of(fault)), suspended_at + 1, name)

        def leave(meta: Meta, event: Any) -> None:  # noqa: ARG001 - the shape of a Call
            books.quarantined += 1
            if meta.position == suspended_at:  # The rest of an expanded record stands before resume_from.
                log.event(stage, fault, meta, name)

        self._slots[self._slot] = (leave, self._failed)

    def suspend(self) -> None:
        """The function was given up in an earlier part of the object: an error item has the rest of it."""
        books, self.suspended_at = self._books, 0

        def leave(meta: Meta, event: Any) -> None:  # noqa: ARG001 - the shape of a Call
            books.quarantined += 1

        self._slots[self._slot] = (leave, self._failed)

    def uncommitted(self) -> int:
        """How many events the function took since the last commit."""
        return self._books.delivered - self._committed

    def commit(self) -> None:
        """What the function took is safe."""
        self._committed = self._books.delivered

    def take_back(self, count: int) -> None:
        """`count` events that had been delivered are quarantined after all: their flush failed."""
        self._books.delivered -= count
        self._books.quarantined += count
        self._counted = self._books.quarantined

    def books(self) -> ProcessorBooks:
        """What this function was given so far."""
        return msgspec.structs.replace(self._books)


def converter(wanted: type[msgspec.Struct], *, direct: bool) -> Call:
    """From an event to the user's struct: decoded from the record where that is the event itself, else converted."""
    if direct:
        decode = msgspec.json.Decoder(wanted).decode
        return lambda meta, event: decode(meta._record)  # noqa: ARG005
    return lambda meta, event: msgspec.convert(event, wanted, strict=False)  # noqa: ARG005
