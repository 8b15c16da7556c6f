"""Who is subscribed to a topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

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
        return list(_parse_pages(pages))

    return look_up(f"the topic {topic}", list_all) or []


def list_visible_subscriptions(topic: str, account: str) -> list[Subscription]:
    """The subscriptions of a topic that the account of this id sees: of another account's topic, only its own. Raises
    DeploymentError."""
    if topic.split(":")[4] == account:
        return list_subscriptions(topic)

    def list_all() -> list[Subscription]:
        pages = aws.client("sns").get_paginator("list_subscriptions").paginate()
        return list(_parse_pages(pages, topic))

    return look_up("the subscriptions of this account", list_all) or []


def _parse_pages(pages: Iterable[Any], topic: str = "") -> Iterator[Subscription]:
    """Yield the subscriptions of all pages; with `topic`, those to it alone."""
    for row in (row for page in pages for row in page["Subscriptions"]):
        if topic in ("", row["TopicArn"]):
            yield Subscription(row["Protocol"], row["Endpoint"], row["SubscriptionArn"])
