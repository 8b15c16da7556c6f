"""The notifications from a bucket to the topic. All other notifications of the bucket stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ...config import Config
from ...errors import DeploymentError
from ...reader.access import S3Access
from ..aws_errors import error_code, explain_aws_errors
from ..polling import retry
from .account import AwsAccount
from .change_set import Say

EVENT = "s3:ObjectCreated:*"
PATIENCE = 12.0
"""Seconds until S3 must be able to publish to a topic whose policy is new."""


@dataclass(frozen=True)
class NotificationPlan:
    """What changes so that the bucket notifies the topic of new objects below the prefixes.

    Notifications that SLIPS added for a prefix that slips.yml no longer maps are removed: objects there would become
    error items, and S3 refuses prefixes that overlap."""

    stack: str
    bucket: str
    topic: str
    prefixes: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    configuration: dict[str, Any]
    """All notifications that the bucket is to have: S3 keeps them as one document."""
    access: S3Access

    def lines(self) -> Iterator[str]:
        """Show each change in a line."""
        yield from (f"Add     notification s3://{self.bucket}/{prefix} -> {self.topic}" for prefix in self.added)
        yield from (f"Remove  notification s3://{self.bucket}/{prefix} -> {self.topic}" for prefix in self.removed)

    def execute(self, say: Say) -> None:
        """Change the notifications that the bucket has by now, and say what changed. Raises DeploymentError."""
        plan = _plan(self.access, self.stack, self.bucket, self.topic, self.prefixes)
        if plan.added or plan.removed:
            _write(self.access, self.bucket, plan.configuration)
        else:
            say(f"s3://{self.bucket} notifies {self.topic} already")
        for prefix in plan.added:
            say(f"s3://{self.bucket}/{prefix} now notifies {self.topic}")
        for prefix in plan.removed:
            say(f"s3://{self.bucket}/{prefix} no longer notifies {self.topic}: slips.yml does not map it")


def plan_notifications(config: Config, bucket: str, account: AwsAccount) -> NotificationPlan:
    """Plan that a bucket notifies the first topic of what slips.yml maps in it. Raises DeploymentError."""
    prefixes = tuple(_outermost(mapped_prefixes(config, bucket)))
    access = S3Access(config.buckets)
    _check_region(access, bucket, account.region)
    return _plan(access, config.stack_name, bucket, account.arn("sns", config.topics[0].arn), prefixes)


def _plan(access: S3Access, stack: str, bucket: str, topic: str, prefixes: tuple[str, ...]) -> NotificationPlan:
    configuration = _read(access, bucket)
    topics = configuration.get("TopicConfigurations", [])
    stale = [entry for entry in topics if _is_ours(entry, stack, topic) and _prefix(entry) not in prefixes]
    topics = [entry for entry in topics if entry not in stale]
    added = tuple(prefix for prefix in prefixes if not _is_covered(prefix, topics, topic))
    configuration["TopicConfigurations"] = topics + [_notification(stack, topic, prefix) for prefix in added]
    return NotificationPlan(stack, bucket, topic, prefixes, added, tuple(map(_prefix, stale)), configuration, access)


def mapped_prefixes(config: Config, bucket: str) -> list[str]:
    """The prefixes that slips.yml maps in a bucket. Raises DeploymentError where there are none."""
    prefixes = [mapping.prefix for mapping in config.mappings if mapping.bucket == bucket]
    if not prefixes:
        raise DeploymentError(f"the bucket {bucket}: slips.yml maps nothing in it; add it to bucket_mapping first")
    return prefixes


def missing_notifications(access: S3Access, bucket: str, prefixes: Iterable[str], topic: str) -> list[str]:
    """The prefixes below which the bucket does not notify the topic; none where it notifies EventBridge, whose rules
    may. Raises DeploymentError."""
    configuration = _read(access, bucket)
    if "EventBridgeConfiguration" in configuration:
        return []
    topics = configuration.get("TopicConfigurations", [])
    return [prefix for prefix in _outermost(prefixes) if not _is_covered(prefix, topics, topic)]


def notifies(access: S3Access, bucket: str, topic: str) -> bool:
    """Whether the bucket notifies the topic of anything. Raises DeploymentError."""
    return any(entry["TopicArn"] == topic for entry in _read(access, bucket).get("TopicConfigurations", []))


def remove_notifications(access: S3Access, stack: str, bucket: str, topic: str, *, is_own: bool) -> bool:
    """Remove the bucket's notifications to the topic; unless the topic is our own, only those that SLIPS added. Return
    whether there were any. Raises DeploymentError."""
    configuration = _read(access, bucket)
    topics = configuration.get("TopicConfigurations", [])
    others = [
        notification
        for notification in topics
        if not (_is_ours(notification, stack, topic) or (is_own and notification["TopicArn"] == topic))
    ]
    if len(others) == len(topics):
        return False
    _write(access, bucket, {**configuration, "TopicConfigurations": others})
    return True


def _read(access: S3Access, bucket: str) -> dict[str, Any]:
    with explain_aws_errors(f"the bucket {bucket}"):
        get = access.client(bucket).get_bucket_notification_configuration
        response: dict[str, Any] = dict(get(**access.bucket_parameters(bucket)))
    response.pop("ResponseMetadata", None)
    return response


def _write(access: S3Access, bucket: str, configuration: Any) -> None:
    from botocore.exceptions import ClientError

    put = access.client(bucket).put_bucket_notification_configuration
    parameters = access.bucket_parameters(bucket)
    with explain_aws_errors(f"the bucket {bucket}: its notifications"):
        try:
            # S3 tries the topic, whose policy may be a few seconds old.
            retry(
                lambda: put(**parameters, NotificationConfiguration=configuration),
                lambda error: "Unable to validate" in str(error),
                seconds=PATIENCE,
            )
        except ClientError as error:
            if reason := _reason(bucket, error):
                raise DeploymentError(reason) from error
            raise


def _reason(bucket: str, error: Any) -> str:
    """Why S3 refuses, where its own words do not say it."""
    message = str(error)
    if error_code(error) != "InvalidArgument":
        return ""
    if "overlap" in message or "ambiguous" in message:
        return (
            f"the bucket {bucket} notifies another receiver of the same objects, and S3 notifies only one; subscribe "
            "to that topic instead: write its ARN into backend.sns_topics of slips.yml"
        )
    if "Unable to validate" in message:
        return (
            f"the bucket {bucket}: S3 may not publish to the topic, or a topic, queue or function of its other "
            "notifications does not exist; a topic of your own needs a policy that allows sns:Publish to "
            "s3.amazonaws.com"
        )
    return ""


def _check_region(access: S3Access, bucket: str, region: str) -> None:
    """S3 notifies only topics of the bucket's own region."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the bucket {bucket}"):
        try:
            response = access.client(bucket).head_bucket(**access.bucket_parameters(bucket))
        except ClientError as error:
            if error_code(error) in ("404", "NoSuchBucket"):
                raise DeploymentError(f"the bucket {bucket}: there is no such bucket; create it first") from error
            headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            actual = headers.get("x-amz-bucket-region")
            if actual and actual != region:
                raise DeploymentError(_wrong_region(bucket, actual, region)) from error
            raise
    if (actual := response.get("BucketRegion") or region) != region:
        raise DeploymentError(_wrong_region(bucket, actual, region))


def _wrong_region(bucket: str, actual: str, region: str) -> str:
    return (
        f"the bucket {bucket} is in {actual}, and this deployment in {region}; S3 notifies only topics of its own "
        f"region: deploy to {actual} (AWS_REGION={actual}), or create an EventBridge rule across regions"
    )


def _notification(stack: str, topic: str, prefix: str) -> dict[str, Any]:
    notification: dict[str, Any] = {"Id": _id(stack, prefix), "TopicArn": topic, "Events": [EVENT]}
    if prefix:
        notification["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
    return notification


def _id(stack: str, prefix: str) -> str:
    return f"{stack}-{prefix or 'all'}"[:255]


def _is_ours(notification: Any, stack: str, topic: str) -> bool:
    return (notification["TopicArn"], notification.get("Id")) == (topic, _id(stack, _prefix(notification)))


def _filters(notification: Any) -> dict[str, str]:
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules}


def _prefix(notification: Any) -> str:
    return _filters(notification).get("prefix", "")


def _is_covered(prefix: str, notifications: Iterable[Any], topic: str) -> bool:
    """Whether the topic is notified of all new objects below the prefix."""
    return any(
        notification["TopicArn"] == topic
        and EVENT in notification["Events"]
        and "suffix" not in _filters(notification)
        and prefix.startswith(_prefix(notification))
        for notification in notifications
    )


def _outermost(prefixes: Iterable[str]) -> list[str]:
    """S3 refuses notifications whose prefixes overlap."""
    ordered = sorted(set(prefixes)) or [""]
    return [prefix for prefix in ordered if not any(prefix != other and prefix.startswith(other) for other in ordered)]
