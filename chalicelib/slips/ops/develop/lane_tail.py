"""What comes into the lanes from now on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from ...errors import NotificationError
from ...model import WorkItem
from ...model.work_items import decode_work_item
from ..aws_errors import explain_aws_errors

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MOST = 500
"""Records of a shard and a look."""


class LaneTail:
    """Reads streams from their present ends on, next to Lambda, which reads them, too: a shard gives five answers a
    second to all readers together, so look once a second at most. Raises DeploymentError where a stream cannot be
    read."""

    def __init__(self, client: KinesisClient, streams: Iterable[str]) -> None:
        self._client = client
        self._iterators: dict[tuple[str, str], str] = {}
        self._ended: set[tuple[str, str]] = set()
        for stream in streams:
            self._open_shards(stream, "LATEST")

    def look(self) -> Iterator[WorkItem]:
        """Yield the work items that came since the last look. What is no work item is passed over."""
        for (stream, shard), iterator in list(self._iterators.items()):
            with explain_aws_errors(f"the stream {stream}"):
                answer = self._client.get_records(ShardIterator=iterator, Limit=MOST)
            if following := answer.get("NextShardIterator"):
                self._iterators[stream, shard] = following
            else:  # The shard was split or merged: those that follow it are read from their beginnings.
                del self._iterators[stream, shard]
                self._ended.add((stream, shard))
                self._open_shards(stream, "TRIM_HORIZON")
            for record in answer["Records"]:
                try:
                    yield decode_work_item(record["Data"])
                except (NotificationError, ValueError):
                    continue

    def _open_shards(self, stream: str, kind: Literal["LATEST", "TRIM_HORIZON"]) -> None:
        with explain_aws_errors(f"the stream {stream}"):
            pages = self._client.get_paginator("list_shards").paginate(StreamName=stream)
            shards = [shard["ShardId"] for page in pages for shard in page["Shards"]]
            for shard in shards:
                place = stream, shard
                if place not in self._iterators and place not in self._ended:
                    answer = self._client.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind)
                    self._iterators[place] = answer["ShardIterator"]
