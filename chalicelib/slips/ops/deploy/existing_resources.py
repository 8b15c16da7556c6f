"""Streams and tables that carry a name of ours, and stand outside of the stack: made by somebody else, or kept by
`slips destroy`. CloudFormation would fail at them; it can take them over instead, as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ... import aws
from ...config import Config
from ..aws_errors import explain_aws_errors, ignore_not_found
from .account import AwsAccount
from .change_set import Say, propose, stack_status
from .stack.alarms import alarm_topic
from .stack.storage import streams, tables
from .stack.topics import topics

NAME_KEYS = {"AWS::Kinesis::Stream": ("Name", "Name"), "AWS::DynamoDB::Table": ("TableName", "TableName")}
"""By type: the property that names it, and the key of its identifier for an import."""


def unmanaged_resources(config: Config) -> dict[str, str]:
    """Name by logical id, of what the stack would create though it is there. Raises DeploymentError."""
    wanted = {logical: _name(resource) for logical, resource in _stored(config).items()}
    inside = _inside(config.stack_name)
    return {
        logical: name
        for logical, name in wanted.items()
        if logical not in inside and _exists(_stored(config)[logical]["Type"], name)
    }


def conflicting_topics(config: Config, where: AwsAccount) -> list[str]:
    """The names of topics that the stack would create though they are there. Raises DeploymentError."""
    resources = {**topics(config), **alarm_topic(config)}
    inside = _inside(config.stack_name)
    names = {
        logical: str(each["Properties"]["TopicName"])
        for logical, each in resources.items()
        if each["Type"] == "AWS::SNS::Topic" and logical not in inside
    }
    sns = aws.client("sns")

    def is_taken(name: str) -> bool:
        return exists(f"the topic {name}", lambda: sns.get_topic_attributes(TopicArn=where.arn("sns", name)))

    return [name for name in names.values() if is_taken(name)]


def adopt(config: Config, template: dict[str, Any], found: dict[str, str], say: Say) -> None:
    """Take these into the stack, unchanged; what differs is changed by the next change set.

    An import may bring nothing else (CloudFormation User Guide, "Import AWS resources into a CloudFormation stack"):
    beside them stands what the stack has already. Raises DeploymentError."""
    inside = _inside(config.stack_name)
    resources = {
        logical: resource
        for logical, resource in template["Resources"].items()
        if logical in found or logical in inside
    }
    imports = [
        {
            "ResourceType": resources[logical]["Type"],
            "LogicalResourceId": logical,
            "ResourceIdentifier": {NAME_KEYS[resources[logical]["Type"]][1]: name},
        }
        for logical, name in found.items()
    ]
    made = propose(config.stack_name, {**template, "Resources": resources}, imports)
    if made is not None:
        made.execute(say)


def _stored(config: Config) -> dict[str, Any]:
    return {**streams(config), **tables(config)}


def _name(resource: dict[str, Any]) -> str:
    return str(resource["Properties"][NAME_KEYS[resource["Type"]][0]])


def _inside(stack: str) -> set[str]:
    if stack_status(stack) in ("", "REVIEW_IN_PROGRESS"):
        return set()
    return {logical for logical, status in _resources(stack) if status != "DELETE_COMPLETE"}


def _resources(stack: str) -> Iterator[tuple[str, str]]:
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        for page in pages:
            for each in page["StackResourceSummaries"]:
                yield each["LogicalResourceId"], each["ResourceStatus"]


def _exists(kind: str, name: str) -> bool:
    looks: dict[str, Callable[[], Any]] = {
        "AWS::Kinesis::Stream": lambda: aws.client("kinesis").describe_stream_summary(StreamName=name),
        "AWS::DynamoDB::Table": lambda: aws.client("dynamodb").describe_table(TableName=name),
    }
    return exists(name, looks[kind])


def exists(name: str, look: Callable[[], Any]) -> bool:
    """Whether AWS knows what the call describes. Raises DeploymentError."""
    found = None
    with explain_aws_errors(name), ignore_not_found():
        found = look()
    return found is not None
