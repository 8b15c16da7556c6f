"""What waits is tried again by itself: once a minute, a few items of each cause first, then more, then all.

A cause is a fingerprint: a destination that is down, a bucket that answers 503. The ledger says how a try of it ended:
work that waits for the same cause again has failed, any other end shows that the cause is over. Each cause has a note
in the ErrorTable, so that the next minute knows what this one released, and two runs at once release once.
"""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final, Literal
from uuid import uuid4

import msgspec

from ..config.settings import Config
from ..errors import IndexBuilding, IndexMissing, StoreError, StoreRefused
from ..model import utc
from ..model.ports import Lanes
from ..quarantine import DueItem, Quarantine, RetryNote
from .chunk import Chunks, Counting
from .outcome import Works

CANARY: Final = 3
"""Items of a cause that are tried first, and again after each failure."""
MOST: Final = 5000
"""Items of a cause that are released at once."""
LOOKED_AT: Final = 100
"""Items of a cause that are looked at in any case: the longest waiting are among those that are due first."""
CHUNK: Final = 400
WORKERS: Final = 8
JUDGED: Final = 50
"""Works of a release by which it is judged."""
ANSWER_SECONDS: Final = 300
"""After which a release that has not ended says nothing: its objects are large, or their works were not begun."""
STALE_SECONDS: Final = 3600
"""After which the last release says nothing of how much the destination takes."""
QUICK_LANE, SLOW_LANE = 30.0, 60.0
"""Seconds that records wait in the lanes: up to which more is released, and from which less."""
RESERVE: Final = 5.0
"""Seconds that are kept at the end of the invocation."""

Verdict = Literal["none", "pending", "unanswered", "failed", "partly", "succeeded"]

log = logging.getLogger("slips")


class RetryReport(msgspec.Struct, kw_only=True):
    """What a run did: how many causes wait, how many items it released, and how many it gave up, by stage. `oldest` is
    how long the oldest item that it saw has waited, in seconds. `note` says why it could do nothing."""

    causes: int = 0
    released: int = 0
    gave_up: Counter[str] = msgspec.field(default_factory=Counter)
    oldest: float = 0.0
    note: str = ""


class Retrying:
    """One run of `slips.retry`, until `deadline` (on `clock`). `lane_age` returns how long records wait in the lanes,
    in seconds; `counting` says by what the positions of an object are counted now."""

    def __init__(
        self, quarantine: Quarantine, ledger: Works, lanes: Lanes, config: Config, deadline: float, *,
        lane_age: Callable[[], float], counting: Counting, clock: utc.Clock = time.time,
    ) -> None:  # fmt: skip
        self._quarantine = quarantine
        self._ledger = ledger
        self._lanes = lanes
        self._config = config
        self._deadline = deadline
        self._lane_age = lane_age
        self._counting = counting
        self._clock = clock
        self._report = RetryReport()
        self.fault: StoreError | None = None
        """What a table refused in the last run: what was done before, and after it, is in the report."""

    def run(self) -> RetryReport:
        """Release what is due. Where the tables do not answer, it ends, and the next run goes on; where they refuse a
        request about one cause for good, the others still have their turn. `fault` then says why. Raises StoreError
        where nothing was done."""
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                causes = self._quarantine.waiting_causes(pool)
            except (IndexMissing, IndexBuilding) as fault:
                log.warning("nothing is tried again: %s", fault)
                return RetryReport(note=str(fault))
            self._report.causes = len(causes)
            if causes:
                self._retry_all(causes, self._lane_age(), pool)
        return self._report

    def _retry_all(self, causes: Sequence[str], age: float, pool: Executor) -> None:
        for cause in self._in_turn(causes):
            try:
                self._retry(cause, age, pool)
            except StoreError as fault:
                log.error("the cause %s is not tried again now: %s", cause, fault)
                self.fault = fault
                if not isinstance(fault, StoreRefused):
                    return

    def _in_turn(self, causes: Sequence[str]) -> Iterator[str]:
        """The causes, as long as there is time, in another order each minute: where there is time for a few of many,
        none has to wait for long."""
        order = random.Random(int(self._clock() // 60)).sample(causes, len(causes))  # noqa: S311 - no secret
        yield from itertools.takewhile(lambda _: self._has_time(), order)

    def _has_time(self) -> bool:
        return self._clock() + RESERVE < self._deadline

    def _retry(self, cause: str, age: float, pool: Executor) -> None:
        now, note = self._clock(), self._quarantine.retry_note(cause)
        verdict = self._judge(note, now)
        size = next_size(note, verdict, age)
        items = self._quarantine.waiting_items(pool, cause, max(size, LOOKED_AT))
        if items:
            self._report.oldest = max(self._report.oldest, now - min(item.waiting_since for item in items))
        items = self._give_up(items, now)
        # Where the cause is over, nothing has to wait for its time.
        due = items if verdict in ("succeeded", "partly") else [item for item in items if item.retry_at <= now]
        if not (size and due):
            return
        drain_id = uuid4().hex
        released = RetryNote(
            cause=cause, drain_id=drain_id, released_at=int(now), size=size, version=note.version
        )  # fmt: skip
        if self._quarantine.note_retry(released, now):
            self._release(drain_id, [item.request_id for item in due], size, pool)

    def _judge(self, note: RetryNote, now: float) -> Verdict:
        """How the last release ended."""
        passed = now - note.released_at
        if not note.drain_id or passed > STALE_SECONDS:
            return "none"
        works = self._quarantine.works_of_drain(note.drain_id)
        found = self._ledger.of_works(works) if works else {}
        ended = [work for work in found.values() if work.state in ("done", "failed")]
        failed = sum(note.cause in work.books.waits_for for work in ended)
        if failed:
            return "failed" if failed == len(ended) else "partly"
        if works and len(ended) == len(works):
            return "succeeded"
        return "pending" if passed < ANSWER_SECONDS else "unanswered"

    def _give_up(self, items: Sequence[DueItem], now: float) -> list[DueItem]:
        """Open those that have waited long enough, which a person has to see. Return the others."""
        earliest = now - self._config.retry_give_up_after
        kept = []
        for item in items:
            if item.waiting_since > earliest or not self._has_time():
                kept.append(item)
            elif stage := self._quarantine.give_up(item.request_id):
                self._report.gave_up[stage] += 1
        return kept

    def _release(self, drain_id: str, ids: Sequence[str], size: int, pool: Executor) -> None:
        """Put `size` of the items into their lanes: what others have claimed does not count."""
        chunks = Chunks(
            drain_id, self._quarantine, self._lanes, self._config, pool, self._clock, named=False,
            counting=self._counting, most_works=JUDGED,
        )  # fmt: skip
        released = at = 0
        while released < size and at < len(ids) and self._has_time():
            part = ids[at : at + min(CHUNK, size - released)]
            at += len(part)
            result = chunks.requeue(part)
            released += result.drained
            if result.refused and not result.drained:
                break
        self._report.released += released


def next_size(note: RetryNote, verdict: Verdict, age: float) -> int:
    """Return how many items to release after a release that ended so, where records wait `age` seconds in the lanes:
    twice as many while the cause is over, few where it is not; 0 while nobody knows."""
    match verdict:
        case "pending":
            return 0
        case "none" | "unanswered" | "failed":
            return CANARY
        case "partly":
            return max(CANARY, note.size // 2)
    if age > SLOW_LANE:
        return max(CANARY, note.size // 2)
    return min(MOST, 2 * note.size if age <= QUICK_LANE else note.size)
