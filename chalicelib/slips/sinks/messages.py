"""What SQS and SNS share: batches of ten messages, their limits, groups, and what makes a repeat harmless."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Literal

from ..aws.retry import Backoff
from ..errors import EventsFailed
from ..model.meta import Meta
from .aws_batches import EntryRefusal, explain_refusals, put_all, refusals_by_id
from .base import Document, Encoded, Sink, encode, encode_all, pieces
from .keys import GROUP_ID, Key, add_keys, check_key

MOST_MESSAGES: Final = 10
MOST_BYTES: Final = 256 * 1024
"""Of a request of several messages. SQS and SNS take up to 1 MiB, but in sum no more than MaximumMessageSize of the
queue or topic, which is 256 KiB for topics and older queues unless it was raised (API References, SendMessageBatch and
PublishBatch)."""
MOST_MESSAGE_BYTES: Final = 1024 * 1024
"""Of a message. One of more than MOST_BYTES goes alone, and the queue or topic decides."""
FIFO: Final = ".fifo"

_ATTRIBUTE: Final = "event_id"
_ATTRIBUTE_BYTES: Final = len(_ATTRIBUTE) + len("String") + 32
"""Attributes count: name, type and value (SQS Developer Guide, Amazon SQS message metadata)."""


class MessageSink(Sink):
    """The base of Sqs and Sns."""

    size: int = MOST_MESSAGES
    """A batch is one request, so that a refusal of a whole request is about no others."""

    def __init__(
        self, destination: str, body_field: str, group_id: Key, concurrency: int | Literal["adaptive"],
        backoff: Backoff, subject: str | None = None,
    ) -> None:  # fmt: skip
        check_key(type(self).__name__, GROUP_ID, group_id)
        self.destination = destination
        self.concurrency = concurrency
        self._body_field = body_field
        self._is_fifo = destination.endswith(FIFO)
        self._has_groups = self._is_fifo or group_id is not None
        self._group_id = group_id
        self._subject = subject
        self._backoff = backoff

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        extra = _ATTRIBUTE_BYTES + len((self._subject or "").encode())
        entries = encode_all(documents, failed, most_bytes=MOST_MESSAGE_BYTES - extra, to_bytes=_encode)
        if self._has_groups:
            entries = add_keys(entries, failed, GROUP_ID, self._group_id)
        requests = pieces(entries, most=MOST_MESSAGES, most_bytes=MOST_BYTES, extra_bytes=extra)
        with explain_refusals(self):
            failed |= put_all(requests, self._put, self._backoff)
        if failed:
            raise EventsFailed(failed)

    def _put(self, entries: Sequence[Encoded]) -> dict[int, EntryRefusal]:
        messages = [{"Id": str(number)} | self._message(entry) for number, entry in enumerate(entries)]
        return refusals_by_id(self._send_messages(messages), len(entries))

    def _message(self, entry: Encoded) -> dict[str, Any]:
        event_id = entry.id
        message: dict[str, Any] = {
            self._body_field: entry.data.decode(),
            "MessageAttributes": {_ATTRIBUTE: {"DataType": "String", "StringValue": event_id}},
        }
        if self._subject is not None:
            message["Subject"] = self._subject
        if self._has_groups:
            message["MessageGroupId"] = entry.key
        if self._is_fifo:
            # With the id alone, the second document of an event, or that of another function, would be lost.
            message["MessageDeduplicationId"] = f"{event_id}-{blake2b(entry.data, digest_size=8).hexdigest()}"
        return message

    @abstractmethod
    def _send_messages(self, messages: Any) -> Mapping[str, Any]:
        """Send one request. Returns the answer."""


def _encode(document: Document) -> bytes:
    """Write a document as JSON, with escapes for the two characters that JSON may hold and SQS refuses (API Reference,
    SendMessageBatch); SNS hands on to SQS."""
    return encode(document.body).replace(b"\xef\xbf\xbe", b"\\ufffe").replace(b"\xef\xbf\xbf", b"\\uffff")
