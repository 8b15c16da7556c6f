"""Batches of a lane that Lambda gave up on. Its failure record names a shard and sequence numbers, not what they hold:
the records are fetched from the stream, and of those that are gone it is said exactly which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..errors import NotificationError
from ..lanes.kinesis import work_item
from ..model import Failure, digest
from ..model.failures import describe_unreadable, message_failure, object_failure
from ..model.ports import Ledger, Record, Streams


class Reason(msgspec.Struct, frozen=True):
    """Why Lambda or SNS gave up."""

    error_type: str = "DeadLetter"
    message: str = "SNS could not deliver the notification"
    traceback: str = ""


class AbandonedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch (AWS Lambda Developer Guide, "Configuring an on-failure destination for an event source mapping");
    `text` is the whole failure record."""

    stream: str
    shard: str
    first: str
    last: str
    size: int
    arrived: str
    text: str

    @classmethod
    def of(cls, batch: Mapping[str, Any], text: str) -> AbandonedBatch:
        """From `KinesisBatchInfo`."""
        size = batch.get("batchSize")
        named = ("streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord")
        stream, shard, first, last, arrived = (str(batch.get(name, "")) for name in named)
        return cls(
            stream=stream, shard=shard, first=first, last=last, arrived=arrived, text=text,
            size=size if isinstance(size, int) else 1,
        )  # fmt: skip


def fail_batch(
    batch: AbandonedBatch, reason: Reason, failed_at: str, streams: Streams, ledger: Ledger
) -> Iterator[Failure]:
    """An error item for each object of the batch that is not done, and one for the records that are gone. Raises
    StoreError where stream or ledger do not answer."""
    numbers = batch.first.isdecimal() and batch.last.isdecimal()
    found = streams.between(batch.stream, batch.shard, batch.first, batch.last) if numbers else []
    for record in found:
        yield from _undone(record, batch, reason, failed_at, ledger)
    if len(found) < batch.size:
        yield _gone(batch, found, reason, failed_at)


def _undone(record: Record, batch: AbandonedBatch, reason: Reason, failed_at: str, ledger: Ledger) -> Iterator[Failure]:
    try:
        item = work_item(record.data)
    except NotificationError as fault:
        text = record.data.decode("utf-8", "backslashreplace")
        yield message_failure(describe_unreadable(text, f"{reason.message}; {fault}"), failed_at, reason.error_type)
        return
    progress = ledger.peek(item)
    if progress is None:
        return
    failure = object_failure(
        "crash", item, failed_at,
        error_type=reason.error_type, message=f"Lambda gave up on its batch: {reason.message}",
        lane=batch.stream.rpartition("/")[2], traceback=reason.traceback,
    )  # fmt: skip
    yield msgspec.structs.replace(
        failure,
        resume_from=max(progress.resume_from, item.resume_from),
        positions=item.positions,
        processor=item.processors[0] if len(item.processors) == 1 else "",
        attempts=item.attempt + 1,
        request_id=item.error_id or failure.request_id,
    )


def _gone(batch: AbandonedBatch, found: list[Record], reason: Reason, failed_at: str) -> Failure:
    count = batch.size - len(found)
    kept = f"; {len(found)} of its records were still there: {found[0].sequence_number} and on" if found else ""
    return Failure(
        request_id=digest("crash", batch.stream, batch.shard, batch.first, batch.last),
        argument=(),
        stage="crash",
        error_type=reason.error_type,
        error_message=(
            f"Lambda gave up on a batch, and {count} of its {batch.size} records are gone from {batch.shard} of "
            f"{batch.stream}, sequence numbers {batch.first} to {batch.last}{kept}: {reason.message}"
        ),
        event_time=batch.arrived,
        failed_at=failed_at,
        failed_count=count,
        sample=describe_unreadable(batch.text, "").sample,
        fingerprint=digest("crash", "", "", reason.error_type, batch.stream),
    )
