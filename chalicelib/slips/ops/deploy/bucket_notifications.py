"""The notification from a bucket to the topic, beside whatever else the bucket notifies."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from ... import aws
from ...config import Config
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors

EVENT = "s3:ObjectCreated:*"
TRIES = 5
PAUSE = 3.0
"""Seconds between two of them."""


class NotificationChange(NamedTuple):
    """What was changed: prefixes. Both are empty where the bucket notified as it should already."""

    added: list[str]
    removed: list[str]


def notify(config: Config, bucket: str, prefixes: list[str], topic: str, region: str) -> NotificationChange:
    """Let the bucket tell the topic (an ARN) of new objects, below each of the prefixes where any are given.

    S3 keeps all notifications of a bucket as one document, so the others are read and written back as they are. Those
    that this made once for a prefix which is not wanted any more go: objects there would become error items, and S3
    refuses prefixes that overlap. Raises DeploymentError."""
    _check_region(bucket, region)
    s3 = aws.client("s3")
    with explain_aws_errors(f"the bucket {bucket}"):
        found: dict[str, Any] = dict(s3.get_bucket_notification_configuration(Bucket=bucket))
    found.pop("ResponseMetadata", None)
    wanted = _outermost(prefixes)
    stale = [
        each
        for each in found.get("TopicConfigurations", [])
        if _is_ours(each, config.stack_name, topic) and _prefix(each) not in wanted
    ]
    topics: list[Any] = [each for each in found.get("TopicConfigurations", []) if each not in stale]
    missing = [prefix for prefix in wanted if not any(_tells(each, topic, prefix) for each in topics)]
    topics += [_notification(config.stack_name, topic, prefix) for prefix in missing]
    if missing or stale:
        _put(bucket, {**found, "TopicConfigurations": topics})
    return NotificationChange(missing, [_prefix(each) for each in stale])


def missing_notifications(bucket: str, prefixes: list[str], topic: str) -> list[str]:
    """The prefixes of which the bucket does not tell the topic; none where it tells EventBridge, whose rules may.
    Raises DeploymentError."""
    with explain_aws_errors(f"the bucket {bucket}"):
        found: Any = aws.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    if "EventBridgeConfiguration" in found:
        return []
    topics = found.get("TopicConfigurations", [])
    return [prefix for prefix in _outermost(prefixes) if not any(_tells(each, topic, prefix) for each in topics)]


def remove_notifications(stack: str, bucket: str, topic: str, *, is_own: bool) -> bool:
    """Take the notifications to the topic away again, of a topic that is given those that this made; whether there was
    one. Raises DeploymentError."""
    s3 = aws.client("s3")
    with explain_aws_errors(f"the bucket {bucket}"):
        found: dict[str, Any] = dict(s3.get_bucket_notification_configuration(Bucket=bucket))
    found.pop("ResponseMetadata", None)
    there = found.get("TopicConfigurations", [])
    kept = [each for each in there if not (_is_ours(each, stack, topic) or (is_own and each["TopicArn"] == topic))]
    if len(kept) == len(there):
        return False
    _put(bucket, {**found, "TopicConfigurations": kept})
    return True


def _put(bucket: str, wanted: Any) -> None:
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the bucket {bucket}: its notifications"):
        for attempt in range(TRIES):
            try:
                aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
            except ClientError as fault:
                if "Unable to validate" in str(fault) and attempt + 1 < TRIES:
                    time.sleep(PAUSE)  # S3 tries the topic, whose policy may be a few seconds old.
                    continue
                if why := _refused(bucket, fault):
                    raise DeploymentError(why) from fault
                raise
            return


def _refused(bucket: str, fault: Any) -> str:
    """What S3 means, where its own words do not say it."""
    said = str(fault)
    if error_code(fault) != "InvalidArgument":
        return ""
    if "overlap" in said or "ambiguous" in said:
        return (
            f"the bucket {bucket} notifies somebody else of the same objects, and S3 tells one receiver alone; "
            "subscribe to that topic instead: write its ARN into backend.sns_topics of slips.yml"
        )
    if "Unable to validate" in said:
        return (
            f"the bucket {bucket}: S3 may not publish to the topic, or a topic, queue or function of its other "
            "notifications is gone; a topic of your own needs a policy that allows sns:Publish to s3.amazonaws.com"
        )
    return ""


def _check_region(bucket: str, region: str) -> None:
    """S3 notifies topics of the bucket's own region alone."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the bucket {bucket}"):
        try:
            answer = aws.client("s3").head_bucket(Bucket=bucket)
        except ClientError as fault:
            if error_code(fault) in ("404", "NoSuchBucket"):
                raise DeploymentError(f"the bucket {bucket}: there is no such bucket; create it first") from fault
            elsewhere = fault.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
            if elsewhere and elsewhere != region:
                raise DeploymentError(_elsewhere(bucket, elsewhere, region)) from fault
            raise
    found = answer.get("BucketRegion") or region
    if found != region:
        raise DeploymentError(_elsewhere(bucket, found, region))


def _elsewhere(bucket: str, found: str, region: str) -> str:
    return (
        f"the bucket {bucket} is in {found}, and this deployment in {region}; S3 notifies topics of its own region "
        f"alone: deploy to {found} (AWS_REGION={found}), or give EventBridge a rule across regions"
    )


def _notification(stack: str, topic: str, prefix: str) -> dict[str, Any]:
    made: dict[str, Any] = {"TopicArn": topic, "Events": [EVENT]}
    if prefix:
        made["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
    return {"Id": _id(stack, prefix), **made}


def _id(stack: str, prefix: str) -> str:
    return f"{stack}-{prefix or 'all'}"[:255]


def _is_ours(notification: Any, stack: str, topic: str) -> bool:
    return (notification["TopicArn"], notification.get("Id")) == (topic, _id(stack, _prefix(notification)))


def _filters(notification: Any) -> dict[str, str]:
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules}


def _prefix(notification: Any) -> str:
    return _filters(notification).get("prefix", "")


def _tells(notification: Any, topic: str, prefix: str) -> bool:
    """Whether objects below the prefix are told of already."""
    return (
        notification["TopicArn"] == topic
        and EVENT in notification["Events"]
        and "suffix" not in _filters(notification)
        and prefix.startswith(_prefix(notification))
    )


def _outermost(prefixes: list[str]) -> list[str]:
    """S3 refuses notifications whose prefixes overlap."""
    wanted = sorted(set(prefixes)) or [""]
    return [each for each in wanted if not any(each != other and each.startswith(other) for other in wanted)]
