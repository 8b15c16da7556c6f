"""What somebody deleted or changed by hand: `slips check --deployed` names it, and `slips provision` restores it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import restoration
from slips.ops.deploy.account import AwsAccount, current_account
from slips.ops.deploy.change_set import propose
from slips.ops.deploy.drift.stack import stack_drift
from slips.ops.deploy.manual_changes import ManualChange, find_manual_changes
from slips.ops.deploy.provision import plan_provision, stage_template
from slips.ops.deploy.restoration import list_manual_changes
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ...builders import config

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock")]
HERE = "eu-central-1:123456789012"
_number = count(1)


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    """A stage with its stack."""
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text(
        f"stack_name: manual-{next(_number)}\nbackend: {{lane: {{fast: {{shards: 1}}}}}}"
    )
    stage = read_stage("dev", project=tmp_path)
    plan_provision(stage, current_account()).execute(lambda line: None)
    return stage


@pytest.fixture
def here() -> AwsAccount:
    return current_account()


def topic_arn(stage: DeploymentStage, name: str) -> str:
    return f"arn:aws:sns:{HERE}:{stage.config.stack_name}-{name}"


def delete_alarm(stage: DeploymentStage) -> None:
    aws.client("cloudwatch").delete_alarms(AlarmNames=[f"{stage.config.stack_name}-unbalanced"])


def silence_alarm(stage: DeploymentStage) -> None:
    aws.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{stage.config.stack_name}-unbalanced"])


def raise_threshold(stage: DeploymentStage) -> None:
    client, name = aws.client("cloudwatch"), f"{stage.config.stack_name}-fast-late"
    [alarm] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    kept = ("AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic", "Period",
            "ComparisonOperator", "EvaluationPeriods", "TreatMissingData", "OKActions")  # fmt: skip
    request: Any = {key: alarm[key] for key in kept}  # type: ignore[literal-required]
    client.put_metric_alarm(**request, Threshold=9e9)


def change_expression(stage: DeploymentStage) -> None:
    client, name = aws.client("cloudwatch"), f"{stage.config.stack_name}-fast-unread"
    [alarm] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    kept = ("AlarmName", "AlarmDescription", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm",
            "TreatMissingData", "OKActions", "AlarmActions", "Threshold", "Metrics")  # fmt: skip
    request: Any = {key: alarm[key] for key in kept}  # type: ignore[literal-required]
    for query in request["Metrics"]:
        if "Expression" in query:
            query["Expression"] = "incoming * 0"
    client.put_metric_alarm(**request)


def delete_dashboard(stage: DeploymentStage) -> None:
    aws.client("cloudwatch").delete_dashboards(DashboardNames=[f"{stage.config.stack_name}-eu-central-1"])


def change_dashboard(stage: DeploymentStage) -> None:
    name = f"{stage.config.stack_name}-eu-central-1"
    aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')


def delete_topic(stage: DeploymentStage) -> None:
    aws.client("sns").delete_topic(TopicArn=topic_arn(stage, "dispatch"))


def delete_alarm_topic(stage: DeploymentStage) -> None:
    aws.client("sns").delete_topic(TopicArn=topic_arn(stage, "alarms"))


def open_topic(stage: DeploymentStage) -> None:
    everybody = [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": everybody})
    topic = topic_arn(stage, "dead-letters")
    aws.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def delete_queue(stage: DeploymentStage) -> None:
    aws.client("sqs").delete_queue(QueueUrl=queue_url(stage))


def open_queue(stage: DeploymentStage) -> None:
    everybody = [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": everybody})
    aws.client("sqs").set_queue_attributes(QueueUrl=queue_url(stage), Attributes={"Policy": policy})


def queue_url(stage: DeploymentStage) -> str:
    return str(aws.client("sqs").get_queue_url(QueueName=stage.config.redrive_queue)["QueueUrl"])


def delete_stream(stage: DeploymentStage) -> None:
    aws.client("kinesis").delete_stream(StreamName=stage.config.slow.stream)


def delete_table(stage: DeploymentStage) -> None:
    aws.client("dynamodb").delete_table(TableName=stage.config.ledger_table)


CHANGES: dict[Callable[[DeploymentStage], None], str] = {
    delete_alarm: "alarm {}-unbalanced: was deleted by hand",
    silence_alarm: "alarm {}-unbalanced: was changed by hand (ActionsEnabled)",
    raise_threshold: "alarm {}-fast-late: was changed by hand (AlarmActions, Threshold)",
    change_expression: "alarm {}-fast-unread: was changed by hand (Metrics)",
    delete_dashboard: "dashboard {}-eu-central-1: was deleted by hand",
    change_dashboard: "dashboard {}-eu-central-1: was changed by hand",
    delete_topic: (
        "topic {}-dispatch: was deleted by hand, and its subscriptions with it (`slips deploy` renews those of the "
        "functions)"
    ),
    delete_alarm_topic: (
        "topic {}-alarms: was deleted by hand, and its subscriptions with it (`slips deploy` renews those of the "
        "functions)"
    ),
    open_topic: "policy of topic {}-dead-letters: was changed by hand",
    delete_queue: (
        "queue {}-redrive: was deleted by hand, with what waited in it (`slips backfill --since` finds it in S3); it "
        "comes back EMPTY"
    ),
    open_queue: "policy of queue {}-redrive: was changed by hand",
    delete_stream: (
        "stream {}-slow: was deleted by hand, with what waited in it (`slips backfill --since` finds it in S3); it "
        "comes back EMPTY"
    ),
    delete_table: (
        "table {0}-ledger: was deleted by hand; it comes back EMPTY, unless you restore it first (aws dynamodb "
        "list-backups --backup-type SYSTEM --table-name {0}-ledger)"
    ),
}


def test_all_that_the_template_makes_is_compared(stage: DeploymentStage, here: AwsAccount) -> None:
    """Each resource is found missing in an account where there is none; a policy goes with its topic or queue."""
    resources = stage_template(stage)["Resources"]
    elsewhere = {
        logical: {**resource, "Properties": json.loads(json.dumps(resource["Properties"]).replace("manual-", "other-"))}
        for logical, resource in resources.items()
    }
    missing = {change.logical for change in find_manual_changes(elsewhere, here)}
    policies = {logical for logical, resource in resources.items() if resource["Type"].endswith("Policy")}
    assert missing == resources.keys() - policies
    assert list(find_manual_changes(resources, here)) == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_check_names_it_and_the_way_back(
    stage: DeploymentStage, here: AwsAccount, change: Callable[[DeploymentStage], None]
) -> None:
    assert list(stack_drift(stage, here)) == []
    change(stage)
    line = CHANGES[change].format(stage.config.stack_name)
    assert list(stack_drift(stage, here)) == [f"{line}; run: slips provision --stage dev"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_provision_restores_it(
    stage: DeploymentStage, here: AwsAccount, change: Callable[[DeploymentStage], None]
) -> None:
    change(stage)
    plan = plan_provision(stage, here)
    assert list(plan.lines()) == [f"Restore {CHANGES[change].format(stage.config.stack_name)}"]
    questions: list[str] = []
    plan.execute(lambda line: None, questions.append)
    assert questions == ["restore what was deleted or changed by hand?"]
    assert list(stack_drift(stage, here)) == []
    assert list(plan_provision(stage, here).lines()) == ["nothing to change"]


def test_what_else_changes_is_shown_with_it_and_made_after_it(stage: DeploymentStage, here: AwsAccount) -> None:
    delete_topic(stage)
    path = stage.project / "slips.yml"
    path.write_text(path.read_text().replace("shards: 1", "shards: 2"))
    stage = read_stage("dev", project=stage.project)
    plan = plan_provision(stage, here)
    assert [line.split()[0] for line in plan.lines()] == ["Restore", "Modify"]
    questions: list[str] = []
    plan.execute(lambda line: None, questions.append)
    assert questions == ["restore what was deleted or changed by hand?", "make these changes?"]
    assert list(stack_drift(stage, here)) == []


def test_what_is_there_stays_while_another_resource_is_restored(stage: DeploymentStage, here: AwsAccount) -> None:
    """Nothing but what refers to the missing one leaves the stack, and no data."""
    aws.client("kinesis").put_record(StreamName=stage.config.fast.stream, Data=b"waits", PartitionKey="0")
    delete_alarm_topic(stage)
    plan_provision(stage, here).execute(lambda line: None)
    kinesis = aws.client("kinesis")
    [shard] = kinesis.list_shards(StreamName=stage.config.fast.stream)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=stage.config.fast.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"waits"]


def test_a_restoration_that_was_stopped_half_way_is_finished_by_the_next(
    stage: DeploymentStage, here: AwsAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = stage.config.stack_name
    delete_topic(stage)
    changes = list_manual_changes(stack, here)

    def propose_once(stack: str, template: Any, tags: dict[str, str]) -> Any:
        if "TopicDispatch" in template["Resources"]:
            raise DeploymentError("the connection is gone")
        return propose(stack, template, tags)

    with monkeypatch.context() as patch:
        patch.setattr(restoration, "propose", propose_once)
        with pytest.raises(
            DeploymentError, match="the connection is gone; run this command again: it creates what is missing"
        ):
            restoration.restore(stage.config, changes, lambda line: None)
    plan = plan_provision(stage, here)
    assert "Add     AWS::SNS::Topic            TopicDispatch" in list(plan.lines())
    plan.execute(lambda line: None)
    assert list(stack_drift(stage, here)) == []


def test_of_a_stack_of_which_nothing_is_left_it_says_what_to_do(stage: DeploymentStage) -> None:
    """CloudFormation takes no template without resources."""
    changes = [ManualChange(logical, "", "", "") for logical in stage_template(stage)["Resources"]]
    with pytest.raises(DeploymentError, match="run `slips destroy`, then `slips deploy`"):
        restoration.restore(stage.config, changes, lambda line: None)


def test_a_stack_that_does_not_exist_has_no_manual_changes(here: AwsAccount) -> None:
    assert list_manual_changes("no-such-stack", here) == ()


@pytest.mark.parametrize(
    "reference",
    [
        {"Properties": {"TopicArn": {"Ref": "Topic"}}},
        {"Properties": {"Topics": [{"Fn::GetAtt": ["Topic", "TopicName"]}]}},
        {"Properties": {"Body": {"Fn::Sub": "to ${Topic} in ${AWS::Region}"}}},
        {"DependsOn": "Topic"},
        {"DependsOn": ["Other", "Topic"]},
    ],
)
def test_what_refers_to_a_resource_leaves_the_stack_with_it(
    reference: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation refuses a template with a reference to nothing."""
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "First": reference,
        "Second": {"DependsOn": "First"},
        "Other": {"Properties": {"Name": "Topic", "Here": {"Ref": "AWS::Region"}}},
    }
    proposals: list[tuple[set[str], dict[str, str]]] = []

    def propose_nothing(stack: str, template: Any, tags: dict[str, str]) -> None:
        proposals.append(({*template["Resources"]}, tags))

    monkeypatch.setattr(restoration, "deployed_template", lambda stack: {"Resources": resources})
    monkeypatch.setattr(restoration, "propose", propose_nothing)
    settings = config(tags={"team": "security"})
    restoration.restore(settings, [ManualChange("Topic", "", "", "")], lambda line: None)
    assert [logical for logical, _ in proposals] == [{"Other"}, {"Topic", "First", "Second", "Other"}]
    assert [tags for _, tags in proposals] == [{"slips:stack": "slips", "team": "security"}] * 2
