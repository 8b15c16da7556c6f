"""Files for those who package with Chalice and deploy by other means: the settings that Chalice does not know."""

from __future__ import annotations

from typing import Any

from chalice.utils import to_cfn_resource_name

from ...config import LaneConfig
from .lambda_settings import LOG_DAYS, event_source_settings, invoke_settings, reserved_concurrency
from .packaged import logical_id
from .stack.alarms import function_alarms
from .stage import DeploymentStage


def merge_template(stage: DeploymentStage) -> dict[str, Any]:
    """For `chalice package --merge-template`: the settings of `slips deploy`, as SAM properties, and alarms."""
    config = stage.config
    resources = {
        to_cfn_resource_name(f"process_{lane.name}"): {"Properties": _lane_properties(stage, lane)}
        for lane in (config.fast, config.slow)
    }
    for name in stage.dispatchers:
        queue = {**invoke_settings(), "DestinationConfig": _on_failure(stage)}
        resources[to_cfn_resource_name(name)] = {"Properties": {"EventInvokeConfig": queue}}
    resources["Report"] = {"Properties": {"EventInvokeConfig": invoke_settings()}}
    return {"Resources": {**resources, **_logs(stage), **_alarms(stage)}}


def _lane_properties(stage: DeploymentStage, lane: LaneConfig) -> dict[str, Any]:
    source = {**event_source_settings(lane), "DestinationConfig": _on_failure(stage)}
    # The name that Chalice gives to the function's only event.
    event = to_cfn_resource_name(f"process_{lane.name}-kinesis-event-source")
    made: dict[str, Any] = {"Events": {event: {"Type": "Kinesis", "Properties": source}}}
    if (most := reserved_concurrency(stage.config, lane)) is not None:
        made["ReservedConcurrentExecutions"] = most
    return made


def _on_failure(stage: DeploymentStage) -> dict[str, Any]:
    return {"OnFailure": {"Type": "SNS", "Destination": _topic(stage.config.dead_letters)}}


def _topic(named: str) -> Any:
    if named.startswith("arn:"):
        return named
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{named}"}


def _logs(stage: DeploymentStage) -> dict[str, Any]:
    days = int(stage.settings.get("log_retention_in_days") or LOG_DAYS)
    return {
        # As Chalice calls it where config.json has log_retention_in_days: two of one name would not deploy.
        to_cfn_resource_name(f"{name}-log-group"): {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{{logical_id(name)}}}"},
                "RetentionInDays": days,
            },
        }
        for name in stage.functions
    }


def _alarms(stage: DeploymentStage) -> dict[str, Any]:
    """Of the functions as this stack names them; they tell the topic of the stack that `slips provision` makes."""
    made = function_alarms(stage.config, {name: {"Ref": logical_id(name)} for name in stage.functions})
    for alarm in made.values():
        del alarm["Properties"]["AlarmName"]  # The other stack's alarms have it.
        told = [_topic(stage.config.alarm_topic)]
        alarm["Properties"] |= {"AlarmActions": told, "OKActions": told}
    return made


def terraform_files(stage: DeploymentStage) -> dict[str, dict[str, Any]]:
    """For `chalice package --pkg-format terraform`: two files by name, beside its chalice.tf.json.

    Terraform merges what stands in `*_override.tf.json` into resources of the same name (Terraform Language,
    "Override Files"); what Chalice does not make at all stands in the other one.
    """
    config = stage.config
    mappings, functions = {}, {}
    for lane in (config.fast, config.slow):
        mappings[f"process_{lane.name}-kinesis-event-source"] = _terraform_mapping(stage, lane)
        if (most := reserved_concurrency(config, lane)) is not None:
            functions[f"process_{lane.name}"] = {"reserved_concurrent_executions": most}
    made = {
        "aws_lambda_function_event_invoke_config": {
            name: _terraform_queue(stage, name) for name in (*stage.dispatchers, "report")
        },
        "aws_cloudwatch_log_group": {
            f"slips-{name}": {
                "name": f"/aws/lambda/{stage.function_name(name)}",
                "retention_in_days": int(stage.settings.get("log_retention_in_days") or LOG_DAYS),
            }
            for name in stage.functions
        },
    }
    overrides = {"aws_lambda_event_source_mapping": mappings, "aws_lambda_function": functions}
    return {"slips_override.tf.json": {"resource": overrides}, "slips.tf.json": {"resource": made}}


def _terraform_mapping(stage: DeploymentStage, lane: LaneConfig) -> dict[str, Any]:
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


def _terraform_queue(stage: DeploymentStage, name: str) -> dict[str, Any]:
    settings = invoke_settings()
    made: dict[str, Any] = {
        "function_name": f"${{aws_lambda_function.{name}.function_name}}",
        "maximum_retry_attempts": settings["MaximumRetryAttempts"],
        "maximum_event_age_in_seconds": settings["MaximumEventAgeInSeconds"],
    }
    if name != "report":
        made["destination_config"] = {"on_failure": {"destination": _terraform_topic(stage)}}
    return made


def _terraform_topic(stage: DeploymentStage) -> str:
    named = stage.config.dead_letters
    if named.startswith("arn:"):
        return named
    # The data sources of Chalice's own file.
    here = "${data.aws_partition.chalice.partition}:sns:${data.aws_region.chalice.name}"
    return f"arn:{here}:${{data.aws_caller_identity.chalice.account_id}}:{named}"
