"""The topics that the stack creates."""

from __future__ import annotations

from collections.abc import Iterator

from ..account import AwsAccount
from ..account_resources import find_topic
from ..stack.topics import created_topics
from ..stage import DeploymentStage
from .storage import compare_setting


def topic_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each topic that exists and is encrypted with another key than that of slips.yml. Raises
    DeploymentError."""
    key = stage.config.kms_key
    for name in created_topics(stage.config) if key else ():
        if (topic := find_topic(account.arn("sns", name))) is not None:
            row = ("KmsMasterKeyId", topic["Attributes"].get("KmsMasterKeyId"), key)
            yield from compare_setting("topic", name, row)
