"""The roles of 2018: what slips.yml names is compared with what the functions do."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import deploy
from slips.ops.deploy.account import current_account
from slips.ops.deploy.change_set import stack_status
from slips.ops.deploy.dispensable import COSTS
from slips.ops.deploy.role_checks import RoleProblem, check_roles, role_policies, role_problems
from slips.ops.deploy.stage import DeploymentStage, read_stage

HERE = "eu-central-1:123456789012"
_number = count(1)
CONFIG = """
stack_name: {name}
backend:
  role_arn:
    event_pusher: arn:aws:iam::123456789012:role/{name}-EventPusher
    dispatcher: arn:aws:iam::123456789012:role/{name}-Dispatcher
    reporter: arn:aws:iam::123456789012:role/{name}-Reporter
    drain: arn:aws:iam::123456789012:role/{name}-Drain
  sns_topics: [{{name: first}}, {{name: second}}]
handler: {{role_arn: "arn:aws:iam::123456789012:role/{name}-Main"}}
bucket_mapping: {{logs: [{{prefix: "in/$*", format: json}}]}}
"""
OF_2018 = ("s3:GetObject", "kinesis:PutRecords", "kinesis:GetRecords", "dynamodb:PutItem", "sns:Publish", "logs:*")


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    """A stage with the roles of 2018, which exist and may do nothing."""
    name = f"roles-{next(_number)}"
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    (tmp_path / "slips.yml").write_text(CONFIG.format(name=name))
    for role in ("EventPusher", "Dispatcher", "Reporter", "Drain", "Main"):
        aws.client("iam").create_role(RoleName=f"{name}-{role}", AssumeRolePolicyDocument="{}")
    return read_stage("dev", project=tmp_path)


def problems_of(stage: DeploymentStage) -> dict[str, RoleProblem]:
    return {each.role.rpartition("-")[2]: each for each in role_problems(stage, current_account())}


def allow(stage: DeploymentStage, role: str, policy: Any) -> None:
    name = f"{stage.app_name}-{role}"
    aws.client("iam").put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(policy))


def statements(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": ["*"]}]}


def test_roles_that_may_do_what_their_functions_do_are_no_problem(stage: DeploymentStage) -> None:
    for role, policy in role_policies(stage).items():
        allow(stage, role.rpartition("-")[2], policy)
    assert problems_of(stage) == {}


def test_each_role_is_named_with_what_it_lacks_and_the_policy_that_it_needs(stage: DeploymentStage) -> None:
    for role in ("EventPusher", "Main", "Reporter", "Drain"):
        allow(stage, role, statements(*OF_2018))
    found = problems_of(stage)
    name = stage.config.stack_name
    assert found.keys() == {"EventPusher", "Main", "Reporter", "Drain"}
    errors, ledger = (f"arn:aws:dynamodb:{HERE}:table/{name}-{table}" for table in ("errors", "ledger"))
    assert found["EventPusher"].problem.startswith(
        "may not dynamodb:BatchWriteItem, dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:Query, dynamodb:UpdateItem "
        f"on {errors}; "
    )
    assert f"dynamodb:UpdateItem on {errors}/index/due; " in found["EventPusher"].problem
    assert found["EventPusher"].problem.endswith(f"{errors}/index/due; dynamodb:UpdateItem on {ledger}")
    [note] = [each for each in found["EventPusher"].policy["Statement"] if each["Sid"] == "NoteCauses"]
    assert note["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["slips:cause:*"]}}
    assert "dynamodb:GetItem, dynamodb:UpdateItem, dynamodb:BatchGetItem, " in found["Main"].problem
    lanes = ", ".join(f"arn:aws:kinesis:{HERE}:stream/{name}-{lane}" for lane in ("fast", "slow"))
    assert f"kinesis:ListShards on {lanes}; " in found["Main"].problem
    assert "s3:GetObjectVersion on arn:aws:s3:::logs/in/$*x" in found["Main"].problem
    assert "s3:GetObject on" not in found["Main"].problem
    assert str(found["Drain"]).endswith(f"; it needs this policy: {json.dumps(found['Drain'].policy)}")


def test_a_role_that_may_not_write_the_ledger_for_many_objects_at_once_is_deployed_with(stage: DeploymentStage) -> None:
    for role, policy in role_policies(stage).items():
        statements_ = [each for each in policy["Statement"] if each["Sid"] != "KeepManyBooks"]
        allow(stage, role.rpartition("-")[2], {**policy, "Statement": statements_})
    [problem] = problems_of(stage).values()
    ledger = f"arn:aws:dynamodb:{HERE}:table/{stage.config.stack_name}-ledger"
    assert problem.problem.startswith(f"may not dynamodb:PartiQLInsert, dynamodb:PartiQLUpdate on {ledger}, ")
    check_roles([problem])
    allow(stage, "Main", statements("logs:PutLogEvents"))
    with pytest.raises(DeploymentError, match=f"dynamodb:PartiQLUpdate on {ledger}"):
        check_roles(problems_of(stage).values())


def test_a_role_that_may_not_ask_for_the_age_of_the_redrive_queue_is_deployed_with(stage: DeploymentStage) -> None:
    for role, policy in role_policies(stage).items():
        statements_ = [each for each in policy["Statement"] if each["Sid"] != "ReadQueueAge"]
        allow(stage, role.rpartition("-")[2], {**policy, "Statement": statements_})
    [problem] = problems_of(stage).values()
    assert problem.problem == (
        "may not cloudwatch:GetMetricStatistics on *, so the console does not say for how long notifications have "
        "waited in the redrive queue"
    )
    check_roles([problem])


def test_each_thing_that_a_role_of_all_functions_lacks_is_named_with_what_it_costs(stage: DeploymentStage) -> None:
    path = stage.project / "slips.yml"
    path.write_text(re.sub("-(EventPusher|Dispatcher|Reporter|Drain)", "-Main", path.read_text()))
    [policy] = role_policies(one := read_stage("dev", project=stage.project)).values()
    lacking = [each for each in policy["Statement"] if each["Sid"] not in ("ReadQueueAge", "KeepManyBooks")]
    allow(stage, "Main", {**policy, "Statement": lacking})
    ends = [each.problem.partition(", so ")[2] for each in role_problems(one, current_account())]
    assert sorted(ends) == sorted(COSTS.values())


def test_a_managed_policy_counts(stage: DeploymentStage) -> None:
    iam, [(role, policy), *_] = aws.client("iam"), role_policies(stage).items()
    document = json.dumps(policy)
    arn = iam.create_policy(PolicyName=f"{stage.app_name}-all", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=arn)
    assert role.rpartition("-")[2] not in problems_of(stage)


def test_a_role_of_several_functions_needs_the_policies_of_all(stage: DeploymentStage) -> None:
    name = stage.config.stack_name
    policy = role_policies(stage)[f"arn:aws:iam::123456789012:role/{name}-Main"]
    by_sid = {each["Sid"]: each for each in policy["Statement"]}
    assert len(by_sid) == len(policy["Statement"])
    assert by_sid["ReadLane"]["Resource"] == [f"arn:*:kinesis:*:*:stream/{name}-{lane}" for lane in ("fast", "slow")]
    assert by_sid["WriteLogs"]["Resource"] == [
        f"arn:*:logs:*:*:log-group:/aws/lambda/{stage.app_name}-dev-process_{lane}:*" for lane in ("fast", "slow")
    ]
    pusher = role_policies(stage)[f"arn:aws:iam::123456789012:role/{name}-EventPusher"]
    logs = next(each for each in pusher["Statement"] if each["Sid"] == "WriteLogs")
    assert [resource.rpartition("dev-")[2] for resource in logs["Resource"]] == ["first:*", "second:*"]


def test_a_role_that_does_not_exist_is_named(stage: DeploymentStage) -> None:
    aws.client("iam").delete_role(RoleName=f"{stage.app_name}-Reporter")
    assert problems_of(stage)["Reporter"].problem == "there is no such role"


def test_roles_that_chalice_creates_are_not_looked_at(stage: DeploymentStage) -> None:
    (stage.project / "slips.yml").write_text("stack_name: mine\n")
    assert role_policies(read_stage("dev", project=stage.project)) == {}


def test_what_handler_policy_allows_is_for_the_owner_of_the_role_to_give(stage: DeploymentStage) -> None:
    """slips.yml warns that it has no effect there."""
    before, path = role_policies(stage), stage.project / "slips.yml"
    policy = 'policy: {Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}'
    path.write_text(path.read_text().replace("handler: {", f"handler: {{{policy}, "))
    after = read_stage("dev", project=stage.project)
    assert len(after.config.handler.policy.statements) == 1
    assert role_policies(after) == before


def test_a_key_through_s3_alone_is_asked_for_through_s3(stage: DeploymentStage) -> None:
    path, key = stage.project / "slips.yml", f"arn:aws:kms:{HERE}:key/1234abcd"
    path.write_text(f"{path.read_text()}buckets: {{logs: {{kms_key: '{key}'}}}}\n")
    keyed = read_stage("dev", project=stage.project)
    for role, policy in role_policies(stage).items():
        allow(stage, role.rpartition("-")[2], policy)
    found = problems_of(keyed)
    assert {role: each.problem for role, each in found.items()} == {"Main": f"may not kms:Decrypt on {key}"}
    policy = found["Main"].policy
    (decrypt,) = [each for each in policy["Statement"] if each["Sid"] == "DecryptObjects"]
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": ["s3.eu-central-1.amazonaws.com"]}}
    allow(stage, "Main", policy)
    assert problems_of(keyed) == {}


def test_a_key_of_the_company_s_is_asked_for_through_each_service(stage: DeploymentStage) -> None:
    """A role of two kinds of functions needs it through the services of both."""
    path, key = stage.project / "slips.yml", f"arn:aws:kms:{HERE}:key/1234abcd"
    text = path.read_text().replace(f"{stage.app_name}-EventPusher", f"{stage.app_name}-Reporter")
    path.write_text(f"{text}kms_key: '{key}'\n")
    keyed = read_stage("dev", project=stage.project)
    policies = {role.rpartition("-")[2]: policy for role, policy in role_policies(keyed).items()}
    (use,) = [each for each in policies["Reporter"]["Statement"] if each["Sid"] == "UseKey"]
    services = [f"{service}.eu-central-1.amazonaws.com" for service in ("dynamodb", "kinesis", "sns", "sqs")]
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": services}}
    for role, policy in policies.items():
        allow(stage, role, policy)
    assert problems_of(keyed) == {}
    use["Condition"] = {"StringEquals": {"kms:ViaService": services[:2]}}
    allow(stage, "Reporter", policies["Reporter"])
    assert problems_of(keyed)["Reporter"].problem == f"may not kms:Decrypt, kms:GenerateDataKey on {key}"


def test_with_traces_the_roles_need_more(stage: DeploymentStage) -> None:
    path = stage.project / ".chalice" / "config.json"
    path.write_text(json.dumps({"app_name": stage.app_name, "xray": True, "stages": {"dev": {}}}))
    for policy in role_policies(read_stage("dev", project=stage.project)).values():
        assert policy["Statement"][-1]["Sid"] == "Trace"


class TestADeployment:
    @pytest.fixture(autouse=True)
    def _project(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("check_packaged", "check_deployable", "affordable_reservations"):
            monkeypatch.setattr(deploy, name, lambda *_: ())

    def test_is_refused_before_it_changes_anything(self, stage: DeploymentStage) -> None:
        with pytest.raises(DeploymentError) as error:
            deploy.plan_deployment(stage, current_account())
        lines = str(error.value).splitlines()
        assert [line.partition(":role/")[2].partition(":")[0].rpartition("-")[2] for line in lines[:-1]] == [
            "EventPusher", "Main", "Reporter", "Drain",
        ]  # fmt: skip
        assert lines[-1] == "nothing was changed: give each role its policy, and run this command again"
        assert stack_status(stage.config.stack_name) == ""

    def test_goes_on_where_nobody_may_look_and_says_so(
        self, stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who deploys may lack the permission; the role may have all that it needs."""
        answer_with(monkeypatch, "AccessDenied")
        plan = deploy.plan_deployment(stage, current_account())
        plan.discard()
        lines = [line for line in plan.lines() if line.startswith("Unsure")]
        assert len(lines) == 4
        start = (
            f"Unsure  role arn:aws:iam::123456789012:role/{stage.app_name}-EventPusher: without "
            "iam:SimulatePrincipalPolicy, SLIPS cannot check whether it may do"
        )
        assert lines[0].startswith(start)
        assert '"dynamodb:BatchWriteItem"' in lines[0]

    def test_ends_where_iam_does_not_answer(self, stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> None:
        answer_with(monkeypatch, "ServiceFailure")
        with pytest.raises(DeploymentError, match="SimulatePrincipalPolicy was refused: ServiceFailure"):
            deploy.plan_deployment(stage, current_account())


def answer_with(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    class Paginator:
        def paginate(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "SimulatePrincipalPolicy")

    monkeypatch.setattr(aws.client("iam"), "get_paginator", lambda operation: Paginator())
