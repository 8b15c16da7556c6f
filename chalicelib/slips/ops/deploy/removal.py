"""The parts of `slips destroy`: the stack, the notifications of the buckets, and what holds data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ... import aws
from ...config.access import S3Access
from ...config.settings import RETRY
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, ignore_not_found
from .account import AwsAccount
from .account_resources import find_log_group, find_queue, find_stack, find_stream, find_table
from .bucket_notifications import remove_notifications
from .change_set import Say, is_changing, stack_status
from .contents import Contents, describe_contents
from .log_groups import api_log_group
from .notification_receivers import own_receivers, stage_receivers
from .stack_events import follow, list_events
from .stage import DeploymentStage
from .topic_removals import obsolete_topics

_TYPES = {"stream": "AWS::Kinesis::Stream", "table": "AWS::DynamoDB::Table", "queue": "AWS::SQS::Queue"}
_FIND = {"stream": find_stream, "table": find_table, "queue": find_queue, "log group": find_log_group}


class Store(NamedTuple):
    """A stream, table, queue or log group: it holds data, and outlives the stack."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def exists(self) -> bool:
        """Whether it is in the account. Raises DeploymentError."""
        return bool(_FIND[self.kind](self.name))

    def contents(self) -> Contents | None:
        """What is in it; None for a log group."""
        return describe_contents(_TYPES[self.kind], self._physical_id()) if self.kind in _TYPES else None

    def _physical_id(self) -> str:
        if self.kind != "queue":
            return self.name
        return str((find_queue(self.name) or {}).get("QueueUrl", self.name))

    def delete(self) -> None:
        """Delete it with its data. Raises DeploymentError."""
        with explain_aws_errors(f"the {self}"), ignore_not_found():
            if self.kind == "stream":
                aws.client("kinesis").delete_stream(StreamName=self.name, EnforceConsumerDeletion=True)
            elif self.kind == "table":
                aws.client("dynamodb").delete_table(TableName=self.name)
            elif self.kind == "queue":
                aws.client("sqs").delete_queue(QueueUrl=self._physical_id())
            else:
                aws.client("logs").delete_log_group(logGroupName=self.name)


def list_stores(stage: DeploymentStage) -> Iterator[Store]:
    """All that holds data of the stage and that no ARN names, whether it exists or not."""
    config = stage.config
    for lane in (config.fast, config.slow):
        if not lane.stream_arn:
            yield Store("stream", lane.stream)
    if not config.error_table_arn:
        yield Store("table", config.error_table)
    yield Store("table", config.ledger_table)
    yield Store("queue", config.redrive_queue)
    # An app.py that has the function no longer may have had it: its log group outlived it.
    for name in dict.fromkeys((*stage.functions, RETRY)):
        yield Store("log group", f"/aws/lambda/{stage.function_name(name)}")
    yield Store("log group", api_log_group(stage))


def remove_bucket_notifications(stage: DeploymentStage, account: AwsAccount, say: Say) -> None:
    """Remove the notifications of the mapped buckets to our topics and our queue; to topics that an ARN names, only
    those that `--bucket-notifications` added. Raises DeploymentError."""
    access, config = S3Access(stage.config.buckets), stage.config
    # A deployment that was killed may have left some that slips.yml names no longer.
    own = {*own_receivers(config, account), *(topic.name for topic in obsolete_topics(stage, account))}
    receivers = sorted(own.union(stage_receivers(config, account).accepted))
    for bucket in sorted({mapping.bucket for mapping in config.mappings}):
        for arn in receivers if _is_accessible(access, bucket) else ():
            if remove_notifications(access, config.stack_name, bucket, arn, is_own=arn in own):
                say(f"s3://{bucket} no longer notifies {arn}")


def _is_accessible(access: S3Access, bucket: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        access.client(bucket).head_bucket(**access.bucket_parameters(bucket))
    except ClientError:  # Deleted, or another account's: then no notification of it is ours to remove.
        return False
    return True


def check_stack_deletable(stack: str) -> None:
    """Raise DeploymentError where CloudFormation would not delete the stack, before anything else is removed."""
    description = find_stack(stack) or {}
    status = description.get("StackStatus", "")
    if is_changing(status):
        raise DeploymentError(
            f"the stack {stack} is {status}: somebody is changing it; wait, and run this command again. Nothing was "
            "removed"
        )
    if description.get("EnableTerminationProtection"):
        raise DeploymentError(
            f"the stack {stack} is protected against deletion; nothing was removed. Write termination_protection: "
            "false into slips.yml and call `slips provision`, or run: aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {stack}"
        )


def check_data_deletable(stores: Iterable[Store]) -> None:
    """Raise DeploymentError where DynamoDB would not delete a table, before anything else is removed."""
    for store in stores:
        if store.kind == "table" and (find_table(store.name) or {}).get("DeletionProtectionEnabled"):
            raise DeploymentError(
                f"the {store} is protected against deletion; nothing was removed. Write deletion_protection: false "
                "into slips.yml and call `slips provision`, or run: aws dynamodb update-table "
                f"--no-deletion-protection-enabled --table-name {store.name}"
            )


def delete_stack(stack: str, say: Say) -> bool:
    """Delete the stack; whether there was one. Raises DeploymentError."""
    if not stack_status(stack):
        return False
    cloudformation = aws.client("cloudformation")
    with explain_aws_errors(f"the stack {stack}"):
        stack_id = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        old_events = {event["EventId"] for event in list_events(stack_id)}
        cloudformation.delete_stack(StackName=stack_id)
    follow(stack_id, old_events, say, name=stack)
    return True
