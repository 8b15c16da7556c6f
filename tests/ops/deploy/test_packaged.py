"""Functions that `chalice package` and CloudFormation created, under names that CloudFormation chose."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.ops.cli import main
from slips.ops.deploy.account import current_account
from slips.ops.deploy.package_templates import merge_template
from slips.ops.deploy.packaged import logical_id, resolve_names
from slips.ops.deploy.policies import stage_policies, write_files
from slips.ops.deploy.stage import DeploymentStage, read_stage

_number = count(1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    """A stage whose stack exists, and none of its functions."""
    name = f"packaged-{next(_number)}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "slips.yml").symlink_to("../slips.yml")
    variables = {"SLIPS_CONFIG": "slips.yml"}
    settings = {"app_name": name, "stages": {"dev": {"environment_variables": variables}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(settings))
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\nbackend: {{lane: {{slow: {{shards: 1}}}}}}\n")
    (tmp_path / "app.py").write_text('retry = app.schedule("rate(1 minute)")(slips.retry)\n')
    write_files(tmp_path)
    assert run("provision", "--yes").exit_code == 0
    return read_stage("dev")


@pytest.fixture
def packaged(project: DeploymentStage) -> DeploymentStage:
    """The same, with the functions of the merged template."""
    deploy(project, merge_template(project)["Resources"])
    return project


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def deploy(stage: DeploymentStage, merged: dict[str, Any]) -> None:
    """Do what CloudFormation does with the merged template, as far as the emulator can: the stack creates the
    functions, and calls create the rest with the same settings."""
    stack = f"{stage.config.stack_name}-functions"
    resources = {}
    for name in stage.functions:
        resources[logical_id(name)] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": ""}, "Handler": f"app.{name}", "Runtime": "python3.12", "Role": _role(stage, name),
                "Environment": {"Variables": {"SLIPS_CONFIG": "slips.yml"}}, **_size(stage.function_settings(name)),
            },
        }  # fmt: skip
    aws.client("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    summaries = aws.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    names = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in summaries}
    for name in stage.functions:
        _wire(stage, name, names[logical_id(name)], merged.get(logical_id(name), {}).get("Properties", {}))
        _let_write_logs(stage, name, names, merged)


def _let_write_logs(stage: DeploymentStage, name: str, names: dict[str, str], merged: dict[str, Any]) -> None:
    """The policy of the merged template, with its references resolved."""
    where, function = current_account(), logical_id(name)
    values = {"AWS::Partition": where.partition, "AWS::Region": where.region, "AWS::AccountId": where.id}
    (policy,) = [
        each["Properties"]
        for each in merged.values()
        if each.get("Type") == "AWS::IAM::Policy" and f"${{{function}}}" in json.dumps(each)
    ]
    document = policy["PolicyDocument"]
    for statement in document["Statement"]:
        for number, resource in enumerate(statement["Resource"]):
            text = resource["Fn::Sub"].replace(f"${{{function}}}", names[function])
            for key, value in values.items():
                text = text.replace(f"${{{key}}}", value)
            statement["Resource"][number] = text
    role = f"{stage.app_name}-{name}"
    aws.client("iam").put_role_policy(RoleName=role, PolicyName="logs", PolicyDocument=json.dumps(document))


def _size(settings: dict[str, Any]) -> dict[str, Any]:
    named = {"MemorySize": "lambda_memory_size", "Timeout": "lambda_timeout"}
    return {name: settings[setting] for name, setting in named.items() if setting in settings}


def _role(stage: DeploymentStage, name: str) -> str:
    iam, role = aws.client("iam"), f"{stage.app_name}-{name}"
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    policy = stage_policies(stage)[f"policy-dev-{name}.json"]
    iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=json.dumps(policy))
    return str(arn)


def _wire(stage: DeploymentStage, name: str, function: str, properties: dict[str, Any]) -> None:
    client, where = aws.client("lambda"), current_account()
    dead_letters = {"OnFailure": {"Destination": where.arn("sns", stage.config.dead_letters)}}
    redrive = where.arn("sqs", stage.config.redrive_queue)
    queue_name = {
        "Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{stage.config.redrive_queue}"
    }
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    if name in topics:
        arn, topic = where.arn("lambda", f"function:{function}"), where.arn("sns", topics[name])
        (event,) = properties.pop("Events").values()
        policy = json.dumps(event["Properties"]["RedrivePolicy"]).replace(json.dumps(queue_name), json.dumps(redrive))
        aws.client("sns").subscribe(
            TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes={"RedrivePolicy": policy}
        )
        client.add_permission(
            FunctionName=function, StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
            SourceArn=topic,
        )  # fmt: skip
        queue = properties["EventInvokeConfig"]
        failed = {"OnFailure": {"Destination": redrive}} if name == "report" else dead_letters
        queue = {**queue, "DestinationConfig": failed}
        client.put_function_event_invoke_config(FunctionName=function, **queue)
    if name == "retry":
        client.put_function_event_invoke_config(FunctionName=function, **properties["EventInvokeConfig"])
        rule = {"Name": f"{function}-event", "ScheduleExpression": "rate(1 minute)"}
        aws.client("events").put_rule(**rule)
        target = {"Id": "1", "Arn": where.arn("lambda", f"function:{function}")}
        aws.client("events").put_targets(Rule=rule["Name"], Targets=[target])
    for event in properties.get("Events", {}).values():
        source = {**event["Properties"], "DestinationConfig": dead_letters}
        stream = where.arn("kinesis", f"stream/{stage.config.stack_name}-{name.removeprefix('process_')}")
        client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition="TRIM_HORIZON", **source
        )
    if most := properties.get("ReservedConcurrentExecutions"):
        client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=most)
    group = f"/aws/lambda/{function}"
    aws.client("logs").create_log_group(logGroupName=group)
    aws.client("logs").put_retention_policy(logGroupName=group, retentionInDays=30)


def test_their_names_are_found_by_the_streams_that_they_read(packaged: DeploymentStage) -> None:
    resolved_stage = resolve_names(packaged)
    assert resolved_stage.packaged_by == f"{packaged.config.stack_name}-functions"
    assert set(resolved_stage.names) == set(packaged.functions)
    assert resolved_stage.function_name("api_handler").startswith(f"{resolved_stage.packaged_by}-APIHandler-")


def test_the_check_finds_nothing_after_the_merged_template_is_deployed(packaged: DeploymentStage) -> None:
    result = run("check", "--deployed")
    assert (result.output, result.exit_code) == ("stage dev: the account matches slips.yml\n", 0)


def test_the_check_names_a_function_that_may_write_the_logs_of_another(packaged: DeploymentStage) -> None:
    iam, role = aws.client("iam"), f"{packaged.app_name}-report"
    document = iam.get_role_policy(RoleName=role, PolicyName="logs")["PolicyDocument"]
    document["Statement"][0]["Resource"] = ["arn:aws:logs:*:*:*"]
    iam.put_role_policy(RoleName=role, PolicyName="logs", PolicyDocument=json.dumps(document))
    assert f"role {role}: its policy is not the one of slips.yml" in run("check", "--deployed").output


def test_the_check_says_to_deploy_the_other_stack(packaged: DeploymentStage) -> None:
    function = resolve_names(packaged).function_name("report")
    aws.client("lambda").delete_function(FunctionName=function)
    line = run("check", "--deployed").output
    assert f"function {function}: is missing; run: slips package --stage dev OUT, and deploy the stack" in line


def test_limit_changes_their_lane(packaged: DeploymentStage) -> None:
    assert run("limit", "slow").output == "delay: 0\nbatch_size: 10\nwindow: 0\nparallelization: 1\n"
    assert "parallelization: 1 -> 4" in run("limit", "slow", "-p", "4").output
    assert "slow lane: ParallelizationFactor: is 4, should be 1" in run("check", "--deployed").output


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_chalice_neither_doubles_nor_leaves_them(packaged: DeploymentStage, command: str) -> None:
    result = run(command, "--yes")
    assert result.exit_code == 1
    stack = f"{packaged.config.stack_name}-functions"
    assert f"are those of the stack {stack}, which came from `slips package`" in result.output
    assert aws.client("kinesis").describe_stream_summary(StreamName=packaged.config.fast.stream)


class TestWithoutTheNotesOfChalice:
    """They are in .chalice/deployed/ of another checkout."""

    @pytest.fixture
    def elsewhere(self, project: DeploymentStage) -> DeploymentStage:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "")
        client, name = aws.client("lambda"), project.function_name("process_slow")
        role = _role(project, "process_slow")
        code = {"ZipFile": packed.getvalue()}
        tags = {"slips:stack": project.config.stack_name}
        client.create_function(
            FunctionName=name, Runtime="python3.12", Role=role, Handler="app.f", Code=code, Tags=tags
        )
        stream = current_account().arn("kinesis", f"stream/{project.config.slow.stream}")
        client.create_event_source_mapping(EventSourceArn=stream, FunctionName=name, StartingPosition="TRIM_HORIZON")
        return project

    def test_a_deployment_is_refused_before_it_fails_half_way(self, elsewhere: DeploymentStage) -> None:
        result = run("deploy", "--yes")
        assert result.exit_code == 1
        assert "reads the stream" in result.output
        assert ".chalice/deployed/dev.json, in which Chalice notes what it made" in result.output

    def test_a_removal_is_refused_before_it_leaves_functions(self, elsewhere: DeploymentStage) -> None:
        result = run("destroy", "--yes")
        assert result.exit_code == 1
        assert f"{elsewhere.function_name('process_slow')}: exist, and .chalice/deployed/dev.json" in result.output
        assert "nothing was removed" in result.output
