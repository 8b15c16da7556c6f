"""Plans of a deployment: made and executed without a terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import slips.ops.deploy.deploy as deploy_module
from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy.account import current_account
from slips.ops.deploy.change_set import stack_status
from slips.ops.deploy.deploy import plan_removal
from slips.ops.deploy.provision import ProvisionPlan, plan_provision
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ...deployment.cloudformation import patch_moto

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)


@pytest.fixture(scope="module", autouse=True)
def emulated(aws_endpoint: str) -> Iterator[None]:
    patch_moto()
    aws.reset()
    yield
    aws.reset()


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
    assert not {name for name in imports if name.partition(".")[0] in ("click", "rich") or ".cli" in f".{name}"}


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


def test_a_removal_shows_what_it_keeps_and_what_it_deletes(stage: DeploymentStage) -> None:
    plan_stack(stage).execute(print)
    stack = stage.config.stack_name
    for data, word in ((False, "Keep   "), (True, "Delete ")):
        lines = list(plan_removal(stage, current_account(), data=data).lines())
        assert f"Remove  stack {stack}" in lines
        assert f"{word} table {stack}-ledger" in lines
