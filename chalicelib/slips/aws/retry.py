"""When to send an AWS request again, and how long to wait: for partial failures, which botocore never retries, and for
loops that must see every attempt."""

from __future__ import annotations

import math
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import msgspec

from ..errors import Unavailable

_TRANSIENT_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "TokenRefreshRequired",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_THROTTLED = "throttl"
"""In the code of everything that throttles: KMSThrottlingException, KMS.ThrottlingException, RequestThrottled, …"""
_SKEWED = ("Signature expired", "Signature not yet current")
"""What InvalidSignatureException says where the clock is wrong, and not the key."""
_TOO_MANY, _NOT_IMPLEMENTED = 429, 501
_DEEPEST = 10
"""Exceptions that are followed from cause to cause."""


def _endless() -> float:
    return math.inf


def _none() -> float:
    return 0.0


class Deadline:
    """The end of the invocation that this process is in; without one, time has no end."""

    def __init__(self) -> None:
        self._remaining: Callable[[], float] = _endless
        self._reserve: Callable[[], float] = _none
        self.invocation = 0
        """The number of the invocation, from 1 on."""

    def remaining(self) -> float:
        """Return how many seconds are left."""
        return self._remaining()

    def left_for_work(self) -> float:
        """Return how many seconds are left but for those that the invocation reserves for its own end."""
        return self._remaining() - self._reserve()

    @contextmanager
    def during(self, remaining: Callable[[], float], reserve: Callable[[], float] = _none) -> Iterator[None]:
        """Be in an invocation that has `remaining()` seconds left, and needs `reserve()` of them to end in good
        order."""
        self.invocation += 1
        self._remaining, self._reserve = remaining, reserve
        try:
            yield
        finally:
            self._remaining, self._reserve = _endless, _none


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
            pause = self.pause(attempt)
            if self.clock() + pause > end:
                return
            self.sleep(pause)

    def pause(self, attempt: int) -> float:
        """Return how many seconds to wait after that attempt, counted from 0."""
        return min(self.cap, self.first * 2.0 ** min(attempt, 30)) * (0.5 + self.jitter() / 2)


def is_transient(fault: BaseException) -> bool:
    """Whether the same request may succeed later: it was throttled, the server failed, there was no connection or it
    broke, credentials had expired or could not be fetched, or a clock was wrong. What an exception was raised `from`
    counts as well."""
    current: BaseException | None = fault
    for _ in range(_DEEPEST):
        if current is None or _passes(current):
            break
        current = current.__cause__
    return current is not None and _passes(current)


def is_transient_code(code: str) -> bool:
    """Whether what a service refused with this code may succeed later."""
    return code in _TRANSIENT_CODES or _THROTTLED in code.lower()


def _passes(fault: BaseException) -> bool:
    from botocore import exceptions as aws
    from urllib3.exceptions import HTTPError

    if isinstance(fault, aws.ClientError):
        return _is_refused_for_now(fault.response)
    of_aws = aws.ConnectionError | aws.HTTPClientError | aws.IncompleteReadError | aws.CredentialRetrievalError
    of_sockets = HTTPError | ConnectionError | TimeoutError | socket.gaierror
    return isinstance(fault, of_aws | of_sockets | Unavailable)


def _is_refused_for_now(response: Any) -> bool:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = (str(response.get("Error", {}).get(name, "")) for name in ("Code", "Message"))
    if code == "InvalidSignatureException":
        return message.startswith(_SKEWED)
    is_down = status == _TOO_MANY or (status >= 500 and status != _NOT_IMPLEMENTED)
    return is_down or is_transient_code(code)
