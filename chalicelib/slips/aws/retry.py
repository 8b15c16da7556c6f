"""When to send an AWS request again, and how long to wait: for partial failures, which botocore never retries."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import msgspec

_TRANSIENT_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "KMSThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def _endless() -> float:
    return math.inf


class Deadline:
    """The end of the invocation that this process is in; without one, time has no end."""

    def __init__(self) -> None:
        self._remaining: Callable[[], float] = _endless

    def remaining(self) -> float:
        """Return how many seconds are left."""
        return self._remaining()

    @contextmanager
    def during(self, remaining: Callable[[], float]) -> Iterator[None]:
        """Be in an invocation that has `remaining()` seconds left."""
        self._remaining = remaining
        try:
            yield
        finally:
            self._remaining = _endless


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """A series of exponential pauses: `first` seconds, doubled up to `cap`, each shortened at random to spread callers;
    no more attempts after `patience` seconds, or after half of the time that the invocation has left: the other half is
    for what has to be done about it."""

    patience: float = 20.0
    first: float = 0.05
    cap: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    remaining: Callable[[], float] = _endless

    def end(self) -> float:
        """Return when patience that starts now ends, on `clock`."""
        return self.clock() + max(0.0, min(self.patience, self.remaining() / 2))

    def is_over(self, end: float) -> bool:
        """Whether that patience has ended."""
        return self.clock() >= end

    def attempts(self, end: float) -> Iterator[int]:
        """Count attempts 0, 1, 2 …, each after its pause; the first always comes, at once."""
        for attempt in count():
            yield attempt
            pause = min(self.cap, self.first * 2 ** min(attempt, 30)) * (0.5 + self.jitter() / 2)
            if self.clock() + pause > end:
                return
            self.sleep(pause)


def is_transient(fault: Exception) -> bool:
    """Whether the same request may succeed later: it was throttled, the server failed, or there was no connection."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(fault, ClientError):
        status = fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or fault.response.get("Error", {}).get("Code", "") in _TRANSIENT_CODES
    return isinstance(fault, ConnectionError | HTTPClientError)
