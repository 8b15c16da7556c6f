"""The stack, streams and tables in the account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .... import aws
from ....config import LaneConfig
from ....config.settings import RETENTION_HOURS
from ....quarantine import schema
from ...aws_errors import explain_aws_errors
from ..account_resources import find_stream, find_table
from ..change_set import stack_status
from ..provision import stage_template
from ..stage import DeploymentStage
from .rows import mismatches


def storage_drift(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each difference. Raises DeploymentError."""
    yield from _stack_drift(stage)
    yield from _stream_drift(stage)
    yield from _table_drift(stage)


def _stack_drift(stage: DeploymentStage) -> Iterator[str]:
    stack = stage.config.stack_name
    status = stack_status(stack)
    if not status:
        yield f"stack {stack}: is missing; run: slips provision --stage {stage.name}"
        return
    if not status.endswith("_COMPLETE") or status.startswith(("ROLLBACK", "IMPORT_ROLLBACK")):
        yield f"stack {stack}: is {status}"
    expected = stage_template(stage)["Resources"]
    with explain_aws_errors(f"the stack {stack}"):
        body: Any = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    actual = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    for logical in {**actual, **expected}:
        if actual.get(logical) != expected.get(logical):
            word = "missing" if logical not in actual else "changed" if logical in expected else "left over"
            yield f"stack {stack}: {logical} is {word}; run: slips provision --stage {stage.name}"


def _stream_drift(stage: DeploymentStage) -> Iterator[str]:
    for lane in (stage.config.fast, stage.config.slow):
        stream = find_stream(lane.stream)
        if stream is None:
            yield f"stream {lane.stream}: is missing"
        elif not lane.stream_arn:
            for row in _stream_rows(lane, stream):
                yield from _manual_changes("stream", lane.stream, row)
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


def _stream_rows(lane: LaneConfig, stream: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    mode = stream.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    yield "mode", mode, "ON_DEMAND" if lane.shards is None else "PROVISIONED"
    if lane.shards is not None:
        yield "shards", stream.get("OpenShardCount"), lane.shards
    yield "hours kept", stream.get("RetentionPeriodHours"), RETENTION_HOURS
    yield "encryption", stream.get("EncryptionType", "NONE"), "KMS"


def _table_drift(stage: DeploymentStage) -> Iterator[str]:
    config = stage.config
    for name, is_own in ((config.error_table, not config.error_table_arn), (config.ledger_table, True)):
        table = find_table(name)
        if table is None:
            yield f"table {name}: is missing"
        elif is_own:
            for row in _table_rows(name):
                yield from _manual_changes("table", name, row)
        else:
            yield from _given_table_drift(name, table)


def _table_rows(name: str) -> Iterator[tuple[str, Any, Any]]:
    dynamodb = aws.client("dynamodb")
    with explain_aws_errors(f"the table {name}"):
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    yield "deletes expired items", ttl["TimeToLiveStatus"], "ENABLED"
    yield "point-in-time recovery", recovery.get("PointInTimeRecoveryStatus"), "ENABLED"


_CALLS = {
    "mode": "kinesis update-stream-mode",
    "shards": "kinesis update-shard-count",
    "hours kept": "kinesis increase-stream-retention-period",
    "encryption": "kinesis start-stream-encryption",
    "deletes expired items": "dynamodb update-time-to-live",
    "point-in-time recovery": "dynamodb update-continuous-backups",
}
"""The calls that undo a change by hand: CloudFormation compares templates, and finds nothing to change."""


def _manual_changes(kind: str, name: str, row: tuple[str, Any, Any]) -> Iterator[str]:
    for line in mismatches(f"{kind} {name}", [row]):
        yield f"{line}; where slips provision finds nothing to change, put it back: aws {_CALLS[row[0]]}"


def _given_table_drift(name: str, table: dict[str, Any]) -> Iterator[str]:
    """A table that an ARN names: without the index nothing can be listed, and so nothing drained."""
    keys = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
    yield from mismatches(f"table {name}", [("its key", keys, schema.KEY_SCHEMA)])
    if schema.INDEX not in [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())]:
        yield f"table {name}: has no index {schema.INDEX}; add the one of ErrorTable in `slips provision --template`"
