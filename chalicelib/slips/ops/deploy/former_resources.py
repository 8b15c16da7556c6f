"""What of the stack slips.yml no longer asks for, and somebody still uses: it stays until `slips deploy` has moved
them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...config.access import S3Access
from ...errors import DeploymentError
from .account import AwsAccount
from .bucket_notifications import notified_receivers
from .bucket_region import bucket_exists
from .existing_resources import StackResource
from .notification_receivers import stage_queue
from .restoration import deployed_template
from .stack.dispatch_queue import POLICY, bucket_statements, let_buckets_notify, takes_buckets
from .stack.queues import allow_topics
from .stage import DeploymentStage
from .topic_removals import check_removable, obsolete_topics, topics_in_use


class FormerResources(NamedTuple):
    """What stays for a while."""

    topics: tuple[StackResource, ...] = ()
    queue: str = ""
    """The ARN of the queue, where mapped buckets notify it and slips.yml no longer says `from_buckets`."""

    def lines(self) -> Iterator[str]:
        """Show what stays, a line each."""
        for topic in self.topics:
            yield f"Keep    {topic.kind:26} {topic.logical}  until `slips deploy` has moved what uses it"
        if self.queue:
            yield f"Keep    {'AWS::SQS::QueuePolicy':26} {POLICY}  until `slips deploy` has moved what uses it"

    def removals(self) -> Iterator[str]:
        """Show what goes at the end, a line each."""
        yield from (f"Remove  {topic.kind:26} {topic.logical}" for topic in self.topics)
        if self.queue:
            yield f"Modify  {'AWS::SQS::QueuePolicy':26} {POLICY}  S3 may no longer use the queue"

    def keep_in(self, template: dict[str, Any], deployed: dict[str, Any]) -> None:
        """Put it into a template, as the deployed one has it."""
        resources, has_queue = deployed["Resources"], POLICY in template["Resources"]
        for topic in self.topics:
            names = [topic.logical, f"{topic.logical}Policy", *([f"{topic.logical}Subscription"] * has_queue)]
            template["Resources"] |= {name: resources[name] for name in names if name in resources}
        allow_topics(template, [topic.logical for topic in self.topics if topic.logical in template["Resources"]])
        if self.queue:
            let_buckets_notify(template, bucket_statements(deployed))


def find_former_resources(stage: DeploymentStage, account: AwsAccount, *, is_settled: bool = False) -> FormerResources:
    """Find what is in use. What fills the queue stays until `is_settled`, also where no bucket notifies it any more: a
    deployment may have been killed behind the move, and S3 delivers for minutes what it notified before. Raises
    DeploymentError where others are subscribed to a topic that would go, and where the queue would go while buckets
    notify it."""
    obsolete = obsolete_topics(stage, account)
    check_removable(stage, account, obsolete)
    deployed = deployed_template(stage.config.stack_name)
    may_notify_queue = not takes_buckets(stage.config) and bool(bucket_statements(deployed))
    if not obsolete and not may_notify_queue:
        return FormerResources()
    access, buckets = S3Access(stage.config.buckets), sorted({each.bucket for each in stage.config.mappings})
    notified = {each: notified_receivers(access, each) for each in buckets if bucket_exists(access, each)}
    all_notified = {receiver for receivers in notified.values() for receiver in receivers}
    topics = tuple(topics_in_use(stage, account, obsolete, all_notified, is_settled=is_settled))
    queue = stage_queue(stage.config, account)
    if not may_notify_queue or (queue not in all_notified and (is_settled or stage.config.queue is None)):
        return FormerResources(topics)
    if stage.config.queue is None:
        names = ", ".join(f"s3://{bucket}" for bucket, receivers in notified.items() if queue in receivers)
        raise DeploymentError(
            f"backend.queue: {names} still notifies the queue, and notifications would be lost without it; first write "
            "`queue` again, without from_buckets, and run `slips deploy`, which moves them to the topic"
        )
    return FormerResources(topics, queue)
