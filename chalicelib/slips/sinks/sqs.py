"""Amazon SQS: a queue (API Reference, SendMessageBatch; Developer Guide, Amazon SQS message quotas)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from .. import aws
from ..aws.retry import Backoff
from ..config.arns import TOPIC
from ..errors import RegistrationError
from .aws_batches import PATIENCE
from .emulated import create_once
from .keys import Key
from .messages import MessageSink

_NAME: Final = r"(?P<name>[A-Za-z0-9_-]{1,75}\.fifo|[A-Za-z0-9_-]{1,80})"
_ACCOUNT: Final = rf"(?P<account>{TOPIC.account})"
_FORMS: Final = (
    re.compile(_NAME),
    re.compile(rf"arn:aws(?:-[a-z]+)*:sqs:{TOPIC.region}:{_ACCOUNT}:{_NAME}"),
    re.compile(rf"https?://[^/\s]+/(?:\S*/)?{_ACCOUNT}/{_NAME}"),
)


class Sqs(MessageSink):
    """A queue of SQS, by its name, ARN or URL. Each document is a message of JSON, with the attribute `event_id`. At
    least once; a FIFO queue drops for five minutes what comes again of the same event with the same content.

    `group_id`: a field of the documents, or f(meta, document), for MessageGroupId; by default `meta.event_id` for a
    FIFO queue, so that no message waits for another one, and nothing for other queues."""

    kind: ClassVar[str] = "sqs"

    def __init__(
        self, queue: str, *, group_id: Key = None, concurrency: int | Literal["adaptive"] = 8,
        backoff: Backoff = PATIENCE,
    ) -> None:  # fmt: skip
        matches = (form.fullmatch(queue) for form in _FORMS if isinstance(queue, str))
        match = next(filter(None, matches), None)
        if match is None:
            raise RegistrationError(f"Sqs({queue!r:.200}): write the name of a queue, its ARN, or its URL")
        super().__init__(match["name"], "MessageBody", group_id, concurrency, backoff)
        self._account = match.groupdict().get("account", "")
        self._arn = queue if queue.startswith("arn:") else f"arn:*:sqs:*:{self._account or '*'}:{self.destination}"
        self._actions = ["sqs:SendMessage"] if "://" in queue else ["sqs:SendMessage", "sqs:GetQueueUrl"]
        self._url = queue if "://" in queue else ""

    def _send_messages(self, messages: Any) -> Mapping[str, Any]:
        client = aws.client("sqs")
        if not self._url:
            owner = {"QueueOwnerAWSAccountId": self._account} if self._account else {}
            self._url = client.get_queue_url(QueueName=self.destination, **owner)["QueueUrl"]
        answer: Mapping[str, Any] = client.send_message_batch(QueueUrl=self._url, Entries=messages)
        return answer

    def emulate(self) -> None:
        """See `Sink.emulate`."""
        client, fifo = aws.client("sqs"), {"FifoQueue": "true"} if self.destination.endswith(".fifo") else {}
        create_once(client.create_queue, QueueName=self.destination, Attributes=fifo)
        self._url = client.get_queue_url(QueueName=self.destination)["QueueUrl"]

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return [{"Effect": "Allow", "Action": list(self._actions), "Resource": [self._arn]}]
