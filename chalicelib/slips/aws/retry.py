"""When to send an AWS request again, and how long to wait: for partial failures, which botocore never retries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
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


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """A series of exponential pauses: `first` seconds, doubled up to `cap`, each shortened at random to spread callers;
    no more attempts after `patience` seconds."""

    patience: float = 20.0
    first: float = 0.05
    cap: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random

    def end(self) -> float:
        """Return when patience that starts now ends, on `clock`."""
        return self.clock() + self.patience

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
