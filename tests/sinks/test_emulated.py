"""Under `slips run`, what sinks of AWS send to is created in the emulated account, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from slips import aws
from slips.sinks import Firehose, KinesisStream, S3Archive, Sns, Sqs

from .documents import documents, failures


@pytest.fixture(autouse=True)
def clients(aws_endpoint: str) -> Iterator[None]:
    aws.reset()
    yield
    aws.reset()


OTHER = "arn:aws:{}:us-west-2:999999999999:{}"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda name: Firehose(name), id="Firehose"),
        pytest.param(lambda name: KinesisStream(name), id="Kinesis"),
        pytest.param(lambda name: KinesisStream(OTHER.format("kinesis", f"stream/{name}")), id="Kinesis by ARN"),
        pytest.param(lambda name: Sqs(name), id="SQS"),
        pytest.param(lambda name: Sqs(f"https://sqs.us-west-2.amazonaws.com/999999999999/{name}.fifo"), id="SQS FIFO"),
        pytest.param(lambda name: Sns(OTHER.format("sns", name)), id="SNS"),
        pytest.param(lambda name: Sns(OTHER.format("sns", f"{name}.fifo")), id="SNS FIFO"),
        pytest.param(lambda name: S3Archive(f"s3://{name}/archive/"), id="S3"),
    ],
)
def test_each_takes_documents_afterwards(make: Any) -> None:
    sink = make(f"sink-{uuid4().hex[:8]}")
    for _ in range(2):
        sink.emulate()
    assert failures(sink, documents({"n": 1}, {"n": 2})) == {}


def test_a_bucket_is_created_in_the_region_of_the_account() -> None:
    name = f"sink-{uuid4().hex[:8]}"
    S3Archive(f"s3://{name}/archive/").emulate()
    assert aws.client("s3").get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-central-1"
