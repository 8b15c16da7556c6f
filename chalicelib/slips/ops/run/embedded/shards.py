"""Kinesis → Lambda: the records of a shard in order, batch by batch; a failed batch is retried before the next."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

from .... import aws
from ....errors import InvocationFailed
from .invoke import LambdaRuntime
from .triggers import StreamWiring

FIRST_RETRY, LAST_RETRY = 0.5, 30.0
"""Seconds before a failed batch is delivered again: doubled each time, up to the last."""


class ShardTrigger:
    """A shard of a stream, and the function that it feeds. `alone` is held while the function runs."""

    def __init__(self, wiring: StreamWiring, shard: str, runtime: LambdaRuntime, alone: threading.Lock) -> None:
        self.name = f"{wiring.function}:{shard}"
        self._wiring = wiring
        self._shard = shard
        self._runtime = runtime
        self._alone = alone
        self._kinesis = aws.client("kinesis")
        self._iterator = self._kinesis.get_shard_iterator(
            StreamName=wiring.stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self._failed: list[Any] = []
        self._failures = 0
        self._retry_at = 0.0
        self._empty_after = -1

    def poll(self) -> bool:
        """Deliver the next batch; return whether there was one and it succeeded."""
        if self._failed:
            return time.monotonic() >= self._retry_at and self._deliver(self._failed)
        ended = self._runtime.activity.ended
        answer = self._kinesis.get_records(ShardIterator=self._iterator, Limit=self._wiring.batch_size)
        self._iterator = answer["NextShardIterator"]
        if answer["Records"]:
            self._empty_after = -1
            return self._deliver(answer["Records"])
        self._empty_after = ended
        return False

    def is_idle(self, ended: int) -> bool:
        """Return whether the shard was last seen empty after this number of invocations had ended."""
        return self._empty_after == ended

    def _deliver(self, records: list[Any]) -> bool:
        try:
            with self._alone:
                self._runtime.invoke(self._wiring.function, {"Records": [self._record(each) for each in records]})
        except InvocationFailed:
            self._failed = records
            self._retry_at = time.monotonic() + min(LAST_RETRY, FIRST_RETRY * 2 ** min(self._failures, 10))
            self._failures += 1
            return False
        self._failed = []
        self._failures = 0
        return True

    def _record(self, record: Any) -> dict[str, Any]:
        """Return the record as in the AWS Lambda Developer Guide, "Using Lambda with Kinesis"."""
        place = self._runtime.place
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self._shard}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": f"arn:{place.partition}:iam::{place.account}:role/{self._wiring.function}",
            "awsRegion": place.region,
            "eventSourceARN": place.arn("kinesis", f"stream/{self._wiring.stream}"),
        }


def shards(wiring: StreamWiring, runtime: LambdaRuntime, alone: threading.Lock) -> list[ShardTrigger]:
    """Return a trigger for each shard of the stream."""
    pages = aws.client("kinesis").get_paginator("list_shards").paginate(StreamName=wiring.stream)
    return [ShardTrigger(wiring, shard["ShardId"], runtime, alone) for page in pages for shard in page["Shards"]]
