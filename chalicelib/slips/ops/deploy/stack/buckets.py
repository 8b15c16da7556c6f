"""Buckets that notify the stage of every new object, as `slips run` needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....config import Config
from ..notification_entries import CREATED, RESTORED
from .dispatch_queue import POLICY, QUEUE, takes_buckets
from .storage import RETAINED
from .topics import logical_id


def buckets(config: Config, names: Sequence[str]) -> dict[str, Any]:
    """Buckets that notify the first topic, or the queue where slips.yml says `from_buckets`."""
    return {f"Bucket{number}": _bucket(config, name) for number, name in enumerate(names)}


def _bucket(config: Config, name: str) -> dict[str, Any]:
    topic = config.topics[0]
    policy = "" if topic.arn.startswith("arn:") else f"{logical_id(topic)}Policy"
    kind = "Topic"
    receiver: Any = {"Ref": logical_id(topic)} if policy else topic.arn
    if takes_buckets(config):
        kind, receiver, policy = "Queue", {"Fn::GetAtt": [QUEUE, "Arn"]}, POLICY
    bucket: dict[str, Any] = {
        "Type": "AWS::S3::Bucket",
        **RETAINED,
        "Properties": {
            "BucketName": name,
            "NotificationConfiguration": {
                f"{kind}Configurations": [{"Event": event, kind: receiver} for event in (CREATED, RESTORED)]
            },
        },
    }
    if policy:
        bucket["DependsOn"] = [policy]  # S3 tries the receiver before it accepts the notification.
    return bucket
