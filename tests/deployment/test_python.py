"""A stage deployed and removed from Python, without the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slips import aws
from slips.ops.deploy.account import AwsAccount, current_account
from slips.ops.deploy.deploy import plan_deployment, plan_removal
from slips.ops.deploy.removal import Store
from slips.ops.deploy.stage import DeploymentStage, read_stage

from .deployed import BUCKET, Deployment
from .project import environment
from .test_tune import account_of

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeploymentStage]:
    """A stage of the project that is not deployed yet; this process is in another folder."""
    for name, value in (environment(deployment.project) | deployment.emulator.environment).items():
        monkeypatch.setenv(name, value)
    aws.reset()
    yield read_stage("test", project=deployment.project)
    aws.reset()


@pytest.fixture
def account(stage: DeploymentStage) -> AwsAccount:
    return current_account()


def test_a_stage_is_planned_deployed_and_removed(
    deployment: Deployment, stage: DeploymentStage, account: AwsAccount
) -> None:
    client = deployment.emulator.client
    before = account_of(client)
    plan = plan_deployment(stage, account, buckets=[BUCKET])
    lines = list(plan.lines())
    assert "Add     AWS::Kinesis::Stream       FastLane" in lines
    assert "Create  function slips-test-process_fast" in lines
    assert "Run     chalice deploy --stage test" in lines
    assert any(line.startswith(f"Add     notification s3://{BUCKET}/") for line in lines)
    assert account_of(client) == before  # A plan changes nothing.

    steps: list[str] = []
    questions: list[str] = []
    assert plan.execute(steps.append, questions.append) == ((), ())
    assert questions == ["make these changes?"]
    assert "/aws/lambda/slips-test: days kept: none -> 30" in steps
    created = {kind: names - before[kind] for kind, names in account_of(client).items()}
    assert (len(created["functions"]), created["streams"]) == (6, {"slips-test-fast", "slips-test-slow"})

    assert list(plan_deployment(stage, account, buckets=[BUCKET]).lines()) == [
        "nothing to change",
        "Run     chalice deploy --stage test",
    ]
    client("lambda").delete_function_concurrency(FunctionName="slips-test-process_slow")
    line = "Set     slips-test-process_slow: reserved concurrency: none -> 1"
    assert line in list(plan_deployment(stage, account).lines())

    removal = plan_removal(stage, account, data=True)
    lines = list(removal.lines())
    assert {"Remove  stack slips-test", "Remove  function slips-test"} <= {*lines}
    assert any(line.startswith("Delete  table slips-test-ledger") for line in lines)
    assert Store("stream", "slips-test-fast") in removal.execute(steps.append)
    assert account_of(client) == before
