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
from ..model.work_items import decode_work_item, encode_work_item
from ..wording import plural

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
        """Put the items into the lane's stream. Returns those that could not be put within the time of the backoff,
        with `dest_stream` set. No error of AWS is raised."""
        to = self._lanes[lane]
        end = self._backoff.end()
        entries = [to_entry(item, to.stream) for item in items]
        rejected = [entry for entry in entries if entry.size > MAX_RECORD_BYTES]
        for chunk in split_chunks(entry for entry in entries if entry.size <= MAX_RECORD_BYTES):
            rejected += self._enqueue_chunk(to, chunk, end)
        if rejected:
            log.error("lane %s: %d of %s could not be put", lane, len(rejected), plural(len(entries), "work item"))
        return [entry.item for entry in rejected]

    def _enqueue_chunk(self, to: LaneConfig, chunk: list[Entry], end: float) -> list[Entry]:
        """Send the chunk until nothing of it is left, or the time of the backoff is. Returns what was not put."""
        for _ in self._backoff.attempts(end):
            chunk, may_retry = self._send(to, chunk)
            if not chunk or not may_retry:
                break
        return chunk

    def _send(self, to: LaneConfig, chunk: list[Entry]) -> tuple[list[Entry], bool]:
        """Send one request. Returns what was not put, and whether another attempt may help."""
        from botocore.exceptions import BotoCoreError, ClientError

        stream: dict[str, Any] = {"StreamARN": to.stream_arn} if to.stream_arn else {"StreamName": to.stream}
        try:
            answer = self._client.put_records(
                Records=[{"Data": entry.data, "PartitionKey": entry.partition_key} for entry in chunk], **stream
            )
        except (BotoCoreError, ClientError) as fault:
            log.warning("lane %s: %s: %s", to.name, plural(len(chunk), "work item"), fault)
            return chunk, is_transient(fault)
        results = enumerate(answer["Records"])
        refused = {index: result["ErrorCode"] for index, result in results if result.get("ErrorCode")}
        if refused:
            codes = ", ".join(sorted(set(refused.values())))
            log.warning("lane %s: %d of %s: %s", to.name, len(refused), plural(len(chunk), "work item"), codes)
        return [chunk[index] for index in refused], True


class KinesisStreams:
    """What the streams still hold (a `ports.Streams`)."""

    def __init__(self, client: KinesisClient) -> None:
        self._client = client

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        """Return the records of a shard from one sequence number to another that are still there: none where the stream
        or the shard is gone. Raises StoreError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return list(self._between(stream_arn, shard_id, int(first), int(last)))
        except ClientError as fault:
            # A shard that is gone, or a sequence number that it never had, will not come back.
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
            for record in answer["Records"]:
                if int(record["SequenceNumber"]) > last:
                    return
                if int(record["SequenceNumber"]) >= first:
                    yield Record(record["SequenceNumber"], record["Data"])
            # Far behind the tip a page may be empty; at the tip an empty page is the end.
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                return
            iterator = answer.get("NextShardIterator")


def to_entry(item: WorkItem, stream: str) -> Entry:
    """Make the record of a work item that goes to that stream."""
    item = msgspec.structs.replace(item, dest_stream=stream)
    return Entry(item, encode_work_item(item), item.partition_key)


def split_chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Split the entries into as few requests as PutRecords allows, in order. Each is within MAX_RECORD_BYTES."""
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        if len(chunk) == MAX_RECORDS or size + entry.size > MAX_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += entry.size
    if chunk:
        yield chunk


def decode_record(record: object) -> WorkItem:
    """Decode the work item in a record of a Kinesis event: `{"eventID": …, "kinesis": {"data": "<base64 of JSON>"}}`.
    Raises NotificationError for anything but a work item."""
    match record:
        case {"kinesis": {"data": str(data)}, **envelope}:
            try:
                item = decode_work_item(b64decode(data))
            except ValueError as fault:
                raise NotificationError(f"the record holds no work item: {fault}") from fault
            return msgspec.structs.replace(item, record_id=str(envelope.get("eventID", "")))
    raise NotificationError("the record is not one of a Kinesis event")
