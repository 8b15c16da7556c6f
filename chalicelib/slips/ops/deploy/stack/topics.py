"""The topics: those that buckets notify, and the one for dead letters."""

from __future__ import annotations

from typing import Any

from ....config import Config, Topic
from ..tags import tag_property


def topics(config: Config) -> dict[str, Any]:
    """The topics that no ARN names, each with its policy."""
    resources: dict[str, Any] = {}
    for topic in config.topics:
        if not topic.arn.startswith("arn:"):
            resources |= topic_with_policy(config, logical_id(topic), topic.arn, "s3.amazonaws.com")
    if not config.dead_letters.startswith("arn:"):
        resources |= topic_with_policy(config, "DeadLetters", config.dead_letters, "lambda.amazonaws.com")
    return resources


def created_topics(config: Config) -> list[str]:
    """The names of all topics that the stack creates, that of the alarms included."""
    names = [*(topic.arn for topic in config.topics), config.dead_letters]
    return [*(name for name in names if not name.startswith("arn:")), config.alarm_topic]


def logical_id(topic: Topic) -> str:
    """The logical id, by name and not by number: removing a topic must not replace the next one."""
    return "Topic" + "".join(part.capitalize() for part in topic.name.replace("_", "-").split("-"))


def topic_with_policy(config: Config, logical: str, name: str, publisher: str) -> dict[str, Any]:
    """A topic, and the policy by which a service may publish to it."""
    key = {"KmsMasterKeyId": config.kms_key} if config.kms_key else {}
    return {
        logical: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, **key, **tag_property(config)}},
        f"{logical}Policy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": logical}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": publisher},
                            "Action": "sns:Publish",
                            "Resource": {"Ref": logical},
                            # Without it, buckets and functions of any account could publish here.
                            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                        }
                    ],
                },
            },
        },
    }
