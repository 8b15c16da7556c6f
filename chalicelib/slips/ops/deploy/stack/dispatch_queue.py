"""The queue of notifications, which topics and a rule of EventBridge fill, and `dispatch_queue` reads in batches."""

from __future__ import annotations

from typing import Any

from ....config import Config, Topic
from ..tags import owned_tags, tag_list
from .queues import QUEUE as REDRIVE
from .queues import RETENTION_SECONDS
from .topics import logical_id

QUEUE, POLICY, RULE = "DispatchQueue", "DispatchQueuePolicy", "DispatchRule"
VISIBILITY_SECONDS = 6 * 180
"""Six times the function's timeout (AWS Lambda Developer Guide, "Configuring a queue to use with Lambda")."""
MOST_RECEIVES = 100
"""Until a message goes into the redrive queue. `dispatch` fails only while the ErrorTable or all of app.py does, and
then a message comes again each 18 minutes: for more than a day."""


def dispatch_queue(config: Config) -> dict[str, Any]:
    """The queue, its policy, its subscriptions and its rule; nothing where slips.yml has no `queue`."""
    if config.queue is None:
        return {}
    arn = {"Fn::GetAtt": [QUEUE, "Arn"]}
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": [REDRIVE, "Arn"]}}
    encryption = {"KmsMasterKeyId": config.kms_key} if config.kms_key else {"SqsManagedSseEnabled": True}
    topics: dict[Topic, Any] = {
        topic: topic.arn if topic.arn.startswith("arn:") else {"Ref": logical_id(topic)} for topic in config.topics
    }
    senders = [_statement("sns.amazonaws.com", arn, [*topics.values()])]
    resources: dict[str, Any] = {
        QUEUE: {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": config.queue.name,
                "MessageRetentionPeriod": RETENTION_SECONDS,
                "VisibilityTimeout": VISIBILITY_SECONDS,
                "RedrivePolicy": redrive | {"maxReceiveCount": MOST_RECEIVES},
                **encryption,
                "Tags": tag_list(owned_tags(config)),
            },
        },
        **{
            f"{logical_id(topic)}Subscription": {
                "Type": "AWS::SNS::Subscription",
                "DependsOn": POLICY,
                "Properties": {"TopicArn": source, "Protocol": "sqs", "Endpoint": arn, "RedrivePolicy": redrive},
            }
            for topic, source in topics.items()
        },
    }
    if config.queue.event_bridge:
        senders.append(_statement("events.amazonaws.com", arn, [{"Fn::GetAtt": [RULE, "Arn"]}]))
        resources[RULE] = {
            "Type": "AWS::Events::Rule",
            "DependsOn": QUEUE,
            "Properties": {
                "EventPattern": event_pattern(config),
                "Targets": [{"Id": "queue", "Arn": arn}],
            },
        }
    policy = {"Version": "2012-10-17", "Statement": senders}
    resources[POLICY] = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": [{"Ref": QUEUE}], "PolicyDocument": policy},
    }
    return resources


def event_pattern(config: Config) -> dict[str, Any]:
    """The events of mapped buckets that `dispatch` takes (Amazon S3 User Guide, "Using EventBridge")."""
    buckets = sorted({mapping.bucket for mapping in config.mappings})
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Restore Completed"],
        **({"detail": {"bucket": {"name": buckets}}} if buckets else {}),
    }


def _statement(service: str, queue: Any, sources: list[Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
    }
