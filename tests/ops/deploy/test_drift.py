"""What `slips check --deployed` says of the queue, and of streams and tables that slips.yml names by ARN."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from slips import aws
from slips.ops.deploy.account import current_account
from slips.ops.deploy.drift.storage import storage_drift
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import read_stage

ACCOUNT = "eu-central-1:123456789012"
_number = count(1)


def drift_of(what: str, project: Path, slips_yml: str) -> list[str]:
    """The lines about this stream or table."""
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (project / "slips.yml").write_text(f"stack_name: {what}-stack\n{slips_yml}")
    return [line for line in storage_drift(read_stage("dev", project=project)) if line.split()[1] == f"{what}:"]


@pytest.mark.parametrize(
    ("hours", "ledger_days", "days"), [(48, 7, 0), (168, 7, 0), (169, 7, 8), (720, 30, 0), (8760, 30, 365)]
)
def test_a_given_stream_that_keeps_records_for_longer_than_the_ledger_is_named(
    tmp_path: Path, hours: int, ledger_days: int, days: int
) -> None:
    name = f"drift-{next(_number)}"
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    if hours > 24:
        aws.client("kinesis").increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    lines = drift_of(
        name,
        tmp_path,
        f"ledger: {{ttl_days: {ledger_days}}}\n"
        f"backend: {{kinesis_stream_slow_arn: 'arn:aws:kinesis:{ACCOUNT}:stream/{name}'}}\n",
    )
    line = (
        f"stream {name}: keeps records for {days} days, longer than ledger.ttl_days ({ledger_days}): what it delivers "
        f"again after that is processed again; write ttl_days: {days}, or shorten its retention"
    )
    assert lines == ([line] if days else [])


@pytest.mark.parametrize(("hours", "is_named"), [(24, True), (47, True), (48, False)])
def test_a_given_stream_that_forgets_before_two_days_is_named_by_the_check_and_by_provision(
    tmp_path: Path, hours: int, is_named: bool
) -> None:
    """Batches that Lambda gives up on while report cannot be imported point to its records."""
    name = f"drift-{next(_number)}"
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    if hours > 24:
        aws.client("kinesis").increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    where = f"backend: {{kinesis_stream_slow_arn: 'arn:aws:kinesis:{ACCOUNT}:stream/{name}'}}\n"
    lines = drift_of(name, tmp_path, where)
    advice = f"--retention-period-hours 48 --stream-name {name}"
    assert [line.startswith(f"stream {name}: keeps records for {hours} hours: ") for line in lines] == [True] * is_named
    assert [line.endswith(advice) for line in lines] == [True] * is_named
    plan = plan_provision(read_stage("dev", project=tmp_path), current_account())
    plan.discard()
    assert list(plan.warnings) == lines


def test_a_queue_that_forgets_earlier_is_named(tmp_path: Path) -> None:
    stack = f"drift-{next(_number)}"
    retention = {"MessageRetentionPeriod": "60"}
    aws.client("sqs").create_queue(QueueName=f"{stack}-stack-redrive", Attributes=retention)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text(f"stack_name: {stack}-stack\n")
    (line,) = storage_drift(read_stage("dev", project=tmp_path))
    assert line.startswith(f"queue {stack}-stack-redrive: seconds kept is 60, should be 1209600; ")
    assert line.endswith("restore it: aws sqs set-queue-attributes")
