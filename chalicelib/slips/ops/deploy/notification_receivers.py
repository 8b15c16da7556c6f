"""Whom the buckets of a stage notify: its topics, or its queue where slips.yml says `from_buckets`."""

from __future__ import annotations

from typing import NamedTuple

from ...config import Config
from ...config.backend import queue_name
from .account import AwsAccount
from .queue_settings import queue_event_sources
from .stack.dispatch_queue import takes_buckets
from .subscriptions import list_subscriptions


class StageReceivers(NamedTuple):
    """The receivers of a stage, by their ARNs."""

    settled: tuple[str, ...]
    """What SLIPS added to these stays there; what it adds or moves goes to the first."""
    accepted: tuple[str, ...]
    """What any of these gets reaches the stage: the topics fill the queue, too."""


def stage_receivers(config: Config, account: AwsAccount) -> StageReceivers:
    """Return the receivers that slips.yml names."""
    topics = tuple(account.arn("sns", topic.arn) for topic in config.topics)
    if not takes_buckets(config):
        return StageReceivers(topics, topics)
    queue = stage_queue(config, account)
    return StageReceivers((queue,), (queue, *topics))


def stage_queue(config: Config, account: AwsAccount) -> str:
    """Return the ARN of the queue that the stage has, had or may have."""
    return account.arn("sqs", queue_name(config.stack_name))


def own_receivers(config: Config, account: AwsAccount) -> tuple[str, ...]:
    """Return those that the stack creates, and the queue, also where it was notified before."""
    topics = (account.arn("sns", topic.arn) for topic in config.topics if not topic.arn.startswith("arn:"))
    return (*topics, stage_queue(config, account))


def has_consumer(receiver: str, former: str) -> bool:
    """Whether a function reads the queue, or anybody is subscribed to the topic; of a topic in another account than the
    former receiver, nobody here can tell. Raises DeploymentError."""
    if receiver.split(":")[2] == "sqs":
        return bool(queue_event_sources(receiver))
    return receiver.split(":")[4] != former.split(":")[4] or bool(list_subscriptions(receiver))
