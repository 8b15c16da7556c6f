"""Amazon Data Firehose: a delivery stream (API Reference, PutRecordBatch)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from .. import aws
from ..aws.retry import Backoff
from ..errors import EventsFailed, RegistrationError
from ..model.meta import Meta
from .aws_batches import PATIENCE, EntryRefusal, explain_refusals, put_all, refusals_in_order
from .base import Document, Encoded, Sink, encode, encode_all, pieces
from .emulated import create_bucket, create_once

MOST_RECORDS: Final = 500
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a request. Beyond it Firehose takes a part, and answers 200 with FailedPutCount."""
MOST_RECORD_BYTES: Final = 1000 * 1024

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


class Firehose(Sink):
    """A delivery stream of Firehose, by its name. Each document is a line of JSON; Firehose writes one after the
    other. At least once: what Firehose took, and whose answer was lost, is sent again."""

    kind: ClassVar[str] = "firehose"

    def __init__(self, stream: str, *, concurrency: int | Literal["adaptive"] = 4, backoff: Backoff = PATIENCE) -> None:
        if not (isinstance(stream, str) and _NAME.fullmatch(stream)):
            raise RegistrationError(f"Firehose({stream!r:.200}): write the name of a delivery stream, not its ARN")
        self.destination = stream
        self.concurrency = concurrency
        self._backoff = backoff

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        entries = encode_all(
            documents, failed, most_bytes=MOST_RECORD_BYTES, to_bytes=lambda document: encode(document.body) + b"\n"
        )
        with explain_refusals(self):
            failed |= put_all(pieces(entries, most=MOST_RECORDS, most_bytes=MOST_BYTES), self._put, self._backoff)
        if failed:
            raise EventsFailed(failed)

    def _put(self, entries: Sequence[Encoded]) -> dict[int, EntryRefusal]:
        records = [{"Data": entry.data} for entry in entries]
        answer = aws.client("firehose").put_record_batch(DeliveryStreamName=self.destination, Records=records)
        return refusals_in_order(answer.get("RequestResponses", ()), len(entries))

    def emulate(self) -> None:
        """See `Sink.emulate`: the stream delivers into a bucket of its name."""
        create_bucket(self.destination)
        role = "arn:aws:iam::123456789012:role/firehose"
        bucket = {"RoleARN": role, "BucketARN": f"arn:aws:s3:::{self.destination}"}
        client = aws.client("firehose")
        create_once(
            client.create_delivery_stream,
            DeliveryStreamName=self.destination,
            ExtendedS3DestinationConfiguration=bucket,
        )

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        arn = f"arn:*:firehose:*:*:deliverystream/{self.destination}"
        return [{"Effect": "Allow", "Action": ["firehose:PutRecordBatch"], "Resource": [arn]}]
