"""Stacks that SLIPS did not create, and what is in that which a change of the stack removes."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from slips import aws
from slips.errors import DeploymentError
from slips.ops.cli import main
from slips.ops.deploy import chalice_command, contents
from slips.ops.deploy.account import current_account
from slips.ops.deploy.account_resources import find_table
from slips.ops.deploy.change_set import stack_status
from slips.ops.deploy.contents import KINDS, describe_contents
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import read_stage

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
STREAM, TABLE, QUEUE, TOPIC = (
    "AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic",
)  # fmt: skip


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project in this folder whose stack has this name; nothing of it is in the account."""
    name = f"removals-{next(_number)}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "slips.yml").symlink_to("../slips.yml")
    write(name)
    return name


def write(stack: str, backend: str = "{}") -> None:
    Path("slips.yml").write_text(f"stack_name: {stack}\nbackend: {backend}\n")


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def resource(kind: str, name: str) -> dict[str, Any]:
    """A resource of somebody's template."""
    properties: dict[str, Any] = {
        STREAM: {
            "Name": name, "ShardCount": 1,
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "StreamEncryption": {"EncryptionType": "NONE", "KeyId": ""},
        },
        TABLE: {
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": True},
            "SSESpecification": {"SSEEnabled": True},
        },
        QUEUE: {"QueueName": name},
        TOPIC: {"TopicName": name},
    }[kind]  # fmt: skip
    return {"Type": kind, "Properties": properties}


@pytest.fixture
def foreign(stack: str) -> str:
    """A stack of that name that somebody else created, with a stream, a table, a queue and a topic."""
    document = {
        "Resources": {f"Old{kind[5:8]}": resource(kind, f"{stack}-old") for kind in (STREAM, TABLE, QUEUE, TOPIC)}
    }
    aws.client("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps(document))
    return stack


def fill(stack: str) -> None:
    """Put two records, an item and a message into what the stack holds, and subscribe to its topic."""
    for number in range(2):
        aws.client("kinesis").put_record(StreamName=f"{stack}-old", Data=b"{}", PartitionKey=str(number))
    aws.client("dynamodb").put_item(TableName=f"{stack}-old", Item={"k": {"S": "a"}})
    sqs = aws.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{stack}-old")["QueueUrl"], MessageBody="a")


class TestAStackThatSlipsDidNotCreate:
    @pytest.mark.parametrize(
        "command",
        [
            ("provision", "--yes"),
            ("deploy", "--yes"),
            ("destroy", "--yes"),
            ("destroy", "--yes", "--data"),
            ("limit", "fast", "--delay", "3"),
        ],
        ids=" ".join,
    )
    def test_is_neither_changed_nor_removed(
        self, foreign: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chalice_command, "run_chalice", lambda *_, **__: pytest.fail("chalice ran"))
        result = run(*command)
        assert result.exit_code == 1
        line = result.output.splitlines()[-1]
        assert line.startswith(f"Error: the stack {foreign} was not created by SLIPS: it has no tag slips:stack")
        assert line.endswith("Nothing was changed")
        assert aws.client("kinesis").describe_stream_summary(StreamName=f"{foreign}-old")

    def test_is_not_limited_by_its_name_either(self, foreign: str) -> None:
        assert "was not created by SLIPS" in run("limit", "fast", "-s", foreign).output

    def test_that_carries_the_tag_of_another_stack_is_not_ours(self, stack: str) -> None:
        tags: Any = [{"Key": "slips:stack", "Value": "other"}]
        document = {"Resources": {"Old": resource(QUEUE, f"{stack}-old")}}
        aws.client("cloudformation").create_stack(StackName=stack, TemplateBody=json.dumps(document), Tags=tags)
        assert "was not created by SLIPS" in run("provision", "--yes").output

    def test_is_adopted_on_request(self, foreign: str) -> None:
        result = run("provision", "--adopt-stack", "--yes")
        assert result.exit_code == 0, result.output
        assert f"Remove  {STREAM}       OldKin  its data goes: no records" in result.output
        assert run("provision", "--yes").output.endswith("nothing to change\n")  # From then on it is ours.

    def test_is_not_compared_with_what_slips_makes(self, foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its topics may have no name, and their policies no condition."""
        policy = {"PolicyDocument": {"Statement": [{"Effect": "Allow"}]}}
        topics = {"A": {"Type": TOPIC, "Properties": {}}, "B": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy}}
        for module in ("restoration", "unmapped_buckets"):
            monkeypatch.setattr(f"slips.ops.deploy.{module}.deployed_template", lambda _: {"Resources": topics})
        plan = plan_provision(read_stage("dev"), current_account(), adopt_stack=True)
        assert plan.stack.restorations == ()
        plan.discard()


class TestDataThatAChangeRemoves:
    def test_is_shown_and_stays_without_a_second_option(self, foreign: str) -> None:
        fill(foreign)
        for arguments in ((), ("--yes",)):
            result = run("provision", "--adopt-stack", *arguments)
            assert result.exit_code == 1
            lines = result.output.splitlines()
            assert f"Remove  {TABLE}       OldDyn  its data goes: 1 item" in lines
            assert f"Remove  {QUEUE}            OldSQS  its data goes: about 1 message" in lines
            assert f"Remove  {TOPIC}            OldSNS  its subscriptions end: nobody" in lines
            (stream,) = (line for line in lines if line.startswith(f"Remove  {STREAM}"))
            assert "OldKin  its data goes: 2 records, the oldest of 20" in stream
            assert lines[-1].startswith("Error: OldKin, OldDyn, OldSQS: would be deleted with its data; nothing was")
        assert aws.client("dynamodb").scan(TableName=f"{foreign}-old")["Count"] == 1
        change_sets = aws.client("cloudformation").list_change_sets(StackName=foreign)["Summaries"]
        assert not [each for each in change_sets if each["StackName"] == foreign]  # The emulator lists those of all.

    def test_goes_with_that_option(self, foreign: str) -> None:
        fill(foreign)
        result = run("provision", "--adopt-stack", "--yes", "--remove-data")
        assert result.exit_code == 0, result.output
        assert find_table(f"{foreign}-old") is None

    def test_is_still_asked_for(self, foreign: str) -> None:
        fill(foreign)
        assert run("provision", "--adopt-stack", "--remove-data", typed="n\n").exit_code == 1
        assert find_table(f"{foreign}-old") is not None

    def test_is_shown_by_a_dry_run(self, foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
        limit = {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}
        monkeypatch.setattr(aws.client("lambda"), "get_account_settings", lambda: limit)  # The emulator lacks it.
        fill(foreign)
        result = run("deploy", "--adopt-stack", "--dry-run")
        assert (result.exit_code, "its data goes: 1 item" in result.output) == (0, True), result.output

    def test_of_a_stream_of_ours_stays_in_the_account(self, stack: str) -> None:
        """It is out of the stack, with what is in it: its DeletionPolicy is Retain."""
        run("provision", "--yes")
        aws.client("kinesis").put_record(StreamName=f"{stack}-fast", Data=b"{}", PartitionKey="a")
        aws.client("kinesis").create_stream(StreamName=f"{stack}-own", ShardCount=1)
        arn = current_account().arn("kinesis", f"stream/{stack}-own")
        write(stack, f"{{kinesis_stream_fast_arn: '{arn}'}}")
        result = run("provision", "--yes")
        assert result.exit_code == 0, result.output
        assert (
            f"Remove  {STREAM}       FastLane  stays in the account, and its data: 1 record, the oldest"
            in result.output
        )

    def test_of_a_replacement_goes_too(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        run("provision", "--yes")
        aws.client("dynamodb").put_item(TableName=f"{stack}-ledger", Item={"work_id": {"S": "a"}})
        change = {
            "Action": "Modify", "ResourceType": TABLE, "LogicalResourceId": "LedgerTable", "Replacement": "Conditional",
        }  # fmt: skip
        monkeypatch.setattr("slips.ops.deploy.change_set._raw_changes", lambda *_: [change])
        write(stack, "{lane: {slow: {shards: 2}}}")
        plan = plan_provision(read_stage("dev"), current_account())
        line = f"Modify  {TABLE}       LedgerTable  REPLACED: the new one has none of its data: 1 item"
        assert line in list(plan.lines())
        plan.discard()  # The old table stays in the account: its UpdateReplacePolicy is Retain.
        template: Any = {"Resources": {"LedgerTable": resource(TABLE, f"{stack}-ledger")}}
        monkeypatch.setattr("slips.ops.deploy.stack_removals.deployed_template", lambda _: template)
        with pytest.raises(DeploymentError, match="LedgerTable: would be deleted with its data"):
            plan_provision(read_stage("dev"), current_account()).execute(print)

    def test_of_a_removal_of_the_stage_is_shown(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chalice_command, "run_chalice", lambda *_, **__: None)
        run("provision", "--yes")
        aws.client("kinesis").put_record(StreamName=f"{stack}-slow", Data=b"{}", PartitionKey="a")
        output = run("destroy", "--yes").output
        assert f"Keep    stream {stack}-slow, with its data: 1 record, the oldest of" in output
        assert f"Keep    table {stack}-ledger, with its data: no items" in output
        assert stack_status(stack) == ""


class TestContents:
    def test_are_counted_up_to_a_bound(self, stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(contents, "MOST", 2)
        kinesis, dynamodb = aws.client("kinesis"), aws.client("dynamodb")
        kinesis.create_stream(StreamName=stack, ShardCount=2)
        for number in range(5):
            kinesis.put_record(StreamName=stack, Data=b"{}", PartitionKey=str(number))
        assert describe_contents(STREAM, stack).text.startswith("2 records or more, the oldest of 20")
        run("provision", "--yes")
        for number in range(3):
            dynamodb.put_item(TableName=f"{stack}-ledger", Item={"work_id": {"S": str(number)}})
        assert describe_contents(TABLE, f"{stack}-ledger") == ("2 items or more", False)

    def test_of_a_shard_that_begins_with_empty_pages_are_found(
        self, stack: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """GetRecords may give nothing at the beginning of a shard whose first records have expired."""
        kinesis = aws.client("kinesis")
        kinesis.create_stream(StreamName=stack, ShardCount=1)
        kinesis.put_record(StreamName=stack, Data=b"{}", PartitionKey="a")
        get, pages = kinesis.get_records, count()

        def get_records(**request: Any) -> Any:
            if next(pages):
                return get(**request)
            return {"Records": [], "NextShardIterator": request["ShardIterator"], "MillisBehindLatest": 1000}

        monkeypatch.setattr(kinesis, "get_records", get_records)
        assert describe_contents(STREAM, stack).text.startswith("1 record, the oldest")

    @pytest.mark.parametrize(
        ("kind", "service", "operation"),
        [
            (STREAM, "kinesis", "get_paginator"),
            (TABLE, "dynamodb", "scan"),
            (QUEUE, "sqs", "get_queue_attributes"),
            (TOPIC, "sns", "get_paginator"),
        ],
    )
    def test_that_may_not_be_looked_up_are_not_taken_for_none(
        self, kind: str, service: str, operation: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Read")

        monkeypatch.setattr(aws.client(service), operation, refuse)
        text, is_empty = describe_contents(kind, "x")
        assert text.startswith("its contents are unknown: ")
        assert "these credentials may not call Read" in text
        assert not is_empty

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_of_what_somebody_deleted_are_none(self, kind: str) -> None:
        names = {
            TOPIC: current_account().arn("sns", "nowhere"),
            QUEUE: f"{aws.client('sqs').meta.endpoint_url}/123456789012/nowhere",
        }
        assert describe_contents(kind, names.get(kind, "nowhere")).is_empty
