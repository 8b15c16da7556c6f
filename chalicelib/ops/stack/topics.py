"""The topics: those that buckets notify, and the one for dead letters."""

from __future__ import annotations

from typing import Any

from ...config import Config


def topics(config: Config) -> dict[str, Any]:
    """The topics that no ARN names, each with its policy."""
    made: dict[str, Any] = {}
    for number, topic in enumerate(config.topics):
        if not topic.arn.startswith("arn:"):
            made |= _topic(f"Topic{number}", topic.arn, "s3.amazonaws.com")
    if not config.dead_letters.startswith("arn:"):
        made |= _topic("DeadLetters", config.dead_letters, "lambda.amazonaws.com")
    return made


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
