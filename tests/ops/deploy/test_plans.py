"""Plans of a deployment: made and executed without a terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import slips.ops.deploy.deploy as deploy_module
from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import chalice_command
from slips.ops.deploy.account import current_account
from slips.ops.deploy.change_set import stack_status
from slips.ops.deploy.deploy import DeploymentPlan, plan_deployment, plan_removal
from slips.ops.deploy.provision import ProvisionPlan, StackPlan, plan_provision
from slips.ops.deploy.stage import DeploymentStage, read_stage

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    """A stage of a project in another folder; nothing of it is in the account."""
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text(f"stack_name: plan-{next(_number)}\n")
    return read_stage("dev", project=tmp_path)


def plan_stack(stage: DeploymentStage, *, adopt: bool = False) -> ProvisionPlan:
    return plan_provision(stage, current_account(), adopt=adopt)


def answer_no(question: str) -> None:
    raise KeyboardInterrupt(question)


def test_no_module_of_the_deployment_knows_a_terminal() -> None:
    imports = {
        name
        for path in Path(str(deploy_module.__file__)).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name for name in imports if not name.startswith("chalice.")}  # That runs in a process of its own.
    assert not {name for name in ours if name.partition(".")[0] in ("click", "rich") or ".cli" in f".{name}"}


def test_a_plan_that_is_discarded_leaves_nothing(stage: DeploymentStage) -> None:
    plan = plan_stack(stage)
    assert "Add     AWS::DynamoDB::Table       LedgerTable" in list(plan.lines())
    plan.discard()
    assert stack_status(stage.config.stack_name) == ""


def test_a_plan_that_is_not_confirmed_leaves_nothing(stage: DeploymentStage) -> None:
    with pytest.raises(KeyboardInterrupt, match="make these changes"):
        plan_stack(stage).execute(print, answer_no)
    assert stack_status(stage.config.stack_name) == ""


def test_a_plan_is_executed_without_a_question(stage: DeploymentStage) -> None:
    steps: list[str] = []
    plan_stack(stage).execute(steps.append)
    assert any(line.startswith("CREATE_COMPLETE") for line in steps)
    assert list(plan_stack(stage).lines()) == ["nothing to change"]


def test_what_is_imported_is_shown_first_and_the_rest_is_asked_for_after_it(stage: DeploymentStage) -> None:
    """CloudFormation would refuse a change set that creates what exists."""
    stack = stage.config.stack_name
    aws.client("kinesis").create_stream(StreamName=f"{stack}-fast", ShardCount=1)
    with pytest.raises(DeploymentError, match="exists already"):
        plan_stack(stage)
    plan = plan_stack(stage, adopt=True)
    lines = list(plan.lines())
    assert lines[0] == f"Import  {stack}-fast"
    assert "Add     AWS::Kinesis::Stream       SlowLane" in lines
    assert not [line for line in lines if line.endswith(" FastLane")]
    assert stack_status(stack) == ""

    steps: list[str] = []
    questions: list[str] = []
    plan.execute(steps.append, questions.append)
    assert questions == [f"take {stack}-fast into the stack as they are?", "make these changes?"]
    assert "Add     AWS::Kinesis::Stream       SlowLane" in steps
    assert list(plan_stack(stage).lines()) == ["nothing to change"]


def leave_functions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are none."""
    monkeypatch.setattr(deploy_module, "record_code", lambda stage: None)
    monkeypatch.setattr(deploy_module, "missing_calls", lambda stage, account: ())
    monkeypatch.setattr(deploy_module, "sync_settings", lambda stage, account, say: 0)


class Refused:
    """The notifications of a bucket that S3 refuses."""

    def lines(self) -> list[str]:
        return []

    def execute(self, say: object) -> None:
        raise DeploymentError("the bucket b: no")


def test_a_deployment_that_fails_at_its_end_says_what_is_deployed(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command, **_: commands.append(command))
    leave_functions_alone(monkeypatch)
    notifications: Any = (Refused(),)
    provision = ProvisionPlan(StackPlan(stage, {}, (), None), notifications)
    file = stage.project / ".chalice" / "policy-dev-report.json"
    plan = DeploymentPlan(stage, current_account(), provision, {file: "{}"}, (), ())
    steps: list[str] = []
    with pytest.raises(
        DeploymentError, match="the bucket b: no; everything else is deployed: fix that, and run this command again"
    ):
        plan.execute(steps.append)
    assert (commands, file.read_text()) == (["deploy"], "{}")
    assert steps[-1] == "the settings match slips.yml"


def test_a_deployment_does_not_use_a_package_that_a_killed_one_left(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = stage.project / ".chalice" / "deployments" / "0123-python3.11.zip"
    package.parent.mkdir()
    package.write_bytes(b"PK")
    existed: list[bool] = []
    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command, **_: existed.append(package.exists()))
    leave_functions_alone(monkeypatch)
    provision = ProvisionPlan(StackPlan(stage, {}, (), None), ())
    steps: list[str] = []
    DeploymentPlan(stage, current_account(), provision, {}, (), ()).execute(steps.append)
    assert existed == [False]
    assert [line for line in steps if line.startswith("removed .chalice/deployments/0123-python3.11.zip")]


def test_settings_that_cannot_be_read_yet_do_not_end_a_plan(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`chalice deploy` may create what is missing."""

    def refuse(*_: object) -> Iterator[str]:
        yield "fast lane: BatchSize: 1 -> 10"
        raise DeploymentError("nothing feeds the function f")

    names = list(map(stage.function_name, stage.functions))
    monkeypatch.setattr(deploy_module, "setting_changes", refuse)
    monkeypatch.setattr(deploy_module, "check_packaged", lambda stage: None)
    monkeypatch.setattr(deploy_module, "affordable_reservations", lambda stage: ())
    monkeypatch.setattr(deploy_module, "existing_functions", lambda stage: names)
    plan = plan_deployment(stage, current_account())
    plan.discard()
    assert list(plan.lines())[-2:] == [
        "Set     fast lane: BatchSize: 1 -> 10",
        "Set     not known yet: nothing feeds the function f",
    ]


def test_a_removal_shows_what_it_keeps_and_what_it_deletes(stage: DeploymentStage) -> None:
    plan_stack(stage).execute(print)
    stack = stage.config.stack_name
    for data, word in ((False, "Keep   "), (True, "Delete ")):
        lines = list(plan_removal(stage, current_account(), data=data).lines())
        assert f"Remove  stack {stack}" in lines
        assert f"{word} table {stack}-ledger, with its data: no items" in lines
