"""The topics: those that buckets notify, and the one for dead letters."""

from __future__ import annotations

from typing import Any

from ....config import Config, Topic


def topics(config: Config) -> dict[str, Any]:
    """The topics that no ARN names, each with its policy."""
    resources: dict[str, Any] = {}
    for topic in config.topics:
        if not topic.arn.startswith("arn:"):
            resources |= _topic(logical_id(topic), topic.arn, "s3.amazonaws.com")
    if not config.dead_letters.startswith("arn:"):
        resources |= _topic("DeadLetters", config.dead_letters, "lambda.amazonaws.com")
    return resources


def logical_id(topic: Topic) -> str:
    """The logical id, by name and not by number: removing a topic must not replace the next one."""
    return "Topic" + "".join(part.capitalize() for part in topic.name.replace("_", "-").split("-"))


def _topic(logical: str, name: str, publisher: str) -> dict[str, Any]:
    return {
        logical: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
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
