"""How long the oldest message of a queue has waited: SQS shows its age in CloudWatch alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from ..aws.partiql import DENIED
from ..model import utc

ATTEMPT_SECONDS: Final = 2.0
"""How long a request may take: nobody waits longer for a number of the console."""
CACHE_SECONDS: Final = 60.0
"""How long an answer is used: SQS sends the metric once a minute, and CloudWatch charges each request."""
RETRY_SECONDS: Final = 600.0
"""How soon CloudWatch is asked again after it did not answer, or refused."""
PERIOD: Final = 60
_WINDOW: Final = 15 * PERIOD
"""The metric of a queue that was idle for hours begins up to 15 minutes late (Amazon SQS Developer Guide, "Monitoring
Amazon SQS queues using CloudWatch")."""

log = logging.getLogger("slips")


class QueueAge:
    """The age of the oldest message of a queue. `client` returns a client of CloudWatch that waits ATTEMPT_SECONDS;
    `clock` is in seconds since the epoch."""

    def __init__(self, name: str, client: Callable[[], Any], clock: utc.Clock = time.time) -> None:
        self._name = name
        self._client = client
        self._clock = clock
        self._arrived: float | None = None
        self._ask_at = 0.0
        self._is_told = False

    def read(self) -> float | None:
        """Return about how many seconds the oldest message has waited. None where CloudWatch does not know it yet, or
        does not answer, or the role may not ask it: nothing else depends on it."""
        now = self._clock()
        if now >= self._ask_at:
            self._arrived, seconds = self._ask(now)
            self._ask_at = now + seconds
        return None if self._arrived is None else max(0.0, now - self._arrived)

    def _ask(self, now: float) -> tuple[float | None, float]:
        """When the oldest message arrived, and for how many seconds that is enough."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._find_arrival(now), CACHE_SECONDS
        except ClientError as fault:
            code = fault.response.get("Error", {}).get("Code", "")
            self._tell("allow cloudwatch:GetMetricStatistics, and it will be" if code in DENIED else str(fault))
        except BotoCoreError as fault:
            self._tell(str(fault))
        return None, RETRY_SECONDS

    def _find_arrival(self, now: float) -> float | None:
        # GetMetricStatistics answers for one queue whose name is known. GetMetricData also searches: whoever may call
        # it can list the names of everything in the account.
        measured: list[Any] = self._client().get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": self._name}],
            StartTime=now - _WINDOW,
            EndTime=now,
            Period=PERIOD,
            Statistics=["Maximum"],
        )["Datapoints"]
        newest = max(measured, key=lambda each: each["Timestamp"], default=None)
        if newest is None or not newest["Maximum"]:  # 0: the queue was empty then, so what is in it came later.
            return None
        return float(newest["Timestamp"].timestamp() + PERIOD - newest["Maximum"])

    def _tell(self, reason: str) -> None:
        """Log once in the life of the process: the console asks again and again."""
        if not self._is_told:
            self._is_told = True
            log.warning("the age of what is in the queue %s is not known: %s", self._name, reason)
