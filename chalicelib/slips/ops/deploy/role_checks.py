"""The roles that slips.yml names: may they do what their functions do? Otherwise the first event that fails says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors
from .account import AwsAccount
from .chalice_config import stage_roles
from .dispensable import COSTS
from .policies import Policy, function_statements
from .policy_statements import VIA_SERVICE, Statement, statement, through, trace
from .stage import PROCESS, DeploymentStage


class Denial(NamedTuple):
    """An action that a role may not call on a resource."""

    action: str
    resource: str


class RoleProblem(NamedTuple):
    """What a role lacks, or why nobody knows (`is_known` is False); `policy` is all that it needs. What SLIPS does
    without is not `is_needed`."""

    role: str
    problem: str
    policy: Policy
    is_known: bool = True
    is_needed: bool = True

    def __str__(self) -> str:
        return f"role {self.role}: {self.problem}; it needs this policy: {json.dumps(self.policy)}"


def role_problems(stage: DeploymentStage, account: AwsAccount) -> Iterator[RoleProblem]:
    """Find what the roles of slips.yml lack, as IAM's own simulation sees it: a permissions boundary counts, a policy
    of a bucket, table or key does not. Raises DeploymentError."""
    for role, policy in role_policies(stage).items():
        yield from _check_role(role, policy, account)


def check_roles(problems: Iterable[RoleProblem]) -> None:
    """Raise DeploymentError where a role is known to lack what it needs."""
    if lines := [str(problem) for problem in problems if problem.is_known and problem.is_needed]:
        lines.append("nothing was changed: give each role its policy, and run this command again")
        raise DeploymentError("\n".join(lines))


def role_policies(stage: DeploymentStage) -> dict[str, Policy]:
    """The policy that each role of slips.yml needs, for all of its functions."""
    roles, statements = stage_roles(stage), function_statements(stage.config)
    for function in PROCESS:
        statements[function] += stage.sink_statements
    policies: dict[str, dict[str, Statement]] = {}
    for function, role in roles.items():
        log = f"arn:*:logs:*:*:log-group:/aws/lambda/{stage.function_name(function)}:*"
        logs = statement("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), (log,))
        traces = [trace()] if stage.settings.get("xray") else []
        for each in (logs, *statements[function], *traces) if role else ():
            _merge(policies.setdefault(role, {}), each)
    return {role: {"Version": "2012-10-17", "Statement": list(by_sid.values())} for role, by_sid in policies.items()}


def _merge(by_sid: dict[str, Statement], new: Statement) -> None:
    """Statements of one purpose differ in their resources, as two lanes do, and in the services of their conditions."""
    present = by_sid.get(new["Sid"], new)
    merged = statement(new["Sid"], {*present["Action"], *new["Action"]}, (*present["Resource"], *new["Resource"]))
    if services := {*_services(present), *_services(new)}:
        merged["Condition"] = through(services)
    elif "Condition" in new:  # All others are the same for all functions.
        merged["Condition"] = new["Condition"]
    by_sid[new["Sid"]] = merged


def _check_role(role: str, policy: Policy, account: AwsAccount) -> Iterator[RoleProblem]:
    from botocore.exceptions import ClientError

    denied: list[Denial] = []
    dispensable: dict[str, list[Denial]] = {}
    try:
        for each in policy["Statement"]:
            denials = list(_denied(role, each, account))
            if denials and each["Sid"] in COSTS:
                dispensable[each["Sid"]] = denials
            else:
                denied += denials
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            yield RoleProblem(role, "there is no such role", policy)
            return
        if error_code(error) not in ("AccessDenied", "AccessDeniedException"):
            with explain_aws_errors(f"the role {role}"):
                raise
        problem = "without iam:SimulatePrincipalPolicy, SLIPS cannot check whether it may do what its functions do"
        yield RoleProblem(role, problem, policy, is_known=False)
        return
    if denied:
        yield RoleProblem(role, f"may not {_describe([*denied, *chain(*dispensable.values())])}", policy)
        return
    for sid, denials in dispensable.items():
        yield RoleProblem(role, f"may not {_describe(denials)}, so {COSTS[sid]}", policy, is_needed=False)


def _services(statement: Statement) -> list[str]:
    """The services through which alone the statement allows its actions; empty where it says nothing of them."""
    return list(statement.get("Condition", {}).get("StringEquals", {}).get(VIA_SERVICE, ()))


def _describe(denials: Iterable[Denial]) -> str:
    """Name resources that lack the same actions once: `s3:GetObject, s3:PutObject on arn:aws:s3:::logs/x`."""
    by_resource: dict[str, dict[str, None]] = {}
    for each in denials:
        by_resource.setdefault(each.resource, {})[each.action] = None
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in by_resource.items():
        by_actions.setdefault(tuple(actions), []).append(resource)
    return "; ".join(f"{', '.join(actions)} on {', '.join(resources)}" for actions, resources in by_actions.items())


def _denied(role: str, needed: Statement, account: AwsAccount) -> Iterator[Denial]:
    """Yield what of a statement the role may not do. Raises ClientError."""
    contexts = [[_context(service)] for service in _services(needed)] or [[]]
    yield from dict.fromkeys(denial for context in contexts for denial in _simulate(role, needed, context, account))


def _context(service: str) -> dict[str, Any]:
    return {"ContextKeyName": VIA_SERVICE, "ContextKeyValues": [service], "ContextKeyType": "string"}


def _simulate(role: str, needed: Statement, context: list[dict[str, Any]], account: AwsAccount) -> Iterator[Denial]:
    paginator = aws.client("iam").get_paginator("simulate_principal_policy")
    pages = paginator.paginate(
        PolicySourceArn=role,
        # An action of the simulation has no wildcard (IAM API, SimulatePrincipalPolicy).
        ActionNames=[action.replace("*", "") for action in needed["Action"]],
        ResourceArns=[_example(resource, account) for resource in needed["Resource"]],
        ContextEntries=context,
    )
    for result in (result for page in pages for result in page["EvaluationResults"]):
        for each in result.get("ResourceSpecificResults") or [result]:
            decision = each.get("EvalResourceDecision") or each["EvalDecision"]
            if decision != "allowed":
                yield Denial(result["EvalActionName"], each["EvalResourceName"])


def _example(pattern: str, account: AwsAccount) -> str:
    """An ARN that the pattern of a policy matches, in this account."""
    if pattern == "*":
        return pattern
    prefix, partition, service, region, owner, resource = pattern.split(":", 5)
    here = (account.partition, account.region, account.id)
    places = zip((partition, region, owner), here, strict=True)
    partition, region, owner = (ours if part == "*" else part for part, ours in places)
    resource = re.sub(r"\$\{([*?$])\}|[*?]", lambda match: match[1] or "x", resource)
    return ":".join((prefix, partition, service, region, owner, resource))
