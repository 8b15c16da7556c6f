"""What a function hands to a destination: gathered over objects, sent in batches, several at once, and emptied whatever
happens.

An event is counted as delivered when it is handed over, and taken back where its batch fails. Before a checkpoint all
batches have ended: until then the lane holds what nobody has confirmed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from ..errors import ENDS, EventsFailed, RetryLater, UnknownEvent, message_of
from ..model.meta import Meta
from .fault_kinds import passes_by_itself
from .record_bytes import measure

Pair = tuple[Meta, Any]
Send = Callable[[list[Pair]], object]
Concurrency = int | Literal["adaptive"]

MOST_AT_ONCE: Final = 64
MOST_ADAPTIVE: Final = 16
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of raw records in all batches that are under way, but for a single one that is larger."""
MOST_PASSING: Final = 3
"""Batches one after another that may fail by what passes by itself: each may take as long as a connection that times
out. Then the destination counts as one that takes nothing now."""
MOST_ALONE: Final = 16
"""Events of a batch that may fail alone, until the rest of it fails with them: finding each one costs some calls."""


_META = itemgetter(0)


class _Flight(NamedTuple):
    size: int
    begun: float


class Outbox:
    """The batches on their way from one function to `send`.

    `send` gets lists of at most `size` pairs: a meta, and what is to be sent. All that is of one event is in one list,
    even where that is more. `send` raises `EventsFailed` for those that failed, and `RetryLater` where the destination
    takes nothing now. Of a batch that raises anything else the halves are sent again, and so on, until those that fail
    are alone; unless it `is_whole`. Up to `concurrency` batches are under way at once, in threads. With `joins`, a
    batch may hold events of several calls, and so of several objects; it has at most `most_bytes` of raw records, and
    leaves with the first call after `most_seconds`.
    """

    def __init__(
        self, send: Send, *, size: int, concurrency: Concurrency = 1, most_bytes: int = MOST_BYTES,
        most_seconds: float = math.inf, joins: bool = True, is_whole: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._send = send
        self._size = size
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._joins = joins
        self._is_whole = is_whole
        self._clock = clock
        self._rate = SendRate(concurrency)
        self._pool: ThreadPoolExecutor | None = None
        self._gathered: list[Pair] = []
        self._gathered_bytes = 0
        self._gathered_at = 0.0
        """When the first of them came."""
        self._flights: dict[Future[dict[Meta, BaseException]], _Flight] = {}
        self._failed: dict[Meta, BaseException] = {}
        self._passing = 0
        """Batches one after another that failed by what passes by itself."""
        self._refusal: BaseException | None = None
        """Where the destination takes nothing now: all else fails of this until the next flush, and is not sent."""

    def extend(self, pairs: Sequence[Pair]) -> None:
        """Take events, and send those batches that are full. Raises EventsFailed for what has failed by now."""
        start = 0
        while start < len(pairs):
            end = _cut(pairs, start, start + self._size - len(self._gathered))
            size = measure(pairs[start:end])
            is_long = len(self._gathered) + end - start > self._size
            if self._gathered and (is_long or self._gathered_bytes + size > self._most_bytes):
                self._depart()
                continue
            while size > self._most_bytes and (half := _cut(pairs, start, (start + end) // 2)) < end:
                end, size = half, measure(pairs[start:half])
            if not self._gathered:
                self._gathered_at = self._clock()
            self._gathered += pairs[start:end]
            self._gathered_bytes += size
            start = end
            if len(self._gathered) >= self._size:
                self._depart()
        if not self._joins or (self._gathered and self._clock() - self._gathered_at >= self._most_seconds):
            self._depart()
        self._land([flight for flight in self._flights if flight.done()])
        self._raise_failed()

    def flush(self) -> None:
        """Send what is left, and wait for all that is under way. Raises EventsFailed for what has failed."""
        try:
            self._depart()
            while self._flights:
                self._land(wait(self._flights, return_when=FIRST_COMPLETED).done)
        finally:
            self._refusal = None
        self._raise_failed()

    def refuse(self, fault: BaseException) -> None:
        """Let all fail of this until the end of the next flush, instead of sending it."""
        self._refusal = fault

    def reset(self) -> None:
        """Forget what an invocation has left behind that ended in the middle: its work comes again."""
        wait(self._flights)
        self._gathered, self._gathered_bytes, self._refusal = [], 0, None
        self._flights.clear()
        self._failed.clear()

    def _raise_failed(self) -> None:
        if self._failed:
            failed, self._failed = self._failed, {}
            raise EventsFailed(failed)

    def _depart(self) -> None:
        """Send what is gathered, as soon as there is room for it."""
        batch, size = self._gathered, self._gathered_bytes
        self._gathered, self._gathered_bytes = [], 0
        if not batch:
            return
        if self._refusal is not None:
            self._failed |= _all_of(batch, self._refusal)
        elif self._rate.is_serial:
            self._note(self._attempt(batch))
        else:
            while self._flights and not self._has_room(size):
                self._land(wait(self._flights, return_when=FIRST_COMPLETED).done)
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._rate.most, thread_name_prefix="slips-send")
            try:
                future = self._pool.submit(self._attempt, batch)
            except RuntimeError as fault:  # The process may have no more threads.
                self._failed |= _all_of(batch, fault)
            else:
                self._flights[future] = _Flight(size, self._clock())

    def _has_room(self, size: int) -> bool:
        is_small = size + sum(flight.size for flight in self._flights.values()) <= MOST_BYTES
        return is_small and len(self._flights) < self._rate.limit

    def _land(self, futures: Iterable[Future[dict[Meta, BaseException]]]) -> None:
        for future in futures:
            flight = self._flights.pop(future)
            failed = future.result()
            self._note(failed)
            self._rate.note(self._clock() - flight.begun, is_refused=_later_of(failed) is not None)

    def _note(self, failed: dict[Meta, BaseException]) -> None:
        self._failed |= failed
        passing = next((cause for cause in failed.values() if passes_by_itself(cause)), None)
        self._passing = 0 if passing is None else self._passing + 1
        refusal: RetryLater | None = _later_of(failed)
        if refusal is None and passing is not None and self._passing >= MOST_PASSING:
            refusal = RetryLater(f"{MOST_PASSING} batches one after another failed: {message_of(passing)}")
        self._refusal = self._refusal or refusal

    def _attempt(self, batch: list[Pair]) -> dict[Meta, BaseException]:
        """Send a batch. Returns what of it failed, and why."""
        try:
            return self._send_parts(batch)
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - one of our own, too: events counted as delivered must come back
            return _all_of(batch, fault)

    def _send_parts(self, batch: list[Pair]) -> dict[Meta, BaseException]:
        failed: dict[Meta, BaseException] = {}
        parts = [batch]
        while parts:
            part = parts.pop()
            named, fault = self._call(part)
            failed |= named
            if fault is None:
                continue
            if passes_by_itself(fault) or len(failed) >= MOST_ALONE:
                return failed | _all_of(chain(part, *parts), fault)
            middle = _cut(part, 0, len(part) // 2)
            if middle == len(part) or self._is_whole:
                failed |= _all_of(part, fault)
            else:
                parts += [part[middle:], part[:middle]]
        return failed

    def _call(self, batch: list[Pair]) -> tuple[dict[Meta, BaseException], BaseException | None]:
        """Call `send`. Returns the events that it names, and what all of the batch failed of."""
        try:
            self._send(batch.copy())  # It may change its list.
        except ENDS:
            raise
        except EventsFailed as fault:
            for meta in fault.failed.keys() - {meta for meta, _ in batch}:
                return {}, UnknownEvent(f"EventsFailed names {message_of(meta):.200}, which is not in the batch")
            return fault.failed, None
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
            return {}, fault
        return {}, None


class SendRate:
    """How many batches may be under way at once.

    `adaptive` begins with one and adds one each time that all of them were taken as quickly as usual; where the
    destination refuses, or takes much longer than usual, half of them are left.
    """

    SLOW: Final = 2.5
    """Times the usual latency from which on there are too many."""
    SHARE: Final = 0.2
    """Of the usual latency that a new one makes."""

    def __init__(self, concurrency: Concurrency) -> None:
        self.most = MOST_ADAPTIVE if concurrency == "adaptive" else int(concurrency)
        self.is_serial = self.most == 1
        self.limit = 1 if concurrency == "adaptive" else self.most
        self._adapts = concurrency == "adaptive"
        self._usual = 0.0
        self._since_change = 0

    def note(self, seconds: float, *, is_refused: bool) -> None:
        """Note that a batch has ended after so long."""
        if not self._adapts:
            return
        self._since_change += 1
        is_slow = self._usual > 0 and seconds > self.SLOW * self._usual
        if not is_refused:
            self._usual = seconds if not self._usual else (1 - self.SHARE) * self._usual + self.SHARE * seconds
        if (is_refused or is_slow) and self._since_change >= min(2, self.limit):
            self.limit, self._since_change = max(1, self.limit // 2), 0
        elif not (is_refused or is_slow) and self._since_change >= self.limit:
            self.limit, self._since_change = min(self.most, self.limit + 1), 0


def _cut(pairs: Sequence[Pair], start: int, end: int) -> int:
    """Return the last place between two events that is behind `start` and not behind `end`; where the first event ends
    later, its end."""
    # Half an event in another batch could fail a second time, and a sink that numbers them would begin again.
    at = min(max(end, start + 1), len(pairs))
    while start < at < len(pairs) and pairs[at - 1][0] is pairs[at][0]:
        at -= 1
    if at == start:
        at += 1
        while at < len(pairs) and pairs[at - 1][0] is pairs[at][0]:
            at += 1
    return at


def _all_of(pairs: Iterable[Pair], fault: BaseException) -> dict[Meta, BaseException]:
    return dict.fromkeys(map(_META, pairs), fault)


def is_concurrency(value: Any) -> bool:
    """Whether the value may be a concurrency."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_AT_ONCE
    return is_number or value == "adaptive"


def _later_of(failed: dict[Meta, BaseException]) -> RetryLater | None:
    return next((cause for cause in failed.values() if isinstance(cause, RetryLater)), None)
