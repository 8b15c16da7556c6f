"""Mapped prefixes of which the stage hears nothing: the exit code, and what closes the gap."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.config import Config
from slips.ops.cli import main
from slips.ops.deploy import gaps
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import Deployed
from slips.ops.deploy.gaps import SilentBucket, backfill_commands, silent_buckets
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import DeploymentStage, read_stage

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
command = import_module("slips.ops.cli.deploy")  # The package has a command of that name.


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    """A stage that maps two prefixes of a bucket, which notifies nobody."""
    name = f"gaps-{next(_number)}"
    place: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    mapping = f"{{{name}: [{{prefix: a/, format: json}}, {{prefix: b/, format: json}}]}}"
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\nbucket_mapping: {mapping}\n")
    monkeypatch.chdir(tmp_path)
    return read_stage("dev")


class Plan:
    """A deployment after which this is wrong."""

    def __init__(self, *silent: SilentBucket) -> None:
        self._silent = silent

    def lines(self) -> list[str]:
        return []

    def execute(self, *_: object) -> Deployed:
        return Deployed((), self._silent)


def deploy(stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    """Call `slips deploy` where only the notifications are to be looked at."""
    plan = Plan(*silent_buckets(stage, current_account()))
    monkeypatch.setattr(command, "plan_deployment", lambda *_, **__: plan)
    monkeypatch.setattr(command, "deployed_url", lambda *_: "https://api")
    return CliRunner().invoke(main, ["deploy", "--yes", *options])


def test_a_deployment_that_leaves_a_prefix_unheard_fails_and_says_what_to_do(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "backfill_commands", lambda *_: ["slips backfill a", "slips backfill b"])
    bucket = stage.config.stack_name
    result = deploy(stage, monkeypatch)
    run = f"slips provision --stage dev --bucket-notifications {bucket}"
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"s3://{bucket} does not notify this stage below a/, b/; run: {run}",
        "then queue the objects of which SLIPS was not notified: slips backfill a",
        "then queue the objects of which SLIPS was not notified: slips backfill b",
    ]


def test_json_names_the_prefixes(stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> None:
    result = deploy(stage, monkeypatch, "--json")
    assert result.exit_code == 1
    [silent] = json.loads(result.stdout)["silent"]
    assert (silent["bucket"], silent["prefixes"]) == (stage.config.stack_name, ["a/", "b/"])
    assert [line.split()[2] for line in silent["backfill"]] == [f"s3://{silent['bucket']}/{name}/" for name in "ab"]


def test_a_deployment_of_which_all_is_heard_succeeds(stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_provision(stage, current_account(), buckets=[stage.config.stack_name]).execute(lambda line: None)
    result = deploy(stage, monkeypatch, "--json")
    assert (result.exit_code, json.loads(result.stdout)["silent"]) == (0, [])


def test_of_many_prefixes_a_few_are_named_that_cover_them(stage: DeploymentStage, tmp_path: Path) -> None:
    name = stage.config.stack_name
    mappings = "".join(f"\n  - {{prefix: a/{number}/*/, format: json}}" for number in range(200))
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\nbucket_mapping:\n {name}:{mappings}\n")
    [silent] = silent_buckets(read_stage("dev"), current_account())
    assert silent.prefixes == ("a/",)


def test_a_bucket_that_cannot_be_looked_up_is_named_and_no_failure(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.client("s3").delete_bucket(Bucket=stage.config.stack_name)
    result = deploy(stage, monkeypatch)
    assert result.exit_code == 0
    assert result.stderr.startswith(f"the bucket {stage.config.stack_name}: ")


def test_a_backfill_begins_with_the_stack(stage: DeploymentStage) -> None:
    plan_provision(stage, current_account()).execute(lambda line: None)
    bucket = stage.config.stack_name
    [line] = backfill_commands(stage, bucket, ["a/"])
    start, _, since = line.rpartition(" ")
    assert start == f"slips backfill s3://{bucket}/a/ --since"
    assert abs(datetime.now(UTC) - datetime.fromisoformat(since)) < timedelta(minutes=5)


def test_a_backfill_begins_no_earlier_than_the_ledger_remembers(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "find_stack", lambda _: {"CreationTime": datetime(2020, 1, 1, tzinfo=UTC)})
    [line] = backfill_commands(stage, "logs", ["a/"])
    days = (datetime.now(UTC) - datetime.fromisoformat(line.rpartition(" ")[2])).days
    assert days == stage.config.ledger_ttl_days


def test_a_backfill_of_another_stage_names_its_configuration(stage: DeploymentStage, tmp_path: Path) -> None:
    (tmp_path / "prod.yml").write_text((tmp_path / "slips.yml").read_text())
    [line] = backfill_commands(read_stage("dev", "prod.yml"), "logs", [""])
    assert line.startswith("slips backfill -c prod.yml s3://logs/ --since ")


def test_what_came_before_a_notification_is_named_when_it_is_added(stage: DeploymentStage) -> None:
    bucket, said = stage.config.stack_name, list[str]()
    plan_provision(stage, current_account(), buckets=[bucket]).execute(said.append)
    lines = [line for line in said if line.startswith("SLIPS was not notified of earlier objects; to queue those")]
    assert [line.rpartition("slips backfill ")[2].split()[0] for line in lines] == [
        f"s3://{bucket}/a/", f"s3://{bucket}/b/",
    ]  # fmt: skip
    said.clear()
    plan_provision(stage, current_account(), buckets=[bucket]).execute(said.append)
    assert not [line for line in said if "backfill" in line]


def test_an_object_of_the_second_in_which_the_stack_was_created_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 tells whole seconds, CloudFormation fractions of them."""
    created = datetime.now(UTC).replace(microsecond=700_000)
    monkeypatch.setattr(gaps, "find_stack", lambda name: {"CreationTime": created})
    assert gaps.remembered_since(Config.for_stack("slips")) == created.replace(microsecond=0).timestamp()
