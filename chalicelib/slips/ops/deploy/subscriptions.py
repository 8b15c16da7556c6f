"""Who is subscribed to a topic."""

from __future__ import annotations

from typing import NamedTuple

from ... import aws
from ..aws_errors import look_up


class Subscription(NamedTuple):
    """A subscription as SNS lists it. `arn` is `PendingConfirmation` until the endpoint has confirmed it."""

    protocol: str
    endpoint: str
    arn: str

    def __str__(self) -> str:
        name = self.endpoint.rpartition(":function:")[2] if self.protocol == "lambda" else self.endpoint
        return f"{self.protocol} {name}"


def list_subscriptions(topic: str) -> list[Subscription]:
    """All subscriptions of a topic, which its ARN names; none where there is no such topic. Raises DeploymentError."""

    def list_all() -> list[Subscription]:
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        return [
            Subscription(row["Protocol"], row["Endpoint"], row["SubscriptionArn"])
            for page in pages
            for row in page["Subscriptions"]
        ]

    return look_up(f"the topic {topic}", list_all) or []
