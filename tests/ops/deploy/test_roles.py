"""The roles of the functions: what Chalice does not give them, and what its removal of them needs."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import given_arns
from slips.ops.deploy.account import current_account
from slips.ops.deploy.drift.functions import function_drift
from slips.ops.deploy.policies import stage_policies, write_files
from slips.ops.deploy.roles import delete_roles, path_problems, release_roles, role_changes, statement_changes
from slips.ops.deploy.stage import DeploymentStage, read_stage

_number = count(1)
ROLE = "arn:aws:iam::123456789012:role/mine"
ANY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose app has a name of its own; nothing of it is in the account."""
    (tmp_path / ".chalice").mkdir()
    app = f"roles-{next(_number)}"
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": app, "stages": {"dev": {}}}))
    return tmp_path


def read(project: Path, handler: object = None, iam: object = None) -> DeploymentStage:
    (project / "slips.yml").write_text(json.dumps({"stack_name": "roles", "handler": handler, "iam": iam}))
    return read_stage("dev", project=project)


def make_policy(name: str) -> str:
    policy = aws.client("iam").create_policy(PolicyName=f"{name}-{next(_number)}", PolicyDocument=ANY)["Policy"]
    return str(policy["Arn"])


def make_roles(stage: DeploymentStage) -> None:
    """Create the roles as Chalice does: each has its policy, under its own name."""
    for function in stage.functions:
        role, iam = stage.role_name(function), aws.client("iam")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        document = json.dumps(stage_policies(stage)[f"policy-dev-{function}.json"])
        iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=document)


def lines(stage: DeploymentStage) -> list[str]:
    return [str(change).removeprefix(f"Update  role {stage.app_name}-dev-") for change in role_changes(stage)]


def apply(stage: DeploymentStage) -> None:
    for change in role_changes(stage):
        change.apply()


def attached(role: str) -> set[str]:
    policies = aws.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {policy["PolicyArn"] for policy in policies}


def drift(stage: DeploymentStage, function: str) -> list[str]:
    role = aws.client("iam").get_role(RoleName=stage.role_name(function))["Role"]["Arn"]
    variables = {"Variables": {"SLIPS_CONFIG": "slips.yml"}}
    return [
        line.removeprefix(f"role {stage.role_name(function)}: ")
        for line in function_drift(stage, function, {"Role": role, "Environment": variables})
        if line.startswith("role ")
    ]


def test_chalice_creates_roles_that_need_no_more(project: Path) -> None:
    assert lines(read(project)) == []


def test_a_role_that_needs_more_is_created_before_its_function_runs(project: Path) -> None:
    arn = make_policy("send")
    stage = read(project, {"policy": [arn]})
    assert lines(stage) == [
        line
        for function in ("process_fast", "process_slow")
        for line in (f"{function}: create it", f"{function}: attach {arn}")
    ]
    apply(stage)
    assert lines(stage) == []
    role = aws.client("iam").get_role(RoleName=stage.role_name("process_fast"))["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Principal"], trust["Action"]) == ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    assert attached(role["RoleName"]) == {arn}


def test_an_existing_role_gets_and_loses_what_slips_yml_says(project: Path) -> None:
    old, new = make_policy("old"), make_policy("new")
    stage = read(project)
    make_roles(stage)
    assert lines(stage) == []
    apply(read(project, {"policy": old}))
    stage = read(project, {"policy": [new]})
    assert lines(stage) == [
        line
        for lane in ("fast", "slow")
        for line in (f"process_{lane}: attach {new}", f"process_{lane}: detach {old}, which slips.yml does not name")
    ]
    assert drift(stage, "process_slow") == [
        f"may not do what {new} allows; run: slips deploy --stage dev",
        f"may also do what {old} allows; run: slips deploy --stage dev",
    ]
    apply(stage)
    assert attached(stage.role_name("process_slow")) == {new}
    assert attached(stage.role_name("report")) == set()
    assert drift(stage, "process_slow") == []


def test_what_somebody_added_to_a_role_is_taken_away(project: Path) -> None:
    arn, stage = make_policy("more"), read(project)
    make_roles(stage)
    role = stage.role_name("report")
    aws.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    aws.client("iam").put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=ANY)
    assert lines(stage) == [
        f"report: detach {arn}, which slips.yml does not name",
        "report: delete its policy more, which slips.yml does not hold",
    ]
    apply(stage)
    assert drift(stage, "report") == []


def test_a_role_that_chalice_will_remove_loses_its_policies_first(project: Path) -> None:
    """IAM deletes no role that has a managed policy."""
    arn = make_policy("once")
    make_roles(read(project))
    apply(read(project, {"policy": arn}))
    stage = read(project, {"policy": arn, "role_arn": ROLE})
    assert lines(stage) == [f"process_{lane}: detach {arn}, which slips.yml does not name" for lane in ("fast", "slow")]


class TestABoundaryAndAPath:
    def test_are_those_of_new_roles(self, project: Path) -> None:
        """Where a company lets nobody create a role without a boundary, Chalice could not."""
        boundary = make_policy("boundary")
        stage = read(project, iam={"permissions_boundary": boundary, "path": "/teams/security/"})
        assert lines(stage) == [f"{function}: create it" for function in stage.functions]
        apply(stage)
        for function in stage.functions:
            role = aws.client("iam").get_role(RoleName=stage.role_name(function))["Role"]
            assert role["Arn"].endswith(f":role/teams/security/{role['RoleName']}")
            assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
        assert lines(stage) == list(path_problems(stage)) == []

    def test_a_boundary_is_set_on_roles_that_exist(self, project: Path) -> None:
        old, new = make_policy("old"), make_policy("new")
        make_roles(read(project))
        stage = read(project, iam={"permissions_boundary": old})
        run = "run: slips deploy --stage dev"
        assert lines(stage) == [f"{name}: set the permissions boundary {old}" for name in stage.functions]
        assert drift(stage, "report") == [f"has no permissions boundary, should have {old}; {run}"]
        apply(stage)
        assert lines(stage) == drift(stage, "report") == []
        stage = read(project, iam={"permissions_boundary": new})
        assert drift(stage, "report") == [f"has the permissions boundary {old}, should have {new}; {run}"]
        apply(stage)
        assert drift(stage, "report") == []

    def test_a_boundary_of_somebody_else_stays(self, project: Path) -> None:
        make_roles(read(project))
        apply(read(project, iam={"permissions_boundary": make_policy("theirs")}))
        assert lines(read(project)) == []

    def test_a_role_keeps_its_path_and_the_plan_says_so(self, project: Path) -> None:
        make_roles(read(project))
        stage = read(project, iam={"path": "/teams/"})
        assert lines(stage) == []
        role = stage.role_name("dispatch")
        first, *others = path_problems(stage)
        assert first == (
            f"role {role}: has the path /, should have /teams/; a role keeps its path: to create it again, run slips "
            "destroy --stage dev (data stays), then slips deploy --adopt"
        )
        assert len(others) == 4

    def test_a_boundary_that_does_not_exist_ends_a_deployment_before_it_begins(self, project: Path) -> None:
        arn = "arn:aws:iam::123456789012:policy/nobodys"
        config = read(project, iam={"permissions_boundary": arn}).config
        assert list(given_arns.check(config, current_account())) == [
            f"iam.permissions_boundary: there is no {arn}; correct the ARN, or create it first"
        ]

    def test_a_removal_finds_roles_under_a_path(self, project: Path) -> None:
        stage = read(project, {"policy": make_policy("a")}, iam={"path": "/teams/"})
        apply(stage)
        release_roles(stage)
        delete_roles(stage)
        assert len(lines(stage)) == len(stage.functions) + 2


def test_a_role_of_your_own_is_left_as_it_is(project: Path) -> None:
    assert lines(read(project, {"policy": make_policy("a"), "role_arn": ROLE})) == []


def test_a_removal_detaches_what_would_keep_chalice_from_it(project: Path) -> None:
    stage = read(project, {"policy": make_policy("a")})
    make_roles(stage)
    apply(stage)
    release_roles(stage)
    assert attached(stage.role_name("process_fast")) == set()


def test_a_removal_deletes_roles_of_a_deployment_that_failed(project: Path) -> None:
    """Chalice notes what it made only at its end."""
    stage = read(project, {"policy": make_policy("a")})
    apply(stage)
    iam = aws.client("iam")
    iam.put_role_policy(RoleName=stage.role_name("process_fast"), PolicyName="p", PolicyDocument=ANY)
    other = stage.role_name("report")
    iam.create_role(RoleName=other, AssumeRolePolicyDocument="{}")
    release_roles(stage)
    delete_roles(stage)
    names = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    assert {name for name in names if name.startswith(f"{stage.app_name}-")} == {other}


def test_a_policy_that_does_not_exist_ends_a_deployment_before_it_begins(project: Path) -> None:
    arn = "arn:aws:iam::123456789012:policy/nobodys"
    config = read(project, {"policy": [make_policy("a"), arn]}).config
    assert list(given_arns.check(config, current_account())) == [
        f"handler.policy: there is no {arn}; correct the ARN, or create it first"
    ]


def test_a_plan_shows_the_statements_that_a_role_gets_and_loses(project: Path) -> None:
    own: dict[str, Any] = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"]}
    stage = read(project, {"policy": own})
    roles = [stage.role_name(name) for name in ("process_fast", "process_slow")]
    expected = [f"Update  role {role}: + {json.dumps(own)}" for role in roles]
    assert list(statement_changes(stage)) == expected
    make_roles(read(project))
    stage = read(project, {"policy": own})
    assert list(statement_changes(stage)) == expected
    put_policy(roles[0], own)
    ours = stage_policies(stage)["policy-dev-process_fast.json"]["Statement"][:-1]
    expected = [f"Update  role {roles[0]}: + {json.dumps(each)}" for each in ours]
    assert list(statement_changes(stage)) == [*expected, f"Update  role {roles[1]}: + {json.dumps(own)}"]
    put_policy(roles[1], [*ours, {**own, "Resource": ["arn:aws:sqs:::x"]}])
    (*_, removed, added) = [line for line in statement_changes(stage) if "sqs:" in line and roles[1] in line]
    assert removed == f"Update  role {roles[1]}: - {json.dumps({**own, 'Resource': ['arn:aws:sqs:::x']})}"
    assert added == f"Update  role {roles[1]}: + {json.dumps(own)}"


def put_policy(role: str, statement: object) -> None:
    """Replace the policy that Chalice gave the role."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    aws.client("iam").put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=document)


def test_no_statements_are_told_of_a_role_of_your_own(project: Path) -> None:
    assert list(statement_changes(read(project, {"role_arn": ROLE}))) == []


def test_a_refusal_names_the_role(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = read(project, {"policy": "arn:aws:iam::123456789012:policy/nobodys"})
    make_roles(stage)
    with pytest.raises(
        DeploymentError, match=f"the role {stage.app_name}-dev-process_fast: AttachRolePolicy was refused"
    ):
        apply(stage)


def test_a_statement_of_slips_yml_outlives_every_writing_of_the_policies(project: Path) -> None:
    own: dict[str, Any] = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"]}
    read(project, {"policy": own})
    write_files(project)
    assert write_files(project) == []
    path = project / ".chalice" / "policy-dev-process_slow.json"
    assert json.loads(path.read_text())["Statement"][-1] == own
