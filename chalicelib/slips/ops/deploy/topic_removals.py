"""Topics that a change of the stack, or its removal, would delete, or that a bucket would no longer notify: others may
be subscribed to them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ...errors import DeploymentError
from .account import AwsAccount
from .account_resources import find_function_tags
from .bucket_notifications import NotificationPlan
from .chalice_notes import read_notes
from .existing_resources import StackResource, stack_resources
from .notification_receivers import stage_queue
from .stack.alarms import alarm_topic
from .stack.topics import topics as topic_resources
from .stage import DeploymentStage
from .subscriptions import Subscription, list_subscriptions, list_visible_subscriptions
from .tags import OWNER_TAG

_TOPIC = "AWS::SNS::Topic"


def obsolete_topics(stage: DeploymentStage, account: AwsAccount) -> list[StackResource]:
    """The topics of the stack that slips.yml no longer asks for. Raises DeploymentError where it names one by its ARN:
    the stack would delete what is to be used."""
    config = stage.config
    resources = {**topic_resources(config), **alarm_topic(config)}
    expected = {
        account.arn("sns", resource["Properties"]["TopicName"])
        for resource in resources.values()
        if resource["Type"] == _TOPIC
    }
    obsolete = [topic for topic in _list_topics(stage) if topic.name not in expected]
    named = {config.dead_letters, *(topic.arn for topic in config.topics)}
    for topic in obsolete:
        if topic.name in named:
            raise DeploymentError(
                f"{topic.name}: the stack {config.stack_name} created it, and would delete it once slips.yml names its "
                "ARN; leave that ARN out. Others can still name it in their slips.yml"
            )
        if topic.logical in resources:
            raise DeploymentError(
                f'{topic.name}: its new name differs only in case or "-" and "_", and CloudFormation would replace it '
                "before anything uses the new one; write a name that differs by more into backend.sns_topics"
            )
    return obsolete


def check_removable(stage: DeploymentStage, account: AwsAccount, obsolete: Iterable[StackResource]) -> None:
    """Raise DeploymentError where others than the functions of the stage are subscribed to one of the topics."""
    for topic in obsolete:
        if others := [each for each in list_subscriptions(topic.name) if not _is_ours(each, stage, account)]:
            raise DeploymentError(
                f"{topic.name}: others are subscribed, too: {', '.join(map(str, others))}; they would get no more "
                "messages. Let them use another topic first, or end their subscriptions: aws sns unsubscribe "
                f"--subscription-arn {others[0].arn}"
            )


def check_left_topics(stage: DeploymentStage, account: AwsAccount, moves: Iterable[NotificationPlan]) -> None:
    """Raise DeploymentError where others are subscribed to a topic of slips.yml that a bucket stops notifying."""
    named = {account.arn("sns", topic.arn) for topic in stage.config.topics}
    for move in moves:
        for topic in sorted({former for _, former in move.moved} & named):
            others = list_visible_subscriptions(topic, account.id)
            if others := [each for each in others if not _is_ours(each, stage, account)]:
                raise DeploymentError(
                    f"{topic}: others are subscribed, too: {', '.join(map(str, others))}; they would not receive "
                    f"the notifications of {move.bucket} any more. Leave that bucket as it is (its topic fills the "
                    "queue), or let them use another topic first"
                )


def topics_in_use(
    stage: DeploymentStage, account: AwsAccount, topics: Iterable[StackResource], notified: Container[str], *,
    is_settled: bool,
) -> list[StackResource]:  # fmt: skip
    """Those of the topics to which somebody is subscribed, or which a mapped bucket notifies: first `slips deploy` has
    to let the functions and the buckets use others. The queue of the stage, which a topic fills, counts as somebody
    until `is_settled`. Raises DeploymentError."""
    queue = stage_queue(stage.config, account)
    return [
        topic
        for topic in topics
        if topic.name in notified
        or any(each.endpoint != queue or not is_settled for each in list_subscriptions(topic.name))
    ]


def check_stack_topics_removable(stage: DeploymentStage, account: AwsAccount) -> None:
    """Raise DeploymentError where others are subscribed to a topic of the stack, except to alarms: those are about this
    stack alone."""
    alarms = alarm_topic(stage.config)
    check_removable(stage, account, [topic for topic in _list_topics(stage) if topic.logical not in alarms])


def alarm_subscriptions(stage: DeploymentStage) -> list[str]:
    """Who is subscribed to the alarms of the stack. Raises DeploymentError."""
    topics = [topic.name for topic in _list_topics(stage) if topic.logical in alarm_topic(stage.config)]
    return [str(subscription) for topic in topics for subscription in list_subscriptions(topic)]


def _list_topics(stage: DeploymentStage) -> list[StackResource]:
    return [resource for resource in stack_resources(stage.config.stack_name) if resource.kind == _TOPIC]


def _is_ours(subscription: Subscription, stage: DeploymentStage, account: AwsAccount) -> bool:
    """Whether the queue or a function of the stage is subscribed, or a function that does not exist any longer."""
    arn = subscription.endpoint
    if arn == stage_queue(stage.config, account):
        return True
    if subscription.protocol != "lambda" or not arn.startswith(account.arn("lambda", "function:")):
        return False
    if arn in read_notes(stage.project, stage.name).functions.values():
        return True
    tags = find_function_tags(arn)
    return tags is None or tags.get(OWNER_TAG) == stage.config.stack_name
