"""Delivery of one object's events to one function: guarded, filtered, typed, batched and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..meta import Meta
from ..model import ProcessorBooks
from .failures import FailureLog, TooMany, stage_of
from .functions import Function

Deliver = Callable[[Meta, Any], None]

FAULTS = (Exception, SystemExit)
"""What a user's function may raise at the cost of its event. sys.exit() in it must not end the Lambda runtime."""


class Delivery:
    """One function and one object.

    It puts a callable into `slots`, the list that the engine's inner loop calls for each event. Failures above `limit`
    give up the rest of the object for this function: then the callable in its slot only counts.
    """

    def __init__(
        self, function: Function, slots: list[Deliver], log: FailureLog, limit: int, *, search: bool, direct: bool
    ) -> None:
        self.function = function
        self.given_up_at: int | None = None
        self._books = ProcessorBooks()
        self._simply_delivered: Callable[[], int] = int
        self._committed = 0
        self._log = log
        self._limit = limit
        self._waiting: list[tuple[Meta, Any]] = []
        self._needles = function.needles if search else ()
        self._typed = _typed(function.type, direct) if function.type else None
        self._slots, self._slot = slots, len(slots)
        slots.append(self._simple() if self._is_simple() else self._full)

    def _is_simple(self) -> bool:
        function = self.function
        return not (function.where or function.tag or function.batch or self._needles or self._typed)

    def _simple(self) -> Deliver:
        """The function, its guard and a count, nothing else: all that nearly every event passes."""
        call, failed, delivered = self.function.call, self._failed, 0

        def deliver(meta: Meta, event: Any) -> None:
            nonlocal delivered
            try:
                call(meta, event)
                delivered += 1
            except FAULTS as fault:
                failed(meta, fault)

        self._simply_delivered = lambda: delivered
        return deliver

    def _full(self, meta: Meta, event: Any) -> None:
        try:
            if self._typed is not None:
                event = self._typed(meta, event)
            if not self._wants(meta, event):
                self._books.filtered += 1
            elif self.function.batch is None:
                self.function.call(meta, event)
                self._books.delivered += 1
            else:
                self._waiting.append((meta, event))
        except FAULTS as fault:
            self._failed(meta, fault)
        if self.function.batch is not None and len(self._waiting) >= self.function.batch:
            self.drain()

    def _wants(self, meta: Meta, event: Any) -> bool:
        function = self.function
        if self._needles and not any(needle in meta._record for needle in self._needles):
            return False
        if function.tag and not function.takes_tag(meta.tag):
            return False
        return function.where is None or bool(function.where(meta, event))

    def drain(self, *, at_end: bool = False) -> None:
        """Deliver what waits for its batch to fill. A batch that raises fails whole: how much of it the function had
        done, only the function knows. `at_end`: no rest of the object is left to give up."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        metas = [meta for meta, _ in waiting]
        try:
            self.function.call(waiting)
            self._books.delivered += len(metas)
        except FAULTS as fault:
            for meta in metas:
                self._note(meta, fault)
            if not at_end:
                self._check_limit(metas[-1], fault)

    def _failed(self, meta: Meta, fault: BaseException) -> None:
        self._note(meta, fault)
        self._check_limit(meta, fault)

    def _note(self, meta: Meta, fault: BaseException) -> None:
        self._books.quarantined += 1
        position = (meta.position, meta.index)
        self._log.record(stage_of(fault), fault, position, meta._record, self.function.name)

    def _check_limit(self, meta: Meta, fault: BaseException) -> None:
        if self._books.quarantined <= self._limit or self.given_up_at is not None:
            return
        given_up_at = self.given_up_at = meta.position
        stage, name, log, books = stage_of(fault), self.function.name, self._log, self._books
        log.rest(stage, TooMany(self._limit, fault), given_up_at + 1, name)

        def leave(meta: Meta, event: Any) -> None:  # noqa: ARG001 - the shape of Deliver
            books.quarantined += 1
            if meta.position == given_up_at:  # The rest of an expanded record stands before resume_from.
                log.record(stage, fault, (meta.position, meta.index), meta._record, name)

        self._slots[self._slot] = leave

    def uncommitted(self) -> int:
        """How many events the function took since the last commit."""
        return self.books().delivered - self._committed

    def commit(self) -> None:
        """What the function took is safe."""
        self._committed = self.books().delivered

    def take_back(self, count: int) -> None:
        """`count` events that had been delivered are quarantined after all: their flush failed."""
        self._books.delivered -= count
        self._books.quarantined += count

    def books(self) -> ProcessorBooks:
        """What this function was given so far."""
        books = self._books
        return ProcessorBooks(
            delivered=books.delivered + self._simply_delivered(),
            filtered=books.filtered,
            quarantined=books.quarantined,
        )


def _typed(wanted: type[msgspec.Struct], direct: bool) -> Callable[[Meta, Any], Any]:
    """From an event to the user's struct: decoded from the record where that is the event itself, else converted."""
    if direct:
        decode = msgspec.json.Decoder(wanted).decode
        return lambda meta, event: decode(meta._record)  # noqa: ARG005
    return lambda meta, event: msgspec.convert(event, wanted, strict=False)  # noqa: ARG005
