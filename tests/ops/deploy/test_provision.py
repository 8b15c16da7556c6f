"""`slips provision`: the stack that AWS has afterwards, and the message where it cannot be created."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from cfnlint.api import lint
from click.testing import CliRunner, Result

from slips import aws
from slips.errors import DeploymentError
from slips.ops.cli import main
from slips.ops.deploy import chalice_command, change_set, stack_events
from slips.ops.deploy.account import current_account
from slips.ops.deploy.bucket_notifications import (
    PATIENCE,
    mapped_prefixes,
    plan_notifications,
    uncovered_prefixes,
)
from slips.ops.deploy.gaps import silent_buckets
from slips.ops.deploy.notification_receivers import stage_receivers
from slips.ops.deploy.stage import read_stage

from ...deployment.cloudformation import patch_moto
from .conftest import Clock

pytestmark = pytest.mark.usefixtures("clock")
Run = Callable[..., Result]
_number = count(1)


@pytest.fixture(scope="module", autouse=True)
def account(aws_endpoint: str) -> Iterator[None]:
    """The emulated account, where CloudFormation does all that this needs."""
    patch_moto()
    aws.reset()
    yield
    aws.reset()


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project in this folder whose stack has this name; nothing of it is in the account."""
    name = f"provision-{next(_number)}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    write(name)
    return name


def write(stack: str, more: str = "") -> None:
    Path("slips.yml").write_text(f"stack_name: {stack}\nbucket_mapping: {{{stack}: [{{format: json}}]}}\n{more}")


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def refused(*arguments: str) -> str:
    """The only line of a command that fails."""
    result = run(*arguments)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.output
    return result.output.strip().splitlines()[-1]


def uncovered(bucket: str, configuration: dict[str, Any]) -> list[str]:
    """The mapped prefixes of which the stage hears nothing."""
    config, account = read_stage("dev").config, current_account()
    return uncovered_prefixes(configuration, mapped_prefixes(config, bucket), stage_receivers(config, account).accepted)


def resources(stack: str) -> dict[str, str]:
    summaries = aws.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in summaries}


def stacks() -> set[str]:
    return {each["StackName"] for each in aws.client("cloudformation").describe_stacks()["Stacks"]}


def test_it_shows_the_changes_asks_and_creates_the_stack(stack: str) -> None:
    result = run("provision", typed="y\n")
    assert result.exit_code == 0, result.output
    assert "Add     AWS::Kinesis::Stream       FastLane" in result.output
    assert "make these changes? [y/N]: y" in result.output
    assert "CREATE_COMPLETE" in result.output
    assert {"FastLane", "SlowLane", "ErrorTable", "LedgerTable", "TopicDispatch", "DeadLetters"} <= set(
        resources(stack)
    )


def test_it_creates_nothing_without_a_yes(stack: str) -> None:
    result = run("provision", typed="n\n")
    assert result.exit_code == 1
    assert "nothing was changed" in result.output
    assert stack not in stacks()


def test_a_second_time_it_changes_nothing(stack: str) -> None:
    run("provision", "--yes")
    before = resources(stack)
    assert run("provision", "--yes").output.endswith("nothing to change\n")
    assert resources(stack) == before


def test_a_change_of_slips_yml_changes_that_alone(stack: str) -> None:
    write(stack, "backend: {sns_topics: [{name: one}, {name: two}]}\n")
    run("provision", "--yes")
    before = resources(stack)
    write(stack, "backend: {sns_topics: [{name: two}], lane: {slow: {shards: 2}}}\n")
    result = run("provision", "--yes")
    changed = {
        line.split()[2]: line.split()[0] for line in result.output.splitlines() if line[:3] in ("Add", "Mod", "Rem")
    }
    stored = {name: word for name, word in changed.items() if not name.endswith(("Alarm", "Policy", "Dashboard"))}
    assert stored == {"SlowLane": "Modify", "TopicOne": "Remove"}
    assert resources(stack)["TopicTwo"] == before["TopicTwo"]


GIVEN = """backend:
  sns_topics: [{{name: dispatch, arn: "arn:aws:sns:{where}:landed"}}]
  kinesis_stream_fast_arn: arn:aws:kinesis:{where}:stream/{stack}-a
  kinesis_stream_slow_arn: arn:aws:kinesis:{where}:stream/{stack}-b
  dynamodb_arn: arn:aws:dynamodb:{where}:table/{stack}-failed
  dlq_sns_arn: arn:aws:sns:{where}:dead
"""


def test_options_that_only_write_exclude_each_other(stack: str) -> None:
    result = run("provision", "--template", "--policies")
    assert result.exit_code == 2
    assert "give only one of" in result.output


class TestResourcesNamedByArn:
    def test_are_used_and_not_created(self, stack: str) -> None:
        write(stack, GIVEN.format(where="eu-central-1:123456789012", stack=stack))
        for name in ("a", "b"):
            aws.client("kinesis").create_stream(StreamName=f"{stack}-{name}", ShardCount=1)
        for name in ("landed", "dead"):
            aws.client("sns").create_topic(Name=name)
        aws.client("dynamodb").create_table(
            TableName=f"{stack}-failed",
            AttributeDefinitions=[{"AttributeName": "request_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "request_id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        result = run("provision", "--yes", "--adopt")
        assert result.exit_code == 0, result.output
        kinds = {name for name in resources(stack) if not name.endswith(("Alarm", "Dashboard"))}
        assert kinds - {""} == {"LedgerTable", "Redrive", "RedrivePolicy", "Alarms", "AlarmsPolicy"}

    def test_must_exist(self, stack: str) -> None:
        write(stack, GIVEN.format(where="eu-central-1:123456789012", stack=stack))
        line = refused("provision", "--yes")
        assert line.startswith("Error: backend.kinesis_stream_fast_arn: there is no arn:aws:kinesis:eu-central-1:")
        assert stack not in stacks()

    @pytest.mark.parametrize("where", ["eu-central-1:111122223333", "us-east-1:123456789012"])
    def test_must_be_of_this_account_and_region(self, stack: str, where: str) -> None:
        """Chalice would look for a stream of that name in its own account."""
        write(stack, GIVEN.format(where=where, stack=stack))
        assert "is not in account 123456789012 and region eu-central-1" in refused("provision", "--yes")


def test_the_template_is_printed_and_passes_cfn_lint(stack: str) -> None:
    result = run("provision", "--template")
    assert [f"{each.rule.id}: {each.message}" for each in lint(result.output, regions=["eu-central-1"])] == []
    assert json.loads(result.output)["Resources"]["FastLane"]["Properties"]["Name"] == f"{stack}-fast"
    assert stack not in stacks()


class TestNamesThatAreTaken:
    def test_are_not_touched(self, stack: str) -> None:
        aws.client("kinesis").create_stream(StreamName=f"{stack}-fast", ShardCount=1)
        line = refused("provision", "--yes")
        assert line.startswith(
            f"Error: {stack}-fast: exists already, and is not part of the stack {stack}; nothing was"
        )
        assert stack not in stacks()

    @pytest.mark.parametrize("name", ["dispatch", "dead-letters", "alarms"])
    def test_of_topics_are_named_too(self, stack: str, name: str) -> None:
        """CloudFormation would fail at them half-way."""
        aws.client("sns").create_topic(Name=f"{stack}-{name}")
        line = refused("provision", "--yes", "--adopt")
        assert line.startswith(f"Error: {stack}-{name}: there is a topic of that name already")
        assert stack not in stacks()

    @pytest.mark.parametrize(("tag", "is_own"), [("", False), ("their-stack", False), (None, True)])
    def test_of_a_queue_of_the_stack_is_ours_without_a_question(
        self, stack: str, tag: str | None, is_own: bool
    ) -> None:
        """An earlier version, to which the stack was rolled back, took it out of the stack with what is in it."""
        run("provision", "--yes")
        name, document = f"{stack}-redrive", json.loads(run("provision", "--template").output)
        queue = ("Redrive", "RedrivePolicy")
        document["Resources"] = {key: each for key, each in document["Resources"].items() if key not in queue}
        aws.client("cloudformation").update_stack(StackName=stack, TemplateBody=json.dumps(document))
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
        if tag is not None:
            sqs.untag_queue(QueueUrl=url, TagKeys=["slips:stack"])
            sqs.tag_queue(QueueUrl=url, Tags={"slips:stack": tag})
        result = run("provision", "--yes")
        assert (f"{name}: exists already" in result.output, result.exit_code) == (not is_own, int(not is_own)), (
            result.output
        )
        assert ("Redrive" in resources(stack)) is is_own
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"

    def test_stay_adopted_when_the_second_question_is_answered_with_no(self, stack: str) -> None:
        aws.client("kinesis").create_stream(StreamName=f"{stack}-fast", ShardCount=1)
        result = run("provision", "--adopt", typed="y\nn\n")
        assert (result.exit_code, "nothing else was changed" in result.output) == (1, True), result.output
        assert list(resources(stack)) == ["FastLane"]

    def test_are_adopted_on_request(self, stack: str) -> None:
        """What `slips destroy` kept comes back with all its data."""
        run("provision", "--yes")
        aws.client("dynamodb").put_item(TableName=f"{stack}-errors", Item={"request_id": {"S": "kept"}})
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{stack}-redrive")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
        aws.client("cloudformation").delete_stack(StackName=stack)
        result = run("provision", "--yes", "--adopt")
        assert result.exit_code == 0, result.output
        assert resources(stack)["ErrorTable"] == f"{stack}-errors"
        assert aws.client("dynamodb").get_item(TableName=f"{stack}-errors", Key={"request_id": {"S": "kept"}})["Item"]
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
        assert resources(stack)["Redrive"].rpartition("/")[2] == f"{stack}-redrive"
        assert run("provision", "--yes").output.endswith("nothing to change\n")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ROLLBACK_COMPLETE", "slips destroy"),
        ("DELETE_FAILED", "slips destroy"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("UPDATE_IN_PROGRESS", "somebody else is changing it; wait"),
    ],
)
def test_a_stack_that_takes_no_change_is_explained_with_the_way_out(
    stack: str, monkeypatch: pytest.MonkeyPatch, status: str, advice: str
) -> None:
    monkeypatch.setattr(change_set, "stack_status", lambda stack: status)
    line = refused("provision", "--yes")
    assert f"the stack {stack} is {status}" in line
    assert advice in line


def test_the_reason_of_a_failure_is_the_first_one(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [
        {"EventId": "1", "ResourceStatus": "CREATE_FAILED", "ResourceType": "AWS::DynamoDB::Table",
         "LogicalResourceId": "ErrorTable", "ResourceStatusReason": "Limit\nexceeded"},
        {"EventId": "2", "ResourceStatus": "CREATE_FAILED", "ResourceType": "AWS::SNS::Topic",
         "LogicalResourceId": "Alarms", "ResourceStatusReason": "Resource creation cancelled"},
    ]  # fmt: skip
    monkeypatch.setattr(stack_events, "list_events", lambda stack: events)
    monkeypatch.setattr(stack_events, "read_status", lambda stack: "ROLLBACK_COMPLETE")
    lines: list[str] = []
    with pytest.raises(DeploymentError, match=r"ErrorTable: Limit exceeded; only its name is left"):
        stack_events.follow(stack, set(), lines.append)
    assert len(lines) == 2


def test_the_events_are_read_before_the_state_they_lead_to(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the old state with the first new event would look like the end."""
    began = {"EventId": "1", "ResourceStatus": "UPDATE_IN_PROGRESS", "ResourceType": "AWS::CloudFormation::Stack",
             "LogicalResourceId": stack}  # fmt: skip
    ended = {**began, "EventId": "2", "ResourceStatus": "UPDATE_COMPLETE"}
    account: list[Any] = []

    def status(_: str) -> str:
        account.append(began if not account else ended)  # It begins, and ends, just after a look.
        return "UPDATE_COMPLETE"

    monkeypatch.setattr(stack_events, "list_events", lambda stack: list(account))
    monkeypatch.setattr(stack_events, "read_status", status)
    lines: list[str] = []
    stack_events.follow(stack, set(), lines.append)
    assert [line.split()[0] for line in lines] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_a_stack_that_is_deleted_without_an_event_has_ended(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_events, "list_events", lambda stack: [])
    monkeypatch.setattr(stack_events, "read_status", lambda stack: "DELETE_COMPLETE")
    stack_events.follow(stack, set(), lambda line: None)


def test_a_stack_that_does_not_end_is_named_with_its_status(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_events, "list_events", lambda stack: [])
    monkeypatch.setattr(stack_events, "read_status", lambda stack: "DELETE_IN_PROGRESS")
    with pytest.raises(DeploymentError, match=f"{stack} is still DELETE_IN_PROGRESS after an hour"):
        stack_events.follow(stack, set(), lambda line: None)


class TestARefusedChangeSet:
    @pytest.fixture(autouse=True)
    def refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = aws.client("cloudformation")
        reason = "The following hook(s)/validation failed: [AWS::EarlyValidation::…]. DescribeEvents"
        response = {"Status": "FAILED", "StatusReason": reason}
        reasons = [{"ValidationStatusReason": "Resource of type 'AWS::CloudWatch::Alarm' already exists."}, {}]
        monkeypatch.setattr(client, "describe_change_set", lambda **_: response)
        monkeypatch.setattr(client, "describe_events", lambda **_: {"OperationEvents": reasons}, raising=False)

    def test_says_what_cloudformation_found_and_leaves_no_stack(self, stack: str) -> None:
        line = refused("provision", "--yes")
        assert "refuses the template: Resource of type 'AWS::CloudWatch::Alarm' already exists.; nothing was" in line
        assert stack not in stacks()


def test_a_template_that_is_too_large_is_refused_before_a_request(stack: str) -> None:
    topics = ", ".join(f"{{name: topic-number-{number}}}" for number in range(16))
    write(stack, f"backend: {{sns_topics: [{topics}]}}\n")
    assert "CloudFormation takes 51,200; write fewer sns_topics" in refused("provision", "--yes")


class TestBucketNotifications:
    @pytest.fixture
    def bucket(self, stack: str) -> str:
        place: Any = {"LocationConstraint": "eu-central-1"}
        aws.client("s3").create_bucket(Bucket=stack, CreateBucketConfiguration=place)
        return stack

    def notifications(self, bucket: str) -> dict[str, Any]:
        configuration: dict[str, Any] = aws.client("s3").get_bucket_notification_configuration(Bucket=bucket)
        return {name: value for name, value in configuration.items() if name != "ResponseMetadata"}

    def test_are_added_once_and_others_stay(self, bucket: str) -> None:
        topic = aws.client("sns").create_topic(Name=f"{bucket}-other")["TopicArn"]
        other: Any = {
            "TopicConfigurations": [{"Id": "theirs", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}],
        }
        aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=other)
        for _ in range(2):
            result = run("provision", "--yes", "--bucket-notifications", bucket)
            assert result.exit_code == 0, result.output
        theirs, ours = self.notifications(bucket)["TopicConfigurations"]
        assert (theirs["Id"], theirs["TopicArn"]) == ("theirs", topic)
        assert ours["TopicArn"].rpartition(":")[2] == f"{bucket}-dispatch"
        assert ours["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRestore:Completed"]

    def test_of_an_earlier_version_tell_of_restored_objects_from_now_on(self, bucket: str) -> None:
        run("provision", "--yes", "--bucket-notifications", bucket)
        configuration: Any = self.notifications(bucket)
        configuration["TopicConfigurations"][0]["Events"] = ["s3:ObjectCreated:*"]
        client = aws.client("s3")
        client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        result = run("provision", "--yes", "--bucket-notifications", bucket)
        [ours] = self.notifications(bucket)["TopicConfigurations"]
        assert ours["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRestore:Completed"]
        assert "Modify  notification s3://" in result.output
        assert f"-> {ours['TopicArn']}: of restored objects, too" in result.output

    @pytest.mark.parametrize("event", ["s3:ObjectRestore:*", "s3:ObjectRestore:Completed"])
    def test_leave_restored_objects_to_whom_the_bucket_tells_of_them(self, bucket: str, event: str) -> None:
        """S3 refuses two receivers of the same event."""
        topic = aws.client("sns").create_topic(Name=f"{bucket}-other")["TopicArn"]
        theirs: Any = {"TopicConfigurations": [{"Id": "theirs", "TopicArn": topic, "Events": [event]}]}
        aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=theirs)
        for _ in range(2):
            result = run("provision", "--yes", "--bucket-notifications", bucket)
            assert result.exit_code == 0, result.output
        assert "of restored objects" not in result.output
        _, ours = self.notifications(bucket)["TopicConfigurations"]
        assert ours["Events"] == ["s3:ObjectCreated:*"]

    def test_leave_those_that_somebody_adds_after_the_plan(self, bucket: str) -> None:
        topic = aws.client("sns").create_topic(Name=f"{bucket}-dispatch")["TopicArn"]
        plan = plan_notifications(read_stage("dev").config, bucket, current_account())
        other: Any = {"Id": "theirs", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}
        aws.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [other]}
        )
        plan.execute(lambda line: None)
        assert len(self.notifications(bucket)["TopicConfigurations"]) == 2

    def test_leave_all_that_are_not_to_topics(self, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """EventBridge's is an empty element, which the emulator forgets."""
        queue = {"QueueArn": "arn:aws:sqs:eu-central-1:123456789012:q", "Events": ["s3:ObjectCreated:*"], "Id": "q"}
        others: Any = {"EventBridgeConfiguration": {}, "QueueConfigurations": [queue]}
        requests: list[Any] = []
        client = aws.client("s3")
        monkeypatch.setattr(
            client, "get_bucket_notification_configuration", lambda **_: {**others, "ResponseMetadata": 1}
        )
        monkeypatch.setattr(client, "put_bucket_notification_configuration", lambda **request: requests.append(request))
        assert run("provision", "--yes", "--bucket-notifications", bucket).exit_code == 0
        (request,) = requests
        configuration = request["NotificationConfiguration"]
        assert len(configuration.pop("TopicConfigurations")) == 1
        assert configuration == others

    def test_of_a_bucket_that_does_not_exist(self, stack: str) -> None:
        line = refused("provision", "--yes", "--bucket-notifications", stack)
        assert line == f"Error: the bucket {stack}: there is no such bucket; create it first; nothing was changed"
        assert stack not in stacks()

    def test_of_a_bucket_in_another_region(self, stack: str) -> None:
        place: Any = {"LocationConstraint": "us-west-2"}
        boto3.client("s3", region_name="us-west-2").create_bucket(Bucket=stack, CreateBucketConfiguration=place)
        line = refused("provision", "--yes", "--bucket-notifications", stack)
        assert f"the bucket {stack} is in us-west-2, and this deployment in eu-central-1" in line

    def test_of_a_bucket_that_nothing_is_mapped_in(self, stack: str) -> None:
        assert "maps nothing in it" in refused("provision", "--yes", "--bucket-notifications", "others")
        assert stack not in stacks()  # The error came before anything was created.

    def prefixes(self, bucket: str) -> list[str]:
        topics = self.notifications(bucket).get("TopicConfigurations", [])
        return [each["Filter"]["Key"]["FilterRules"][0]["Value"] for each in topics]

    def test_follow_what_is_mapped(self, bucket: str) -> None:
        """S3 would refuse a/ next to the old a/b/, and objects that are no longer mapped would become error items."""
        for mapped in (["a/b/", "c/"], ["a/"]):
            entries = ", ".join(f"{{prefix: {prefix}, format: json}}" for prefix in mapped)
            Path("slips.yml").write_text(f"stack_name: {bucket}\nbucket_mapping: {{{bucket}: [{entries}]}}\n")
            result = run("provision", "--yes", "--bucket-notifications", bucket)
            assert result.exit_code == 0, result.output
            assert self.prefixes(bucket) == mapped
        assert f"Remove  notification s3://{bucket}/c/" in result.output
        assert f"s3://{bucket}/c/ no longer notifies" in result.output

    def map_prefixes(self, bucket: str, *mapped: str) -> None:
        entries = "\n".join(f"  - {{prefix: {prefix}, format: json}}" for prefix in mapped)
        Path("slips.yml").write_text(f"stack_name: {bucket}\nbucket_mapping:\n {bucket}:\n{entries}\n")

    def test_of_prefixes_with_a_star_are_of_what_comes_before_it(self, bucket: str) -> None:
        self.map_prefixes(bucket, "AWSLogs/*/vpc/", "AWSLogs/*/elb/", "other/")
        assert run("provision", "--yes", "--bucket-notifications", bucket).exit_code == 0
        assert self.prefixes(bucket) == ["AWSLogs/", "other/"]
        assert list(silent_buckets(read_stage("dev"), current_account())) == []

    def test_of_a_thousand_accounts_are_of_what_they_have_in_common(self, bucket: str) -> None:
        """S3 takes a hundred; those that there were are covered, and go."""
        accounts = [f"AWSLogs/{number:012d}/vpc/" for number in range(1000)]
        self.map_prefixes(bucket, *accounts[:3])
        run("provision", "--yes", "--bucket-notifications", bucket)
        assert self.prefixes(bucket) == accounts[:3]
        self.map_prefixes(bucket, *accounts, "other/")
        assert run("provision", "--yes", "--bucket-notifications", bucket).exit_code == 0
        assert self.prefixes(bucket) == ["AWSLogs/", "other/"]
        assert list(silent_buckets(read_stage("dev"), current_account())) == []

    def test_that_would_be_more_than_s3_takes_with_those_of_others(self, bucket: str) -> None:
        topic = aws.client("sns").create_topic(Name=f"{bucket}-other")["TopicArn"]
        theirs: Any = [
            {"TopicArn": topic, "Events": ["s3:ObjectRemoved:*"], "Filter": {"Key": {"FilterRules": [
                {"Name": "prefix", "Value": f"x{number}/"}]}}}
            for number in range(60)
        ]  # fmt: skip
        aws.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"TopicConfigurations": theirs}
        )
        self.map_prefixes(bucket, *(f"{number}/a/" for number in range(50)))
        line = refused("provision", "--yes", "--bucket-notifications", bucket)
        assert "would have 110 notifications, and S3 takes 100; write * for the segment in which mapped" in line

    PARTITIONED = "year=2026/~a b+c*/é/"

    def map_partitioned(self, bucket: str) -> None:
        mapping = f"[{{prefix: '{self.PARTITIONED}', format: json}}]"
        Path("slips.yml").write_text(f"stack_name: {bucket}\nbucket_mapping: {{{bucket}: {mapping}}}\n")

    def test_have_their_prefix_url_encoded(self, bucket: str) -> None:
        """S3 compares it with the key as it encodes it in notifications."""
        self.map_partitioned(bucket)
        result = run("provision", "--yes", "--bucket-notifications", bucket)
        assert self.prefixes(bucket) == ["year%3D2026/%7Ea+b%2Bc*/%C3%A9/"]
        assert f"s3://{bucket}/{self.PARTITIONED} now notifies" in result.output
        assert "already" in run("provision", "--yes", "--bucket-notifications", bucket).output.splitlines()[-1]
        assert uncovered(bucket, self.notifications(bucket)) == []

    @pytest.mark.parametrize("id_of", [PARTITIONED, "theirs"])
    def test_that_were_not_url_encoded_have_never_notified_anybody(self, bucket: str, id_of: str) -> None:
        """An earlier version wrote them so; those of others are not touched."""
        self.map_partitioned(bucket)
        run("provision", "--yes", "--bucket-notifications", bucket)
        configuration: Any = self.notifications(bucket)
        [entry] = configuration["TopicConfigurations"]
        entry |= {
            "Id": f"{bucket}-{id_of}",
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": self.PARTITIONED}]}},
        }
        client = aws.client("s3")
        client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        assert uncovered(bucket, self.notifications(bucket)) == [self.PARTITIONED]
        result = run("provision", "--yes", "--bucket-notifications", bucket)
        raw = [] if id_of == self.PARTITIONED else [self.PARTITIONED]
        assert self.prefixes(bucket) == [*raw, "year%3D2026/%7Ea+b%2Bc*/%C3%A9/"]
        assert "slips backfill" in result.output, "what nobody was notified of has to be queued"

    @pytest.mark.parametrize(("value", "objects"), [("year%3D2026/", 1), ("year%3d2026/", 1), ("year=2026/", 0)])
    def test_of_the_emulator_are_as_encoded_as_those_of_s3(self, bucket: str, value: str, objects: int) -> None:
        topic = aws.client("sns").create_topic(Name=f"{bucket}-dispatch")["TopicArn"]
        sqs = aws.client("sqs")
        queue = sqs.create_queue(QueueName=bucket)["QueueUrl"]
        aws.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-central-1:123456789012:{bucket}"
        )
        entry: Any = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
        entry["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": value}]}}
        client = aws.client("s3")
        client.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [entry]}
        )
        client.put_object(Bucket=bucket, Key="year=2026/a", Body=b"")
        client.put_object(Bucket=bucket, Key="year=2025/a", Body=b"")
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        assert sum("ObjectCreated" in message["Body"] for message in messages) == objects

    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ("Unable to validate the following destination configurations", "needs a policy that allows sns:Publish"),
            ("Configurations overlap", "notifies another receiver of the same objects"),
        ],
    )
    def test_that_s3_refuses(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch, clock: Clock, message: str, advice: str
    ) -> None:
        """A topic's policy may not be known everywhere yet, so that refusal is retried for some seconds."""
        from botocore.exceptions import ClientError

        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "InvalidArgument", "Message": message}}, "PutBucketNotification")

        monkeypatch.setattr(aws.client("s3"), "put_bucket_notification_configuration", refuse)
        line = refused("provision", "--yes", "--bucket-notifications", bucket)
        assert advice in line
        assert line.endswith(f"the stack {bucket} is complete: run this command again when that is fixed")
        assert clock.seconds == (PATIENCE if "validate" in message else 0)

    def test_of_a_bucket_of_another_account(self, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        from botocore.exceptions import ClientError

        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

        monkeypatch.setattr(aws.client("s3"), "head_bucket", refuse)
        line = refused("provision", "--yes", "--bucket-notifications", bucket)
        assert "these credentials may not call HeadBucket (Forbidden)" in line


class TestBadAccess:
    @pytest.fixture(autouse=True)
    def clients(self) -> Iterator[None]:
        """New clients, for the environment of the test."""
        aws.reset()
        yield
        aws.reset()

    def test_without_credentials(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name)
        assert "there are no AWS credentials; log in" in refused("provision", "--yes")

    def test_without_a_region(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        line = refused("provision", "--yes")
        assert "no region is set; set AWS_REGION" in line
        assert line.count("set AWS_REGION") == 1

    def test_in_the_region_of_aws_region(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As with AWS's own tools: boto3 and Chalice know only AWS_DEFAULT_REGION."""
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")  # The command sets it for Chalice.
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        assert run("provision", typed="n").output.startswith("account 123456789012, region us-west-2")
        regions: list[str] = []
        process = SimpleNamespace(returncode=0, stderr="")
        monkeypatch.setattr(
            subprocess, "run", lambda *_, env, **__: regions.append(env["AWS_DEFAULT_REGION"]) or process
        )
        chalice_command.run_chalice(read_stage("dev"), "deploy")
        assert regions == ["us-west-2"]

    def test_in_a_region_that_does_not_answer(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setattr("slips.aws.clients.ATTEMPTS", 1)
        assert "look at AWS_REGION and at the network" in refused("provision", "--yes")

    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            ("AccessDenied", "these credentials may not call CreateChangeSet (no); ask for that permission"),
            ("ExpiredToken", "the credentials have expired; log in again"),
            ("InvalidClientTokenId", "AWS does not know these credentials"),
            ("LimitExceeded", "CreateChangeSet was refused: LimitExceeded: no"),
        ],
    )
    def test_without_the_right(self, stack: str, monkeypatch: pytest.MonkeyPatch, code: str, advice: str) -> None:
        from botocore.exceptions import ClientError

        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateChangeSet")

        monkeypatch.setattr(aws.client("cloudformation"), "create_change_set", refuse)
        assert advice in refused("provision", "--yes")
        assert stack not in stacks()


class TestStages:
    def config(self, **stages: Any) -> None:
        Path(".chalice/config.json").write_text(json.dumps({"app_name": "app", "stages": stages}))

    def test_that_share_a_stack_are_refused(self, stack: str) -> None:
        self.config(dev={}, prod={})
        assert f"the stages dev and prod share the stack {stack}" in refused("provision", "--yes")

    def test_have_the_slips_yml_of_their_variables(self, stack: str) -> None:
        Path("prod.yml").write_text(f"stack_name: {stack}-prod\n")
        self.config(dev={}, prod={"environment_variables": {"SLIPS_CONFIG": "prod.yml"}})
        template_resources = json.loads(run("provision", "--stage", "prod", "--template").output)["Resources"]
        assert template_resources["FastLane"]["Properties"]["Name"] == f"{stack}-prod-fast"
        (dimension,) = template_resources["FunctionDispatchFailedAlarm"]["Properties"]["Dimensions"]
        assert dimension["Value"] == "app-prod-dispatch"

    def test_that_do_not_exist_are_named_with_those_that_do(self, stack: str) -> None:
        result = run("provision", "--stage", "test")
        assert result.exit_code == 2
        assert "stages.test: there is no such stage, only dev" in result.output

    def test_whose_slips_yml_would_not_be_packaged_are_not_deployed(self, stack: str) -> None:
        assert "run: ln -s ../slips.yml vendor/slips.yml" in refused("deploy", "--yes")
        assert stack not in stacks()


def test_destroy_keeps_the_data_and_says_so(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command, **_: None)
    run("provision", "--yes")
    result = run("destroy", typed="y\n")
    assert result.exit_code == 0, result.output
    assert stack not in stacks()
    for line in ("stream {}-fast", "table {}-errors", "table {}-ledger", "queue {}-redrive"):
        assert f"kept: {line.format(stack)}" in result.output
    assert run("destroy", "--data", typed="something\n").exit_code == 1
    sqs = aws.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{stack}-redrive")["QueueUrl"], MessageBody="a")
    result = run("destroy", "--data", typed=f"{stack}\n")
    assert f"Delete  queue {stack}-redrive, with its data: about 1 message" in result.output
    assert sqs.list_queues(QueueNamePrefix=f"{stack}-redrive").get("QueueUrls", []) == []
    assert f"deleted: table {stack}-ledger" in result.output
    assert f"{stack}-fast" not in aws.client("kinesis").list_streams()["StreamNames"]
    assert "kept" not in run("destroy", "--yes").output


@pytest.mark.parametrize(
    ("description", "says"),
    [
        ({"StackStatus": "UPDATE_IN_PROGRESS"}, "is UPDATE_IN_PROGRESS: somebody is changing it; wait"),
        ({"StackStatus": "CREATE_COMPLETE", "EnableTerminationProtection": True}, "update-termination-protection"),
    ],
)
def test_destroy_of_a_stack_that_cannot_be_deleted_removes_nothing(
    stack: str, monkeypatch: pytest.MonkeyPatch, description: dict[str, Any], says: str
) -> None:
    called: list[str] = []
    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command, **_: called.append(command))
    tagged = {**description, "Tags": [{"Key": "slips:stack", "Value": stack}]}
    monkeypatch.setattr(aws.client("cloudformation"), "describe_stacks", lambda **_: {"Stacks": [tagged]})
    assert says in refused("destroy", "--yes")
    assert called == []


@pytest.mark.parametrize("option", ["-p", "-y", "-s"])
def test_old_options_of_deploy_say_what_replaces_them(stack: str, option: str) -> None:
    result = run("deploy", option, "x", "--yes")
    assert result.output.startswith(f"{option}/--")
    assert "no longer has an effect" in result.output


def test_a_dry_run_changes_nothing(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}
    monkeypatch.setattr(aws.client("lambda"), "get_account_settings", lambda: limit)  # The emulator lacks it.
    Path("vendor").mkdir()
    Path("vendor/slips.yml").symlink_to("../slips.yml")
    result = run("deploy", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "Add     AWS::DynamoDB::Table       ErrorTable" in result.output
    assert "Write   .chalice/policy-dev-dispatch.json" in result.output
    assert "Create  function app-dev-report" in result.output
    assert "Run     chalice deploy --stage dev" in result.output
    assert result.output.endswith("nothing was changed\n")
    assert stack not in stacks()
    assert not list(Path(".chalice").glob("policy-*"))
    aws.client("kinesis").create_stream(StreamName=f"{stack}-fast", ShardCount=1)
    assert f"{stack}-fast: exists already" in refused("deploy", "--dry-run")
    assert f"Import  {stack}-fast\n" in run("deploy", "--dry-run", "--adopt").output
