"""The topics: those that buckets notify, and the one for dead letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ....config import Bucket, Config, Topic
from ..tags import tag_property

_HERE = {"Ref": "AWS::AccountId"}
_BUCKET = "arn:*:s3:::"


def topics(config: Config, buckets: Iterable[str] = ()) -> dict[str, Any]:
    """The topics that no ARN names, each with its policy; `buckets` may publish beside those that slips.yml maps."""
    resources: dict[str, Any] = {}
    conditions = list(bucket_conditions(config, buckets))
    for topic in config.topics:
        if not topic.arn.startswith("arn:"):
            resources |= topic_with_policy(config, logical_id(topic), topic.arn, "s3.amazonaws.com", conditions)
    if not config.dead_letters.startswith("arn:"):
        resources |= topic_with_policy(config, "DeadLetters", config.dead_letters, "lambda.amazonaws.com")
    return resources


def created_topics(config: Config) -> list[str]:
    """The names of all topics that the stack creates, that of the alarms included."""
    names = [*(topic.arn for topic in config.topics), config.dead_letters]
    return [*(name for name in names if not name.startswith("arn:")), config.alarm_topic]


def bucket_conditions(config: Config, buckets: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield a condition for the buckets of each account. The name of a deleted bucket may be another account's by now,
    so that both are needed. Where nothing is mapped, any bucket of this account may notify."""
    names: dict[str, set[str]] = {}
    for name in {mapping.bucket for mapping in config.mappings} | {*buckets}:
        names.setdefault(_owner(config.bucket(name)), set()).add(name)
    for owner, theirs in sorted(names.items()):
        sources = [f"{_BUCKET}{name}" for name in sorted(theirs)]
        yield {"StringEquals": {"aws:SourceAccount": owner or _HERE}, "ArnLike": {"aws:SourceArn": sources}}
    if not names:
        yield {"StringEquals": {"aws:SourceAccount": _HERE}}


def _owner(bucket: Bucket) -> str:
    """The account that owns a bucket, as far as slips.yml says; empty for that of the deployment."""
    return bucket.expected_owner or (bucket.role_arn.split(":")[4] if bucket.role_arn else "")


def allowed_buckets(template: Any) -> set[str]:
    """The buckets that may notify the topics and the queue of a template."""
    return {
        source.removeprefix(_BUCKET)
        for resource in template["Resources"].values()
        if resource["Type"] in ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        for source in statement["Condition"].get("ArnLike", {}).get("aws:SourceArn", ())
    }


def logical_id(topic: Topic) -> str:
    """The logical id, by name and not by number: removing a topic must not replace the next one."""
    return "Topic" + "".join(part.capitalize() for part in topic.name.replace("_", "-").split("-"))


def topic_with_policy(
    config: Config, logical: str, name: str, publisher: str, conditions: Sequence[Any] = ()
) -> dict[str, Any]:
    """A topic, and the policy by which a service may publish to it where one of the conditions is met: without one,
    for what is of this account."""
    # Without a condition, buckets and functions of any account could publish here.
    conditions = conditions or [{"StringEquals": {"aws:SourceAccount": _HERE}}]
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
                            "Condition": condition,
                        }
                        for condition in conditions
                    ],
                },
            },
        },
    }
