"""Lambda functions and their roles in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .... import aws
from ....lanes.throttle import BATCH_SIZE, DELAY
from ...aws_errors import explain_aws_errors, ignore_not_found
from ..chalice_config import function_roles
from ..policies import stage_policies
from ..stage import DeploymentStage
from .rows import mismatches


def describe_function(function: str) -> dict[str, Any]:
    """What the account says of a function; nothing where it is missing. Raises DeploymentError."""
    found: Any = {}
    with explain_aws_errors(f"the function {function}"), ignore_not_found():
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return dict(found)


def function_drift(stage: DeploymentStage, name: str, found: dict[str, Any]) -> Iterator[str]:
    """A line each, of what `look` found. Raises DeploymentError."""
    function = stage.function_name(name)
    if not found:
        yield f"function {function}: is missing; run: {stage.deploy_command}"
        return
    wanted = stage.function_settings(name)
    rows = [
        (label, found.get(key), wanted[setting])
        for label, key, setting in (
            ("memory", "MemorySize", "lambda_memory_size"),
            ("seconds", "Timeout", "lambda_timeout"),
        )
        if setting in wanted
    ]
    yield from mismatches(f"function {function}", [*rows, *_network(stage, name, found)])
    yield from _variables(stage, name, found.get("Environment", {}).get("Variables", {}))
    yield from _role(stage, name, found["Role"])


def _network(stage: DeploymentStage, name: str, found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if not name.startswith("process_"):
        return
    there, handler = found.get("VpcConfig", {}), stage.config.handler
    yield "subnets", sorted(there.get("SubnetIds", ())), sorted(handler.subnet_ids)
    yield "security groups", sorted(there.get("SecurityGroupIds", ())), sorted(handler.security_group_ids)


def _variables(stage: DeploymentStage, name: str, found: dict[str, str]) -> Iterator[str]:
    """Their values may be secret, but for the one that SLIPS sets."""
    function, wanted = stage.function_name(name), stage.variables(name)
    yield from mismatches(f"function {function}", [("SLIPS_CONFIG", found.get("SLIPS_CONFIG"), stage.config_name)])
    for variable in sorted({*found, *wanted} - {"SLIPS_CONFIG"}):
        if found.get(variable) == wanted.get(variable):
            continue
        if variable in (DELAY, BATCH_SIZE):
            yield f"function {function}: {variable} is {found[variable]} until the next deployment, by `slips limit`"
        else:
            how = "is missing" if variable not in found else "is none" if variable not in wanted else "is not that"
            line = f"function {function}: the variable {variable} {how} of .chalice/config.json"
            yield f"{line}; run: {stage.deploy_command}"


def _role(stage: DeploymentStage, name: str, arn: str) -> Iterator[str]:
    function, given = stage.function_name(name), function_roles(stage.config)[name]
    if given:
        yield from mismatches(f"function {function}", [("role", arn, given)])
        return
    role, iam = arn.rpartition("/")[2], aws.client("iam")
    with explain_aws_errors(f"the role {role}"):
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in names]
        attached = [each["PolicyName"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    if found != [stage_policies(stage)[f"policy-{stage.name}-{name}.json"]]:
        yield f"role {role}: its policy is not the one of slips.yml; run: {stage.deploy_command}"
    if attached:
        yield f"role {role}: may do what {', '.join(attached)} allow, too; detach them"
