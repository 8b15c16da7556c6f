"""The queue below the last net: what neither `dispatch` nor `report` took, as SNS and Lambda put it there."""

from __future__ import annotations

import logging
from typing import Any

from .queue_age import QueueAge

log = logging.getLogger("slips")

_COUNTS = tuple(f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed"))


class RedriveQueue:
    """An SQS queue, by the client and its name; `age` knows how long what is in it has waited."""

    def __init__(self, sqs: Any, name: str, age: QueueAge | None = None) -> None:
        self._sqs = sqs
        self.name = name
        self._age = age

    def read_depth(self) -> int | None:
        """Read how many messages are in it, about; None where it does not exist or answer: nothing else depends on
        it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            attributes = self.read_attributes(*_COUNTS)
        except (BotoCoreError, ClientError) as fault:
            log.warning("the queue %s cannot be read: %s", self.name, fault)
            return None
        return sum(int(attributes[count]) for count in _COUNTS)

    def read_age(self) -> float | None:
        """Return about how many seconds the oldest message in it has waited; None where nobody knows."""
        return self._age.read() if self._age else None

    def read_attributes(self, *names: str) -> dict[str, str]:
        """Read attributes of it. Raises ClientError."""
        url = self._sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        return dict(self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"])
