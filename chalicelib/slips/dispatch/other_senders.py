"""Messages by which others than S3 tell of objects that they have written.

    CloudTrail     {"s3Bucket": "b", "s3ObjectKey": ["k", …]}, and once the text `CloudTrail validation message.`
                   (AWS CloudTrail User Guide, "Configuring Amazon SNS notifications for CloudTrail")
    AWS Config     {"s3Bucket": "b", "s3ObjectKey": "k", "messageType": "…Completed", …}; Control Tower hands them on
    … oversized    {"s3DeliverySummary": {"s3BucketLocation": "b/k"}, "messageType": "…", …}
    … anything     {"messageType": "…", "recordVersion": "1.3", …}: of a changed resource, and not of an object
                   (AWS Config Developer Guide, "Notifications that AWS Config sends to an Amazon SNS topic")
    CrowdStrike    {"bucket": "b", "files": [{"path": "k", "size": 1}, …], "timestamp": 1492726639137, …}
                   (Falcon Data Replicator, "SQS notification")

All send keys as they are. None names a version: the time of the message tells one write of a key from a later one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

VALIDATION: Final = "CloudTrail validation message."
"""What CloudTrail sends when a topic is set."""


class ToldObject(NamedTuple):
    """An object of a message, as it was written there: nothing of it is checked."""

    bucket: Any
    key: Any
    size: Any = None


def find_told_objects(document: object) -> list[ToldObject] | None:
    """Return the objects that the message tells of; None where it is of nobody known."""
    match document:
        case {"s3Bucket": bucket, "s3ObjectKey": list(keys)}:
            return [ToldObject(bucket, key) for key in keys]
        case {"s3Bucket": bucket, "s3ObjectKey": str(key)}:
            return [ToldObject(bucket, key)]
        case {"s3DeliverySummary": {"s3BucketLocation": str(location)}, "messageType": str()}:
            bucket, _, key = location.partition("/")
            return [ToldObject(bucket, key)]
        case {"bucket": str(bucket), "files": list(files)}:
            return [_file(bucket, file) for file in files]
        # A delivery that failed is an error here, too: nobody else may tell.
        case {"messageType": str(kind), "recordVersion": str()} if not kind.endswith("Failed"):
            return []
    return None


def _file(bucket: str, file: object) -> ToldObject:
    return (
        ToldObject(bucket, file.get("path"), file.get("size")) if isinstance(file, dict) else ToldObject(bucket, None)
    )


def time_of(document: object) -> str | int | None:
    """Return when the message was written: a text, or milliseconds since the epoch; None where it does not say."""
    match document:
        case {"notificationCreationTime": str(time)} | {"timestamp": str(time) | int(time)}:
            return time
    return None
