"""Where SNS puts what it cannot hand to our functions. Chalice, which subscribes them, knows no such setting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from ... import aws
from ..aws_errors import explain_aws_errors, look_up
from .account import AwsAccount
from .setting_change import SettingChange
from .stage import DeploymentStage
from .subscriptions import list_visible_subscriptions
from .topic_calls import list_calls


def redrive_queue(stage: DeploymentStage, account: AwsAccount) -> str:
    """The ARN of the queue."""
    return account.arn("sqs", stage.config.redrive_queue)


def redrive_policy(queue: Any) -> dict[str, Any]:
    """The attribute RedrivePolicy of a subscription; `queue` is an ARN, or a template's expression for it."""
    return {"deadLetterTargetArn": queue}


def redrive_changes(stage: DeploymentStage, account: AwsAccount) -> Iterator[SettingChange]:
    """Find the subscriptions of our functions, also to topics that slips.yml names by ARN, whose undeliverable messages
    go elsewhere, or nowhere. A queue must be in the region of the subscription. Raises DeploymentError."""
    new = redrive_queue(stage, account)
    for topic, arn, function in list_calls(stage, account):
        if arn.split(":")[3] != account.region:
            continue
        endpoint = account.arn("lambda", f"function:{function}")
        for subscription in list_visible_subscriptions(arn, account.id):
            if subscription.endpoint == endpoint and (old := _read_target(subscription.arn)) != new:
                what = f"subscription of {function} to {topic}: redrive"
                yield SettingChange(what, old, new, partial(_redrive, subscription.arn, new))


def _read_target(subscription: str) -> str | None:
    call = aws.client("sns").get_subscription_attributes
    response: Any = look_up(f"the subscription {subscription}", call, SubscriptionArn=subscription) or {}
    policy = json.loads(response.get("Attributes", {}).get("RedrivePolicy") or "{}")
    target: str | None = policy.get("deadLetterTargetArn")
    return target


def _redrive(subscription: str, queue: str) -> None:
    with explain_aws_errors(f"the subscription {subscription}"):
        aws.client("sns").set_subscription_attributes(
            SubscriptionArn=subscription,
            AttributeName="RedrivePolicy",
            AttributeValue=json.dumps(redrive_policy(queue)),
        )
