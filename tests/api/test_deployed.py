"""The routes on a stack of the production template."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from slips import Slips, aws
from slips.version import VERSION

from ..builders import item
from .conftest import serve_api
from .test_routes import plant

HERE = "eu-central-1:123456789012"


def waiting(slips: Slips) -> list[Any]:
    """Return all work items in the lanes."""
    kinesis, items = aws.client("kinesis"), []
    for stream in (slips.fast.stream, slips.slow.stream):
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=iterator)["Records"]:
                items.append(msgspec.json.decode(record["Data"]))
    return items


def test_a_drain_puts_everything_back_into_its_lane(deployed_slips: Slips) -> None:
    plant(deployed_slips, 3, lane="fast", processor="watch", positions="2", argument=(item(work_id="w"),))
    with serve_api(deployed_slips) as ask:
        status, answer = ask("POST", "/drain")
        assert (status, answer["drained"], answer["remaining"]) == (200, 3, 0)
        assert ask("GET", "/errors")[1]["errors"] == []
        assert ask("GET", f"/drain/{answer['drain_id']}")[1]["works"] == 3
        assert len(ask("GET", "/stats")[1]["rate"]["formats"]) == 0
    assert [(work["positions"], work["processors"]) for work in waiting(deployed_slips)] == [("2", ["watch"])] * 3


def subscribe(topic: str, queue: str) -> None:
    """Do what `slips deploy` does."""
    sns = aws.client("sns")
    policy = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{HERE}:{queue}"})
    sns.subscribe(
        TopicArn=f"arn:aws:sns:{HERE}:{topic}", Protocol="lambda",
        Endpoint=f"arn:aws:lambda:{HERE}:function:{topic}", Attributes={"RedrivePolicy": policy},
    )  # fmt: skip


def test_health_shows_what_is_missing(deployed_slips: Slips) -> None:
    stream = deployed_slips.slow.stream
    with serve_api(deployed_slips) as ask:
        answer = ask("GET", "/health")[1]
        topics = {name: state for name, state in answer["parts"].items() if name.startswith("topic ")}
        assert (answer["ok"], {*topics.values()}, len(topics)) == (False, {"no redrive"}, 2)
        for name in topics:
            subscribe(name.removeprefix("topic "), deployed_slips.config.redrive_queue)
        answer = ask("GET", "/health")[1]
        assert (answer["ok"], answer["version"]) == (True, VERSION), answer
        stats = ask("GET", "/stats")[1]
        assert (stats["redrive"], stats["redrive_seconds"]) == (0, None)
        aws.client("kinesis").delete_stream(StreamName=stream)
        answer = ask("GET", "/health")[1]
    assert (answer["ok"], answer["parts"][f"stream {stream}"]) == (False, "ResourceNotFoundException")
