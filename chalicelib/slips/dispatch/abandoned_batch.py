"""Batches of a lane that Lambda gave up on. Its failure record names a shard and sequence numbers, not their contents:
the records are fetched from the stream, and an error item says exactly which of them are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..engine.failures import FailureLog
from ..errors import ItemUnreadable, LaneClosed, NotificationError
from ..model import Failure, digest, fingerprint, utc
from ..model.failures import describe_unreadable, message_failure
from ..model.ports import Ledger, Progress, Record, Streams, find_rest
from ..model.work_items import decode_work_item


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
        unreadable = describe_unreadable(text, f"{reason.message}; {fault}")
        yield message_failure(unreadable, failed_at, reason.error_type, lane=batch.stream_name)
        return
    try:
        progress = ledger.peek(item)
    except ItemUnreadable:
        progress = Progress(attempts=0)
    if progress is None:
        return
    resume_from, chain = find_rest(item, progress)
    rest = FailureLog(item, "", batch.stream_name, 0, chain=chain)
    rest.fail_rest("crash", LaneClosed(f"Lambda gave up on its batch: {reason.message}"), resume_from)
    for failure in rest.take(lambda: utc.epoch(failed_at)):
        yield msgspec.structs.replace(
            failure,
            error_type=reason.error_type,
            traceback=reason.traceback,
            fingerprint=fingerprint("crash", "", "", reason.error_type, item.bucket_name, batch.stream_name),
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
