"""What waits in a stream, table, topic or queue: told before anything is removed with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from itertools import islice
from typing import Any, NamedTuple

from ... import aws
from ...errors import DeploymentError
from ...wording import plural
from ..aws_errors import look_up
from .subscriptions import list_subscriptions

MOST = 1000
"""Records or items are counted up to this."""
_PAGES = 10
"""Pages of a shard that are read at most: GetRecords may give empty ones before the first record."""


class Contents(NamedTuple):
    """What a resource holds, in words; what could not be looked up is not empty."""

    text: str
    is_empty: bool

    def __str__(self) -> str:
        return self.text


def describe_contents(kind: str, name: str) -> Contents:
    """Describe what a resource holds: `kind` is its type in CloudFormation, one of KINDS, `name` its physical id."""
    try:
        return _DESCRIBE[kind](name)
    except DeploymentError as error:
        return Contents(f"its contents are unknown: {error}", is_empty=False)


def _describe_stream(name: str) -> Contents:
    times = [record["ApproximateArrivalTimestamp"].astimezone(UTC) for record in _oldest_records(name)]
    since = f", the oldest of {min(times):%Y-%m-%dT%H:%MZ}" if times else ""
    return Contents(f"{_amount(len(times), 'record', bounded=len(times) == MOST)}{since}", is_empty=not times)


def _oldest_records(name: str) -> list[Mapping[str, Any]]:
    kinesis: Any = aws.client("kinesis")

    def read() -> Iterator[Mapping[str, Any]]:
        pages = kinesis.get_paginator("list_shards").paginate(StreamName=name)
        for shard in [shard for page in pages for shard in page["Shards"]]:
            iterator = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for _ in range(_PAGES):
                response = kinesis.get_records(ShardIterator=iterator, Limit=MOST)
                yield from response["Records"]
                iterator = response.get("NextShardIterator")
                if not iterator or response.get("MillisBehindLatest", 0) == 0:
                    break

    return look_up(f"the stream {name}", lambda: list(islice(read(), MOST))) or []


def _describe_table(name: str) -> Contents:
    # ItemCount of DescribeTable is up to six hours old (DynamoDB API, TableDescription).
    scan = aws.client("dynamodb").scan
    page: Any = look_up(f"the table {name}", lambda: scan(TableName=name, Select="COUNT", Limit=MOST)) or {"Count": 0}
    return Contents(_amount(page["Count"], "item", bounded="LastEvaluatedKey" in page), is_empty=not page["Count"])


def _describe_queue(url: str) -> Contents:
    count_names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    call = aws.client("sqs").get_queue_attributes
    response: Any = look_up(f"the queue {url}", lambda: call(QueueUrl=url, AttributeNames=count_names))
    count = sum(int(value) for value in response["Attributes"].values()) if response else 0
    return Contents(f"about {_amount(count, 'message')}" if count else _amount(0, "message"), is_empty=not count)


def _describe_topic(arn: str) -> Contents:
    subscriptions = list_subscriptions(arn)
    return Contents(", ".join(map(str, subscriptions)) or "nobody", is_empty=not subscriptions)


def _amount(count: int, noun: str, *, bounded: bool = False) -> str:
    amount = plural(count, noun) if count else f"no {noun}s"
    return f"{amount}{' or more' if bounded else ''}"


_DESCRIBE: dict[str, Callable[[str], Contents]] = {
    "AWS::Kinesis::Stream": _describe_stream,
    "AWS::DynamoDB::Table": _describe_table,
    "AWS::SQS::Queue": _describe_queue,
    "AWS::SNS::Topic": _describe_topic,
}
KINDS = frozenset(_DESCRIBE)
"""The types of resources that hold data, or that others depend on."""
