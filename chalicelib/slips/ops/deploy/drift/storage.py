"""Streams, tables and the redrive queue in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .... import aws
from ....config import Config, LaneConfig
from ....config.settings import RETENTION_HOURS
from ...aws_errors import explain_aws_errors
from ..account_resources import find_queue, find_stream, find_table
from ..stack.queues import RETENTION_SECONDS
from ..stack.storage import table_properties, tables
from ..stage import DeploymentStage
from ..stream_retention import short_streams
from ..table_changes import find_index, table_changes
from .rows import mismatches


def storage_drift(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each difference; none for what does not exist, of which others tell. Raises DeploymentError."""
    yield from _stream_drift(stage)
    yield from short_streams(stage.config)
    yield from _table_drift(stage)
    yield from _queue_drift(stage.config)


def _stream_drift(stage: DeploymentStage) -> Iterator[str]:
    for lane in (stage.config.fast, stage.config.slow):
        stream = find_stream(lane.stream)
        if stream is None:
            continue
        if not lane.stream_arn:
            for row in _stream_rows(lane, stream, stage.config.kms_key):
                yield from compare_setting("stream", lane.stream, row)
        else:
            yield from _given_stream_drift(lane.stream, stream, stage.config.ledger_ttl_days)


def _given_stream_drift(name: str, stream: dict[str, Any], ledger_days: int) -> Iterator[str]:
    """A stream that an ARN names: its owner decides how long it keeps records."""
    hours = stream["RetentionPeriodHours"]
    if hours > ledger_days * 24:
        days = -(-hours // 24)
        yield (
            f"stream {name}: keeps records for {days} days, longer than ledger.ttl_days ({ledger_days}): what it "
            f"delivers again after that is processed again; write ttl_days: {days}, or shorten its retention"
        )


def _stream_rows(lane: LaneConfig, stream: dict[str, Any], key: str) -> Iterator[tuple[str, Any, Any]]:
    mode = stream.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    yield "mode", mode, "ON_DEMAND" if lane.shards is None else "PROVISIONED"
    if lane.shards is not None:
        yield "shards", stream.get("OpenShardCount"), lane.shards
    yield "hours kept", stream.get("RetentionPeriodHours"), RETENTION_HOURS
    yield "encryption", stream.get("EncryptionType", "NONE"), "KMS"
    if key:
        yield "key", stream.get("KeyId"), key


def _table_drift(stage: DeploymentStage) -> Iterator[str]:
    for change in table_changes(stage.config):
        adopt = " --adopt" if change.is_foreign and change.logical not in tables(stage.config) else ""
        yield f"table {change.table}: {change.problem}; run: slips provision --stage {stage.name}{adopt}"
    for logical, expected in table_properties(stage.config).items():
        name = expected["TableName"]
        table = find_table(name)
        if table is None:
            continue
        yield from mismatches(f"table {name}", [("its key", _keys(table), _keys(expected))])
        for index in expected["GlobalSecondaryIndexes"]:
            yield from _index_drift(name, table, index)
        if logical in tables(stage.config):
            yield from compare_setting("table", name, ("point-in-time recovery", _recovery_status(name), "ENABLED"))
            if key := stage.config.kms_key:
                yield from compare_setting("table", name, ("SSE key", _table_key(table), key))
            if (protected := stage.config.deletion_protection) is not None:
                row = ("deletion protection", bool(table.get("DeletionProtectionEnabled")), protected)
                yield from compare_setting("table", name, row)


def _queue_drift(config: Config) -> Iterator[str]:
    name, key = config.redrive_queue, config.kms_key
    queue = find_queue(name)
    if queue is None:
        return
    retention = ("seconds kept", int(queue["MessageRetentionPeriod"]), RETENTION_SECONDS)
    yield from compare_setting("queue", name, retention)
    if key:
        yield from compare_setting("queue", name, ("master key", queue.get("KmsMasterKeyId"), key))


def _index_drift(name: str, table: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """Yield a line for an index of that name that cannot be used."""
    index = find_index(table, expected["IndexName"])
    if index is None:
        return
    about = f"table {name}: its index {expected['IndexName']}"
    if _keys(index) != _keys(expected) or not _holds_all(index["Projection"], expected["Projection"]):
        # An index keeps its keys and its projection for ever.
        yield f"{about} is not that of `slips provision --template`; delete it, and let slips provision add it again"
    elif index["IndexStatus"] not in ("ACTIVE", "UPDATING"):
        yield f"{about} is {index['IndexStatus']}; nothing can be listed until it is ACTIVE"


def _keys(described: dict[str, Any]) -> dict[str, str]:
    return {key["AttributeName"]: key["KeyType"] for key in described["KeySchema"]}


def _holds_all(projection: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether an index holds what another does."""
    needed = {*expected.get("NonKeyAttributes", ())}
    return projection["ProjectionType"] == "ALL" or needed <= {*projection.get("NonKeyAttributes", ())}


def _table_key(table: dict[str, Any]) -> str | None:
    key: str | None = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
    return key


def _recovery_status(name: str) -> str | None:
    with explain_aws_errors(f"the table {name}"):
        backups = aws.client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")


_CALLS = {
    "mode": "kinesis update-stream-mode",
    "shards": "kinesis update-shard-count",
    "hours kept": "kinesis increase-stream-retention-period",
    "encryption": "kinesis start-stream-encryption",
    "key": "kinesis start-stream-encryption",
    "deletion protection": "dynamodb update-table --deletion-protection-enabled",
    "SSE key": "dynamodb update-table --sse-specification",
    "KmsMasterKeyId": "sns set-topic-attributes",
    "master key": "sqs set-queue-attributes",
    "seconds kept": "sqs set-queue-attributes",
    "point-in-time recovery": "dynamodb update-continuous-backups",
}
"""The calls that undo a change by hand: CloudFormation compares templates, and finds nothing to change."""


def compare_setting(kind: str, name: str, row: tuple[str, Any, Any]) -> Iterator[str]:
    """Yield a line where the values differ, with the call that puts the setting back."""
    for line in mismatches(f"{kind} {name}", [row]):
        yield f"{line}; if slips provision finds nothing to change, restore it: aws {_CALLS[row[0]]}"
