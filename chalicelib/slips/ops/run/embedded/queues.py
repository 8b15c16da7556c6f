"""SQS → Lambda: a batch at a time; what failed comes again."""

from __future__ import annotations

from typing import Any

from .... import aws
from ....errors import InvocationFailed
from .invoke import LambdaRuntime
from .triggers import QueueWiring

LARGEST = 10
"""Messages of a request (Amazon SQS API, ReceiveMessage)."""
RETRY_SECONDS = 1
"""Until a message that failed is seen again; on AWS, the visibility timeout of its queue."""


def is_empty(url: str) -> bool:
    """Return whether no message of a queue waits or is in progress."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return all(int(counts[name]) == 0 for name in names)


class QueueTrigger:
    """A queue, and the function that it feeds."""

    def __init__(self, wiring: QueueWiring, runtime: LambdaRuntime) -> None:
        self.function = wiring.function
        self._batch_size = min(LARGEST, wiring.batch_size)
        self._runtime = runtime
        self._sqs = aws.client("sqs")
        self._url = self._sqs.get_queue_url(QueueName=wiring.queue)["QueueUrl"]
        self._arn = runtime.place.arn("sqs", wiring.queue)
        self.is_for_reports = False
        self.messages = 0
        """The messages handled, without S3's test messages."""

    def poll(self) -> bool:
        """Deliver the next batch; return whether there was one and it succeeded."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=self._batch_size)
        messages = answer.get("Messages", [])
        if not messages:
            return False
        try:
            self._runtime.invoke(self.function, {"Records": [self._record(each) for each in messages]})
        except InvocationFailed:
            for message in messages:
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=RETRY_SECONDS
                )
            return False
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            self.messages += "s3:TestEvent" not in message["Body"]
        return True

    def is_idle(self) -> bool:
        """Return whether no message waits or is in progress."""
        return is_empty(self._url)

    def _record(self, message: Any) -> dict[str, Any]:
        """Return the message as in the AWS Lambda Developer Guide, "Using Lambda with Amazon SQS"."""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": self._runtime.place.region,
        }
