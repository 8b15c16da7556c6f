"""The stack, streams and tables in the account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .... import aws
from ....config import LaneConfig
from ....quarantine import schema
from ...aws_errors import explain_aws_errors, ignore_not_found
from ..lambda_settings import RETENTION_HOURS
from ..provision import stack_status
from ..stack import template
from ..stage import DeploymentStage
from .rows import mismatches


def storage_drift(stage: DeploymentStage) -> Iterator[str]:
    """A line each. Raises DeploymentError."""
    yield from _stack(stage)
    yield from _streams(stage)
    yield from _tables(stage)


def _stack(stage: DeploymentStage) -> Iterator[str]:
    stack = stage.config.stack_name
    status = stack_status(stack)
    if not status:
        yield f"stack {stack}: is missing; run: slips provision --stage {stage.name}"
        return
    if not status.endswith("_COMPLETE") or status.startswith(("ROLLBACK", "IMPORT_ROLLBACK")):
        yield f"stack {stack}: is {status}"
    wanted = template(stage.config, functions={name: stage.default_function_name(name) for name in stage.functions})
    with explain_aws_errors(f"the stack {stack}"):
        body: Any = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    there = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    for logical in {**there, **wanted["Resources"]}:
        if there.get(logical) != wanted["Resources"].get(logical):
            word = "missing" if logical not in there else "changed" if logical in wanted["Resources"] else "left over"
            yield f"stack {stack}: {logical} is {word}; run: slips provision --stage {stage.name}"


def _streams(stage: DeploymentStage) -> Iterator[str]:
    for lane in (stage.config.fast, stage.config.slow):
        found: dict[str, Any] = {}
        with explain_aws_errors(f"the stream {lane.stream}"), ignore_not_found():
            found = dict(
                aws.client("kinesis").describe_stream_summary(StreamName=lane.stream)["StreamDescriptionSummary"]
            )
        if not found:
            yield f"stream {lane.stream}: is missing"
        elif not lane.stream_arn:
            for row in _stream_settings(lane, found):
                yield from _by_hand("stream", lane.stream, row)


def _stream_settings(lane: LaneConfig, found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    mode = found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    yield "mode", mode, "ON_DEMAND" if lane.shards is None else "PROVISIONED"
    if lane.shards is not None:
        yield "shards", found.get("OpenShardCount"), lane.shards
    yield "hours kept", found.get("RetentionPeriodHours"), RETENTION_HOURS
    yield "encryption", found.get("EncryptionType", "NONE"), "KMS"


def _tables(stage: DeploymentStage) -> Iterator[str]:
    config, dynamodb = stage.config, aws.client("dynamodb")
    for table, own in ((config.error_table, not config.error_table_arn), (config.ledger_table, True)):
        found: Any = {}
        with explain_aws_errors(f"the table {table}"), ignore_not_found():
            found = dynamodb.describe_table(TableName=table)["Table"]
        if not found:
            yield f"table {table}: is missing"
            continue
        if not own:
            yield from _shape(table, found)
        else:
            with explain_aws_errors(f"the table {table}"):
                ttl = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
                backups: Any = dynamodb.describe_continuous_backups(TableName=table)
            recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
            for row in (
                ("deletes expired items", ttl["TimeToLiveStatus"], "ENABLED"),
                ("point-in-time recovery", recovery.get("PointInTimeRecoveryStatus"), "ENABLED"),
            ):
                yield from _by_hand("table", table, row)


_CALLS = {
    "mode": "kinesis update-stream-mode",
    "shards": "kinesis update-shard-count",
    "hours kept": "kinesis increase-stream-retention-period",
    "encryption": "kinesis start-stream-encryption",
    "deletes expired items": "dynamodb update-time-to-live",
    "point-in-time recovery": "dynamodb update-continuous-backups",
}
"""What puts back what somebody changed by hand: CloudFormation compares templates, and finds nothing to change."""


def _by_hand(kind: str, name: str, row: tuple[str, Any, Any]) -> Iterator[str]:
    for line in mismatches(f"{kind} {name}", [row]):
        yield f"{line}; where slips provision finds nothing to change, put it back: aws {_CALLS[row[0]]}"


def _shape(table: str, found: dict[str, Any]) -> Iterator[str]:
    """Of a table that an ARN names: without the index nothing can be listed, and so nothing drained."""
    keys = {each["AttributeName"]: each["KeyType"] for each in found["KeySchema"]}
    yield from mismatches(f"table {table}", [("its key", keys, schema.KEY_SCHEMA)])
    if schema.INDEX not in [each["IndexName"] for each in found.get("GlobalSecondaryIndexes", ())]:
        yield f"table {table}: has no index {schema.INDEX}; add the one of ErrorTable in `slips provision --template`"
