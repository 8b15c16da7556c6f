"""Streams, tables, topics and queues that have a name of ours but are not in the stack: somebody else created them, or
`slips destroy` kept them. CloudFormation would fail on them; all but topics it can import as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ... import aws
from ...config import Config
from ..aws_errors import explain_aws_errors
from .account import AwsAccount
from .account_resources import find_queue, find_queue_tags, find_stream, find_table, find_topic
from .change_set import Say, propose, stack_status
from .stack.alarms import alarm_topic
from .stack.queues import redrive_queue
from .stack.storage import streams, tables
from .stack.topics import topics
from .tags import OWNER_TAG, owned_tags

_NAME_KEYS = {"AWS::Kinesis::Stream": "Name", "AWS::DynamoDB::Table": "TableName", "AWS::SQS::Queue": "QueueName"}
"""By type: the property that names it."""
_FIND = {"AWS::Kinesis::Stream": find_stream, "AWS::DynamoDB::Table": find_table, "AWS::SQS::Queue": find_queue}


def unmanaged_resources(config: Config) -> dict[str, str]:
    """The streams, tables and queues that the stack would create though they exist: name by logical id. Raises
    DeploymentError."""
    stores = {**streams(config), **tables(config), **redrive_queue(config)}
    managed = managed_resources(config.stack_name)
    return {
        logical: _name(resource)
        for logical, resource in stores.items()
        if resource["Type"] in _FIND and logical not in managed and _FIND[resource["Type"]](_name(resource))
    }


def find_undecided(config: Config, names: Mapping[str, str]) -> list[str]:
    """Those of the names (by logical id) of which somebody has to say that they are ours. A queue says so itself: an
    earlier version, to which a stack was rolled back, takes it out of the stack, and this one takes it in again. Raises
    DeploymentError."""
    queues = redrive_queue(config)
    return [name for logical, name in names.items() if logical not in queues or not _is_own_queue(config, name)]


def _is_own_queue(config: Config, name: str) -> bool:
    tags = find_queue_tags(name) or {}
    return bool(tags.get(OWNER_TAG) == config.stack_name)


def conflicting_topics(config: Config, account: AwsAccount) -> list[str]:
    """The names of topics that the stack would create though they exist. Raises DeploymentError."""
    managed = managed_resources(config.stack_name)
    names = [
        str(resource["Properties"]["TopicName"])
        for logical, resource in {**topics(config), **alarm_topic(config)}.items()
        if resource["Type"] == "AWS::SNS::Topic" and logical not in managed
    ]
    return [name for name in names if find_topic(account.arn("sns", name))]


def adopt(
    config: Config, template: dict[str, Any], deployed: dict[str, Any], names: Mapping[str, str], say: Say
) -> None:  # fmt: skip
    """Import the resources (name by logical id) into the stack as they are; the next change set changes what differs.

    An import may hold nothing else but what is in the stack already, as it is there (CloudFormation User Guide, "Import
    AWS resources into a CloudFormation stack"): that is in `deployed`, the stack's own template. Raises
    DeploymentError."""
    managed = managed_resources(config.stack_name)
    wanted = template["Resources"]
    present = deployed["Resources"] or {logical: each for logical, each in wanted.items() if logical in managed}
    resources = {**present, **{logical: wanted[logical] for logical in names}}
    imports = [
        {
            "ResourceType": resources[logical]["Type"],
            "LogicalResourceId": logical,
            "ResourceIdentifier": _identifier(resources[logical]["Type"], name),
        }
        for logical, name in names.items()
    ]
    change_set = propose(config.stack_name, {**template, "Resources": resources}, owned_tags(config), imports)
    if change_set is not None:
        change_set.execute(say)


def managed_resources(stack: str) -> set[str]:
    """The logical ids of the stack's resources; none where there is no stack. Raises DeploymentError."""
    return {resource.logical for resource in stack_resources(stack)}


class StackResource(NamedTuple):
    """A resource of a stack: its logical id, its type, and its physical id, which is a name, an ARN or a URL."""

    logical: str
    kind: str
    name: str


def stack_resources(stack: str) -> list[StackResource]:
    """The resources of the stack; none where there is no stack. Raises DeploymentError."""
    if stack_status(stack) in ("", "REVIEW_IN_PROGRESS"):
        return []
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        return [
            StackResource(row["LogicalResourceId"], row["ResourceType"], row.get("PhysicalResourceId", ""))
            for page in pages
            for row in page["StackResourceSummaries"]
            if row["ResourceStatus"] != "DELETE_COMPLETE"
        ]


def _identifier(kind: str, name: str) -> dict[str, str]:
    """By what CloudFormation knows a resource that it is to import: a queue by its URL, all else by its name."""
    if kind == "AWS::SQS::Queue":
        return {"QueueUrl": find_queue(name)["QueueUrl"]}
    return {_NAME_KEYS[kind]: name}


def _name(resource: dict[str, Any]) -> str:
    return str(resource["Properties"][_NAME_KEYS[resource["Type"]]])
