"""The REST API: over tables and lanes in memory, or over a stack in the emulated AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chalice import Chalice
from chalice.test import Client

from slips import Slips, aws
from slips.ops.deploy.stack import template
from slips.ops.deploy.stack.storage import tables

from ..doubles import RecordingLanes
from ..memory_dynamodb import MemoryDynamoDB

CONFIG = """
stack_name: {name}
bucket_mapping: {{logs: [{{prefix: json/, format: json}}]}}
backend: {{lane: {{fast: {{shards: 2}}, slow: {{shards: 1}}}}}}
"""


class Streams:
    """The part of Kinesis that `GET /health` uses."""

    @staticmethod
    def describe_stream_summary(StreamName: str) -> dict[str, Any]:
        return {"StreamDescriptionSummary": {"StreamName": StreamName, "StreamStatus": "ACTIVE"}}


class Queues:
    """The part of SQS that `GET /health` and `GET /stats` use."""

    waiting = 0

    @staticmethod
    def get_queue_url(QueueName: str) -> dict[str, str]:
        return {"QueueUrl": f"https://sqs.eu-central-1.amazonaws.com/123456789012/{QueueName}"}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, dict[str, str]]:
        arn = f"arn:aws:sqs:eu-central-1:123456789012:{QueueUrl.rpartition('/')[2]}"
        values = {"QueueArn": arn, "ApproximateNumberOfMessages": str(self.waiting)}
        return {"Attributes": {name: values.get(name, "1") for name in AttributeNames}}


class Metrics:
    """The part of CloudWatch that `GET /stats` uses; `age` is that of the oldest message of the redrive queue."""

    age: float | None = None

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        begun = datetime.fromtimestamp(request["EndTime"] - 60, UTC)
        return {"Datapoints": [] if self.age is None else [{"Timestamp": begun, "Maximum": self.age}]}


class Subscriptions:
    """The part of SNS that `GET /health` uses: to each topic, somebody else is subscribed, and then our function."""

    redrive: str | None = "arn:aws:sqs:eu-central-1:123456789012:api-redrive"

    @staticmethod
    def list_subscriptions_by_topic(TopicArn: str, NextToken: str = "") -> dict[str, Any]:
        if not NextToken:
            return {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}], "NextToken": "more"}
        return {"Subscriptions": [{"SubscriptionArn": f"{TopicArn}:1"}, {"SubscriptionArn": f"{TopicArn}:2"}]}

    def get_subscription_attributes(self, SubscriptionArn: str) -> dict[str, Any]:
        policy = json.dumps({"deadLetterTargetArn": self.redrive})
        is_ours = self.redrive and SubscriptionArn.endswith(":2")
        return {"Attributes": {"RedrivePolicy": policy} if is_ours else {}}


@pytest.fixture
def slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slips:
    """Make a Slips with tables and lanes in memory."""
    dynamodb = MemoryDynamoDB()
    clients = {
        "dynamodb": dynamodb, "kinesis": Streams(), "sqs": Queues(), "sns": Subscriptions(), "cloudwatch": Metrics(),
    }  # fmt: skip
    monkeypatch.setattr(aws, "client", lambda name, **_: clients[name])
    slips = _slips(tmp_path, "api")
    for table in tables(slips.config).values():
        dynamodb.create_table(**table["Properties"])
    slips.lanes = RecordingLanes()  # type: ignore[assignment]
    return slips


@pytest.fixture
def deployed_slips(aws_endpoint: str, tmp_path: Path) -> Iterator[Slips]:
    """Make a Slips with its own stack, from the production template."""
    aws.reset()
    name = f"api-{uuid4().hex[:8]}"
    slips = _slips(tmp_path, name)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template(slips.config)))
    yield slips
    cloudformation.delete_stack(StackName=name)
    aws.reset()


def _slips(folder: Path, name: str) -> Slips:
    path = folder / "slips.yml"
    path.write_text(CONFIG.format(name=name))
    return Slips(Chalice("api"), path)


Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(slips: Slips) -> Iterator[Ask]:
    """Return a function: `ask("GET", "/errors?limit=2")` gives the status and the JSON of the response."""
    with serve_api(slips) as ask:
        yield ask


@contextmanager
def serve_api(slips: Slips) -> Iterator[Ask]:
    """Serve any Slips in the same way."""
    slips.app.register_blueprint(slips.api)
    with Client(slips.app) as client:

        def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
            raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            response = client.http.request(method, path, headers=headers, body=raw or b"")
            return response.status_code, json.loads(response.body) if response.body else None

        yield ask
