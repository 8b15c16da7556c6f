"""Lambda functions and their roles in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .... import aws
from ....lanes.throttle import BATCH_SIZE, DELAY
from ...aws_errors import told, unless_missing
from ..chalice_config import roles
from ..policies import of_stage
from ..stage import Stage
from .rows import differing


def look(function: str) -> dict[str, Any]:
    """What the account says of a function; nothing where it is missing. Raises DeploymentError."""
    found: Any = {}
    with told(f"the function {function}"), unless_missing():
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return dict(found)


def differences(stage: Stage, name: str, found: dict[str, Any]) -> Iterator[str]:
    """A line each, of what `look` found. Raises DeploymentError."""
    function = stage.function(name)
    if not found:
        yield f"function {function}: is missing; run: {stage.again}"
        return
    wanted = stage.of_function(name)
    rows = [
        (label, found.get(key), wanted[setting])
        for label, key, setting in (
            ("memory", "MemorySize", "lambda_memory_size"),
            ("seconds", "Timeout", "lambda_timeout"),
        )
        if setting in wanted
    ]
    yield from differing(f"function {function}", [*rows, *_network(stage, name, found)])
    yield from _variables(stage, name, found.get("Environment", {}).get("Variables", {}))
    yield from _role(stage, name, found["Role"])


def _network(stage: Stage, name: str, found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if not name.startswith("process_"):
        return
    there, handler = found.get("VpcConfig", {}), stage.config.handler
    yield "subnets", sorted(there.get("SubnetIds", ())), sorted(handler.subnet_ids)
    yield "security groups", sorted(there.get("SecurityGroupIds", ())), sorted(handler.security_group_ids)


def _variables(stage: Stage, name: str, found: dict[str, str]) -> Iterator[str]:
    """Their values may be secret, but for the one that SLIPS sets."""
    function, wanted = stage.function(name), stage.variables(name)
    yield from differing(f"function {function}", [("SLIPS_CONFIG", found.get("SLIPS_CONFIG"), stage.config_name)])
    for variable in sorted({*found, *wanted} - {"SLIPS_CONFIG"}):
        if found.get(variable) == wanted.get(variable):
            continue
        if variable in (DELAY, BATCH_SIZE):
            yield f"function {function}: {variable} is {found[variable]} until the next deployment, by `slips limit`"
        else:
            how = "is missing" if variable not in found else "is none" if variable not in wanted else "is not that"
            yield f"function {function}: the variable {variable} {how} of .chalice/config.json; run: {stage.again}"


def _role(stage: Stage, name: str, arn: str) -> Iterator[str]:
    function, given = stage.function(name), roles(stage.config)[name]
    if given:
        yield from differing(f"function {function}", [("role", arn, given)])
        return
    role, iam = arn.rpartition("/")[2], aws.client("iam")
    with told(f"the role {role}"):
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in names]
        attached = [each["PolicyName"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    if found != [of_stage(stage)[f"policy-{stage.name}-{name}.json"]]:
        yield f"role {role}: its policy is not the one of slips.yml; run: {stage.again}"
    if attached:
        yield f"role {role}: may do what {', '.join(attached)} allow, too; detach them"
