"""What travels through SLIPS, with everything a test does not care about filled in."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import msgspec

from slips.config.settings import Config, LaneConfig, Mapping, Rule, Topic
from slips.model import Failure, ObjectRef, WorkItem, work_item

TIME = "2026-01-31T12:00:00.000Z"


def s3_record(
    key: str = "logs/a.gz", bucket: str = "logs", *, encoded: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Return a record of an S3 notification. The key is encoded as S3 does it, unless `encoded` is given."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": TIME,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {
                "key": quote_plus(key, safe="/") if encoded is None else encoded,
                "size": 100,
                "eTag": "e1",
                "sequencer": "0A",
            },
        },
        **fields,
    }


def s3_event(*records: dict[str, Any]) -> dict[str, Any]:
    """Return a notification of S3."""
    return {"Records": list(records)}


def event_bridge(key: str = "logs/a.gz", bucket: str = "logs", **fields: Any) -> dict[str, Any]:
    """Return EventBridge's event for a new object; its key is not encoded."""
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-01-31T12:00:00Z",
        "region": "eu-central-1",
        "detail": {
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 100, "etag": "e1", "version-id": "v1", "sequencer": "0A"},
            "reason": "PutObject",
        },
        **fields,
    }


def sns(*messages: object) -> dict[str, Any]:
    """Return the event of a function that an SNS topic calls. A message that is not a text becomes JSON."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    return {
        "Records": [{"EventSource": "aws:sns", "Sns": {"Message": text, "MessageAttributes": {}}} for text in texts]
    }


def sqs(*bodies: object) -> dict[str, Any]:
    """Return the event of a function that an SQS queue feeds."""
    return {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(body)} for body in bodies]}


def kinesis_record(item: WorkItem | dict[str, Any] | bytes) -> dict[str, Any]:
    """Return a record of a Kinesis event."""
    data = item if isinstance(item, bytes) else msgspec.json.encode(item)
    return {"kinesis": {"data": b64encode(data).decode(), "sequenceNumber": "1", "partitionKey": "p"}}


def ref(key: str = "logs/a.gz", bucket: str = "logs", **fields: Any) -> ObjectRef:
    """Return a reference to an object."""
    return ObjectRef(**{"bucket": bucket, "key": key, "size": 100, "etag": "e1", "event_time": TIME, **fields})


def item(key: str = "logs/a.gz", stream: str = "slips-fast", **fields: Any) -> WorkItem:
    """Return a work item for a whole object."""
    return msgspec.structs.replace(work_item(ref(key), stream), **fields)


def legacy_item(key: str = "logs/a.gz", stream: str = "slips-fast", bucket: str = "logs") -> dict[str, Any]:
    """Return a work item as the class-based SLIPS wrote it."""
    return {
        "aws_region": "eu-central-1",
        "event_time": TIME,
        "event_name": "ObjectCreated:Put",
        "bucket_name": bucket,
        "bucket_arn": f"arn:aws:s3:::{bucket}",
        "object_key": key,
        "object_size": 100,
        "object_etag": "e1",
        "dest_stream": stream,
    }


def failure(request_id: str = "r1", **fields: Any) -> Failure:
    """Return the failure of a function that raised on record 3 of an object."""
    values: dict[str, Any] = {
        "argument": (item(),),
        "stage": "process",
        "error_type": "KeyError",
        "error_message": "'user'",
        "event_time": TIME,
        "failed_at": TIME,
        "bucket_name": "logs",
        "object_key": "logs/a.gz",
        "object_size": 100,
        "lane": "fast",
        "format": "g-suite-login",
        "processor": "watch_logins",
        "positions": "3",
        "fingerprint": "f1",
    }
    return Failure(request_id=request_id, **(values | fields))


def config(*, routing: tuple[Rule, ...] = (), mappings: tuple[Mapping, ...] | None = None, **fields: Any) -> Config:
    """Return a config that maps all of the bucket `logs`."""
    values: dict[str, Any] = {
        "stack_name": "slips",
        "topics": (Topic("s3", "s3"),),
        "fast": LaneConfig(name="fast", stream="slips-fast"),
        "slow": LaneConfig(name="slow", stream="slips-slow"),
        "error_table": "slips-errors",
        "ledger_table": "slips-ledger",
        "dead_letters": "slips-dead-letters",
        "routing": routing,
        "mappings": (Mapping(bucket="logs", chain=("s3-lines", "syslog")),) if mappings is None else mappings,
    }
    return Config(**(values | fields))
