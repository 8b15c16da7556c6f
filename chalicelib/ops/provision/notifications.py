"""The notification from a bucket to the topic, beside whatever else the bucket notifies."""

from __future__ import annotations

from typing import Any

from ... import aws
from ...config import Config
from ...errors import DeploymentError
from ..faults import code_of, told

EVENT = "s3:ObjectCreated:*"


def notify(config: Config, bucket: str, prefixes: list[str], topic: str, region: str) -> list[str]:
    """Let the bucket tell the topic (an ARN) of new objects, below each of the prefixes where any are given.

    The answer is the prefixes that were added; none where the bucket notified already. S3 keeps all notifications of a
    bucket as one document, so the others are read and written back as they are. Raises DeploymentError."""
    _check_region(bucket, region)
    s3 = aws.client("s3")
    with told(f"the bucket {bucket}"):
        found: dict[str, Any] = dict(s3.get_bucket_notification_configuration(Bucket=bucket))
    found.pop("ResponseMetadata", None)
    topics: list[Any] = list(found.get("TopicConfigurations", []))
    missing = [prefix for prefix in _outermost(prefixes) if not any(_tells(each, topic, prefix) for each in topics)]
    for prefix in missing:
        topics.append(_notification(config.stack_name, topic, prefix))
    if missing:
        _put(bucket, {**found, "TopicConfigurations": topics})
    return missing


def withdraw(bucket: str, topic: str) -> bool:
    """Take the notifications to the topic away again; whether there was one. Raises DeploymentError."""
    s3 = aws.client("s3")
    with told(f"the bucket {bucket}"):
        found: dict[str, Any] = dict(s3.get_bucket_notification_configuration(Bucket=bucket))
        found.pop("ResponseMetadata", None)
        kept = [each for each in found.get("TopicConfigurations", []) if each["TopicArn"] != topic]
    if len(kept) == len(found.get("TopicConfigurations", [])):
        return False
    _put(bucket, {**found, "TopicConfigurations": kept})
    return True


def _put(bucket: str, wanted: Any) -> None:
    from botocore.exceptions import ClientError

    with told(f"the bucket {bucket}: its notifications"):
        try:
            aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
        except ClientError as fault:
            if code_of(fault) == "InvalidArgument" and ("overlap" in str(fault) or "ambiguous" in str(fault)):
                raise DeploymentError(
                    f"the bucket {bucket} notifies somebody else of the same objects, and S3 tells one receiver alone; "
                    "subscribe to that topic instead: write its ARN into backend.sns_topics of slips.yml"
                ) from fault
            raise


def _check_region(bucket: str, region: str) -> None:
    """S3 notifies topics of the bucket's own region alone."""
    from botocore.exceptions import ClientError

    with told(f"the bucket {bucket}"):
        try:
            answer = aws.client("s3").head_bucket(Bucket=bucket)
        except ClientError as fault:
            if code_of(fault) in ("404", "NoSuchBucket"):
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
    return {"Id": f"{stack}-{prefix or 'all'}"[:255], **made}


def _tells(notification: Any, topic: str, prefix: str) -> bool:
    """Whether objects below the prefix are told of already."""
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = {rule["Name"].lower(): rule["Value"] for rule in rules}
    return (
        notification["TopicArn"] == topic
        and EVENT in notification["Events"]
        and "suffix" not in filters
        and prefix.startswith(filters.get("prefix", ""))
    )


def _outermost(prefixes: list[str]) -> list[str]:
    """S3 refuses notifications whose prefixes overlap."""
    wanted = sorted(set(prefixes)) or [""]
    return [each for each in wanted if not any(each != other and each.startswith(other) for other in wanted)]
