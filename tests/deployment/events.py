"""Events as Lambda gets them (AWS Lambda Developer Guide, "Invoking Lambda with events from other AWS services")."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from .project import REGION

TIME = "2026-03-01T09:20:00.000Z"


def notification(bucket: str, key: str, size: int) -> dict[str, Any]:
    """What S3 sends when an object was put."""
    s3_object = {"key": quote_plus(key, safe="/"), "size": size, "eTag": "", "sequencer": "0055AED6DCD90281E5"}
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": TIME,
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}, "object": s3_object},
            }
        ]
    }


def of_topic(message: object) -> dict[str, Any]:
    """What a function gets that is subscribed to an SNS topic."""
    header = {"Type": "Notification", "MessageId": "95df01b4", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:topic"}
    content = {"Subject": "Amazon S3 Notification", "Message": json.dumps(message), "Timestamp": TIME}
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {**header, **content, "MessageAttributes": {}}}
    return {"Records": [record]}


def of_stream(records: Sequence[dict[str, Any]], shard: str = "shardId-000000000000") -> dict[str, Any]:
    """What a function gets that reads a Kinesis stream; `records` of a shard as GetRecords gives them."""
    return {"Records": [_of_shard(record, shard) for record in records]}


def _of_shard(record: dict[str, Any], shard: str) -> dict[str, Any]:
    kinesis = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record["PartitionKey"],
        "sequenceNumber": record["SequenceNumber"],
        "data": b64encode(record["Data"]).decode(),
        "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
    }
    header = {"eventSource": "aws:kinesis", "eventName": "aws:kinesis:record", "awsRegion": REGION}
    return {**header, "eventID": f"{shard}:{record['SequenceNumber']}", "kinesis": kinesis}


def of_schedule(rule: str = "slips-dev-retry-event") -> dict[str, Any]:
    """What a function gets that a rule of EventBridge calls (Amazon EventBridge User Guide, "Scheduled rules")."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": TIME,
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:123456789012:rule/{rule}"],
        "detail": {},
    }


def of_api(
    method: str, resource: str, *, path: dict[str, str] | None = None, body: object = None, **query: str
) -> dict[str, Any]:
    """What the function behind API Gateway gets, as a Lambda proxy integration; `resource` is `/errors/{id}`."""
    return {
        "resource": resource,
        "path": resource.format(**(path or {})),
        "httpMethod": method,
        "headers": {"accept": "application/json", "content-type": "application/json"},
        "multiValueHeaders": {"accept": ["application/json"], "content-type": ["application/json"]},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": path,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1"},
            "stage": "api",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
