"""What `slips destroy` removes, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import aws
from ...config import Config
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, ignore_not_found
from .account import AwsAccount
from .bucket_notifications import remove_notifications
from .change_set import Say, follow, stack_status
from .stage import DeploymentStage


def withdraw_notifications(stage: DeploymentStage, where: AwsAccount, say: Say) -> None:
    """Let the mapped buckets not notify our topics any more; of topics that an ARN names, only what
    `--bucket-notifications` added goes. Raises DeploymentError."""
    for bucket in sorted({mapping.bucket for mapping in stage.config.mappings}):
        for topic in stage.config.topics if _has_bucket(bucket) else ():
            arn, is_own = where.arn("sns", topic.arn), not topic.arn.startswith("arn:")
            if remove_notifications(stage.config.stack_name, bucket, arn, is_own=is_own):
                say(f"s3://{bucket} does not notify {arn} any more")


def _has_bucket(bucket: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError:  # Gone, or another account's: then no notification of it is ours to remove.
        return False
    return True


def check_stack_deletable(stack: str) -> None:
    """Raises DeploymentError where CloudFormation would not remove the stack, before anything else is removed."""
    status = stack_status(stack)
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise DeploymentError(
            f"the stack {stack} is {status}: somebody changes it; wait, and call this again. Nothing was removed"
        )
    if not status:
        return
    with explain_aws_errors(f"the stack {stack}"):
        found: Any = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    if found.get("EnableTerminationProtection"):
        raise DeploymentError(
            f"the stack {stack} is protected from being deleted; nothing was removed. Run: aws cloudformation "
            f"update-termination-protection --no-enable-termination-protection --stack-name {stack}"
        )


def delete_stack(stack: str, say: Say) -> bool:
    """Remove the stack; whether there was one. Raises DeploymentError."""
    if not stack_status(stack):
        return False
    cloudformation = aws.client("cloudformation")
    with explain_aws_errors(f"the stack {stack}"):
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        seen = {
            event["EventId"]
            for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=found["StackId"])
            for event in page["StackEvents"]
        }
        cloudformation.delete_stack(StackName=found["StackId"])
    follow(found["StackId"], seen, say, name=stack)
    return True


def data_stores(config: Config) -> Iterator[tuple[str, str]]:
    """Kind and name of all that holds data and that no ARN names."""
    for lane in (config.fast, config.slow):
        if not lane.stream_arn:
            yield "stream", lane.stream
    if not config.error_table_arn:
        yield "table", config.error_table
    yield "table", config.ledger_table


def exists(kind: str, name: str) -> bool:
    """Whether it is in the account. Raises DeploymentError."""
    found: Any = None
    with explain_aws_errors(f"the {kind} {name}"), ignore_not_found():
        if kind == "stream":
            found = aws.client("kinesis").describe_stream_summary(StreamName=name)
        elif kind == "table":
            found = aws.client("dynamodb").describe_table(TableName=name)
        else:
            groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            found = next((group for group in groups if group["logGroupName"] == name), None)
    return found is not None


def delete_store(kind: str, name: str) -> None:
    """Remove it, data and all. Raises DeploymentError."""
    with explain_aws_errors(f"the {kind} {name}"), ignore_not_found():
        if kind == "stream":
            aws.client("kinesis").delete_stream(StreamName=name, EnforceConsumerDeletion=True)
        elif kind == "table":
            aws.client("dynamodb").delete_table(TableName=name)
        else:
            aws.client("logs").delete_log_group(logGroupName=name)
