"""A bucket that slips.yml no longer maps: its topic takes no notification of it, and the plan says so."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import DeploymentPlan
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import DeploymentStage, read_stage

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)


@pytest.fixture
def stack(tmp_path: Path) -> str:
    """A stack that maps two buckets: one that notifies it, and one that does not."""
    name = f"unmapped-{next(_number)}"
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    for bucket in ("loud", "silent"):
        location: Any = {"LocationConstraint": "eu-central-1"}
        aws.client("s3").create_bucket(Bucket=f"{name}-{bucket}", CreateBucketConfiguration=location)
    stage = read(tmp_path, name, "loud", "silent", "deleted")
    plan_provision(stage, current_account(), buckets=[f"{name}-loud"]).execute(lambda line: None)
    return name


def read(project: Path, name: str, *buckets: str) -> DeploymentStage:
    mapping = {f"{name}-{bucket}": [{"prefix": "a/", "format": "json"}] for bucket in buckets}
    (project / "slips.yml").write_text(json.dumps({"stack_name": name, "bucket_mapping": mapping}))
    return read_stage("dev", project=project)


def warnings(stage: DeploymentStage) -> list[str]:
    plan = plan_provision(stage, current_account())
    plan.discard()
    lines = [line for line in plan.lines() if line.startswith("Warning ")]
    deployment = DeploymentPlan(stage, current_account(), plan, {}, (), ())
    assert [line for line in deployment.lines() if line.startswith("Warning ")] == lines
    return lines


def test_a_bucket_that_still_notifies_is_named(stack: str, tmp_path: Path) -> None:
    (line,) = warnings(read(tmp_path, stack, "silent"))
    assert line == (
        f"Warning s3://{stack}-loud notifies {stack}-dispatch, which ignores its notifications, because slips.yml "
        "maps nothing in it: its objects are not processed; map it, or remove its notifications"
    )


def test_a_bucket_that_is_mapped_or_silent_or_gone_is_not(stack: str, tmp_path: Path) -> None:
    assert warnings(read(tmp_path, stack, "loud", "silent", "deleted")) == []
    assert warnings(read(tmp_path, stack, "loud")) == []


def test_a_new_stack_forgets_no_bucket(stack: str, tmp_path: Path) -> None:
    assert warnings(read(tmp_path, f"{stack}-new")) == []
