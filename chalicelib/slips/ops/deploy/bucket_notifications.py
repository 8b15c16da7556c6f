"""The notifications from a bucket to the topic. All other notifications of the bucket stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...config import Config
from ...config.access import S3Access
from ...config.prefixes import MOST_NOTIFICATIONS, notified_prefixes
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors
from ..polling import retry
from .account import AwsAccount
from .bucket_region import check_region
from .change_set import Say
from .notification_entries import (
    add_restores,
    count_entries,
    covers,
    entry_id,
    is_ours,
    new_entry,
    prefix_of,
    tells_others_of_restores,
)
from .subscriptions import list_subscriptions

PATIENCE = 12.0
"""Seconds until S3 must be able to publish to a topic whose policy is new."""


@dataclass(frozen=True)
class FormerOwner:
    """A stack whose notifications are to go to the topic of the stage from now on."""

    stack: str
    """Its name, which the ids of the notifications that it added begin with."""
    topics: frozenset[str] = frozenset()
    """Its topics: all notifications that they get are its own, whoever added them."""
    below: tuple[str, ...] = ("",)
    """Only its notifications of these prefixes, and below them, are meant."""

    def owns(self, notification: Any) -> bool:
        """Whether a notification is one of those that are meant."""
        prefix = prefix_of(notification)
        is_theirs = notification["TopicArn"] in self.topics or notification.get("Id") == entry_id(self.stack, prefix)
        return is_theirs and prefix.startswith(self.below)


@dataclass(frozen=True)
class NotificationPlan:
    """What changes so that the bucket notifies the stage of new objects below the prefixes.

    Notifications that SLIPS added for a prefix that slips.yml no longer maps are removed: objects there would become
    error items, and S3 refuses prefixes that overlap. Those of former topics are moved, in the same request: at no time
    does the bucket notify nobody."""

    stack: str
    bucket: str
    topics: tuple[str, ...]
    """Those of the stage; what is added or moved goes to the first."""
    prefixes: tuple[str, ...]
    """None where notifications are only moved."""
    owners: tuple[FormerOwner, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    """Prefix and former topic."""
    widened: tuple[str, ...]
    """Those that are to tell of restored objects, too."""
    configuration: dict[str, Any]
    """All notifications that the bucket is to have: S3 keeps them as one document."""
    access: S3Access

    @property
    def topic(self) -> str:
        """The topic to notify."""
        return self.topics[0]

    def lines(self) -> Iterator[str]:
        """Show each change in a line."""
        yield from (f"Add     notification s3://{self.bucket}/{prefix} -> {self.topic}" for prefix in self.added)
        yield from (f"Remove  notification s3://{self.bucket}/{prefix} -> {self.topic}" for prefix in self.removed)
        for prefix, former in self.moved:
            yield f"Move    notification s3://{self.bucket}/{prefix} from {former} to {self.topic}"
        for prefix in self.widened:
            yield f"Modify  notification s3://{self.bucket}/{prefix} -> {self.topic}: of restored objects, too"

    def execute(self, say: Say) -> tuple[str, ...]:
        """Change the notifications that the bucket has by now, and say what changed; return the prefixes of which it
        notified nobody until now. Raises DeploymentError."""
        plan = _plan(self.access, self.stack, self.bucket, self.topics, self.prefixes, self.owners)
        if plan.moved and not _is_heard(self.topic, plan.moved[0][1]):
            raise DeploymentError(
                f"the bucket {self.bucket}: nothing is subscribed to {self.topic} yet, so the bucket still notifies "
                f"{plan.moved[0][1]}; run `slips deploy` first"
            )
        if plan.added or plan.removed or plan.moved or plan.widened:
            _write(self.access, self.bucket, plan.configuration)
        elif self.prefixes:
            say(f"s3://{self.bucket} notifies {self.topic} already")
        for prefix in plan.added:
            say(f"s3://{self.bucket}/{prefix} now notifies {self.topic}")
        for prefix in plan.removed:
            say(f"s3://{self.bucket}/{prefix} no longer notifies {self.topic}: slips.yml does not map it")
        for prefix, former in plan.moved:
            say(f"s3://{self.bucket}/{prefix} now notifies {self.topic}, and no longer {former}")
        for prefix in plan.widened:
            say(f"s3://{self.bucket}/{prefix} notifies {self.topic} of restored objects, too")
        return plan.added


def plan_notifications(
    config: Config, bucket: str, account: AwsAccount, owners: Sequence[FormerOwner] = ()
) -> NotificationPlan:
    """Plan that a bucket notifies the first topic of what slips.yml maps in it. Raises DeploymentError."""
    prefixes = mapped_prefixes(config, bucket)
    access = S3Access(config.buckets)
    check_region(access, bucket, account.region)
    return _plan(access, config.stack_name, bucket, stage_topics(config, account), prefixes, tuple(owners))


def plan_moves(config: Config, bucket: str, account: AwsAccount, owners: Sequence[FormerOwner]) -> NotificationPlan:
    """Plan that the bucket notifies the first topic instead of former ones; all else of the bucket stays. Raises
    DeploymentError."""
    return _plan(S3Access(config.buckets), config.stack_name, bucket, stage_topics(config, account), (), tuple(owners))


def stage_topics(config: Config, account: AwsAccount) -> tuple[str, ...]:
    """The ARNs of the topics that slips.yml names."""
    return tuple(account.arn("sns", topic.arn) for topic in config.topics)


def _plan(
    access: S3Access,
    stack: str,
    bucket: str,
    topics: tuple[str, ...],
    prefixes: tuple[str, ...],
    owners: tuple[FormerOwner, ...],
) -> NotificationPlan:
    configuration, topic = read_notifications(access, bucket), topics[0]
    entries = configuration.get("TopicConfigurations", [])
    moved = [
        entry for entry in entries if entry["TopicArn"] not in topics and any(owner.owns(entry) for owner in owners)
    ]
    entries = [_move(entry, stack, topic, owners) if entry in moved else entry for entry in entries]
    ours = [entry for entry in entries if is_ours(entry, stack, topic)]
    # One whose filter an earlier version did not encode has never notified anybody: it is added again.
    stale = [
        entry
        for entry in ours
        if prefixes and (prefix_of(entry) not in prefixes or not covers(entry, prefix_of(entry), topic))
    ]
    entries = [entry for entry in entries if entry not in stale]
    added = tuple(
        prefix for prefix in prefixes if not any(covers(entry, prefix, each) for entry in entries for each in topics)
    )
    entries += [new_entry(stack, topic, prefix) for prefix in added]
    widened: tuple[str, ...] = ()
    if prefixes and not tells_others_of_restores({**configuration, "TopicConfigurations": entries}, stack, topic):
        wide = [add_restores(entry) if is_ours(entry, stack, topic) else entry for entry in entries]
        widened = tuple(prefix_of(entry) for entry in wide if entry not in entries and prefix_of(entry) not in added)
        entries = wide
    configuration["TopicConfigurations"] = entries
    if (count := count_entries(configuration)) > MOST_NOTIFICATIONS:
        raise DeploymentError(
            f"the bucket {bucket} would have {count} notifications, and S3 takes {MOST_NOTIFICATIONS}; write * for the "
            "segment in which mapped prefixes differ, or remove notifications of others"
        )
    return NotificationPlan(
        stack=stack,
        bucket=bucket,
        topics=topics,
        prefixes=prefixes,
        owners=owners,
        added=added,
        removed=tuple(prefix for prefix in map(prefix_of, stale) if prefix not in added),
        moved=tuple((prefix_of(entry), entry["TopicArn"]) for entry in moved),
        widened=widened,
        configuration=configuration,
        access=access,
    )


def _is_heard(topic: str, former: str) -> bool:
    """Whether anybody is subscribed to the topic; of one in another account than the former, nobody here can tell."""
    return topic.split(":")[4] != former.split(":")[4] or bool(list_subscriptions(topic))


def _move(notification: Any, stack: str, topic: str, owners: Iterable[FormerOwner]) -> Any:
    prefix = prefix_of(notification)
    is_of_slips = notification.get("Id") in {entry_id(owner.stack, prefix) for owner in owners}
    renamed = {"Id": entry_id(stack, prefix)} if is_of_slips else {}
    return {**notification, **renamed, "TopicArn": topic}


def mapped_prefixes(config: Config, bucket: str) -> tuple[str, ...]:
    """The prefixes of which a bucket is to notify. Raises DeploymentError where slips.yml maps nothing in it."""
    prefixes = notified_prefixes(config.mappings, bucket)
    if not prefixes:
        raise DeploymentError(f"the bucket {bucket}: slips.yml maps nothing in it; add it to bucket_mapping first")
    return prefixes


def uncovered_prefixes(configuration: dict[str, Any], prefixes: Iterable[str], topics: Iterable[str]) -> list[str]:
    """Those of the prefixes below which a bucket of these notifications notifies none of the topics; none where it
    notifies EventBridge, whose rules may."""
    if "EventBridgeConfiguration" in configuration:
        return []
    entries, topics = configuration.get("TopicConfigurations", []), tuple(topics)
    return [
        prefix for prefix in prefixes if not any(covers(entry, prefix, topic) for entry in entries for topic in topics)
    ]


def notifies(access: S3Access, bucket: str, topic: str) -> bool:
    """Whether the bucket notifies the topic of anything. Raises DeploymentError."""
    return any(
        entry["TopicArn"] == topic for entry in read_notifications(access, bucket).get("TopicConfigurations", [])
    )


def remove_notifications(access: S3Access, stack: str, bucket: str, topic: str, *, is_own: bool) -> bool:
    """Remove the bucket's notifications to the topic; unless the topic is our own, only those that SLIPS added. Return
    whether there were any. Raises DeploymentError."""
    configuration = read_notifications(access, bucket)
    topics = configuration.get("TopicConfigurations", [])
    others = [
        notification
        for notification in topics
        if not (is_ours(notification, stack, topic) or (is_own and notification["TopicArn"] == topic))
    ]
    if len(others) == len(topics):
        return False
    _write(access, bucket, {**configuration, "TopicConfigurations": others})
    return True


def read_notifications(access: S3Access, bucket: str) -> dict[str, Any]:
    """Read all notifications of a bucket. Raises DeploymentError."""
    with explain_aws_errors(f"the bucket {bucket}"):
        get = access.client(bucket).get_bucket_notification_configuration
        response: dict[str, Any] = dict(get(**access.bucket_parameters(bucket)))
    response.pop("ResponseMetadata", None)
    return response


def _write(access: S3Access, bucket: str, configuration: Any) -> None:
    from botocore.exceptions import ClientError

    put = access.client(bucket).put_bucket_notification_configuration
    parameters = access.bucket_parameters(bucket)
    with explain_aws_errors(f"the bucket {bucket}: its notifications"):
        try:
            # S3 tries the topic, whose policy may be a few seconds old.
            retry(
                lambda: put(**parameters, NotificationConfiguration=configuration),
                lambda error: "Unable to validate" in str(error),
                seconds=PATIENCE,
            )
        except ClientError as error:
            if reason := _reason(bucket, error):
                raise DeploymentError(reason) from error
            raise


def _reason(bucket: str, error: Any) -> str:
    """Why S3 refuses, where its own words do not say it."""
    message = str(error)
    if error_code(error) != "InvalidArgument":
        return ""
    if "overlap" in message or "ambiguous" in message:
        return (
            f"the bucket {bucket} notifies another receiver of the same objects, and S3 notifies only one; subscribe "
            "to that topic instead: write its ARN into backend.sns_topics of slips.yml. If the other receiver is a "
            "stack that this stage replaces, add --instead-of STACK"
        )
    if "Unable to validate" in message:
        return (
            f"the bucket {bucket}: S3 may not publish to the topic, or a topic, queue or function of its other "
            "notifications does not exist; a topic of your own needs a policy that allows sns:Publish to "
            "s3.amazonaws.com"
        )
    return ""
