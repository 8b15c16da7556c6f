"""Work items into and out of Kinesis, one stream a lane."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..aws.retry import Backoff, is_transient
from ..config.settings import MIB, LaneConfig
from ..errors import NotificationError, StoreError
from ..model import Lane, WorkItem
from ..model.ports import Record

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

# Amazon Kinesis Data Streams API Reference, PutRecords; partition keys count.
MAX_RECORDS = 500
MAX_BYTES = 5 * MIB
MAX_RECORD_BYTES = 1 * MIB

log = logging.getLogger("slips")


class Entry(msgspec.Struct, frozen=True):
    """A work item as a record of a PutRecords request."""

    item: WorkItem
    data: bytes
    partition_key: str

    @property
    def size(self) -> int:
        """In bytes, as Kinesis counts."""
        return len(self.data) + len(self.partition_key)


class KinesisLanes:
    """The fast and the slow lane (a `ports.Lanes`)."""

    def __init__(self, client: KinesisClient, fast: LaneConfig, slow: LaneConfig, backoff: Backoff | None = None):
        self._client = client
        self._lanes: dict[Lane, LaneConfig] = {"fast": fast, "slow": slow}
        self._backoff = backoff or Backoff()

    def enqueue(self, lane: Lane, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Put the items into the lane's stream. The answer is those that could not be put until patience was over,
        with `dest_stream` set; no fault of AWS raises."""
        to = self._lanes[lane]
        end = self._backoff.end()
        entries = [entry(item, to.stream) for item in items]
        left = [entry for entry in entries if entry.size > MAX_RECORD_BYTES]
        for chunk in chunks(entry for entry in entries if entry.size <= MAX_RECORD_BYTES):
            left += self._enqueue_chunk(to, chunk, end)
        if left:
            log.error("lane %s: %d of %d work items could not be put", lane, len(left), len(entries))
        return [entry.item for entry in left]

    def _enqueue_chunk(self, to: LaneConfig, chunk: list[Entry], end: float) -> list[Entry]:
        """Until nothing is left of the chunk, or patience is over."""
        for _ in self._backoff.attempts(end):
            chunk, again = self._send(to, chunk)
            if not chunk or not again:
                break
        return chunk

    def _send(self, to: LaneConfig, chunk: list[Entry]) -> tuple[list[Entry], bool]:
        """What was not put, and whether another attempt may help."""
        from botocore.exceptions import BotoCoreError, ClientError

        stream: dict[str, Any] = {"StreamARN": to.stream_arn} if to.stream_arn else {"StreamName": to.stream}
        try:
            answer = self._client.put_records(
                Records=[{"Data": entry.data, "PartitionKey": entry.partition_key} for entry in chunk], **stream
            )
        except (BotoCoreError, ClientError) as fault:
            log.warning("lane %s: %d work items: %s", to.name, len(chunk), fault)
            return chunk, is_transient(fault)
        refused = {index: said["ErrorCode"] for index, said in enumerate(answer["Records"]) if said.get("ErrorCode")}
        if refused:
            codes = ", ".join(sorted(set(refused.values())))
            log.warning("lane %s: %d of %d work items: %s", to.name, len(refused), len(chunk), codes)
        return [chunk[index] for index in refused], True


class KinesisStreams:
    """What the streams still hold (a `ports.Streams`)."""

    def __init__(self, client: KinesisClient) -> None:
        self._client = client

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        """The records of a shard from one sequence number to another, as far as they are still there: none where the
        stream or the shard is gone. Raises StoreError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return list(self._between(stream_arn, shard_id, int(first), int(last)))
        except ClientError as fault:
            # Of a shard that is gone, or a sequence number that it never had, nothing can be had later either.
            if fault.response["Error"]["Code"] in ("ResourceNotFoundException", "InvalidArgumentException"):
                return []
            raise StoreError(f"stream {stream_arn}: {fault}") from fault
        except BotoCoreError as fault:
            raise StoreError(f"stream {stream_arn}: {fault}") from fault

    def _between(self, stream_arn: str, shard_id: str, first: int, last: int) -> Iterator[Record]:
        iterator: str | None = self._client.get_shard_iterator(
            StreamARN=stream_arn,
            ShardId=shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=str(first),
        )["ShardIterator"]
        while iterator:
            answer = self._client.get_records(StreamARN=stream_arn, ShardIterator=iterator)
            for found in answer["Records"]:
                if int(found["SequenceNumber"]) > last:
                    return
                if int(found["SequenceNumber"]) >= first:
                    yield Record(found["SequenceNumber"], found["Data"])
            # Where it is far behind, a page may be empty; at the end of the shard nothing more comes.
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                return
            iterator = answer.get("NextShardIterator")


def entry(item: WorkItem, stream: str) -> Entry:
    """The record of a work item that goes to that stream."""
    item = msgspec.structs.replace(item, dest_stream=stream)
    return Entry(item, msgspec.json.encode(item), item.partition_key)


def chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """As few requests as PutRecords allows, in order; each entry is within MAX_RECORD_BYTES."""
    chunk: list[Entry] = []
    size = 0
    for each in entries:
        if len(chunk) == MAX_RECORDS or size + each.size > MAX_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(each)
        size += each.size
    if chunk:
        yield chunk


def decode(record: object) -> WorkItem:
    """The work item in a record of a Kinesis event: `{"kinesis": {"data": "<base64 of JSON>"}}`.

    Those of the class-based SLIPS are taken too; a missing `work_id` is derived from the object. Raises
    NotificationError for anything else.
    """
    match record:
        case {"kinesis": {"data": str(data)}}:
            try:
                return work_item(b64decode(data))
            except ValueError as fault:
                raise NotificationError(f"the record holds no work item: {fault}") from fault
    raise NotificationError("the record is none of a Kinesis event")


def work_item(data: bytes) -> WorkItem:
    """The work item in a record's data. Raises NotificationError."""
    try:
        item = msgspec.json.decode(data, type=WorkItem, strict=False)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise NotificationError(f"the record holds no work item: {fault}") from fault
    if not item.bucket_name or not item.object_key:
        raise NotificationError("the work item names no object: bucket_name and object_key may not be empty")
    return item if item.work_id else msgspec.structs.replace(item, work_id=item.ref.work_id)
