"""`tags` of slips.yml on everything that a deployment creates, and the lines about what lacks them."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from slips import aws
from slips.ops.deploy.account import current_account
from slips.ops.deploy.drift.tags import tag_drift
from slips.ops.deploy.log_groups import group_changes
from slips.ops.deploy.package_templates import merge_template, terraform_files
from slips.ops.deploy.policies import write_files
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.roles import role_changes
from slips.ops.deploy.stack import template
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ...builders import config

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
TAGS = {"team": "security", "cost": "1"}
LIST = [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "security"}]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    app = f"tags-{next(_number)}"
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": app, "stages": {"dev": {}}}))
    return tmp_path


def read(project: Path, tags: dict[str, str] | None = None) -> DeploymentStage:
    app = json.loads((project / ".chalice" / "config.json").read_text())["app_name"]
    (project / "slips.yml").write_text(json.dumps({"stack_name": f"{app}-stack", "tags": tags}))
    return read_stage("dev", project=project)


def provision(stage: DeploymentStage) -> None:
    plan_provision(stage, current_account()).execute(lambda line: None)


def lines(stage: DeploymentStage) -> list[str]:
    return list(tag_drift(stage, current_account()))


def test_the_template_tags_streams_tables_topics_and_the_queue() -> None:
    resources = template(config(tags=TAGS))["Resources"]
    tagged = {name for name, each in resources.items() if each["Properties"].get("Tags") == LIST}
    topics = {"TopicS3", "DeadLetters", "Alarms"}
    assert tagged == {"FastLane", "SlowLane", "ErrorTable", "LedgerTable", *topics}
    own = {"Key": "slips:stack", "Value": "slips"}
    assert resources["Redrive"]["Properties"]["Tags"] == sorted([*LIST, own], key=lambda tag: tag["Key"])
    untagged = {name: each["Properties"].get("Tags") for name, each in template(config())["Resources"].items()}
    assert {name: tags for name, tags in untagged.items() if tags} == {"Redrive": [own]}


def test_the_stack_has_them_too_and_hands_them_on_to_what_the_template_does_not_tag(project: Path) -> None:
    stage = read(project, TAGS)
    provision(stage)
    (stack,) = aws.client("cloudformation").describe_stacks(StackName=stage.config.stack_name)["Stacks"]
    tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    assert tags == {**TAGS, "slips:stack": stage.config.stack_name}
    assert lines(stage) == []


def test_what_lacks_them_is_named_with_the_command_that_adds_them(project: Path) -> None:
    provision(read(project))
    stage = read(project, TAGS)
    stack = stage.config.stack_name
    run = "lacks the tags cost=1, team=security; run: slips provision --stage dev"
    names = [f"stream {stack}-fast", f"stream {stack}-slow", f"table {stack}-ledger", f"table {stack}-errors"]
    names += [f"topic {stack}-{name}" for name in ("dispatch", "dead-letters", "alarms")] + [f"queue {stack}-redrive"]
    assert lines(stage) == [f"{name}: {run}" for name in (f"stack {stack}", *names)]
    provision(stage)
    assert lines(stage) == []
    topic = current_account().arn("sns", f"{stack}-alarms")
    aws.client("sns").tag_resource(ResourceArn=topic, Tags=[{"Key": "team", "Value": "other"}])
    aws.client("sns").tag_resource(ResourceArn=topic, Tags=[{"Key": "own", "Value": "x"}])
    assert lines(stage) == [f"topic {stack}-alarms: lacks the tags team=security; run: slips provision --stage dev"]


def test_a_stack_that_does_not_exist_lacks_nothing(project: Path) -> None:
    """Other lines say that it is missing."""
    assert lines(read(project, TAGS)) == []


def test_a_function_without_them_is_named(project: Path) -> None:
    stage = read(project, TAGS)
    name = stage.function_name("report")
    role = aws.client("iam").create_role(RoleName=stage.role_name("report"), AssumeRolePolicyDocument="{}")["Role"]
    aws.client("lambda").create_function(
        FunctionName=name,
        Role=role["Arn"],
        Code={"ZipFile": b"x"},
        Handler="a.b",
        Runtime="python3.12",
        Tags={"cost": "1"},
    )
    assert lines(stage) == [f"function {name}: lacks the tags team=security; run: slips deploy --stage dev"]
    (change,) = [each for each in role_changes(stage) if each.role == stage.role_name("report")]
    assert str(change) == f"Update  role {stage.role_name('report')}: tag it with cost=1, team=security"
    change.apply()
    assert not [each for each in role_changes(stage) if each.role == stage.role_name("report")]


def test_chalice_tags_the_functions(project: Path) -> None:
    """Your own tags of a function stand where Chalice merges them: for all stages, or for the whole stage."""
    stage = read(project, TAGS)
    write_files(project)
    settings = json.loads((project / ".chalice" / "config.json").read_text())["stages"]["dev"]["lambda_functions"]
    tags = {**TAGS, "slips:stack": stage.config.stack_name}
    assert {name: each["tags"] for name, each in settings.items()} == dict.fromkeys(stage.functions, tags)
    read(project)
    write_files(project)
    assert "team" not in (project / ".chalice" / "config.json").read_text()


def test_a_role_is_created_with_them(project: Path) -> None:
    stage = read(project, TAGS)
    creations = list(role_changes(stage))
    assert [change.action for change in creations] == ["create it"] * len(stage.functions)
    creations[0].apply()
    tags = aws.client("iam").list_role_tags(RoleName=creations[0].role)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {**TAGS, "slips:stack": stage.config.stack_name}


def test_a_log_group_is_created_with_them_or_gets_them(project: Path) -> None:
    name = f"/aws/lambda/{project.name}"
    stage, logs = read(project, TAGS), aws.client("logs")
    (change,) = group_changes(stage, name)
    assert str(change) == f"{name}: days kept: none -> 30"
    change.apply()
    assert list(group_changes(stage, name)) == []
    assert logs.list_tags_log_group(logGroupName=name)["tags"] == TAGS
    (change,) = group_changes(read(project, {**TAGS, "cost": "2"}), name)
    assert str(change) == f"{name}: tags: {{'cost': '1'}} -> {{'cost': '2'}}"
    change.apply()
    assert logs.list_tags_log_group(logGroupName=name)["tags"] == {**TAGS, "cost": "2"}


def test_a_log_group_that_is_there_without_an_end_gets_one(project: Path) -> None:
    name = f"/aws/lambda/{project.name}"
    aws.client("logs").create_log_group(logGroupName=name)
    (change,) = group_changes(read(project), name)
    assert str(change) == f"{name}: days kept: none -> 30"
    change.apply()
    assert list(group_changes(read(project), name)) == []


def test_the_merged_template_tags_roles_log_groups_and_alarms(project: Path) -> None:
    """Functions have those of config.json."""
    stage = read(project, TAGS)
    resources = merge_template(stage)["Resources"]
    tagged = {name for name, each in resources.items() if each["Properties"].get("Tags") == LIST}
    names = ("Dispatch", "ProcessFast", "ProcessSlow", "Report", "ApiHandler")
    alarms = {name for name, each in resources.items() if each.get("Type") == "AWS::CloudWatch::Alarm"}
    assert tagged == {f"{name}{kind}" for name in names for kind in ("Role", "LogGroup")} | alarms
    assert "Tags" not in json.dumps(merge_template(read(project)))


def test_terraform_tags_roles_and_log_groups(project: Path) -> None:
    files = terraform_files(read(project, TAGS))
    roles = files["slips_override.tf.json"]["resource"]["aws_iam_role"]
    assert roles["process_fast_role"] == {"tags": TAGS}
    assert len(roles) == len(read(project).functions)
    groups = files["slips.tf.json"]["resource"]["aws_cloudwatch_log_group"].values()
    assert [each["tags"] for each in groups] == [TAGS] * len(roles)
    assert '"tags"' not in json.dumps(terraform_files(read(project)))
