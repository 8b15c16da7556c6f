"""The queue of notifications, which topics, buckets and a rule of EventBridge fill, and `dispatch_queue` reads in
batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....config import Config, Topic
from ..tags import owned_tags, tag_list
from .queues import QUEUE as REDRIVE
from .queues import RETENTION_SECONDS
from .topics import bucket_conditions, logical_id

QUEUE, POLICY, RULE = "DispatchQueue", "DispatchQueuePolicy", "DispatchRule"
_S3 = "s3.amazonaws.com"
VISIBILITY_SECONDS = 6 * 180
"""Six times the function's timeout (AWS Lambda Developer Guide, "Configuring a queue to use with Lambda")."""
MOST_RECEIVES = 100
"""Until a message goes into the redrive queue. `dispatch` fails only while the ErrorTable or all of app.py does, and
then a message comes again each 18 minutes: for more than a day."""


def takes_buckets(config: Config) -> bool:
    """Whether buckets notify the queue themselves."""
    return config.queue is not None and config.queue.from_buckets


def dispatch_queue(config: Config, buckets: Iterable[str] = ()) -> dict[str, Any]:
    """The queue, its policy, its subscriptions and its rule; nothing where slips.yml has no `queue`. With
    `from_buckets`, `buckets` may notify it beside those that slips.yml maps."""
    if config.queue is None:
        return {}
    arn = {"Fn::GetAtt": [QUEUE, "Arn"]}
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": [REDRIVE, "Arn"]}}
    encryption = {"KmsMasterKeyId": config.kms_key} if config.kms_key else {"SqsManagedSseEnabled": True}
    topics: dict[Topic, Any] = {
        topic: topic.arn if topic.arn.startswith("arn:") else {"Ref": logical_id(topic)} for topic in config.topics
    }
    senders = [_statement("sns.amazonaws.com", arn, _sources([*topics.values()]))]
    if config.queue.from_buckets:
        senders += [_statement(_S3, arn, condition) for condition in bucket_conditions(config, buckets)]
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
        senders.append(_statement("events.amazonaws.com", arn, _sources([{"Fn::GetAtt": [RULE, "Arn"]}])))
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


def bucket_statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a template by which buckets may notify the queue."""
    return [each for each in _policy_statements(template) if each["Principal"]["Service"] == _S3]


def let_buckets_notify(template: dict[str, Any], statements: Iterable[dict[str, Any]]) -> None:
    """Let buckets go on notifying the queue of the template, by statements of before."""
    _policy_statements(template).extend(statements)


def _policy_statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    policy = template["Resources"].get(POLICY)
    return policy["Properties"]["PolicyDocument"]["Statement"] if policy else []


def _sources(sources: list[Any]) -> dict[str, Any]:
    return {"ArnEquals": {"aws:SourceArn": sources}}


def _statement(service: str, queue: Any, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": condition,
    }
