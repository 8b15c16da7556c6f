"""Amazon SNS: a topic (API Reference, PublishBatch; Developer Guide, Publishing large messages)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from .. import aws
from ..aws.retry import Backoff
from ..config import Config
from ..config.arns import TOPIC
from ..errors import RegistrationError
from .aws_batches import PATIENCE
from .keys import Key
from .messages import MessageSink

_NAME: Final = rf"(?P<name>{TOPIC.resource}|[A-Za-z0-9_-]{{1,251}}\.fifo)"
_ARN: Final = re.compile(rf"arn:aws(?:-[a-z]+)*:sns:{TOPIC.region}:{TOPIC.account}:{_NAME}")
_SUBJECT: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,99}")


class Sns(MessageSink):
    """A topic of SNS, by its ARN. Each document is a message of JSON, with the attribute `event_id`. At least once; a
    FIFO topic drops for five minutes what comes again of the same event with the same content.

    `subject`: of the e-mails that the topic sends. `group_id`: a field of the documents, or f(meta, document), for
    MessageGroupId; by default `meta.event_id` for a FIFO topic, and nothing for other topics."""

    kind: ClassVar[str] = "sns"

    def __init__(
        self, topic_arn: str, subject: str | None = None, *, group_id: Key = None,
        concurrency: int | Literal["adaptive"] = 8, backoff: Backoff = PATIENCE,
    ) -> None:  # fmt: skip
        match = _ARN.fullmatch(topic_arn) if isinstance(topic_arn, str) else None
        if match is None:
            raise RegistrationError(f"Sns({topic_arn!r:.200}): write the ARN of a topic, {TOPIC.example}")
        if subject is not None and not (isinstance(subject, str) and _SUBJECT.fullmatch(subject)):
            raise RegistrationError(
                f"Sns: subject is text of less than 100 characters, without line breaks, not {subject!r:.200}"
            )
        super().__init__(match["name"], "Message", group_id, concurrency, backoff, subject)
        self._arn = topic_arn

    def check(self, config: Config) -> None:
        """See `Sink.check`: the topics of SLIPS itself are no place for documents."""
        own = {config.dead_letters, *(topic.arn for topic in config.topics)}
        if self._arn in own or self.destination in own:
            raise RegistrationError(
                f'Sns("{self._arn}") is a topic of this deployment, where each document would be an error item: '
                "name another topic"
            )

    def _send_messages(self, messages: Any) -> Mapping[str, Any]:
        return aws.client("sns").publish_batch(TopicArn=self._arn, PublishBatchRequestEntries=messages)

    def emulate(self) -> None:
        """See `Sink.emulate`: a topic that exists is answered, too."""
        fifo = {"FifoTopic": "true"} if self.destination.endswith(".fifo") else {}
        self._arn = aws.client("sns").create_topic(Name=self.destination, Attributes=fifo)["TopicArn"]

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        return [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [self._arn]}]
