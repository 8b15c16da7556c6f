"""Whether a lane has been read to its end: nobody writes into it, and its reader has caught up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from ... import aws
from ..aws_errors import explain_aws_errors
from .account_resources import find_stream
from .event_sources import stream_event_sources

QUIET = timedelta(minutes=16)
"""A batch that was read takes 15 minutes at most (Lambda quotas, "Function timeout")."""
_PAGES = 10


def is_read_to_its_end(stream: str) -> bool:
    """Whether the stream is empty or gone, or has got no record for a while in which its reader was never behind.
    Raises DeploymentError."""
    if find_stream(stream) is None:
        return True
    with explain_aws_errors(f"the stream {stream}"):
        if not _holds_records(stream, ShardIteratorType="TRIM_HORIZON"):
            return True
        now = _aws_time(stream)
        is_quiet = not _holds_records(stream, ShardIteratorType="AT_TIMESTAMP", Timestamp=now - QUIET)
        return is_quiet and _is_caught_up(stream, now) and not _is_stuck(stream)


def _aws_time(stream: str) -> datetime:
    """The time of AWS: the clock of this machine may be wrong."""
    response: Any = aws.client("kinesis").describe_stream_summary(StreamName=stream)
    return parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])


def _holds_records(stream: str, **start: Any) -> bool:
    """Whether there is a record from a start on (Kinesis API, GetShardIterator)."""
    pages = aws.client("kinesis").get_paginator("list_shards").paginate(StreamName=stream)
    return any(_shard_holds_records(stream, shard["ShardId"], start) for page in pages for shard in page["Shards"])


def _shard_holds_records(stream: str, shard: str, start: Mapping[str, Any]) -> bool:
    """Whether there is a record, or nobody knows yet: GetRecords may give empty pages before the first one."""
    kinesis: Any = aws.client("kinesis")
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)["ShardIterator"]
    for _ in range(_PAGES):
        response = kinesis.get_records(ShardIterator=iterator, Limit=1)
        if response["Records"]:
            return True
        iterator = response.get("NextShardIterator")
        if not iterator or response.get("MillisBehindLatest", 0) == 0:
            return False
    return True


def _is_caught_up(stream: str, now: datetime) -> bool:
    """Whether every reading of the last minutes gave all that there was (Kinesis metrics,
    GetRecords.IteratorAgeMilliseconds); not where nothing was read."""
    ages = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName="GetRecords.IteratorAgeMilliseconds",
        Dimensions=[{"Name": "StreamName", "Value": stream}],
        StartTime=now - QUIET,
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return bool(ages) and max(age["Maximum"] for age in ages) == 0


def _is_stuck(stream: str) -> bool:
    """Whether Lambda calls a function again and again with a batch, and reads nothing meanwhile (AWS Lambda API,
    LastProcessingResult)."""
    results = [source.get("LastProcessingResult") or "" for source in stream_event_sources(stream)]
    return any(result.startswith("PROBLEM") for result in results)
