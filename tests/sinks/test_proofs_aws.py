"""Nothing is lost on the way into Firehose, Kinesis, SQS and SNS, however they refuse, and wherever the process is
killed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from slips import aws
from slips.sinks import Firehose, KinesisStream, Sink, Sns, Sqs

from .aws_services import patience
from .proofs import Fates, FaultyService, Play, Sent, plan, plant

FATES = {
    "fine": 6, "some throttled": 3, "some refused": 1, "kill before": 1, "kill after": 1, "lost": 1, "throttled": 2,
    "denied": 1,
}  # fmt: skip
WITHOUT_DEATH = {"fine": 6, "some throttled": 4, "some refused": 1, "throttled": 2, "denied": 1}
KINDS = ("firehose", "kinesis", "sqs", "sns")
Prove = Callable[..., Sent]
Read = Callable[[], list[dict[str, Any]]]


def open_firehose(client: Callable[[str], Any], name: str) -> tuple[Sink, Read]:
    sink, s3 = Firehose(name, backoff=patience()), client("s3")
    sink.emulate()

    def read() -> list[dict[str, Any]]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
        keys = [file["Key"] for page in pages for file in page["Contents"]]
        contents = [s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
        client("firehose").delete_delivery_stream(DeliveryStreamName=name)  # The emulator takes 50 of them.
        return [json.loads(line) for content in contents for line in content.splitlines()]

    return sink, read


def open_kinesis(client: Callable[[str], Any], name: str) -> tuple[Sink, Read]:
    sink, kinesis = KinesisStream(name, backoff=patience()), client("kinesis")
    sink.emulate()

    def read() -> list[dict[str, Any]]:
        [shard] = kinesis.list_shards(StreamName=name)["Shards"]
        begin = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        at = kinesis.get_shard_iterator(StreamName=name, **begin)["ShardIterator"]
        records = list[dict[str, Any]]()
        while page := kinesis.get_records(ShardIterator=at, Limit=1000):
            records += [json.loads(record["Data"]) for record in page["Records"]]
            if not page["Records"]:
                break
            at = page["NextShardIterator"]
        return records

    return sink, read


def open_sqs(client: Callable[[str], Any], name: str) -> tuple[Sink, Read]:
    sink = Sqs(name, backoff=patience())
    sink.emulate()
    return sink, lambda: receive(client("sqs"), name)


def open_sns(client: Callable[[str], Any], name: str) -> tuple[Sink, Read]:
    sns, sqs = client("sns"), client("sqs")
    topic, url = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    return Sns(topic, backoff=patience()), lambda: receive(sqs, name)


def receive(sqs: Any, name: str) -> list[dict[str, Any]]:
    url, received = sqs.get_queue_url(QueueName=name)["QueueUrl"], list[dict[str, Any]]()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        received += [json.loads(message["Body"]) for message in messages]
        entries = [{"Id": str(at), "ReceiptHandle": each["ReceiptHandle"]} for at, each in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return received


OPEN = {"firehose": open_firehose, "kinesis": open_kinesis, "sqs": open_sqs, "sns": open_sns}


@pytest.fixture
def prove(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Prove:
    """Play a seed, and compare the destination with what was planted. Returns what was sent."""
    make_client = aws.client

    def play(seed: int, kind: str, fates: dict[str, int] = FATES) -> Sent:
        aws.reset()
        chance, sent, folder = Random(f"{seed} {kind}"), Sent(), tmp_path / f"{seed}"
        # Some texts are so long that a batch is several requests.
        planted = plant(chance, [chance.randint(4, 20) for _ in range(4)], [40, 40, 40, chance.choice([40, 30_000])])
        faults, weights = plan(chance, len(planted.events), fates)
        fate = Fates(seed, sent, weights)
        clients = {name: FaultyService(make_client(name), fate) for name in ("firehose", "kinesis", "sqs", "sns", "s3")}
        monkeypatch.setattr(aws, "client", lambda name, *_: clients[name])
        sink, read = OPEN[kind](clients.__getitem__, f"proof-{uuid4().hex}")
        sink.concurrency, sink.size = seed % 3 + 1, chance.choice([7, sink.size])
        folder.mkdir()
        Play(folder, sink, fate, planted).play(faults)
        documents = read()
        assert all(planted.events[document["id"]] == document for document in documents)
        assert Counter(document["id"] for document in documents) == sent.times
        assert sent.times.keys() == planted.events.keys()
        assert sent.twice <= sent.may_be_twice
        return sent

    return play


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost(prove: Prove, kind: str, seed: int) -> None:
    prove(seed, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_dies_each_event_is_there_once(prove: Prove, kind: str) -> None:
    assert prove(3, kind, WITHOUT_DEATH).twice == set()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_in_fifteen_runs(prove: Prove, kind: str) -> None:
    runs = [prove(seed, kind) for seed in range(15)]
    assert sum(run.kills for run in runs) > 5
    assert any(run.twice for run in runs)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_dies_each_event_is_there_once_in_eight_runs(prove: Prove, kind: str) -> None:
    assert [prove(seed, kind, WITHOUT_DEATH).twice for seed in range(8)] == [set()] * 8
