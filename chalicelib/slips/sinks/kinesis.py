"""Amazon Kinesis Data Streams (API Reference, PutRecords; Developer Guide, Handle large records)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from .. import aws
from ..aws.retry import Backoff
from ..config import Config
from ..config.arns import STREAM
from ..config.settings import MIB
from ..errors import EventsFailed, RegistrationError
from ..model.meta import Meta
from .aws_batches import PATIENCE, EntryRefusal, explain_refusals, put_all, refusals_in_order
from .base import Document, Encoded, Sink, encode_all, pieces
from .emulated import create_once
from .keys import PARTITION_KEY, Key, add_keys, check_key

MOST_RECORDS: Final = 500
MOST_BYTES: Final = 5 * MIB
"""Of a request, partition keys included. Kinesis takes 10 MiB since 2025, for the sake of records of up to 10 MiB."""
MOST_RECORD_BYTES: Final = MIB
"""Of a record with its partition key, unless the stream's maximum record size was raised."""
MOST_RAISED_BYTES: Final = 10 * MIB
MOST_KEY_BYTES: Final = 4 * 256
"""Of a partition key: 256 characters in UTF-8."""

_ARN: Final = rf"arn:aws(?:-[a-z]+)*:kinesis:{STREAM.region}:{STREAM.account}:stream/"
_STREAM: Final = re.compile(rf"(?:{_ARN})?(?P<name>[a-zA-Z0-9_.-]{{1,128}})")


class KinesisStream(Sink):
    """A stream of Kinesis, by its name or ARN. Each document is a record of JSON. At least once: what Kinesis took, and
    whose answer was lost, is sent again.

    `partition_key`: a field of the documents, or f(meta, document); by default `meta.event_id`, which spreads the
    records over all shards, and by which a consumer knows a record that comes again. `most_record_bytes`: the stream's
    maximum record size, where it was raised."""

    kind: ClassVar[str] = "kinesis"

    def __init__(
        self, stream: str, *, partition_key: Key = None, most_record_bytes: int = MOST_RECORD_BYTES,
        concurrency: int | Literal["adaptive"] = 4, backoff: Backoff = PATIENCE,
    ) -> None:  # fmt: skip
        name = _STREAM.fullmatch(stream) if isinstance(stream, str) else None
        if name is None:
            raise RegistrationError(f"KinesisStream({stream!r:.200}): write the name of a stream, or its ARN")
        if not (isinstance(most_record_bytes, int) and MIB <= most_record_bytes <= MOST_RAISED_BYTES):
            raise RegistrationError(
                f"KinesisStream: most_record_bytes is a number of bytes from {MIB:,} to {MOST_RAISED_BYTES:,}, "
                f"not {most_record_bytes!r:.200}"
            )
        check_key("KinesisStream", PARTITION_KEY, partition_key)
        self.destination = name["name"]
        self.concurrency = concurrency
        self._stream = stream
        self._partition_key = partition_key
        self._most_record_bytes = most_record_bytes
        self._backoff = backoff

    def check(self, config: Config) -> None:
        """See `Sink.check`: the lanes are no place for documents."""
        if self.destination in (config.fast.stream, config.slow.stream):
            raise RegistrationError(
                f'KinesisStream("{self._stream}") is a lane of this deployment, where each document would be an error '
                "item: name another stream"
            )

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        entries = encode_all(documents, failed, most_bytes=self._most_record_bytes)
        entries = self._drop_too_large(add_keys(entries, failed, PARTITION_KEY, self._partition_key), failed)
        requests = pieces(entries, most=MOST_RECORDS, most_bytes=MOST_BYTES, extra_bytes=MOST_KEY_BYTES)
        with explain_refusals(self):
            failed |= put_all(requests, self._put, self._backoff)
        if failed:
            raise EventsFailed(failed)

    def _drop_too_large(self, entries: Sequence[Encoded], failed: dict[Meta, BaseException | str]) -> list[Encoded]:
        fitting = []
        for entry in entries:
            size = len(entry.data) + len(entry.key.encode())
            if size > self._most_record_bytes:
                failed[entry.meta] = (
                    f"the document and its partition key have {size:,} bytes, and the stream takes "
                    f"{self._most_record_bytes:,}"
                )
            else:
                fitting.append(entry)
        return fitting

    def _put(self, entries: Sequence[Encoded]) -> dict[int, EntryRefusal]:
        target: Any = {"StreamARN" if self._stream.startswith("arn:") else "StreamName": self._stream}
        records: Any = [{"Data": entry.data, "PartitionKey": entry.key} for entry in entries]
        answer = aws.client("kinesis").put_records(Records=records, **target)
        return refusals_in_order(answer.get("Records", ()), len(entries))

    def emulate(self) -> None:
        """See `Sink.emulate`."""
        self._stream = self.destination  # An ARN names another account.
        client = aws.client("kinesis")
        create_once(client.create_stream, StreamName=self._stream, ShardCount=1)
        client.get_waiter("stream_exists").wait(StreamName=self._stream)

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        arn = self._stream if self._stream.startswith("arn:") else f"arn:*:kinesis:*:*:stream/{self._stream}"
        return [{"Effect": "Allow", "Action": ["kinesis:PutRecords"], "Resource": [arn]}]
