"""SNS → Lambda: a queue on the topic, and Lambda's asynchronous invocation with its two retries."""

from __future__ import annotations

import json
import time
from typing import Any

from .... import aws
from ....config import Config
from ....dispatch.redrive_messages import sns_record
from ....errors import InvocationFailed
from .invoke import LambdaRuntime
from .queues import is_empty
from .triggers import TopicWiring

ATTEMPTS = 3
"""Lambda retries an asynchronous invocation twice."""
PAUSE = 0.5
"""Seconds between the attempts; on Lambda, minutes."""
UNSEEN_SECONDS = "3600"
"""The time that a received message stays hidden: longer than all attempts take."""


class TopicTrigger:
    """A subscription of a function to a topic."""

    def __init__(self, wiring: TopicWiring, runtime: LambdaRuntime, config: Config) -> None:
        self.function = wiring.function
        self._runtime = runtime
        self._topic = runtime.place.topic(wiring.topic)
        self._dead_letters = runtime.place.topic(config.dead_letters)
        self._redrive_queue = config.redrive_queue
        self._sqs = aws.client("sqs")
        self._queue, self._subscription = self._subscribe()
        self.is_for_reports = self._topic == self._dead_letters
        self.messages = 0
        """The messages handled, without S3's test messages."""

    def _subscribe(self) -> tuple[str, str]:
        # moto calls functions only through Docker; a queue keeps messages while a handler works.
        name = f"{self._topic.rpartition(':')[2]}-{self.function}"[:80]
        url = self._sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": UNSEEN_SECONDS})["QueueUrl"]
        arn = self._runtime.place.arn("sqs", name)
        # Nothing is lost between this queue and its topic; `GET /health` looks for the setting.
        redrive = json.dumps({"deadLetterTargetArn": self._runtime.place.arn("sqs", self._redrive_queue)})
        answer = aws.client("sns").subscribe(
            TopicArn=self._topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True,
            Attributes={"RedrivePolicy": redrive},
        )  # fmt: skip
        return str(url), answer["SubscriptionArn"]

    def poll(self) -> bool:
        """Invoke the function for each waiting message; return whether there was one."""
        messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            envelope = json.loads(message["Body"])
            self._deliver({"Records": [sns_record(envelope, self._subscription)]})
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            self.messages += '"s3:TestEvent"' not in envelope["Message"][:200]
        return bool(messages)

    def is_idle(self) -> bool:
        """Return whether no message waits or is in progress."""
        return is_empty(self._queue)

    def _deliver(self, event: dict[str, Any]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._runtime.invoke(self.function, event)
                return
            except InvocationFailed as failed:
                if attempt < ATTEMPTS:
                    time.sleep(PAUSE)
                else:
                    self._bury(event, failed.__cause__)

    def _bury(self, event: dict[str, Any], fault: BaseException | None) -> None:
        """Publish what Lambda sends to a failure destination (AWS Lambda Developer Guide, "Adding a destination")."""
        payload = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "functionArn": self._runtime.place.arn("lambda", f"function:{self.function}:$LATEST"),
                "condition": "RetriesExhausted",
                "approximateInvokeCount": ATTEMPTS,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorType": type(fault).__name__, "errorMessage": str(fault)},
        }
        if self.is_for_reports:  # As a dead letter it would come back to the function forever.
            url = self._sqs.get_queue_url(QueueName=self._redrive_queue)["QueueUrl"]
            self._sqs.send_message(QueueUrl=url, MessageBody=json.dumps(payload))
        else:
            aws.client("sns").publish(TopicArn=self._dead_letters, Message=json.dumps(payload))
