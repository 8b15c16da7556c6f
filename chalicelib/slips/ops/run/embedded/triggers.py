"""The handlers of app.py for topics and streams: what Chalice registered, as `chalice deploy` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from chalice.app import Chalice, KinesisEventConfig, ScheduledEventConfig, SNSEventConfig, SQSEventConfig

from ....config import Config
from ....config.settings import RETRY, RETRY_MISSING


@dataclass(frozen=True)
class TopicWiring:
    """A function subscribed to a topic (its ARN or name)."""

    function: str
    topic: str


@dataclass(frozen=True)
class StreamWiring:
    """A function fed by a stream."""

    function: str
    stream: str
    batch_size: int


@dataclass(frozen=True)
class QueueWiring:
    """A function fed by a queue."""

    function: str
    queue: str
    batch_size: int


def queues(app: Chalice) -> list[QueueWiring]:
    """Return the functions of `on_sqs_message`."""
    return [
        QueueWiring(each.name, each.queue or str(each.queue_arn).rpartition(":")[2], each.batch_size)
        for each in app.event_sources
        if isinstance(each, SQSEventConfig)
    ]


def topics(app: Chalice) -> list[TopicWiring]:
    """Return the functions of `on_sns_message`."""
    return [TopicWiring(each.name, each.topic) for each in app.event_sources if isinstance(each, SNSEventConfig)]


def streams(app: Chalice) -> list[StreamWiring]:
    """Return the functions of `on_kinesis_record`."""
    return [
        StreamWiring(each.name, each.stream, each.batch_size)
        for each in app.event_sources
        if isinstance(each, KinesisEventConfig)
    ]


def schedules(app: Chalice) -> list[str]:
    """Return the function of `schedule` that tries again what waits, where there is one. Others are the user's own, and
    are not called: what is done once a night must not be done every few seconds."""
    return [each.name for each in app.event_sources if isinstance(each, ScheduledEventConfig) and each.name == RETRY]


def missing(app: Chalice, config: Config) -> list[str]:
    """Return a line for each topic and stream of slips.yml that no function of app.py takes: its work stays there; and
    one where nothing tries again what waits."""
    subscribed = {each.topic.rpartition(":")[2] for each in topics(app)}
    fed = {each.stream for each in streams(app)}
    names = (*(topic.arn for topic in config.calling_topics), config.dead_letters)
    topics_left = [name for name in names if name.rpartition(":")[2] not in subscribed]
    unwired = [f"topic {name}; write @app.on_sns_message" for name in topics_left]
    unwired += [
        f"stream {lane.stream}; write @app.on_kinesis_record"
        for lane in (config.fast, config.slow)
        if lane.stream not in fed
    ]
    if config.queue and config.queue.name not in {each.queue for each in queues(app)}:
        unwired.append(f"queue {config.queue.name}; write @app.on_sqs_message")
    lines = [f"app.py: no function takes the {line}" for line in unwired]
    return lines if schedules(app) else [*lines, RETRY_MISSING]
