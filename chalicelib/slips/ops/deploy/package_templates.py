"""Files for a deployment by CloudFormation or Terraform: the settings that Chalice does not know."""

from __future__ import annotations

import json
from typing import Any

from chalice.utils import to_cfn_resource_name

from ...config import LaneConfig
from ...config.settings import QUEUE_FUNCTION, RETRY
from ...dispatch.queue import REPORTS_FAILURES
from .api_stage import FORMAT, gateway_stage
from .chalice_config import stage_roles, wanted_reservations
from .lambda_settings import (
    event_source_settings,
    invoke_settings,
    log_days,
    retry_invoke_settings,
)
from .packaged import logical_id
from .policies import log_policy, managed_policies
from .queue_settings import RESPONSE_TYPES
from .redrive_settings import redrive_policy
from .stack.function_alarms import function_alarms
from .stage import DeploymentStage
from .tags import tag_property


def merge_template(stage: DeploymentStage) -> dict[str, Any]:
    """Return the file for `chalice package --merge-template`: the settings of `slips deploy` as SAM properties, and
    alarms."""
    config = stage.config
    resources = {
        to_cfn_resource_name(f"process_{lane.name}"): {"Properties": _lane_properties(stage, lane)}
        for lane in (config.fast, config.slow)
    }
    for name in (*stage.dispatchers, "report"):
        resources[to_cfn_resource_name(name)] = {"Properties": _subscriber_properties(stage, name)}
    if stage.has_retry:
        resources[to_cfn_resource_name(RETRY)] = {"Properties": {"EventInvokeConfig": retry_invoke_settings()}}
    for function, concurrency, _ in wanted_reservations(stage):
        if concurrency is not None:
            resources[to_cfn_resource_name(function)]["Properties"]["ReservedConcurrentExecutions"] = concurrency
    resources |= {**_roles(stage), **_logs(stage), **_log_policies(stage), **_api(stage), **_alarms(stage)}
    return {"Resources": resources}


def _lane_properties(stage: DeploymentStage, lane: LaneConfig) -> dict[str, Any]:
    source = {**event_source_settings(lane), "DestinationConfig": _on_failure(stage)}
    # Chalice's name for the function's only event.
    event = to_cfn_resource_name(f"process_{lane.name}-kinesis-event-source")
    return {"Events": {event: {"Type": "Kinesis", "Properties": source}}}


def _subscriber_properties(stage: DeploymentStage, name: str) -> dict[str, Any]:
    """What Chalice does not know of a function that a topic calls: where it goes if Lambda gives up on it, and if SNS
    does."""
    queue = _arn("sqs", stage.config.redrive_queue)
    on_failure = {"OnFailure": {"Type": "SQS", "Destination": queue}} if name == "report" else _on_failure(stage)
    properties = {"EventInvokeConfig": {**invoke_settings(), "DestinationConfig": on_failure}}
    # Chalice's name for the function's only event.
    event = to_cfn_resource_name(f"{name}-{'sqs-event-source' if name == QUEUE_FUNCTION else 'sns-subscription'}")
    if name == QUEUE_FUNCTION:
        mark = {"Variables": {REPORTS_FAILURES: "1"}}
        return properties | {"Events": {event: {"Type": "SQS", "Properties": RESPONSE_TYPES}}, "Environment": mark}
    return properties | {"Events": {event: {"Type": "SNS", "Properties": {"RedrivePolicy": redrive_policy(queue)}}}}


def _on_failure(stage: DeploymentStage) -> dict[str, Any]:
    return {"OnFailure": {"Type": "SNS", "Destination": _topic(stage.config.dead_letters)}}


def _topic(topic: str) -> Any:
    return topic if topic.startswith("arn:") else _arn("sns", topic)


def _arn(service: str, name: str) -> Any:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{name}"}


def _roles(stage: DeploymentStage) -> dict[str, Any]:
    """What Chalice does not know of the roles that it creates."""
    iam = stage.config.iam
    shared = {"PermissionsBoundary": iam.permissions_boundary, "Path": iam.path, **tag_property(stage.config)}
    roles = {}
    for name, managed in _managed_policies(stage).items():
        properties = {key: value for key, value in {"ManagedPolicyArns": managed, **shared}.items() if value}
        if properties:
            roles[to_cfn_resource_name(f"{name}_role")] = {"Properties": properties}
    return roles


def _managed_policies(stage: DeploymentStage) -> dict[str, list[str]]:
    """The managed policies of the roles that Chalice creates, by function."""
    roles = stage_roles(stage)
    return {name: list(managed_policies(stage.config, name)) for name, given in roles.items() if not given}


def _logs(stage: DeploymentStage) -> dict[str, Any]:
    return {
        # Chalice's name where config.json has log_retention_in_days: two resources of one name would not deploy.
        to_cfn_resource_name(f"{name}-log-group"): {
            "Type": "AWS::Logs::LogGroup",
            "Properties": _log_group(stage, {"Fn::Sub": f"/aws/lambda/${{{logical_id(name)}}}"}),
        }
        for name in stage.functions
    }


def _log_group(stage: DeploymentStage, name: Any) -> dict[str, Any]:
    return {
        "LogGroupName": name,
        "RetentionInDays": log_days(stage.settings),
        **({"KmsKeyId": stage.config.kms_key} if stage.config.kms_key else {}),
        **tag_property(stage.config),
    }


def _api(stage: DeploymentStage) -> dict[str, Any]:
    """The settings of the REST API's stage; nothing where slips.yml has none."""
    config = stage.config
    properties: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    if config.api_access_log:
        group = "ApiAccessLogGroup"
        resources[group] = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": _log_group(stage, {"Fn::Sub": "/aws/apigateway/${AWS::StackName}"}),
        }
        properties["AccessLogSetting"] = {"DestinationArn": {"Fn::GetAtt": [group, "Arn"]}, "Format": FORMAT}
    if (throttle := config.api_throttle) is not None:
        limits = {"ThrottlingRateLimit": throttle.rate, "ThrottlingBurstLimit": throttle.burst}
        properties["MethodSettings"] = [{"ResourcePath": "/*", "HttpMethod": "*", **limits}]
    return {**resources, "RestAPI": {"Properties": properties}} if properties else {}


def _log_policies(stage: DeploymentStage) -> dict[str, Any]:
    """The permission of each function to write its own logs. It stands by itself: a role whose policy named the
    function would need the function, which needs the role."""
    place = "${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
    policies = {}
    for name in _managed_policies(stage):
        document = log_policy(f"${{{logical_id(name)}}}", place)
        for statement in document["Statement"]:
            statement["Resource"] = [{"Fn::Sub": resource} for resource in statement["Resource"]]
        role = {"Ref": to_cfn_resource_name(f"{name}_role")}
        properties = {"PolicyName": "logs", "PolicyDocument": document, "Roles": [role]}
        policies[to_cfn_resource_name(f"{name}_log_policy")] = {"Type": "AWS::IAM::Policy", "Properties": properties}
    return policies


def _alarms(stage: DeploymentStage) -> dict[str, Any]:
    """The alarms of the functions of this stack; they notify the topic of the stack of `slips provision`, which has the
    one of the REST API: its name is the same."""
    alarms = function_alarms(stage.config, {name: {"Ref": logical_id(name)} for name in stage.functions})
    topics = [_topic(stage.config.alarm_topic)]
    for alarm in alarms.values():
        properties = alarm["Properties"]
        del properties["AlarmName"]  # The other stack's alarms have it.
        properties |= {key: topics for key in ("AlarmActions", "OKActions") if key in properties}
        properties |= tag_property(stage.config)
    return alarms


_TERRAFORM = {
    "required_version": ">= 1.0",
    # Chalice's file gives aws_api_gateway_deployment a stage and an invoke_url, which 6 no longer has.
    "required_providers": {"aws": {"version": ">= 3.61.0, < 6"}},
}
"""In place of what Chalice requires, Terraform < 1.4 and provider < 5: an override replaces each constraint by itself
(Terraform Language, "Override Files")."""


def terraform_files(stage: DeploymentStage) -> dict[str, dict[str, Any]]:
    """Return the two files by name that go with the chalice.tf.json of `chalice package --pkg-format terraform`.

    Terraform merges `*_override.tf.json` into resources of the same name (Terraform Language, "Override Files"); the
    other file holds the resources that Chalice does not create.
    """
    config = stage.config
    tags = {"tags": config.tags} if config.tags else {}
    sources = {
        f"process_{lane.name}-kinesis-event-source": _terraform_event_source(stage, lane)
        for lane in (config.fast, config.slow)
    }
    functions = {
        function: {"reserved_concurrent_executions": concurrency}
        for function, concurrency, _ in wanted_reservations(stage)
        if concurrency is not None
    }
    resources = {
        "aws_lambda_function_event_invoke_config": {
            **{name: _terraform_invoke_settings(stage, name) for name in (*stage.dispatchers, "report")},
            **({RETRY: _terraform_retry_settings()} if stage.has_retry else {}),
        },
        "aws_cloudwatch_log_group": {
            f"slips-{name}": {
                "name": f"/aws/lambda/{stage.function_name(name)}",
                "retention_in_days": log_days(stage.settings),
                **({"kms_key_id": config.kms_key} if config.kms_key else {}),
                **tags,
            }
            for name in stage.functions
        },
        **_terraform_attachments(stage),
        **_terraform_throttle(stage),
    }
    overrides: dict[str, Any] = {
        "aws_lambda_event_source_mapping": sources,
        "aws_lambda_function": functions,
        "aws_sns_topic_subscription": {
            f"{name}-sns-subscription": {
                "redrive_policy": json.dumps(redrive_policy(_terraform_arn("sqs", config.redrive_queue)))
            }
            for name in (*(topic.name for topic in config.calling_topics), "report")
        },
    }
    role = {"permissions_boundary": config.iam.permissions_boundary, "path": config.iam.path, **tags}
    if role := {key: value for key, value in role.items() if value}:
        overrides["aws_iam_role"] = {f"{name}_role": role for name in _managed_policies(stage)}
    return {
        "slips_override.tf.json": {"terraform": _TERRAFORM, "resource": overrides},
        "slips.tf.json": {"resource": resources},
    }


def _terraform_event_source(stage: DeploymentStage, lane: LaneConfig) -> dict[str, Any]:
    settings = event_source_settings(lane)
    return {
        "batch_size": settings["BatchSize"],
        "maximum_batching_window_in_seconds": settings["MaximumBatchingWindowInSeconds"],
        "parallelization_factor": settings["ParallelizationFactor"],
        "bisect_batch_on_function_error": settings["BisectBatchOnFunctionError"],
        "maximum_retry_attempts": settings["MaximumRetryAttempts"],
        "maximum_record_age_in_seconds": settings["MaximumRecordAgeInSeconds"],
        "destination_config": {"on_failure": {"destination_arn": _terraform_topic(stage)}},
    }


def _terraform_throttle(stage: DeploymentStage) -> dict[str, Any]:
    """The throttle. An access log is not possible: Chalice's file creates the stage as a part of the deployment, which
    has no such setting."""
    if (throttle := stage.config.api_throttle) is None:
        return {}
    settings = {
        "rest_api_id": "${aws_api_gateway_rest_api.rest_api.id}",
        "stage_name": gateway_stage(stage),
        "method_path": "*/*",
        "settings": {"throttling_rate_limit": throttle.rate, "throttling_burst_limit": throttle.burst},
        "depends_on": ["aws_api_gateway_deployment.rest_api"],
    }
    return {"aws_api_gateway_method_settings": {"slips": settings}}


def _terraform_attachments(stage: DeploymentStage) -> dict[str, Any]:
    attachments = {
        name: {
            "for_each": f"${{toset({json.dumps(managed)})}}",
            "role": f"${{aws_iam_role.{name}_role.name}}",
            "policy_arn": "${each.value}",
        }
        for name, managed in _managed_policies(stage).items()
        if managed
    }
    return {"aws_iam_role_policy_attachment": attachments} if attachments else {}


def _terraform_retry_settings() -> dict[str, Any]:
    settings = retry_invoke_settings()
    return {
        "function_name": f"${{aws_lambda_function.{RETRY}.function_name}}",
        "maximum_retry_attempts": settings["MaximumRetryAttempts"],
        "maximum_event_age_in_seconds": settings["MaximumEventAgeInSeconds"],
    }


def _terraform_invoke_settings(stage: DeploymentStage, name: str) -> dict[str, Any]:
    settings = invoke_settings()
    resource: dict[str, Any] = {
        "function_name": f"${{aws_lambda_function.{name}.function_name}}",
        "maximum_retry_attempts": settings["MaximumRetryAttempts"],
        "maximum_event_age_in_seconds": settings["MaximumEventAgeInSeconds"],
    }
    target = _terraform_arn("sqs", stage.config.redrive_queue) if name == "report" else _terraform_topic(stage)
    resource["destination_config"] = {"on_failure": {"destination": target}}
    return resource


def _terraform_topic(stage: DeploymentStage) -> str:
    topic = stage.config.dead_letters
    return topic if topic.startswith("arn:") else _terraform_arn("sns", topic)


def _terraform_arn(service: str, name: str) -> str:
    # The data sources of Chalice's own file.
    here = f"${{data.aws_partition.chalice.partition}}:{service}:${{data.aws_region.chalice.name}}"
    return f"arn:{here}:${{data.aws_caller_identity.chalice.account_id}}:{name}"
