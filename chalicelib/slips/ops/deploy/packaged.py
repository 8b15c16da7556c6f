"""Functions that `chalice package` and CloudFormation made: they have names that CloudFormation chose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalice.utils import to_cfn_resource_name

from ... import aws
from ..aws_errors import error_code, explain_aws_errors
from .event_sources import function_name, stream_event_sources
from .stage import API, DeploymentStage


def logical_id(function: str) -> str:
    """Of a function, in the template that Chalice writes."""
    return "APIHandler" if function == API else to_cfn_resource_name(function)


def resolve_names(stage: DeploymentStage) -> DeploymentStage:
    """The stage with the names that its functions have in the account. Those of `chalice deploy` and of Terraform
    follow from the stage; those of CloudFormation are found by what reads the lanes. Raises DeploymentError."""
    for lane in (stage.config.fast, stage.config.slow):
        readers = [function_name(each) for each in stream_event_sources(lane.stream)]
        if stage.function_name(f"process_{lane.name}") in readers:
            return stage
        for reader in readers:
            stack, names = _of_stack(stage, reader)
            if names.get(f"process_{lane.name}") == reader:
                return replace(stage, names=names, packaged_by=stack)
    return stage


def _of_stack(stage: DeploymentStage, function: str) -> tuple[str, dict[str, str]]:
    """The stack that made a function, and the stage's functions in it; neither where no stack did."""
    stack = _stack_of(function)
    if not stack:
        return "", {}
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        found = {
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
            for page in pages
            for each in page["StackResourceSummaries"]
        }
    return stack, {name: found[logical_id(name)] for name in stage.functions if logical_id(name) in found}


def _stack_of(function: str) -> str:
    from botocore.exceptions import ClientError

    found: Any = []
    with explain_aws_errors(f"the function {function}"):
        try:
            found = aws.client("cloudformation").describe_stack_resources(PhysicalResourceId=function)["StackResources"]
        except ClientError as fault:
            if error_code(fault) != "ValidationError":  # It is in no stack.
                raise
    return str(found[0]["StackName"]) if found else ""
