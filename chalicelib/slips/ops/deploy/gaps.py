"""Mapped prefixes of which the stage is not notified, and the backfill that queues what came meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ...config import Config
from ...config.access import S3Access
from ...config.prefixes import literal_heads, shorten
from ...errors import DeploymentError
from ...model import utc
from .account import AwsAccount
from .account_resources import find_stack
from .bucket_notifications import NotificationPlan, read_notifications, uncovered_prefixes
from .change_set import Say
from .notification_entries import list_entries, receiver_of
from .notification_receivers import stage_receivers
from .stage import DeploymentStage


class SilentBucket(NamedTuple):
    """A bucket that does not notify the stage of what is mapped."""

    bucket: str
    prefixes: tuple[str, ...]
    """None where it could not be looked up."""
    line: str


def silent_buckets(stage: DeploymentStage, account: AwsAccount) -> Iterator[SilentBucket]:
    """Yield each bucket that does not notify the stage of all that is mapped. Where slips.yml names a topic by ARN,
    anybody may notify it: then nothing is said."""
    if any(topic.arn.startswith("arn:") for topic in stage.config.topics):
        return
    access, receivers = S3Access(stage.config.buckets), stage_receivers(stage.config, account).accepted
    for bucket in sorted({mapping.bucket for mapping in stage.config.mappings}):
        mapped = literal_heads(stage.config.mappings, bucket)
        try:
            configuration = read_notifications(access, bucket)
        except DeploymentError as error:
            yield SilentBucket(bucket, (), str(error))
            continue
        if prefixes := shorten(uncovered_prefixes(configuration, mapped, receivers)):
            yield SilentBucket(bucket, tuple(prefixes), _describe(stage, bucket, prefixes, configuration))


def _describe(stage: DeploymentStage, bucket: str, prefixes: list[str], configuration: dict[str, Any]) -> str:
    names = ", ".join(prefixes[:3]) + (", …" if len(prefixes) > 3 else "")
    what = f"below {names}" if any(prefixes) else "of any object"
    run = f"slips provision --stage {stage.name} --bucket-notifications {bucket}"
    others = sorted({receiver_of(entry) for entry in list_entries(configuration)})
    instead = [each for each in others if len(uncovered_prefixes(configuration, prefixes, [each])) < len(prefixes)]
    notifies = f" (it notifies {', '.join(instead)})" if instead else ""
    return f"s3://{bucket} does not notify this stage {what}{notifies}; run: {run}"


def backfill_commands(stage: DeploymentStage, bucket: str, prefixes: Iterable[str]) -> list[str]:
    """The commands that queue what nobody was notified of. What is done is passed over, as far as the ledger remembers:
    they begin with the stack, or with what the ledger remembers. Raises DeploymentError."""
    since = remembered_since(stage.config)
    option = "" if stage.config_name == "slips.yml" else f" -c {stage.config_name}"
    time = utc.iso(since).partition(".")[0] + "Z"
    return [f"slips backfill{option} s3://{bucket}/{prefix} --since {time}" for prefix in prefixes]


def remembered_since(config: Config) -> float:
    """Return since when the ledger knows what came, in whole seconds since the epoch: it forgets, and the stack is
    younger. Raises DeploymentError."""
    remembered = datetime.now(UTC) - timedelta(days=config.ledger_ttl_days)
    stack = find_stack(config.stack_name)
    # S3 tells the times of objects in whole seconds: one of the same second as the stack would seem to be older.
    return float(math.floor((max(remembered, stack["CreationTime"]) if stack else remembered).timestamp()))


def unnotified_prefixes(config: Config, account: AwsAccount, bucket: str) -> list[str]:
    """Return the mapped prefixes of which the bucket notifies no receiver of the stage. Raises DeploymentError."""
    configuration = read_notifications(S3Access(config.buckets), bucket)
    mapped = literal_heads(config.mappings, bucket)
    return shorten(uncovered_prefixes(configuration, mapped, stage_receivers(config, account).accepted))


def execute_notifications(stage: DeploymentStage, plans: Iterable[NotificationPlan], say: Say) -> None:
    """Execute the plans, and say what is not queued: what came before a notification was added. Raises
    DeploymentError."""
    for plan in plans:
        prefixes = plan.execute(say)
        for command in backfill_commands(stage, plan.bucket, prefixes) if prefixes else ():
            say(f"SLIPS was not notified of earlier objects; to queue those since the stack exists: {command}")
