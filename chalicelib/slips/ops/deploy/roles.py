"""The roles of the functions: what Chalice does not give them.

Chalice creates a role with one inline policy and nothing else, and takes a role of that name that exists already. So a
role that needs more is created here, before `chalice deploy`: its function never runs with less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ... import aws
from ...config import NewRoles
from ..aws_errors import explain_aws_errors, look_up
from .account_resources import find_role
from .chalice_config import stage_roles
from .policies import managed_policies, stage_policies
from .policy_statements import USE_KEY
from .stage import DeploymentStage
from .tags import OWNER_TAG, describe_tags, missing_tags, owned_tags, tag_list

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


class RoleChange(NamedTuple):
    """A change of a role, made before `chalice deploy`: `problem` is what is wrong, `action` what `apply` does."""

    role: str
    problem: str
    action: str
    apply: Callable[[], object]

    def __str__(self) -> str:
        return f"Update  role {self.role}: {self.action}"


def role_changes(stage: DeploymentStage) -> Iterator[RoleChange]:
    """Yield what the roles of the functions lack, and what they have beyond slips.yml. Raises DeploymentError."""
    for function, given in stage_roles(stage).items():
        role = stage.role_name(function)
        managed = set(managed_policies(stage.config, function))
        if find_role(role):
            # Chalice removes a role that is no longer used, which IAM refuses while a policy is attached.
            yield from attachment_changes(role, set() if given else managed)
            yield from _inline_policy_changes(role)
            yield from () if given else (*boundary_changes(stage, role), *tag_changes(stage, role))
        elif not given and (managed or stage.config.tags or stage.config.iam != NewRoles()):
            yield RoleChange(role, "is missing", "create it", partial(_create, stage, role))
            yield from (_attachment(role, arn) for arn in sorted(managed))


def statement_changes(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each statement by which `chalice deploy` changes the policy of a role. Of a role that does not
    exist yet, only those of `handler.policy` are told: the others follow from slips.yml. Raises DeploymentError."""
    policies, users = stage_policies(stage), stage.config.handler.policy.statements
    for function, given in stage_roles(stage).items():
        if given:
            continue
        role, new = stage.role_name(function), policies[f"policy-{stage.name}-{function}.json"]["Statement"]
        old = _list_statements(role) if find_role(role) else [each for each in new if each not in users]
        yield from (f"Update  role {role}: - {json.dumps(each)}" for each in old if each not in new)
        yield from (f"Update  role {role}: + {json.dumps(each)}" for each in new if each not in old)


def allow_keys(stage: DeploymentStage) -> Iterator[str]:
    """Let the functions that exist use the keys of slips.yml, before the stack encrypts with them, and yield a line for
    each role that was changed. Until `chalice deploy` has replaced the whole policy, they would fail otherwise, and
    `report` with them, after which nobody knows what was lost. Raises DeploymentError."""
    policies = stage_policies(stage)
    for role, function in _own_roles(stage):
        old = _list_statements(role)
        new = policies[f"policy-{stage.name}-{function}.json"]["Statement"]
        use = [each for each in new if each.get("Sid") == USE_KEY]
        if old and not all(each in old for each in use):
            statements = [each for each in old if each.get("Sid") != USE_KEY] + use
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            _call("put_role_policy", role, PolicyName=role, PolicyDocument=document)
            yield f"role {role}: may use {stage.config.kms_key}"


def attachment_changes(role: str, managed: set[str]) -> Iterator[RoleChange]:
    """Yield how the managed policies of an existing role differ from these. Raises DeploymentError."""
    attached = _list_attached(role)
    yield from (_attachment(role, arn) for arn in sorted(managed - attached))
    yield from (_detachment(role, arn) for arn in sorted(attached - managed))


def boundary_changes(stage: DeploymentStage, role: str) -> Iterator[RoleChange]:
    """Yield the change of an existing role's permissions boundary. Without one in slips.yml, that of somebody else
    stays. Raises DeploymentError."""
    new = stage.config.iam.permissions_boundary
    old = (find_role(role) or {}).get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    if new and new != old:
        put = partial(_call, "put_role_permissions_boundary", role, PermissionsBoundary=new)
        problem = f"has the permissions boundary {old}" if old else "has no permissions boundary"
        yield RoleChange(role, f"{problem}, should have {new}", f"set the permissions boundary {new}", put)


def path_problems(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each role that exists under another path: IAM moves no role. Raises DeploymentError."""
    path = stage.config.iam.path
    for role, _ in _own_roles(stage) if path else ():
        if (actual := find_role(role)["Path"]) != path:
            yield (
                f"role {role}: has the path {actual}, should have {path}; a role keeps its path: to create it again, "
                f"run slips destroy --stage {stage.name} (data stays), then slips deploy --adopt"
            )


def tag_changes(stage: DeploymentStage, role: str) -> Iterator[RoleChange]:
    """Yield the tags of slips.yml that an existing role lacks. Raises DeploymentError."""
    if missing := missing_tags(_tags(find_role(role) or {}), stage.config.tags):
        words = describe_tags(missing)
        tag = partial(_call, "tag_role", role, Tags=tag_list(missing))
        yield RoleChange(role, f"lacks the tags {words}", f"tag it with {words}", tag)


def release_roles(stage: DeploymentStage) -> None:
    """Detach all managed policies: `chalice delete` could not remove a role that has one. Raises DeploymentError."""
    for role, _ in _own_roles(stage):
        for change in attachment_changes(role, set()):
            change.apply()


def delete_roles(stage: DeploymentStage) -> None:
    """Delete the roles that Chalice did not note, since its deployment failed half-way. Raises DeploymentError."""
    for role, _ in _own_roles(stage):
        if _tags(find_role(role)).get(OWNER_TAG) == stage.config.stack_name:
            for name in _list_inline(role):
                _delete_inline(role, name)
            _call("delete_role", role)


def _own_roles(stage: DeploymentStage) -> Iterator[tuple[str, str]]:
    """The roles that slips.yml does not name and that exist, each with its function."""
    for function, given in stage_roles(stage).items():
        role = stage.role_name(function)
        if not given and find_role(role):
            yield role, function


def _create(stage: DeploymentStage, role: str) -> None:
    settings = {"PermissionsBoundary": stage.config.iam.permissions_boundary, "Path": stage.config.iam.path}
    _call(
        "create_role",
        role,
        AssumeRolePolicyDocument=json.dumps(_TRUST),
        Tags=tag_list(owned_tags(stage.config)),
        **{name: value for name, value in settings.items() if value},
    )


def _attachment(role: str, arn: str) -> RoleChange:
    attach = partial(_call, "attach_role_policy", role, PolicyArn=arn)
    return RoleChange(role, f"may not do what {arn} allows", f"attach {arn}", attach)


def _detachment(role: str, arn: str) -> RoleChange:
    detach = partial(_call, "detach_role_policy", role, PolicyArn=arn)
    return RoleChange(role, f"may also do what {arn} allows", f"detach {arn}, which slips.yml does not name", detach)


def _inline_policy_changes(role: str) -> Iterator[RoleChange]:
    for name in sorted(set(_list_inline(role)) - {role}):  # Chalice's own bears the name of the role.
        action = f"delete its policy {name}, which slips.yml does not hold"
        yield RoleChange(role, f"may also do what {name} allows", action, partial(_delete_inline, role, name))


def _list_statements(role: str) -> list[Any]:
    """The statements of the policy that Chalice gave the role; none where it has not yet."""
    call = aws.client("iam").get_role_policy
    response: Any = look_up(f"the role {role}", call, RoleName=role, PolicyName=role)
    statements = response["PolicyDocument"]["Statement"] if response else []
    return statements if isinstance(statements, list) else [statements]


def _list_attached(role: str) -> set[str]:
    with explain_aws_errors(f"the role {role}"):
        pages = aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
        return {policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}


def _list_inline(role: str) -> list[str]:
    with explain_aws_errors(f"the role {role}"):
        pages = aws.client("iam").get_paginator("list_role_policies").paginate(RoleName=role)
        return [name for page in pages for name in page["PolicyNames"]]


def _delete_inline(role: str, name: str) -> None:
    _call("delete_role_policy", role, PolicyName=name)


def _tags(role: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())}


def _call(operation: str, role: str, **request: Any) -> None:
    with explain_aws_errors(f"the role {role}"):
        getattr(aws.client("iam"), operation)(RoleName=role, **request)
