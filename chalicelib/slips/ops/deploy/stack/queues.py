"""The queue below the last net: what neither `dispatch` nor `report` took."""

from __future__ import annotations

from typing import Any

from ....config import Config
from ..tags import owned_tags, tag_list
from .storage import RETAINED
from .topics import logical_id

RETENTION_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message (Amazon SQS API, SetQueueAttributes)."""
QUEUE, POLICY = "Redrive", "RedrivePolicy"
_SNS = {"Service": "sns.amazonaws.com"}


def redrive_queue(config: Config) -> dict[str, Any]:
    """The queue, and the policy by which SNS puts into it what a subscription to one of our topics could not deliver.
    `report` puts its own failures there by its role."""
    return {
        QUEUE: {"Type": "AWS::SQS::Queue", **RETAINED, "Properties": queue_properties(config)},
        POLICY: {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": QUEUE}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": _SNS,
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": [QUEUE, "Arn"]},
                            "Condition": {"ArnEquals": {"aws:SourceArn": _topics(config)}},
                        }
                    ],
                },
            },
        },
    }


def queue_properties(config: Config) -> dict[str, Any]:
    """What the queue must be like."""
    encryption = {"KmsMasterKeyId": config.kms_key} if config.kms_key else {"SqsManagedSseEnabled": True}
    return {
        "QueueName": config.redrive_queue,
        "MessageRetentionPeriod": RETENTION_SECONDS,
        **encryption,
        # By the tag of the stack, the next deployment knows it where a roll-back took it out of the stack.
        "Tags": tag_list(owned_tags(config)),
    }


def _topics(config: Config) -> list[Any]:
    """The topics whose subscriptions have the queue, by their ARN or as references to the stack's own."""
    names = {topic.arn: logical_id(topic) for topic in config.topics} | {config.dead_letters: "DeadLetters"}
    return [arn if arn.startswith("arn:") else {"Ref": logical} for arn, logical in names.items()]


def allow_topics(template: dict[str, Any], logical_ids: list[str]) -> None:
    """Let further topics of the template use its queues: those of before, whose subscriptions still have them."""
    for resource in template["Resources"].values():
        policy = resource["Properties"]["PolicyDocument"] if resource["Type"] == "AWS::SQS::QueuePolicy" else {}
        for statement in policy.get("Statement", ()):
            if statement["Principal"] == _SNS:
                statement["Condition"]["ArnEquals"]["aws:SourceArn"] += [{"Ref": logical} for logical in logical_ids]
