"""The metric of SQS that SLIPS reads, as CloudWatch has it; moto has none."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import MetricDatum
from moto.core.common_models import CloudWatchMetricProvider
from moto.sqs.models import sqs_backends

from ....dispatch.queue_age import PERIOD


class QueueAges(CloudWatchMetricProvider):
    """How long the oldest message of each queue has waited. moto finds this class among the subclasses."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[Any]:
        """Return a datum for each queue that holds something, of the minute that is just over."""
        now = time.time()
        queues = sqs_backends[account_id][region].queues.values()
        return [_datum(queue, now) for queue in queues if queue._messages]


def _datum(queue: Any, now: float) -> Any:
    oldest = min(message.sent_timestamp for message in queue._messages) / 1000
    return MetricDatum(
        namespace="AWS/SQS",
        name="ApproximateAgeOfOldestMessage",
        value=now - oldest,
        dimensions=[{"Name": "QueueName", "Value": queue.name}],
        timestamp=datetime.fromtimestamp(now - PERIOD, UTC).replace(tzinfo=None),
        unit="Seconds",
    )
