"""The topics and streams that the deployed functions read, as Chalice noted, and slips.yml names no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ...config import Config
from ...config.prefixes import notified_prefixes
from ...errors import DeploymentError
from ...model import Lane
from .account import AwsAccount
from .account_resources import find_stack
from .bucket_notifications import FormerOwner
from .chalice_notes import read_notes
from .existing_resources import StackResource, stack_resources
from .notification_receivers import stage_queue
from .stack.dispatch_queue import takes_buckets
from .stage import DeploymentStage
from .topic_removals import obsolete_topics


@dataclass(frozen=True)
class FormerSources:
    """What is on its way there is to arrive: it is read until nothing comes any more."""

    topics: Mapping[str, str] = field(default_factory=dict)
    """By ARN: the function that reads it, as app.py names it; empty where app.py has no such function any longer."""
    streams: Mapping[str, Lane] = field(default_factory=dict)
    """By ARN: the lane whose function reads it."""

    def __bool__(self) -> bool:
        return bool(self.topics or self.streams)

    def configs(self, config: Config) -> list[Config]:
        """The configuration with each former lane and topic of dead letters in turn: what the functions have to be
        allowed meanwhile, in addition."""
        lanes = [_with_stream(config, lane, arn) for arn, lane in self.streams.items()]
        dead_letters = [topic for topic, function in self.topics.items() if function == "report"]
        return [*lanes, *(msgspec.structs.replace(config, dead_letters=topic) for topic in dead_letters)]


def _with_stream(config: Config, lane: Lane, arn: str) -> Config:
    former = msgspec.structs.replace(config.lane(lane), stream=stream_name(arn), stream_arn=arn)
    return msgspec.structs.replace(config, **{lane: former})


def find_former_sources(stage: DeploymentStage, account: AwsAccount) -> FormerSources:
    """Find what the functions read and slips.yml does not name. Raises DeploymentError."""
    notes, config = read_notes(stage.project, stage.name), stage.config
    names = {arn: name for name, arn in notes.functions.items()}
    current = {
        account.arn("sns", topic) for topic in (config.dead_letters, *(topic.arn for topic in config.calling_topics))
    }
    topics = {
        subscription["topic_arn"]: names.get(subscription["lambda_arn"], "")
        for subscription in notes.of_type("sns_event")
        if subscription["topic_arn"] not in current
    }
    streams: dict[str, Lane] = {
        source["kinesis_arn"]: "fast" if names.get(source["lambda_arn"]) == "process_fast" else "slow"
        for source in notes.of_type("kinesis_event")
        if source["stream"] not in (config.fast.stream, config.slow.stream)
    }
    return FormerSources(topics, streams)


def stream_name(arn: str) -> str:
    """The name of the stream in an ARN."""
    return arn.rpartition("/")[2]


def find_former_owners(
    stage: DeploymentStage, account: AwsAccount, bucket: str, instead_of: str = ""
) -> list[FormerOwner]:
    """Find whose notifications a bucket is to send to the stage: those that SLIPS added for its stack, all to obsolete
    topics of its stack and to its queue where that takes none any longer, and, below the mapped prefixes, those of the
    stack `instead_of`. Raises DeploymentError, also where there is no such stack."""
    obsolete = {topic.name for topic in obsolete_topics(stage, account)}
    if not takes_buckets(stage.config):
        obsolete.add(stage_queue(stage.config, account))
    owners = [FormerOwner(stage.config.stack_name, frozenset(obsolete))]
    if instead_of:
        if find_stack(instead_of) is None:
            raise DeploymentError(f"there is no stack {instead_of} that the bucket could notify now")
        below = notified_prefixes(stage.config.mappings, bucket)
        receivers = frozenset(filter(None, (_receiver_arn(each, account) for each in stack_resources(instead_of))))
        owners.append(FormerOwner(instead_of, receivers, below))
    return owners


def _receiver_arn(resource: StackResource, account: AwsAccount) -> str:
    """The ARN of a topic or queue of a stack; empty for anything else."""
    if resource.kind == "AWS::SQS::Queue":  # Its physical id is its URL.
        return account.arn("sqs", resource.name.rpartition("/")[2])
    return resource.name if resource.kind == "AWS::SNS::Topic" else ""
