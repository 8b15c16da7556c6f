"""Stack and tables that cannot be deleted by mistake: in a stage named prod, unless slips.yml says otherwise."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import chalice_command
from slips.ops.deploy.account import current_account
from slips.ops.deploy.account_resources import find_stack
from slips.ops.deploy.deploy import plan_removal
from slips.ops.deploy.drift.stack import stack_drift
from slips.ops.deploy.drift.storage import storage_drift
from slips.ops.deploy.provision import ProvisionPlan, plan_provision
from slips.ops.deploy.stack import template
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ...builders import config

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    app = f"protection-{next(_number)}"
    settings = {"app_name": app, "stages": {"dev": {}, "prod": {}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(settings))
    return tmp_path


def read(project: Path, name: str, **keys: object) -> DeploymentStage:
    app = json.loads((project / ".chalice" / "config.json").read_text())["app_name"]
    (project / f"{name}.yml").write_text(json.dumps({"stack_name": f"{app}-{name}", **keys}))
    (project / "slips.yml").write_text("stack_name: unused\n")
    return read_stage(name, f"{name}.yml", project=project)


def plan(stage: DeploymentStage) -> ProvisionPlan:
    return plan_provision(stage, current_account())


def drift(stage: DeploymentStage) -> list[str]:
    lines = (*stack_drift(stage, current_account()), *storage_drift(stage))
    return [line for line in lines if "protection is " in line]


BOTH = {"deletion_protection": False, "termination_protection": False}


@pytest.mark.parametrize(
    ("name", "keys", "protections"),
    [
        ("prod", {}, (True, True)),
        ("prod", BOTH, (False, False)),
        ("prod", {"termination_protection": False}, (True, False)),
        ("dev", {}, (None, None)),
        ("dev", {"deletion_protection": True}, (True, None)),
        ("dev", BOTH, (False, False)),
    ],
)
def test_a_stage_named_prod_is_protected_unless_its_slips_yml_says_otherwise(
    project: Path, name: str, keys: dict[str, bool], protections: tuple[bool | None, bool | None]
) -> None:
    settings = read(project, name, **keys).config
    assert (settings.deletion_protection, settings.termination_protection) == protections


def test_the_template_protects_its_tables() -> None:
    for protection in (True, False):
        resources = template(config(deletion_protection=protection))["Resources"]
        tables = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::DynamoDB::Table"]
        assert [each["DeletionProtectionEnabled"] for each in tables] == [protection] * 2
    assert "DeletionProtectionEnabled" not in json.dumps(template(config()))


def test_the_stack_is_protected_when_it_is_complete(project: Path) -> None:
    stage = read(project, "prod")
    stack = stage.config.stack_name
    first = plan(stage)
    assert list(first.lines())[-1] == f"Set     stack {stack}: termination protection: False -> True"
    steps: list[str] = []
    first.execute(steps.append)
    assert steps[-1] == f"stack {stack}: termination protection: False -> True"
    assert find_stack(stack)["EnableTerminationProtection"] is True
    assert list(plan(stage).lines()) == ["nothing to change"]
    assert drift(stage) == []


def test_a_protection_is_all_that_a_plan_may_change(project: Path) -> None:
    off = {"deletion_protection": True, "termination_protection": False}
    plan(read(project, "prod", **off)).execute(lambda line: None)
    stage = read(project, "prod")
    stack = stage.config.stack_name
    run = "run: slips provision --stage prod"
    assert drift(stage) == [f"stack {stack}: termination protection is False, should be True; {run}"]
    only = plan(stage)
    assert list(only.lines()) == [f"Set     stack {stack}: termination protection: False -> True"]
    questions: list[str] = []
    only.execute(lambda line: None, questions.append)
    assert questions == ["make these changes?"]
    assert drift(stage) == []
    plan(read(project, "prod", **off)).execute(lambda line: None)
    assert find_stack(stack)["EnableTerminationProtection"] is False


def test_what_nobody_asks_for_stays_as_it_is(project: Path) -> None:
    stage = read(project, "dev")
    plan(stage).execute(lambda line: None)
    stack = stage.config.stack_name
    aws.client("cloudformation").update_termination_protection(StackName=stack, EnableTerminationProtection=True)
    aws.client("dynamodb").update_table(TableName=f"{stack}-ledger", DeletionProtectionEnabled=True)
    assert list(plan(stage).lines()) == ["nothing to change"]
    assert drift(stage) == []


def test_a_table_that_lost_its_protection_is_named(project: Path) -> None:
    stage = read(project, "prod")
    plan(stage).execute(lambda line: None)
    table = f"{stage.config.stack_name}-errors"
    aws.client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    (line,) = drift(stage)
    assert line.startswith(f"table {table}: deletion protection is False, should be True; ")
    assert line.endswith("restore it: aws dynamodb update-table --deletion-protection-enabled")


def test_a_removal_of_protected_data_is_refused_before_anything_is_removed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command: None)
    stage = read(project, "prod")
    stack = stage.config.stack_name
    plan(stage).execute(lambda line: None)
    with pytest.raises(DeploymentError) as refused:
        plan_removal(stage, current_account())
    assert str(refused.value) == (
        f"the stack {stack} is protected against deletion; nothing was removed. Write termination_protection: false "
        "into slips.yml and call `slips provision`, or run: aws cloudformation update-termination-protection "
        f"--no-enable-termination-protection --stack-name {stack}"
    )
    stage = read(project, "prod", termination_protection=False)
    plan(stage).execute(lambda line: None)
    plan_removal(stage, current_account())
    with pytest.raises(DeploymentError) as refused:
        plan_removal(stage, current_account(), data=True)
    unprotect = f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {stack}-errors"
    assert str(refused.value) == (
        f"the table {stack}-errors is protected against deletion; nothing was removed. Write deletion_protection: "
        f"false into slips.yml and call `slips provision`, or run: {unprotect}"
    )
    stage = read(project, "prod", **BOTH)
    plan(stage).execute(lambda line: None)
    plan_removal(stage, current_account(), data=True).execute(lambda line: None)
    assert find_stack(stack) is None
