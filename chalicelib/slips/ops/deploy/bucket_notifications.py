"""The notifications from a bucket to the stage. All other notifications of the bucket stay."""

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
    covers,
    entry_id,
    is_ours,
    list_entries,
    new_entry,
    prefix_of,
    receiver_of,
    redirect,
    replace_entries,
    tells_others_of_restores,
)
from .notification_receivers import StageReceivers, has_consumer, stage_receivers

PATIENCE = 12.0
"""Seconds until S3 must be able to send to a receiver whose policy is new."""


@dataclass(frozen=True)
class FormerOwner:
    """A stack whose notifications are to go to the receiver of the stage from now on."""

    stack: str
    """Its name, which the ids of the notifications that it added begin with."""
    receivers: frozenset[str] = frozenset()
    """Its topics and queue: all notifications that they get are its own, whoever added them."""
    below: tuple[str, ...] = ("",)
    """Only its notifications of these prefixes, and below them, are meant."""

    def owns(self, notification: Any) -> bool:
        """Whether a notification is one of those that are meant."""
        prefix = prefix_of(notification)
        is_theirs = receiver_of(notification) in self.receivers or notification.get("Id") == entry_id(
            self.stack, prefix
        )
        return is_theirs and prefix.startswith(self.below)


@dataclass(frozen=True)
class NotificationPlan:
    """What changes so that the bucket notifies the stage of new objects below the prefixes.

    Notifications that SLIPS added for a prefix that slips.yml no longer maps are removed: objects there would become
    error items, and S3 refuses prefixes that overlap. Those of former receivers are moved, in the same request: at no
    time does the bucket notify nobody."""

    stack: str
    bucket: str
    receivers: StageReceivers
    prefixes: tuple[str, ...]
    """None where notifications are only moved."""
    owners: tuple[FormerOwner, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    """Prefix and former receiver."""
    widened: tuple[str, ...]
    """Those that are to tell of restored objects, too."""
    configuration: dict[str, Any]
    """All notifications that the bucket is to have: S3 keeps them as one document."""
    access: S3Access

    @property
    def receiver(self) -> str:
        """The ARN of the topic or queue to notify."""
        return self.receivers.settled[0]

    def lines(self) -> Iterator[str]:
        """Show each change in a line."""
        yield from (f"Add     notification s3://{self.bucket}/{prefix} -> {self.receiver}" for prefix in self.added)
        yield from (f"Remove  notification s3://{self.bucket}/{prefix} -> {self.receiver}" for prefix in self.removed)
        for prefix, former in self.moved:
            yield f"Move    notification s3://{self.bucket}/{prefix} from {former} to {self.receiver}"
        for prefix in self.widened:
            yield f"Modify  notification s3://{self.bucket}/{prefix} -> {self.receiver}: of restored objects, too"

    def execute(self, say: Say) -> tuple[str, ...]:
        """Change the notifications that the bucket has by now, and say what changed; return the prefixes of which it
        notified nobody until now. Raises DeploymentError."""
        plan = _plan(self.access, self.stack, self.bucket, self.receivers, self.prefixes, self.owners)
        if plan.moved and not has_consumer(self.receiver, plan.moved[0][1]):
            raise DeploymentError(
                f"the bucket {self.bucket}: no function receives what is sent to {self.receiver} yet, so the bucket "
                f"still notifies {plan.moved[0][1]}; run `slips deploy` first"
            )
        if plan.added or plan.removed or plan.moved or plan.widened:
            _write(self.access, self.bucket, plan.configuration)
        elif self.prefixes:
            say(f"s3://{self.bucket} notifies {self.receiver} already")
        for prefix in plan.added:
            say(f"s3://{self.bucket}/{prefix} now notifies {self.receiver}")
        for prefix in plan.removed:
            say(f"s3://{self.bucket}/{prefix} no longer notifies {self.receiver}: slips.yml does not map it")
        for prefix, former in plan.moved:
            say(f"s3://{self.bucket}/{prefix} now notifies {self.receiver}, and no longer {former}")
        for prefix in plan.widened:
            say(f"s3://{self.bucket}/{prefix} notifies {self.receiver} of restored objects, too")
        return plan.added


def plan_notifications(
    config: Config, bucket: str, account: AwsAccount, owners: Sequence[FormerOwner] = ()
) -> NotificationPlan:
    """Plan that a bucket notifies the first receiver of what slips.yml maps in it. Raises DeploymentError."""
    prefixes = mapped_prefixes(config, bucket)
    access = S3Access(config.buckets)
    check_region(access, bucket, account.region)
    return _plan(access, config.stack_name, bucket, stage_receivers(config, account), prefixes, tuple(owners))


def plan_moves(config: Config, bucket: str, account: AwsAccount, owners: Sequence[FormerOwner]) -> NotificationPlan:
    """Plan that the bucket notifies the first receiver instead of former ones; all else of the bucket stays. Raises
    DeploymentError."""
    access, receivers = S3Access(config.buckets), stage_receivers(config, account)
    return _plan(access, config.stack_name, bucket, receivers, (), tuple(owners))


def _plan(
    access: S3Access,
    stack: str,
    bucket: str,
    receivers: StageReceivers,
    prefixes: tuple[str, ...],
    owners: tuple[FormerOwner, ...],
) -> NotificationPlan:
    configuration, receiver = read_notifications(access, bucket), receivers.settled[0]
    entries = list_entries(configuration)
    moved = [
        entry
        for entry in entries
        if receiver_of(entry) not in receivers.settled and any(owner.owns(entry) for owner in owners)
    ]
    entries = [_move(entry, stack, receiver, owners) if entry in moved else entry for entry in entries]
    ours = [entry for entry in entries if is_ours(entry, stack, receiver)]
    # One whose filter an earlier version did not encode has never notified anybody: it is added again.
    stale = [
        entry
        for entry in ours
        if prefixes and (prefix_of(entry) not in prefixes or not covers(entry, prefix_of(entry), [receiver]))
    ]
    entries = [entry for entry in entries if entry not in stale]
    accepted = receivers.accepted
    added = tuple(prefix for prefix in prefixes if not any(covers(entry, prefix, accepted) for entry in entries))
    entries += [new_entry(stack, receiver, prefix) for prefix in added]
    widened: tuple[str, ...] = ()
    if prefixes and not tells_others_of_restores(entries, stack, receiver):
        wide = [add_restores(entry) if is_ours(entry, stack, receiver) else entry for entry in entries]
        widened = tuple(prefix_of(entry) for entry in wide if entry not in entries and prefix_of(entry) not in added)
        entries = wide
    if len(entries) > MOST_NOTIFICATIONS:
        raise DeploymentError(
            f"the bucket {bucket} would have {len(entries)} notifications, and S3 takes {MOST_NOTIFICATIONS}; write * "
            "for the segment in which mapped prefixes differ, or remove notifications of others"
        )
    return NotificationPlan(
        stack=stack,
        bucket=bucket,
        receivers=receivers,
        prefixes=prefixes,
        owners=owners,
        added=added,
        removed=tuple(prefix for prefix in map(prefix_of, stale) if prefix not in added),
        moved=tuple((prefix_of(entry), receiver_of(entry)) for entry in moved),
        widened=widened,
        configuration=replace_entries(configuration, entries),
        access=access,
    )


def _move(notification: Any, stack: str, receiver: str, owners: Iterable[FormerOwner]) -> Any:
    prefix = prefix_of(notification)
    is_of_slips = notification.get("Id") in {entry_id(owner.stack, prefix) for owner in owners}
    renamed = {"Id": entry_id(stack, prefix)} if is_of_slips else {}
    return redirect({**notification, **renamed}, receiver)


def mapped_prefixes(config: Config, bucket: str) -> tuple[str, ...]:
    """The prefixes of which a bucket is to notify. Raises DeploymentError where slips.yml maps nothing in it."""
    prefixes = notified_prefixes(config.mappings, bucket)
    if not prefixes:
        raise DeploymentError(f"the bucket {bucket}: slips.yml maps nothing in it; add it to bucket_mapping first")
    return prefixes


def uncovered_prefixes(configuration: dict[str, Any], prefixes: Iterable[str], receivers: Iterable[str]) -> list[str]:
    """Those of the prefixes below which a bucket of these notifications notifies none of the receivers; none where it
    notifies EventBridge, whose rules may."""
    if "EventBridgeConfiguration" in configuration:
        return []
    entries, receivers = list_entries(configuration), tuple(receivers)
    return [prefix for prefix in prefixes if not any(covers(entry, prefix, receivers) for entry in entries)]


def notified_receivers(access: S3Access, bucket: str) -> set[str]:
    """The ARNs of all that the bucket notifies of anything. Raises DeploymentError."""
    return {receiver_of(entry) for entry in list_entries(read_notifications(access, bucket))}


def remove_notifications(access: S3Access, stack: str, bucket: str, receiver: str, *, is_own: bool) -> bool:
    """Remove the bucket's notifications to the receiver; unless it is our own, only those that SLIPS added. Return
    whether there were any. Raises DeploymentError."""
    configuration = read_notifications(access, bucket)
    entries = list_entries(configuration)
    others = [
        entry
        for entry in entries
        if not (is_ours(entry, stack, receiver) or (is_own and receiver_of(entry) == receiver))
    ]
    if len(others) == len(entries):
        return False
    _write(access, bucket, replace_entries(configuration, others))
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
            # S3 tries the receiver, whose policy may be a few seconds old.
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
            f"the bucket {bucket}: S3 may not send to the topic or queue, or a topic, queue or function of its other "
            "notifications does not exist; a topic of your own needs a policy that allows sns:Publish to "
            "s3.amazonaws.com, and a KMS key one that lets s3.amazonaws.com use it"
        )
    return ""
