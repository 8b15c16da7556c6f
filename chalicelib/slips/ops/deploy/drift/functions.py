"""Lambda functions and their roles in the account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .... import aws
from ....dispatch.queue import REPORTS_FAILURES
from ....lanes.throttle import BATCH_SIZE, DELAY
from ...aws_errors import explain_aws_errors
from ..account_resources import find_role
from ..chalice_config import function_roles
from ..policies import log_policy, managed_policies, stage_policies
from ..roles import attachment_changes, boundary_changes, tag_changes
from ..stage import PROCESS, DeploymentStage
from .rows import mismatches


def function_drift(stage: DeploymentStage, name: str, configuration: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each difference of a function, and of its role. Raises DeploymentError."""
    function = stage.function_name(name)
    if not configuration:
        yield f"function {function}: is missing; run: {stage.deploy_command}"
        return
    settings = stage.function_settings(name)
    rows = [
        (label, configuration.get(key), settings[setting])
        for label, key, setting in (
            ("memory", "MemorySize", "lambda_memory_size"),
            ("seconds", "Timeout", "lambda_timeout"),
        )
        if setting in settings
    ]
    yield from mismatches(f"function {function}", [*rows, *_network_rows(stage, name, configuration)])
    yield from _variable_drift(stage, name, configuration.get("Environment", {}).get("Variables", {}))
    yield from _role_drift(stage, name, configuration)


def _expected_policies(stage: DeploymentStage, name: str, configuration: dict[str, Any]) -> Iterator[Any]:
    yield stage_policies(stage)[f"policy-{stage.name}-{name}.json"]
    if stage.packaged_by:
        _, partition, _, region, account, _, function = configuration["FunctionArn"].split(":", 6)
        yield log_policy(function, f"{partition}:logs:{region}:{account}")


def _as_set(documents: Iterable[Any]) -> set[str]:
    return {json.dumps(document, sort_keys=True) for document in documents}


def _network_rows(stage: DeploymentStage, name: str, configuration: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if name not in PROCESS:
        return
    network, handler = configuration.get("VpcConfig", {}), stage.config.handler
    yield "subnets", sorted(network.get("SubnetIds", ())), sorted(handler.subnet_ids)
    yield "security groups", sorted(network.get("SecurityGroupIds", ())), sorted(handler.security_group_ids)


def _variable_drift(stage: DeploymentStage, name: str, actual: dict[str, str]) -> Iterator[str]:
    """Values are not printed, since they may be secret, except for the one that SLIPS sets."""
    function, expected = stage.function_name(name), stage.variables(name)
    yield from mismatches(f"function {function}", [("SLIPS_CONFIG", actual.get("SLIPS_CONFIG"), stage.config_name)])
    for variable in sorted({*actual, *expected} - {"SLIPS_CONFIG"}):
        if actual.get(variable) == expected.get(variable):
            continue
        if variable == REPORTS_FAILURES:  # `slips deploy` sets it, and the settings are compared elsewhere.
            continue
        if variable in (DELAY, BATCH_SIZE):
            yield f"function {function}: {variable} is {actual[variable]} until the next deployment, by `slips limit`"
            continue
        if variable not in actual:
            problem = "is in .chalice/config.json, but missing here"
        elif variable not in expected:
            problem = "is not in .chalice/config.json"
        else:
            problem = "differs from .chalice/config.json"
        yield f"function {function}: the variable {variable} {problem}; run: {stage.deploy_command}"


def _role_drift(stage: DeploymentStage, name: str, configuration: dict[str, Any]) -> Iterator[str]:
    function, given_role, arn = stage.function_name(name), function_roles(stage.config)[name], configuration["Role"]
    if given_role:
        yield from mismatches(f"function {function}", [("role", arn, given_role)])
        return
    role, iam = arn.rpartition("/")[2], aws.client("iam")
    if not find_role(role):
        yield f"role {role}: is missing; run: {stage.deploy_command}"
        return
    with explain_aws_errors(f"the role {role}"):
        policies = [
            iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
    if _as_set(policies) != _as_set(_expected_policies(stage, name, configuration)):
        yield f"role {role}: its policy is not the one of slips.yml; run: {stage.deploy_command}"
    managed = set(managed_policies(stage.config, name))
    changes = (*attachment_changes(role, managed), *boundary_changes(stage, role), *tag_changes(stage, role))
    for change in changes:
        yield f"role {role}: {change.problem}; run: {stage.deploy_command}"
