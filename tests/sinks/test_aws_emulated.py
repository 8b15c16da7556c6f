"""The sinks of AWS against an emulated AWS, over HTTP: what they send is what a consumer reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from slips import aws
from slips.config.settings import MIB
from slips.engine.outbox import Outbox
from slips.errors import EventsFailed, SlipsError
from slips.sinks import Document, Firehose, KinesisStream, Sns, Sqs

from .aws_services import patience
from .documents import documents, failures, pairs

BODIES = [{"user": "ada", "text": "ü\ufffe\x00"}, {"user": "grace", "n": 2}]


@pytest.fixture(autouse=True)
def clients(aws_endpoint: str) -> Iterator[None]:
    aws.reset()
    yield
    aws.reset()


@pytest.fixture
def name() -> str:
    return f"sinks-{uuid4().hex[:8]}"


def queue_of(name: str, **attributes: str) -> Any:
    client = aws.client("sqs")
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def receive(url: str) -> list[dict[str, Any]]:
    client, received = aws.client("sqs"), list[dict[str, Any]]()
    while messages := client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        received += messages
        for message in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return received


def bodies(messages: list[dict[str, Any]]) -> list[Any]:
    return sorted((json.loads(message["Body"]) for message in messages), key=str)


def test_firehose_writes_lines(name: str) -> None:
    s3, firehose = aws.client("s3"), aws.client("firehose")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    destination = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": f"arn:aws:s3:::{name}"}
    firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
    assert failures(Firehose(name, backoff=patience()), documents(*BODIES)) == {}
    [found] = s3.list_objects_v2(Bucket=name)["Contents"]
    lines = s3.get_object(Bucket=name, Key=found["Key"])["Body"].read().splitlines()
    assert [json.loads(line) for line in lines] == BODIES


@pytest.mark.parametrize("form", ["name", "ARN"])
def test_a_consumer_of_the_stream_reads_records_and_their_keys(name: str, form: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    stream = kinesis.describe_stream(StreamName=name)["StreamDescription"]
    sink = KinesisStream(name if form == "name" else stream["StreamARN"], backoff=patience())
    largest = "x" * (MIB - 34)
    batch = documents(*BODIES, *[largest] * 5)
    assert failures(sink, batch) == {}
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId=stream["Shards"][0]["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = list[Any]()
    while len(records) < len(batch):
        page = kinesis.get_records(ShardIterator=iterator)
        records, iterator = records + page["Records"], page["NextShardIterator"]
    assert [json.loads(record["Data"]) for record in records] == [document.body for document in batch]
    assert [record["PartitionKey"] for record in records] == [document.meta.event_id for document in batch]


@pytest.mark.parametrize("form", ["name", "ARN", "URL"])
def test_a_consumer_of_the_queue_reads_messages_and_their_ids(name: str, form: str) -> None:
    url, arn = queue_of(name)
    sink = Sqs({"name": name, "ARN": arn, "URL": url}[form], backoff=patience())
    batch = documents(*BODIES, *({"n": number} for number in range(3, 13)), *["x" * 200_000] * 3)
    assert failures(sink, batch) == {}
    messages = receive(url)
    assert bodies(messages) == sorted((document.body for document in batch), key=str)
    assert {message["MessageAttributes"]["event_id"]["StringValue"] for message in messages} == {
        document.meta.event_id for document in batch
    }


def test_a_fifo_queue_drops_what_comes_again(name: str) -> None:
    url, _ = queue_of(name + ".fifo", FifoQueue="true")
    sink = Sqs(name + ".fifo", group_id="user", backoff=patience())
    for _ in range(2):
        assert failures(sink, documents(*BODIES)) == {}
    messages = receive(url)
    assert bodies(messages) == BODIES
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"ada", "grace"}


def test_a_message_that_is_too_large_for_the_queue_fails_alone(name: str) -> None:
    url, _ = queue_of(name, MaximumMessageSize="1024")
    sink = Sqs(name, backoff=patience())
    outbox = Outbox(lambda pairs: sink.send([Document(*pair) for pair in pairs]), size=sink.size)
    outbox.extend(pairs(1, "x" * 2000, 3))
    with pytest.raises(EventsFailed) as caught:
        outbox.flush()
    [(meta, cause)] = caught.value.failed.items()
    assert meta.position == 2
    assert "Message must be shorter than 1024 bytes" in str(cause)
    assert {message["Body"] for message in receive(url)} == {"1", "3"}


def test_subscribers_of_the_topic_get_messages_and_their_ids(name: str) -> None:
    sns, (url, queue_arn) = aws.client("sns"), queue_of(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": '{"user": ["ada"]}',
                    "FilterPolicyScope": "MessageBody"},
    )  # fmt: skip
    batch = documents(*BODIES)
    assert failures(Sns(topic, "An alert", backoff=patience()), batch) == {}
    [message] = receive(url)
    assert json.loads(message["Body"]) == BODIES[0]
    assert message["MessageAttributes"]["event_id"]["StringValue"] == batch[0].meta.event_id


def test_a_fifo_topic_hands_on_groups(name: str) -> None:
    sns, (url, queue_arn) = aws.client("sns"), queue_of(name + ".fifo", FifoQueue="true")
    topic = sns.create_topic(Name=name + ".fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    batch = documents(*BODIES)
    assert failures(Sns(topic, backoff=patience()), batch) == {}
    messages = receive(url)
    assert bodies(messages) == BODIES
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {
        document.meta.event_id for document in batch
    }


@pytest.mark.parametrize(
    "sink",
    [
        Firehose("nowhere"),
        KinesisStream("nowhere"),
        Sqs("nowhere"),
        Sqs("https://sqs.eu-central-1.amazonaws.com/123456789012/nowhere"),
        Sns("arn:aws:sns:eu-central-1:123456789012:nowhere"),
    ],
    ids=lambda sink: sink.kind,
)
def test_a_destination_that_does_not_exist_fails_all_of_it_and_says_so(sink: Any) -> None:
    with pytest.raises(SlipsError, match=f"^{sink.kind} nowhere: .*it must exist in the region of the functions"):
        sink.send(documents(1, 2))
