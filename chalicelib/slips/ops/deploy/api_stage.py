"""The stage of API Gateway that serves the REST API: its access log and its throttle, which Chalice does not set."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, look_up
from .account import AwsAccount
from .log_groups import api_log_group, group_changes
from .setting_change import SettingChange
from .stage import API, DeploymentStage

FORMAT = json.dumps(
    {
        name: f"$context.{variable}"
        for name, variable in {
            "requestId": "requestId", "requestTime": "requestTime", "ip": "identity.sourceIp",
            "caller": "identity.userArn", "method": "httpMethod", "path": "path", "status": "status",
            "length": "responseLength", "milliseconds": "responseLatency", "error": "error.responseType",
        }.items()
    }
)  # fmt: skip
"""A line of the access log (Amazon API Gateway Developer Guide, "Variables for access logging for API Gateway")."""

_API_ID = re.compile(r":execute-api:[^:]*:[^:]*:([a-z0-9]+)/")


def gateway_stage(stage: DeploymentStage) -> str:
    """The name of the stage in API Gateway."""
    return str(stage.settings.get("api_gateway_stage", "api"))


def check_access_log(stage: DeploymentStage) -> None:
    """Raise DeploymentError where API Gateway may not write a log: it does so with a role that all APIs of the account
    share, and that SLIPS leaves alone."""
    if not stage.config.api_access_log:
        return
    with explain_aws_errors("API Gateway"):
        role = aws.client("apigateway").get_account().get("cloudwatchRoleArn")
    if not role:
        raise DeploymentError(
            "api.access_log: API Gateway has no role in this account and region with which it could write; nothing was "
            "changed. Create one with the policy AmazonAPIGatewayPushToCloudWatchLogs, and run: aws apigateway "
            "update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN"
        )


def api_changes(stage: DeploymentStage, account: AwsAccount) -> Iterator[SettingChange]:
    """Yield the settings of the stage that differ. What slips.yml leaves out stays as somebody set it. Raises
    DeploymentError."""
    config = stage.config
    if not config.api_access_log and config.api_throttle is None:
        return
    name, (api, present) = gateway_stage(stage), _find_stage(stage)
    if config.api_access_log:
        yield from group_changes(stage, group := api_log_group(stage))
        old = present.get("accessLogSettings") or {}
        destination, arn = old.get("destinationArn"), account.arn("logs", f"log-group:{group}")
        # CloudFormation's ARN of a log group ends so.
        if ((destination or "").removesuffix(":*"), old.get("format")) != (arn, FORMAT):
            paths = {"/accessLogSettings/destinationArn": arn, "/accessLogSettings/format": FORMAT}
            yield SettingChange(f"REST API {api}: access log", destination, arn, partial(_patch, api, name, paths))
    if (throttle := config.api_throttle) is not None:
        methods = present.get("methodSettings", {}).get("*/*", {})
        actual = (methods.get("throttlingRateLimit"), methods.get("throttlingBurstLimit"))
        if actual != (throttle.rate, throttle.burst):
            paths = {
                "/*/*/throttling/rateLimit": str(throttle.rate),
                "/*/*/throttling/burstLimit": str(throttle.burst),
            }
            old_limits, limits = _describe(*actual), _describe(throttle.rate, throttle.burst)
            yield SettingChange(f"REST API {api}: throttle", old_limits, limits, partial(_patch, api, name, paths))


def _describe(rate: float | None, burst: int | None) -> str | None:
    """The limits in words; None where there are none."""
    if rate is None or burst is None:
        return None
    return f"{rate:.16g} requests a second, {burst} at once"


def _find_stage(stage: DeploymentStage) -> tuple[str, dict[str, Any]]:
    """The id of the API that may call the function behind it, and its stage. Chalice, CloudFormation and Terraform all
    give that permission, and leave the one of an API that is deleted."""
    function, gateway, name = stage.function_name(API), aws.client("apigateway"), gateway_stage(stage)
    policy: Any = look_up(f"the function {function}", aws.client("lambda").get_policy, FunctionName=function)
    for api in dict.fromkeys(_API_ID.findall(policy["Policy"] if policy else "")):
        if present := look_up(f"the REST API {api}", gateway.get_stage, restApiId=api, stageName=name):
            return api, dict(present)
    raise DeploymentError(
        f"no REST API with the stage {name} calls the function {function}; run: {stage.deploy_command}"
    )


def _patch(api: str, name: str, paths: dict[str, str]) -> None:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in paths.items()]
    with explain_aws_errors(f"the REST API {api}"):
        aws.client("apigateway").update_stage(restApiId=api, stageName=name, patchOperations=operations)
