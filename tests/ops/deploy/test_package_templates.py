"""The files for a deployment by CloudFormation or Terraform: merged, they are a template that AWS accepts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chalice.package import TemplateDeepMerger

from slips.config.settings import Handler, NewRoles, Policy
from slips.ops.deploy.package_templates import merge_template, terraform_files
from slips.ops.deploy.stage import DeploymentStage, read_stage

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def stage() -> DeploymentStage:
    return read_stage("dev", project=ROOT)


def destinations(template: Any) -> Iterator[Any]:
    for value in template.values():
        if isinstance(value, dict):
            if "OnFailure" in value:
                yield value["OnFailure"]
            yield from destinations(value)


QUEUE = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:slips-redrive"}
MANAGED = ("arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B")


def with_handler(stage: DeploymentStage, **fields: Any) -> DeploymentStage:
    return dataclasses.replace(stage, config=msgspec.structs.replace(stage.config, handler=Handler(**fields)))


def managed(stage: DeploymentStage, **fields: Any) -> DeploymentStage:
    return with_handler(stage, policy=Policy(managed=MANAGED), **fields)


class TestSam:
    def test_a_lane_gets_the_settings_of_slips_deploy(self, stage: DeploymentStage) -> None:
        (source,) = merge_template(stage)["Resources"]["ProcessSlow"]["Properties"]["Events"].values()
        assert {
            name: source["Properties"][name] for name in ("BisectBatchOnFunctionError", "MaximumRetryAttempts")
        } == {
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": -1,
        }
        assert source["Properties"]["MaximumRecordAgeInSeconds"] == 518400

    def test_dead_letters_go_to_the_topic_and_those_of_report_into_the_queue(self, stage: DeploymentStage) -> None:
        resources = merge_template(stage)["Resources"]
        (report,) = destinations(resources.pop("Report"))
        assert (report["Type"], report["Destination"]) == ("SQS", QUEUE)
        targets = list(destinations(resources))
        assert len(targets) == 3
        assert {each["Destination"]["Fn::Sub"].rpartition(":")[2] for each in targets} == {stage.config.dead_letters}

    @pytest.mark.parametrize("function", ["Dispatch", "Report"])
    def test_what_sns_cannot_deliver_goes_into_the_queue(self, stage: DeploymentStage, function: str) -> None:
        """Merged into Chalice's own event."""
        topic = {"Type": "SNS", "Properties": {"Topic": "t"}}
        chalices = {"Resources": {function: {"Properties": {"Events": {f"{function}SnsSubscription": topic}}}}}
        merged = TemplateDeepMerger().merge(merge_template(stage), chalices)["Resources"][function]["Properties"]
        properties = {"Topic": "t", "RedrivePolicy": {"deadLetterTargetArn": QUEUE}}
        assert merged["Events"] == {f"{function}SnsSubscription": {"Type": "SNS", "Properties": properties}}

    def test_merging_adds_to_what_chalice_says(self, stage: DeploymentStage) -> None:
        event = "ProcessFastKinesisEventSource"
        source = {"Type": "Kinesis", "Properties": {"StartingPosition": "TRIM_HORIZON", "BatchSize": 1}}
        chalices = {
            "Resources": {"ProcessFast": {"Properties": {"Handler": "app.process_fast", "Events": {event: source}}}}
        }
        merged = TemplateDeepMerger().merge(merge_template(stage), chalices)["Resources"]["ProcessFast"]["Properties"]
        assert merged["Handler"] == "app.process_fast"
        assert merged["Events"][event]["Properties"]["StartingPosition"] == "TRIM_HORIZON"
        assert merged["Events"][event]["Properties"]["BatchSize"] == 10
        assert list(merged["Events"]) == [event]

    def test_alarms_name_no_alarm_of_the_other_stack(self, stage: DeploymentStage) -> None:
        alarms = [each for name, each in merge_template(stage)["Resources"].items() if name.endswith("Alarm")]
        assert len(alarms) == 6 + 3 + 1
        assert not [each for each in alarms if "AlarmName" in each["Properties"]]

    def test_alarms_notify_the_topic_of_the_other_stack(self, stage: DeploymentStage) -> None:
        alarms = {
            name: each["Properties"]
            for name, each in merge_template(stage)["Resources"].items()
            if name.endswith("Alarm")
        }
        assert all(json.dumps(each["AlarmActions"]).endswith('-alarms"}]') for each in alarms.values())
        silent = {name for name, each in alarms.items() if "OKActions" not in each}
        assert silent == {name for name in alarms if name.endswith(("LostAlarm", "DroppedAlarm"))}

    def test_log_groups_are_those_that_chalice_writes_for_log_retention(self, stage: DeploymentStage) -> None:
        """With log_retention_in_days in config.json: two log groups of one name would not deploy."""
        names = [
            name for name, each in merge_template(stage)["Resources"].items() if "LogGroup" in each.get("Type", "")
        ]
        assert names == [
            "DispatchLogGroup", "ProcessFastLogGroup", "ProcessSlowLogGroup", "ReportLogGroup", "RetryLogGroup",
            "ApiHandlerLogGroup",
        ]  # fmt: skip

    def test_each_function_may_write_the_logs_that_bear_the_name_that_cloudformation_chose(
        self, stage: DeploymentStage
    ) -> None:
        """By a policy that stands by itself: one within the role would name the function that needs the role."""
        resources = merge_template(stage)["Resources"].values()
        policies = [each["Properties"] for each in resources if each.get("Type") == "AWS::IAM::Policy"]
        assert len(policies) == len(stage.functions)
        (report,) = [each for each in policies if each["Roles"] == [{"Ref": "ReportRole"}]]
        (statement,) = report["PolicyDocument"]["Statement"]
        group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Report}:*"
        assert statement["Resource"] == [{"Fn::Sub": group}]
        (api,) = [each for each in policies if each["Roles"] == [{"Ref": "ApiHandlerRole"}]]
        assert "/aws/lambda/${APIHandler}:*" in str(api)

    def test_the_roles_of_user_code_get_its_managed_policies(self, stage: DeploymentStage) -> None:
        resources = merge_template(managed(stage))["Resources"]
        roles = {name: each["Properties"] for name, each in resources.items() if name.endswith("Role")}
        assert roles == {name: {"ManagedPolicyArns": list(MANAGED)} for name in ("ProcessFastRole", "ProcessSlowRole")}

    def test_a_role_that_chalice_does_not_create_is_not_merged(self, stage: DeploymentStage) -> None:
        resources = merge_template(managed(stage, role_arn="arn:aws:iam::123456789012:role/mine"))["Resources"]
        assert not [name for name in resources if name.startswith("Process") and "Policy" in name]
        assert not [name for name in resources if name.endswith("Role")]


IAM = NewRoles(permissions_boundary="arn:aws:iam::123456789012:policy/b", path="/teams/")


def bounded(stage: DeploymentStage) -> DeploymentStage:
    return dataclasses.replace(stage, config=msgspec.structs.replace(stage.config, iam=IAM))


class TestABoundaryAndAPath:
    def test_are_merged_into_every_role_of_chalice(self, stage: DeploymentStage) -> None:
        resources = merge_template(bounded(stage))["Resources"]
        roles = [each["Properties"] for name, each in resources.items() if name.endswith("Role")]
        assert roles == [{"PermissionsBoundary": IAM.permissions_boundary, "Path": IAM.path}] * 6

    def test_override_every_role_of_terraform(self, stage: DeploymentStage) -> None:
        roles = terraform_files(bounded(stage))["slips_override.tf.json"]["resource"]["aws_iam_role"]
        assert roles == {
            f"{name}_role": {"permissions_boundary": IAM.permissions_boundary, "path": IAM.path}
            for name in stage.functions
        }
        assert "aws_iam_role" not in terraform_files(stage)["slips_override.tf.json"]["resource"]


class TestTerraform:
    def test_overrides_only_what_chalice_creates(self, stage: DeploymentStage) -> None:
        """Terraform refuses an override of a resource that does not exist."""
        resources = terraform_files(stage)["slips_override.tf.json"]["resource"]
        assert set(resources["aws_lambda_event_source_mapping"]) == {
            "process_fast-kinesis-event-source",
            "process_slow-kinesis-event-source",
        }
        assert set(resources["aws_lambda_function"]) == {"process_slow", "retry"}

    def test_allows_a_current_terraform(self, stage: DeploymentStage) -> None:
        """Chalice requires one before 1.4, and the provider before 5."""
        settings = terraform_files(stage)["slips_override.tf.json"]["terraform"]
        assert settings["required_version"] == ">= 1.0"
        assert settings["required_providers"] == {"aws": {"version": ">= 3.61.0, < 6"}}

    def test_what_sns_and_lambda_cannot_deliver_goes_into_the_queue(self, stage: DeploymentStage) -> None:
        here = "${data.aws_partition.chalice.partition}:sqs:${data.aws_region.chalice.name}"
        queue = f"arn:{here}:${{data.aws_caller_identity.chalice.account_id}}:slips-redrive"
        files = terraform_files(stage)
        subscriptions = files["slips_override.tf.json"]["resource"]["aws_sns_topic_subscription"]
        policy = json.dumps({"deadLetterTargetArn": queue})
        assert subscriptions == {
            name: {"redrive_policy": policy} for name in ("dispatch-sns-subscription", "report-sns-subscription")
        }
        invocations = files["slips.tf.json"]["resource"]["aws_lambda_function_event_invoke_config"]
        assert invocations["report"]["destination_config"] == {"on_failure": {"destination": queue}}
        dead_letters = invocations["dispatch"]["destination_config"]["on_failure"]["destination"]
        assert dead_letters.endswith(":slips-dead-letters")

    def test_attaches_managed_policies_one_by_one(self, stage: DeploymentStage) -> None:
        """By ARN, not by number: removing one must not attach the others again."""
        assert "aws_iam_role_policy_attachment" not in terraform_files(stage)["slips.tf.json"]["resource"]
        resources = terraform_files(managed(stage))["slips.tf.json"]["resource"]
        attachments = resources["aws_iam_role_policy_attachment"]
        assert set(attachments) == {"process_fast", "process_slow"}
        assert attachments["process_slow"] == {
            "for_each": f'${{toset(["{MANAGED[0]}", "{MANAGED[1]}"])}}',
            "role": "${aws_iam_role.process_slow_role.name}",
            "policy_arn": "${each.value}",
        }

    def test_adds_invoke_settings_and_log_groups(self, stage: DeploymentStage) -> None:
        resources = terraform_files(stage)["slips.tf.json"]["resource"]
        assert set(resources["aws_lambda_function_event_invoke_config"]) == {"dispatch", "report", "retry"}
        assert resources["aws_cloudwatch_log_group"]["slips-report"]["name"] == "/aws/lambda/slips-dev-report"
