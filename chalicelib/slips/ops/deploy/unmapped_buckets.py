"""Buckets that the topics and queue of the deployed stack still accept, and that slips.yml no longer maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.access import S3Access
from ...errors import DeploymentError
from .account import AwsAccount
from .bucket_notifications import notified_receivers
from .notification_receivers import own_receivers
from .restoration import deployed_template
from .stack.topics import allowed_buckets
from .stack_ownership import is_stack_foreign
from .stage import DeploymentStage


def unmapped_buckets(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each bucket that notifies a topic or the queue and will no longer be allowed to. S3 tells
    nobody; its objects were error items so far, and would be ignored from now on. Raises DeploymentError."""
    config = stage.config
    if is_stack_foreign(config.stack_name):
        return
    before = allowed_buckets(deployed_template(config.stack_name))
    for bucket in sorted(before - {mapping.bucket for mapping in config.mappings}):
        notified = _notified_receivers(config.buckets, bucket)
        for receiver in own_receivers(config, account):
            if receiver in notified:
                yield (
                    f"s3://{bucket} notifies {receiver.rpartition(':')[2]}, which ignores its notifications, because "
                    "slips.yml maps nothing in it: its objects are not processed; map it, or remove its notifications"
                )


def _notified_receivers(buckets: Any, bucket: str) -> set[str]:
    try:
        return notified_receivers(S3Access(buckets), bucket)
    except DeploymentError:  # It is gone, or another account's.
        return set()
