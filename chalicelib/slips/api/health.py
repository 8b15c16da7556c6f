"""`GET /health`: whether streams, tables, their indexes and the redrive queue exist, whether the topics use that, and
which SLIPS runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..config.settings import RETRY_MISSING, Config
from ..dispatch.redrive_queue import RedriveQueue
from ..ledger import ledger
from ..quarantine import schema
from ..version import VERSION

READABLE = ("ACTIVE", "UPDATING")
ERROR_INDEXES = (schema.INDEX, schema.DUE_INDEX)


def check_health(config: Config, client: Callable[[str], Any], *, retries: bool) -> dict[str, Any]:
    """Answer `{ok, version, parts}`: whether both streams, and both tables with their indexes, are active, whether the
    topics put what they cannot deliver into the redrive queue, and whether something tries again what waits
    (`retries`). Reads only their descriptions."""
    parts = {
        f"stream {config.fast.stream}": lambda: _stream(client("kinesis"), config.fast.stream),
        f"stream {config.slow.stream}": lambda: _stream(client("kinesis"), config.slow.stream),
        f"table {config.error_table}": lambda: _table(client("dynamodb"), config.error_table, *ERROR_INDEXES),
        f"table {config.ledger_table}": lambda: _table(client("dynamodb"), config.ledger_table, ledger.INDEX),
    }
    states = {name: _read_state(describe) for name, describe in parts.items()}
    states |= _check_redrive(config, client)
    ok = all(state in READABLE for state in states.values())
    # Without it all works: what could pass by itself needs a person.
    states["function retry"] = "ACTIVE" if retries else RETRY_MISSING
    return {"ok": ok, "version": VERSION, "parts": states}


def _check_redrive(config: Config, client: Callable[[str], Any]) -> dict[str, str]:
    """The state of the queue, and of each topic of its account: of others, nobody here can see the subscriptions."""
    queue, arn = RedriveQueue(client("sqs"), config.redrive_queue), ""

    def read_arn() -> str:
        nonlocal arn
        arn = queue.read_attributes("QueueArn")["QueueArn"]
        return "ACTIVE"

    states = {f"queue {queue.name}": _read_state(read_arn)}
    for topic in _topics(config, arn) if arn else ():
        states[f"topic {topic.rpartition(':')[2]}"] = _read_state(lambda: _topic(client("sns"), topic, arn))  # noqa: B023
    return states


def _topics(config: Config, queue: str) -> Iterator[str]:
    """The ARNs of the topics that call our functions, as far as they are of the account and region of the queue."""
    _, partition, _, region, account, _ = queue.split(":")
    for name in (*(topic.arn for topic in config.topics), config.dead_letters):
        arn = name if name.startswith("arn:") else f"arn:{partition}:sns:{region}:{account}:{name}"
        if arn.split(":")[3:5] == [region, account]:
            yield arn


def _read_state(describe: Callable[[], str]) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return describe()
    except ClientError as fault:
        return str(fault.response.get("Error", {}).get("Code", "unknown"))
    except BotoCoreError as fault:
        return type(fault).__name__


def _stream(kinesis: Any, name: str) -> str:
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"])


def _table(dynamodb: Any, name: str, *indexes: str) -> str:
    table = dynamodb.describe_table(TableName=name)["Table"]
    states = {each["IndexName"]: each["IndexStatus"] for each in table.get("GlobalSecondaryIndexes", ())}
    for index in indexes:
        if index not in states:
            return f"no index {index}"
        if states[index] not in READABLE:
            return f"index {index} {states[index]}"
    return str(table["TableStatus"])


def _topic(sns: Any, topic: str, queue: str) -> str:
    """Whether a subscription of the topic has the queue: Chalice subscribes our functions without it."""
    subscriptions = _list_subscriptions(sns, topic)
    return "ACTIVE" if any(_redrive_target(sns, each) == queue for each in subscriptions) else "no redrive"


def _list_subscriptions(sns: Any, topic: str) -> Iterator[str]:
    """The ARNs of the topic's confirmed subscriptions."""
    page: Any = sns.list_subscriptions_by_topic(TopicArn=topic)
    while True:
        arns = (subscription["SubscriptionArn"] for subscription in page["Subscriptions"])
        yield from (arn for arn in arns if arn.startswith("arn:"))
        if not page.get("NextToken"):
            return
        page = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=page["NextToken"])


def _redrive_target(sns: Any, subscription: str) -> str | None:
    response = sns.get_subscription_attributes(SubscriptionArn=subscription)
    policy = json.loads(response["Attributes"].get("RedrivePolicy", "{}"))
    target: str | None = policy.get("deadLetterTargetArn")
    return target
