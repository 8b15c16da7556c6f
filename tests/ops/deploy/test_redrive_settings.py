"""Where SNS puts what it cannot hand to our functions, in the account."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from slips import aws
from slips.ops.deploy.account import current_account
from slips.ops.deploy.redrive_settings import redrive_changes
from slips.ops.deploy.stage import DeploymentStage, read_stage

HERE, THERE = "eu-central-1:123456789012", "eu-central-1:111122223333"
_number = count(1)


@pytest.fixture
def stack() -> str:
    return f"redrive-{next(_number)}"


def write(project: Path, stack: str, backend: str = "{}") -> DeploymentStage:
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(json.dumps({"app_name": stack, "stages": {"dev": {}}}))
    (project / "slips.yml").write_text(f"stack_name: {stack}\nbackend: {backend}\n")
    return read_stage("dev", project=project)


def subscribe(topic: str, function: str) -> str:
    """Do what Chalice does."""
    sns: Any = aws.client("sns")
    endpoint = current_account().arn("lambda", f"function:{function}")
    return str(sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=endpoint)["SubscriptionArn"])


def create_topic(name: str) -> str:
    return str(aws.client("sns").create_topic(Name=name)["TopicArn"])


def target(subscription: str) -> str | None:
    attributes = aws.client("sns").get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    policy: dict[str, str] = json.loads(attributes.get("RedrivePolicy", "{}"))
    return policy.get("deadLetterTargetArn")


def changes(stage: DeploymentStage) -> list[str]:
    return [str(change) for change in redrive_changes(stage, current_account())]


def sync(stage: DeploymentStage) -> None:
    for change in redrive_changes(stage, current_account()):
        change.apply()


def test_both_functions_that_a_topic_calls_get_the_queue(tmp_path: Path, stack: str) -> None:
    stage = write(tmp_path, stack)
    dispatch = subscribe(create_topic(f"{stack}-dispatch"), f"{stack}-dev-dispatch")
    report = subscribe(create_topic(f"{stack}-dead-letters"), f"{stack}-dev-report")
    queue = f"arn:aws:sqs:{HERE}:{stack}-redrive"
    assert changes(stage) == [
        f"subscription of {stack}-dev-{function} to {stack}-{topic}: redrive: none -> {queue}"
        for function, topic in (("dispatch", "dispatch"), ("report", "dead-letters"))
    ]
    sync(stage)
    assert (target(dispatch), target(report), changes(stage)) == (queue, queue, [])


def test_a_chalice_deploy_alone_takes_it_away_and_the_next_sync_brings_it_back(tmp_path: Path, stack: str) -> None:
    """Chalice ends the subscription, and makes another one."""
    stage, topic = write(tmp_path, stack), create_topic(f"{stack}-dispatch")
    first = subscribe(topic, f"{stack}-dev-dispatch")
    sync(stage)
    aws.client("sns").unsubscribe(SubscriptionArn=first)
    second = subscribe(topic, f"{stack}-dev-dispatch")
    assert target(second) is None
    sync(stage)
    assert target(second) == f"arn:aws:sqs:{HERE}:{stack}-redrive"


def test_another_queue_is_replaced(tmp_path: Path, stack: str) -> None:
    stage = write(tmp_path, stack)
    subscription = subscribe(create_topic(f"{stack}-dispatch"), f"{stack}-dev-dispatch")
    aws.client("sns").set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{HERE}:theirs"}),
    )  # fmt: skip
    assert changes(stage)[0].endswith(f": redrive: arn:aws:sqs:{HERE}:theirs -> arn:aws:sqs:{HERE}:{stack}-redrive")


def test_of_a_topic_named_by_its_arn_only_our_subscription_is_ours(tmp_path: Path, stack: str) -> None:
    topic = create_topic(f"{stack}-landed")
    stage = write(tmp_path, stack, f"{{sns_topics: [{{name: landed, arn: '{topic}'}}]}}")
    theirs = subscribe(topic, "theirs")
    ours = subscribe(topic, f"{stack}-dev-landed")
    sync(stage)
    assert (target(ours), target(theirs)) == (f"arn:aws:sqs:{HERE}:{stack}-redrive", None)


def test_a_subscription_to_another_accounts_topic_is_ours(tmp_path: Path, stack: str) -> None:
    """Nobody here can list the subscriptions of that topic; ours are in the list of this account."""
    mine, _ = create_topic(f"{stack}-mine"), create_topic(f"{stack}-other")
    foreign = f"arn:aws:sns:{THERE}:{stack}-landed"
    stage = write(tmp_path, stack, f"{{sns_topics: [{{name: landed, arn: '{foreign}'}}]}}")
    subscription = subscribe(mine, f"{stack}-dev-landed")
    other = subscribe(create_topic(f"{stack}-third"), f"{stack}-dev-landed")
    backend = get_backend("sns")["123456789012"]["eu-central-1"]
    backend.subscriptions[subscription].topic.arn = foreign
    sync(stage)
    assert (target(subscription), target(other)) == (f"arn:aws:sqs:{HERE}:{stack}-redrive", None)


def test_a_topic_of_another_region_has_no_queue_here(tmp_path: Path, stack: str) -> None:
    topic = f"arn:aws:sns:us-east-1:123456789012:{stack}-landed"
    assert changes(write(tmp_path, stack, f"{{sns_topics: [{{name: landed, arn: '{topic}'}}]}}")) == []
