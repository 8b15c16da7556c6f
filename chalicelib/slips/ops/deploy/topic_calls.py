"""Which function each topic calls. Chalice subscribes a function once, and believes its own notes from then on: of a
topic that was deleted and created again, and of a function that lost its permission."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ... import aws
from ..aws_errors import explain_aws_errors, look_up
from .account import AwsAccount
from .stage import DeploymentStage
from .subscriptions import list_subscriptions


class MissingCall(NamedTuple):
    """What keeps a topic from calling its function; `fix` puts it right."""

    problem: str
    fix: Callable[[], None]

    def __str__(self) -> str:
        return self.problem


class TopicCall(NamedTuple):
    """A topic, as slips.yml names it and by its ARN, and the function that it calls, by its name in the account."""

    topic: str
    arn: str
    function: str


def list_calls(stage: DeploymentStage, account: AwsAccount) -> list[TopicCall]:
    """List which function each topic is to call."""
    topics = {topic.name: topic.arn for topic in stage.config.calling_topics} | {"report": stage.config.dead_letters}
    return [TopicCall(topic, account.arn("sns", topic), stage.function_name(name)) for name, topic in topics.items()]


def missing_calls(stage: DeploymentStage, account: AwsAccount) -> Iterator[MissingCall]:
    """Find what keeps the topics of this account from calling their functions; of another account's topics nobody here
    can list the subscriptions. Raises DeploymentError."""
    for topic, arn, function in list_calls(stage, account):
        if arn.split(":")[3:5] != [account.region, account.id]:
            continue
        endpoint = account.arn("lambda", f"function:{function}")
        if endpoint not in {subscription.endpoint for subscription in list_subscriptions(arn)}:
            problem = f"topic {topic}: does not call {function}"
            yield MissingCall(problem, partial(_subscribe, arn, endpoint))
        if not _may_call(arn, function):
            problem = f"function {function}: does not let the topic {topic} call it"
            yield MissingCall(problem, partial(_permit, arn, function))


def _may_call(topic: str, function: str) -> bool:
    response = look_up(f"the function {function}", aws.client("lambda").get_policy, FunctionName=function)
    statements: list[Any] = json.loads(response["Policy"])["Statement"] if response else []
    source = json.dumps(topic)  # With its quotes: no topic whose name only begins so.
    return any("sns" in str(each["Principal"]) and source in json.dumps(each.get("Condition")) for each in statements)


def _subscribe(topic: str, endpoint: str) -> None:
    with explain_aws_errors(f"the topic {topic}"):
        aws.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=endpoint)


def _permit(topic: str, function: str) -> None:
    with explain_aws_errors(f"the function {function}"):
        aws.client("lambda").add_permission(
            FunctionName=function,
            StatementId=f"slips-{topic.rpartition(':')[2]}",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic,
        )
