"""Waiting for AWS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

PAUSE = 2.0
"""Seconds between two looks."""

T = TypeVar("T")


def poll(look: Callable[[], T], is_done: Callable[[T], bool], *, seconds: float, pause: float = PAUSE) -> T:
    """Call `look` until its result is done, at most for some seconds; return the last result."""
    end = time.monotonic() + seconds
    while not is_done(result := look()) and time.monotonic() < end:
        time.sleep(pause)
    return result


def wait(seconds: float) -> None:
    """Wait for something that AWS does not tell."""
    time.sleep(seconds)


def retry(call: Callable[[], T], is_transient: Callable[[Any], bool], *, seconds: float) -> T:
    """Call again for some seconds while AWS refuses for a reason that passes. Raises ClientError."""
    from botocore.exceptions import ClientError

    def attempt() -> T | ClientError:
        try:
            return call()
        except ClientError as error:
            if not is_transient(error):
                raise
            return error

    result = poll(attempt, lambda outcome: not isinstance(outcome, ClientError), seconds=seconds)
    if isinstance(result, ClientError):
        raise result
    return result
