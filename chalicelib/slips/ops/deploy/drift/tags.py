"""The tags of slips.yml on what holds data, on the stack and on the functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .... import aws
from ...aws_errors import look_up
from ..account import AwsAccount
from ..account_resources import find_queue_tags
from ..change_set import stack_status
from ..stack.storage import streams, tables
from ..stack.topics import created_topics
from ..stage import DeploymentStage
from ..tags import describe_tags, missing_tags, owned_tags


def tag_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each resource that exists and lacks tags. Raises DeploymentError."""
    config, provision = stage.config, f"slips provision --stage {stage.name}"
    if stack_status(config.stack_name):
        what = f"stack {config.stack_name}"
        yield from _lines(what, _list_tags(what, _stack_tags, config.stack_name), owned_tags(config), provision)
    if not config.tags:
        return
    for what, find, name in _resources(stage, account):
        yield from _lines(what, _list_tags(what, find, name), config.tags, provision)
    for name in map(stage.function_name, stage.functions):
        what, arn = f"function {name}", account.arn("lambda", f"function:{name}")
        yield from _lines(what, _list_tags(what, _function_tags, arn), config.tags, stage.deploy_command)


def _resources(
    stage: DeploymentStage, account: AwsAccount
) -> Iterator[tuple[str, Callable[[str], dict[str, str]], str]]:
    for resource in streams(stage.config).values():
        name = resource["Properties"]["Name"]
        yield f"stream {name}", _stream_tags, name
    for resource in tables(stage.config).values():
        name = resource["Properties"]["TableName"]
        yield f"table {name}", _table_tags, account.arn("dynamodb", f"table/{name}")
    for name in created_topics(stage.config):
        yield f"topic {name}", _topic_tags, account.arn("sns", name)
    yield f"queue {stage.config.redrive_queue}", find_queue_tags, stage.config.redrive_queue


def _lines(what: str, actual: dict[str, str] | None, expected: dict[str, str], run: str) -> Iterator[str]:
    if actual is not None and (missing := missing_tags(actual, expected)):
        yield f"{what}: lacks the tags {describe_tags(missing)}; run: {run}"


def _list_tags(what: str, find: Callable[[str], dict[str, str]], name: str) -> dict[str, str] | None:
    """The tags; None where there is no such resource, which other lines say."""
    return look_up(f"the {what}", lambda: find(name))


def _stack_tags(name: str) -> dict[str, str]:
    return _by_key(aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0].get("Tags", ()))


def _stream_tags(name: str) -> dict[str, str]:
    return _by_key(aws.client("kinesis").list_tags_for_stream(StreamName=name, Limit=50)["Tags"])


def _table_tags(arn: str) -> dict[str, str]:
    pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return _by_key([tag for page in pages for tag in page["Tags"]])


def _topic_tags(arn: str) -> dict[str, str]:
    return _by_key(aws.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"])


def _function_tags(arn: str) -> dict[str, str]:
    return dict(aws.client("lambda").list_tags(Resource=arn)["Tags"])


def _by_key(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
