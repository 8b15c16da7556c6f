"""How fast, and for how long, a bucket is asked that throttles, fails or does not answer: one pace for all threads."""

from __future__ import annotations

import math
from threading import Lock

from ..aws.retry import Backoff

FASTEST, SLOWEST = 0.02, 0.2
"""Seconds between two requests of this process, after the first fault and after many."""
SOON = 0.001
"""Seconds that nobody waits for."""
NAP = 0.1
"""Seconds after which a thread that waits for its turn looks again: the pace may have recovered."""
EARNED = 5.0
"""Seconds of patience that an answer gives back: a bucket that refuses four requests in five is slow, and not down."""
IN_ALL = 10
"""Times its patience that a bucket may hold up an invocation, whatever it answers: other buckets' objects wait."""


class Pace:
    """The pace of a bucket. After a fault its requests are spaced, twice as far after each further one; each answer
    halves that.

    Its patience is that of an invocation: while nothing at all gets through it passes, and when it is over, an object
    that fails is not asked for again. So a bucket that is down holds up an invocation once, and not once an object.
    """

    def __init__(self, backoff: Backoff) -> None:
        self.is_calm = True
        """Whether nothing has failed lately: then neither `wait` nor `note_answer` has anything to do."""
        self.answered_at = -math.inf
        """When bytes came last, as far as that was noted: while it is calm, nobody does."""
        self._backoff = backoff
        self._lock = Lock()
        self._invocation = 0
        self._gap = self._next_turn = 0.0
        self._slowed_at = -math.inf
        self._failing_since: float | None = None
        self._used = self._used_in_all = 0.0
        """The patience that is used up, in seconds, less and without what answers have given back; both but for what
        passes since `_failing_since`."""

    def begin(self, invocation: int) -> None:
        """Be patient again in an invocation of another number. The spacing stays."""
        if self._invocation != invocation:
            with self._lock:
                self._invocation, self._failing_since = invocation, None
                self._used = self._used_in_all = 0.0

    def wait(self, most: float) -> None:
        """Wait for a turn, at most for `most` seconds."""
        while not self.is_calm and most > 0:
            seconds = min(self._take_turn(), NAP, most)
            if seconds <= 0:
                return
            self._backoff.sleep(seconds)
            most -= seconds

    def _take_turn(self) -> float:
        """Return how many seconds the turn is away; at 0 it is taken."""
        with self._lock:
            now = self._backoff.clock()
            if self._next_turn - now > SOON:
                return self._next_turn - now
            self._next_turn = now + self._spread(self._gap)
            return 0.0

    def note_fault(self, begun: float) -> None:
        """Slow down after a request that began at that time. Those that were on their way together count once."""
        with self._lock:
            now = self._backoff.clock()
            self.is_calm = False
            if self._failing_since is None:
                self._failing_since = now
            if begun >= self._slowed_at:
                self._gap, self._slowed_at = min(SLOWEST, max(FASTEST, 2 * self._gap)), now
                self._next_turn = max(self._next_turn, now + self._spread(self._gap))

    def note_answer(self) -> None:
        """Speed up: bytes of the bucket have come."""
        with self._lock:
            now = self._backoff.clock()
            passed = self._failing_for(now)
            self.answered_at, self._failing_since = now, None
            self._used = max(0.0, min(self._backoff.patience, self._used + passed) - EARNED)
            self._used_in_all += passed
            self._gap = self._gap / 2 if self._gap > FASTEST else 0.0
            self._next_turn = min(self._next_turn, now + self._gap)
            self.is_calm = not self._gap and not self._used

    @property
    def is_patient(self) -> bool:
        """Whether it is worth while to ask again."""
        with self._lock:
            passed, patience = self._failing_for(self._backoff.clock()), self._backoff.patience
            return self._used + passed < patience and self._used_in_all + passed < IN_ALL * patience

    def _failing_for(self, now: float) -> float:
        return now - self._failing_since if self._failing_since is not None else 0.0

    def _spread(self, seconds: float) -> float:
        """Shorten at random, so that processes do not ask in step."""
        return seconds * (0.5 + self._backoff.jitter() / 2)
