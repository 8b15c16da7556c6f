"""Functions that came from `slips package`, and CloudFormation created: CloudFormation chose their names."""

from __future__ import annotations

from dataclasses import replace

from chalice.utils import to_cfn_resource_name

from ... import aws
from ..aws_errors import error_code, explain_aws_errors
from .event_sources import function_name, stream_event_sources
from .stage import API, DeploymentStage


def logical_id(function: str) -> str:
    """The logical id of a function in the template that Chalice writes."""
    return "APIHandler" if function == API else to_cfn_resource_name(function)


def resolve_names(stage: DeploymentStage) -> DeploymentStage:
    """Return the stage with the names that its functions have in the account.

    Those of `chalice deploy` and of Terraform follow from the stage; those of CloudFormation are found by the streams
    that they read. Raises DeploymentError."""
    for lane in (stage.config.fast, stage.config.slow):
        readers = [function_name(source) for source in stream_event_sources(lane.stream)]
        if stage.function_name(f"process_{lane.name}") in readers:
            return stage
        for reader in readers:
            stack = _find_stack(reader)
            names = _function_names(stage, stack) if stack else {}
            if names.get(f"process_{lane.name}") == reader:
                return replace(stage, names=names, packaged_by=stack)
    return stage


def _function_names(stage: DeploymentStage, stack: str) -> dict[str, str]:
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        names = {
            resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
            for page in pages
            for resource in page["StackResourceSummaries"]
        }
    return {name: names[logical_id(name)] for name in stage.functions if logical_id(name) in names}


def _find_stack(function: str) -> str:
    """The name of the stack that created a function; empty where none did."""
    from botocore.exceptions import ClientError

    cloudformation = aws.client("cloudformation")
    with explain_aws_errors(f"the function {function}"):
        try:
            resources = cloudformation.describe_stack_resources(PhysicalResourceId=function)["StackResources"]
        except ClientError as error:
            if error_code(error) != "ValidationError":  # It is in no stack.
                raise
            return ""
    return str(resources[0]["StackName"]) if resources else ""
