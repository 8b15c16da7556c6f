"""Batches of a lane that Lambda gave up on. Its failure record names a shard and sequence numbers, not their contents:
the records are fetched from the stream, and an error item says exactly which of them are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..errors import NotificationError
from ..lanes.kinesis import decode_work_item
from ..model import Failure, digest
from ..model.failures import describe_unreadable, message_failure, object_failure
from ..model.ports import Ledger, Record, Streams


class Reason(msgspec.Struct, frozen=True):
    """Why Lambda or SNS gave up."""

    error_type: str = "DeadLetter"
    message: str = "SNS could not deliver the notification"
    traceback: str = ""


class AbandonedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch whose retries are exhausted (AWS Lambda Developer Guide, "Configuring an on-failure destination for an
    event source mapping"); `text` is the whole failure record."""

    stream: str
    shard: str
    first: str
    last: str
    size: int
    arrived: str
    text: str

    @classmethod
    def parse(cls, batch: Mapping[str, Any], text: str) -> AbandonedBatch:
        """Read `KinesisBatchInfo`."""
        size = batch.get("batchSize")
        names = ("streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord")
        stream, shard, first, last, arrived = (str(batch.get(name, "")) for name in names)
        return cls(
            stream=stream, shard=shard, first=first, last=last, arrived=arrived, text=text,
            size=size if isinstance(size, int) else 1,
        )  # fmt: skip

    @property
    def stream_name(self) -> str:
        """The last part of the stream's ARN."""
        return self.stream.rpartition("/")[2]


def fail_batch(
    batch: AbandonedBatch, reason: Reason, failed_at: str, streams: Streams, ledger: Ledger
) -> Iterator[Failure]:
    """Make an error item for each object of the batch that is not done, and one for the records that are gone. Raises
    StoreError where stream or ledger do not answer."""
    has_range = batch.first.isdecimal() and batch.last.isdecimal()
    records = streams.between(batch.stream, batch.shard, batch.first, batch.last) if has_range else []
    for record in records:
        yield from _fail_record(record, batch, reason, failed_at, ledger)
    if len(records) < batch.size:
        yield _missing_records(batch, records, reason, failed_at)


def _fail_record(
    record: Record, batch: AbandonedBatch, reason: Reason, failed_at: str, ledger: Ledger
) -> Iterator[Failure]:
    """The error item of what the ledger does not know as done."""
    try:
        item = decode_work_item(record.data)
    except NotificationError as fault:
        text = record.data.decode("utf-8", "backslashreplace")
        yield message_failure(describe_unreadable(text, f"{reason.message}; {fault}"), failed_at, reason.error_type)
        return
    progress = ledger.peek(item)
    if progress is None:
        return
    failure = object_failure(
        "crash", item, failed_at, lane=batch.stream_name, traceback=reason.traceback,
        error_type=reason.error_type, message=f"Lambda gave up on its batch: {reason.message}",
    )  # fmt: skip
    yield msgspec.structs.replace(
        failure,
        resume_from=max(progress.resume_from, item.resume_from),
        positions=item.positions,
        processor=item.processors[0] if len(item.processors) == 1 else "",
        attempts=item.attempt + 1,
        request_id=item.error_id or failure.request_id,
    )


def _missing_records(batch: AbandonedBatch, records: list[Record], reason: Reason, failed_at: str) -> Failure:
    count = batch.size - len(records)
    rest = f"; {len(records)} of its records were still there, from {records[0].sequence_number} on" if records else ""
    message = msgspec.structs.replace(
        describe_unreadable(
            batch.text,
            f"Lambda gave up on a batch, and {count} of its {batch.size} records are gone from {batch.shard} of "
            f"{batch.stream}, sequence numbers {batch.first} to {batch.last}{rest}: {reason.message}",
        ),
        id=digest(batch.stream, batch.shard, batch.first, batch.last),
    )
    return message_failure(
        message, failed_at, reason.error_type, stage="crash", lane=batch.stream_name, event_time=batch.arrived,
        failed_count=count,
    )  # fmt: skip
