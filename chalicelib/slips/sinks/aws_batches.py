"""Batches of those AWS services that answer for each entry whether they took it: Firehose, Kinesis, SQS, SNS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..aws.retry import Backoff, is_transient_code
from ..errors import EventFailed, RetryLater
from ..model.meta import Meta
from .base import Encoded

PATIENCE = Backoff(patience=10.0, first=0.1)
"""Entries that are refused for the moment are sent again for so long; then they wait."""

Put = Callable[[Sequence[Encoded]], Mapping[int, tuple[str, str]]]
"""Sends entries; returns code and message of each one that the service refused, by its number in the request."""


def put_all(entries: Sequence[Encoded], put: Put, backoff: Backoff = PATIENCE) -> dict[Meta, BaseException]:
    """Send the entries of one request, and again those that are refused for the moment. Returns what failed, for good
    or with RetryLater. Raises what the client raises."""
    failed: dict[Meta, BaseException] = {}
    waiting, reason = list(entries), ""
    for _ in backoff.attempts(backoff.end()):
        refused = put(waiting)
        for number, (code, message) in refused.items():
            if is_transient_code(code):
                reason = f"{code}: {message}"
            else:
                failed[waiting[number].meta] = EventFailed(f"{code}: {message}")
        waiting = [waiting[number] for number, (code, _) in sorted(refused.items()) if is_transient_code(code)]
        if not waiting:
            return failed
    return failed | {entry.meta: RetryLater(reason) for entry in waiting}
