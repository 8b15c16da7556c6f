"""The deployment in the emulated account: the stack of production, and what moto leaves out."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from .... import aws
from ....config import Config
from ....errors import SlipsError
from ...deploy.notification_entries import new_entry, replace_entries
from ...deploy.stack import template
from ...deploy.stack.storage import table_properties
from .region import Place


class Account:
    """The resources that a deployment finds in its account, created from `config`."""

    def __init__(self, config: Config, place: Place) -> None:
        self._config = config
        self._place = place
        self._receiver = place.topic(config.topics[0].arn)
        if config.queue and config.queue.from_buckets:
            self._receiver = place.arn("sqs", config.queue.name)
        self._region = place.region
        self._buckets: set[str] = set()

    def create(self, buckets: Collection[str]) -> None:
        """Create the stack with these buckets, and the resources that slips.yml names by ARN.

        Raises SlipsError if that fails.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            _create_named_resources(self._config)
            self._create_stack(sorted(buckets))
            self._subscribe_queue()
            for bucket in sorted(buckets):
                # moto creates a template's bucket without its notifications.
                self._notify(bucket)
        except (BotoCoreError, ClientError) as fault:
            raise SlipsError(f"the stack {self._config.stack_name} cannot be created: {_reason(fault)}") from fault

    def _create_stack(self, buckets: list[str]) -> None:
        cloudformation = aws.client("cloudformation")
        body = json.dumps(template(self._config, buckets=buckets))
        cloudformation.create_stack(StackName=self._config.stack_name, TemplateBody=body)
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=self._config.stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    def _subscribe_queue(self) -> None:
        """moto knows no subscription in a template."""
        if queue := self._config.queue:
            for topic in self._config.topics:
                aws.client("sns").subscribe(
                    TopicArn=self._place.topic(topic.arn), Protocol="sqs", Endpoint=self._place.arn("sqs", queue.name)
                )

    def add_bucket(self, name: str) -> None:
        """Create a bucket that the template does not hold, unless it exists. Raises SlipsError."""
        from botocore.exceptions import BotoCoreError, ClientError

        if name in self._buckets:
            return
        place: Any = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        try:
            aws.client("s3").create_bucket(Bucket=name, **({} if self._region == "us-east-1" else place))
            self._notify(name)
        except (BotoCoreError, ClientError) as fault:
            raise SlipsError(f"the bucket {name} cannot be created: {fault}") from fault

    def _notify(self, bucket: str) -> None:
        entry = new_entry(self._config.stack_name, self._receiver, "")
        configuration: Any = replace_entries({}, [entry])
        aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        self._buckets.add(bucket)


def _create_named_resources(config: Config) -> None:
    """Create the streams, topics and table that slips.yml names by ARN."""
    for stream, shards in {lane.stream: lane.shards for lane in (config.fast, config.slow) if lane.stream_arn}.items():
        aws.client("kinesis").create_stream(StreamName=stream, ShardCount=shards or 2)
    for name in (*(topic.arn for topic in config.topics), config.dead_letters):
        if name.startswith("arn:"):
            aws.client("sns").create_topic(Name=name.rpartition(":")[2])
    if config.error_table_arn:
        properties = table_properties(config)["ErrorTable"]
        names = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        aws.client("dynamodb").create_table(**{name: properties[name] for name in names})


def _reason(fault: Exception) -> str:
    """Return the reason that CloudFormation gives for a failure."""
    last = getattr(fault, "last_response", None) or {}
    reasons = [stack.get("StackStatusReason", "") for stack in last.get("Stacks", ())]
    return " ".join(("; ".join(filter(None, reasons)) or str(fault)).split())
