"""AWS CloudTrail: events, Insights, digests and CloudTrail Lake."""

from __future__ import annotations

from ..fields import Event
from ..json_format import JsonFormat
from ..registry import register

_GUIDE = "AWS CloudTrail User Guide"


def describe(event: Event) -> None:
    """Add `description`, the sentence of the class-based SLIPS; `None` for what is missing. What EventBridge
    announces is taken out of its envelope."""
    kind = event.get("eventType")
    if kind is None and "detail-type" in event and isinstance(event.get("detail"), dict):
        inner = event["detail"]
        event.clear()
        event.update(inner)
        kind = event.get("eventType")
    identity = event.get("userIdentity")
    who = identity.get("arn") if isinstance(identity, dict) else None
    what = f"{kind} {event.get('eventName')}"
    event["description"] = f"{what} by {who} on {event.get('sourceIPAddress')}"


register(
    JsonFormat(
        name="cloudtrail",
        tag="aws.cloudtrail.<eventType>",
        time="eventTime",
        records_key="Records",
        derive=describe,
        signatures=(
            "eventVersion, eventSource, eventName, awsRegion, eventType, userIdentity, !insightDetails, !eventData",
        ),
        description="CloudTrail log files: management and data events",
        variants=("events that EventBridge announces",),
        document=f"{_GUIDE}: CloudTrail record contents",
        example=b'{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada"},'
        b'"eventTime":"2026-03-01T09:15:02Z","eventSource":"s3.amazonaws.com","eventName":"GetBucketAcl",'
        b'"awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.41","eventType":"AwsApiCall"}',
    ),
    JsonFormat(
        name="cloudtrail-insight",
        tag="aws.cloudtrail_insight",
        time="eventTime",
        records_key="Records",
        signatures=(
            "insightDetails.insightType, insightDetails.state, eventVersion, awsRegion, eventType=AwsCloudTrailInsight",
        ),
        description="CloudTrail Insights: unusual rates of calls and of errors",
        document=f"{_GUIDE}: CloudTrail record contents for Insights events",
        example=b'{"eventVersion":"1.08","eventTime":"2026-03-01T09:15:00Z","awsRegion":"eu-west-1","eventID":"5c1b",'
        b'"eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start","eventSource":"ssm.amazonaws.com",'
        b'"eventName":"UpdateInstanceInformation","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}',
    ),
    JsonFormat(
        name="cloudtrail-digest",
        tag="aws.cloudtrail_digest",
        time="digestEndTime",
        framing="s3-json-stream",  # The document is the event; its `logFiles` are not.
        signatures=("digestEndTime, digestStartTime, digestS3Bucket, awsAccountId, logFiles",),
        description="CloudTrail digest files: each is one event",
        document=f"{_GUIDE}: CloudTrail digest file structure",
        example=b'{"awsAccountId":"111122223333","digestStartTime":"2026-03-01T08:15:00Z","digestEndTime":'
        b'"2026-03-01T09:15:00Z","digestS3Bucket":"example-logs","logFiles":[]}',
    ),
    JsonFormat(
        name="cloudtrail-lake",
        tag="aws.cloudtrail_lake",
        time=("eventData.eventTime", "eventTime"),
        records_key=("Records", "QueryResultRows"),
        signatures=(
            "eventData.eventSource, eventData.eventName, eventData.eventTime, eventMetadata",
            "eventSource, eventName, eventTime, awsRegion, addendum|metadata|eventJson",
        ),
        description="CloudTrail Lake: exported events",
        document=f"{_GUIDE}: CloudTrail Lake event schema",
        example=b'{"eventMetadata":{"ruleVersion":"1.0","deliveryTime":"2026-03-01 09:20:00.000"},"eventData":'
        b'{"version":"1.09","eventTime":"2026-03-01T09:15:02Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}}',
    ),
)
