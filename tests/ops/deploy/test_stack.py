"""The CloudFormation template of production."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint, lint_all

from slips.config import Bucket, Config, LaneConfig, Mapping, Topic
from slips.ops.deploy.stack import template

from ...builders import config
from ...config.written import KEY

GIVEN = config(
    topics=(Topic("landed", "arn:aws:sns:eu-central-1:111122223333:landed"),),
    fast=LaneConfig(name="fast", stream="a", stream_arn="arn:aws:kinesis:eu-central-1:111122223333:stream/a"),
    slow=LaneConfig(name="slow", stream="b", stream_arn="arn:aws:kinesis:eu-central-1:111122223333:stream/b"),
    error_table="e",
    error_table_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/e",
    dead_letters="arn:aws:sns:eu-central-1:111122223333:dead",
)


REQUIRED = config(
    tags={"team": "security", "cost-center": "1234"},
    kms_keys=(KEY,),
    deletion_protection=True,
    buckets={"logs": Bucket(expected_owner="111122223333")},
)
"""With what companies require."""
REGIONS = ["eu-central-1", "us-east-1", "ap-southeast-2", "sa-east-1", "eu-west-1", "us-gov-west-1"]


def types(document: dict[str, Any]) -> list[str]:
    """The types of what carries data, without alarms and dashboard."""
    kinds = {name: each["Type"] for name, each in document["Resources"].items() if not name.startswith("Alarms")}
    return sorted(kind for kind in kinds.values() if not kind.startswith("AWS::CloudWatch"))


def alarms(document: dict[str, Any]) -> dict[str, Any]:
    resources = document["Resources"].values()
    alarms = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::CloudWatch::Alarm"]
    return {alarm["AlarmName"].removeprefix("slips-"): alarm for alarm in alarms}


def widgets(document: dict[str, Any]) -> list[Any]:
    body = document["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return [each["properties"] for each in json.loads(body)["widgets"]]


FUNCTIONS = {"dispatch": "slips-dev-dispatch", "process_fast": "slips-dev-process_fast", "api_handler": "slips-dev"}


@pytest.mark.parametrize("settings", [config(), GIVEN], ids=["all created", "all given"])
@pytest.mark.parametrize("buckets", [(), ("logs", "more-logs")])
def test_the_template_passes_cfn_lint(settings: Config, buckets: tuple[str, ...]) -> None:
    matches = lint_all(json.dumps(template(settings, buckets=buckets, functions=FUNCTIONS, api="slips")))
    faults = [f"{each.rule.id} {each.message}" for each in matches]
    assert [fault for fault in faults if not fault.startswith("I")] == []  # Errors and warnings; no advice.


@pytest.mark.parametrize("settings", [config(), GIVEN, REQUIRED], ids=["all created", "all given", "all required"])
def test_the_template_passes_cfn_lint_in_every_region(settings: Config) -> None:
    document = json.dumps(template(settings, functions=FUNCTIONS, api="slips"))
    assert [f"{each.rule.id} {each.message}" for each in lint(document, regions=REGIONS)] == []


def test_what_an_arn_names_is_not_created() -> None:
    # The ledger and the queue, which no key of slips.yml names.
    assert types(template(GIVEN)) == ["AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy"]


def test_everything_else_is_created() -> None:
    assert types(template(config())) == [
        "AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::Kinesis::Stream",
        "AWS::SNS::Topic", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
    ]  # fmt: skip


def test_data_outlives_the_stack() -> None:
    kinds = ("Table", "Stream", "Queue")
    stores = [each for each in template(config())["Resources"].values() if each["Type"].endswith(kinds)]
    assert len(stores) == 5
    assert {each["DeletionPolicy"] for each in stores} == {"Retain"}


HERE = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def conditions(document: dict[str, Any], topic: str = "TopicS3") -> list[Any]:
    """Under which a service may publish to the topic."""
    return [
        each["Condition"]
        for each in document["Resources"][f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    ]


class TestATopic:
    def test_takes_messages_of_its_own_account_only(self) -> None:
        for settings in (config(), config(mappings=())):
            for topic in ("TopicS3", "DeadLetters", "Alarms"):
                (condition,) = conditions(template(settings), topic)
                assert condition["StringEquals"] == HERE["StringEquals"]

    def test_takes_notifications_of_the_mapped_buckets_only(self) -> None:
        mappings = tuple(Mapping(bucket=name, chain=("s3-lines", "syslog")) for name in ("b", "a", "b"))
        sources = ["arn:*:s3:::a", "arn:*:s3:::b"]
        assert conditions(template(config(mappings=mappings))) == [{**HERE, "ArnLike": {"aws:SourceArn": sources}}]

    def test_takes_those_of_the_buckets_that_the_template_creates(self) -> None:
        (condition,) = conditions(template(config(), buckets=("more",)))
        assert condition["ArnLike"]["aws:SourceArn"] == ["arn:*:s3:::logs", "arn:*:s3:::more"]

    def test_takes_those_of_any_bucket_of_the_account_where_nothing_is_mapped(self) -> None:
        assert conditions(template(config(mappings=()))) == [HERE]

    def test_takes_those_of_another_accounts_buckets_from_that_account(self) -> None:
        buckets = {
            "one": Bucket(expected_owner="111122223333"),
            "two": Bucket(role_arn="arn:aws:iam::111122223333:role/r"),
            "three": Bucket(role_arn="arn:aws:iam::111122223333:role/r", expected_owner="444455556666"),
        }
        mappings = tuple(Mapping(bucket=name, chain=("s3-lines", "syslog")) for name in ("logs", *buckets))
        assert conditions(template(config(mappings=mappings, buckets=buckets))) == [
            {**HERE, "ArnLike": {"aws:SourceArn": ["arn:*:s3:::logs"]}},
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": ["arn:*:s3:::one", "arn:*:s3:::two"]},
            },
            {"StringEquals": {"aws:SourceAccount": "444455556666"}, "ArnLike": {"aws:SourceArn": ["arn:*:s3:::three"]}},
        ]

    def test_of_the_alarms_takes_what_cloudwatch_says(self) -> None:
        assert conditions(template(config()), "Alarms") == conditions(template(config()), "DeadLetters") == [HERE]


def test_a_lane_is_on_demand_unless_it_has_shards() -> None:
    lane = LaneConfig(name="slow", stream="slips-slow", shards=3)
    resources = template(config(slow=lane))["Resources"]
    assert resources["FastLane"]["Properties"]["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert resources["SlowLane"]["Properties"]["ShardCount"] == 3


class TestTheRedriveQueue:
    def test_keeps_messages_for_as_long_as_sqs_can(self) -> None:
        queue = template(REQUIRED)["Resources"]["Redrive"]["Properties"]
        assert (queue["QueueName"], queue["MessageRetentionPeriod"]) == ("slips-redrive", 1_209_600)
        assert {tag["Key"] for tag in queue["Tags"]} == {"team", "cost-center", "slips:stack"}

    def test_is_encrypted_with_the_key_of_slips_yml_or_else_by_sqs(self) -> None:
        keys = ("KmsMasterKeyId", "SqsManagedSseEnabled")
        queues = [template(each)["Resources"]["Redrive"]["Properties"] for each in (REQUIRED, config())]
        assert [[queue.get(key) for key in keys] for queue in queues] == [[KEY, None], [None, True]]

    @pytest.mark.parametrize(
        ("settings", "topics"),
        [
            (config(), [{"Ref": "TopicS3"}, {"Ref": "DeadLetters"}]),
            (GIVEN, ["arn:aws:sns:eu-central-1:111122223333:landed", "arn:aws:sns:eu-central-1:111122223333:dead"]),
        ],
        ids=["created", "given"],
    )
    def test_takes_what_our_topics_could_not_deliver_and_nothing_else(
        self, settings: Config, topics: list[object]
    ) -> None:
        policy = template(settings)["Resources"]["RedrivePolicy"]["Properties"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert policy["Queues"] == [{"Ref": "Redrive"}]
        assert statement == {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": {"Fn::GetAtt": ["Redrive", "Arn"]}, "Condition": {"ArnEquals": {"aws:SourceArn": topics}},
        }  # fmt: skip


class TestTheAlarms:
    def test_watch_what_an_arn_names(self) -> None:
        watched = alarms(template(GIVEN))
        assert watched["fast-late"]["Dimensions"] == [{"Name": "StreamName", "Value": "a"}]
        assert watched["dead-letters"]["Dimensions"] == [{"Name": "TopicName", "Value": "dead"}]
        assert '"Value": "e"' in json.dumps(watched["e-throttled"]["Metrics"])

    def test_notify_a_topic_that_cloudwatch_may_publish_to(self) -> None:
        document = template(config(), functions=FUNCTIONS)
        assert {json.dumps(each["AlarmActions"]) for each in alarms(document).values()} == {'[{"Ref": "Alarms"}]'}
        (statement,) = document["Resources"]["AlarmsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}

    def test_of_a_function_name_it_as_it_is_deployed(self) -> None:
        alarm = alarms(template(config(), functions=FUNCTIONS))["function-api_handler-failed"]
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "slips-dev"}]

    def test_of_functions_have_names_that_no_other_has(self) -> None:
        """Lambda functions are named after topics, and a topic may have the name of a lane or a table."""
        names = ["fast", "fast-lane", "error-table", "errors", "slow"]
        document = template(config(), functions={name: name for name in names})
        assert len(alarms(document)) == len(alarms(template(config()))) + 5 + 3
        assert len(document["Resources"]) == len(template(config())["Resources"]) + 5 + 3


class TestTheDashboard:
    def test_is_drawn_in_the_stacks_own_region(self) -> None:
        drawn = widgets(template(config(), functions=FUNCTIONS))
        assert {each["region"] for each in drawn} == {"${AWS::Region}"}

    def test_draws_by_format_and_lane_also_formats_that_are_added_later(self) -> None:
        text = json.dumps(widgets(template(config())))
        for metric in ("Objects", "Events", "Bytes", "Age", "Seconds", "Quarantined"):
            assert f'{{SLIPS,stack,lane,format}} MetricName=\\\\\\"{metric}\\\\\\" stack=' in json.dumps(text)

    def test_writes_a_dot_for_what_is_as_in_the_line_before(self) -> None:
        [drawn] = [each for each in widgets(template(config(), functions=FUNCTIONS)) if each["title"] == "Invocations"]
        assert drawn["metrics"] == [
            ["AWS/Lambda", "Invocations", "FunctionName", "slips-dev-dispatch", {"label": "dispatch"}],
            [".", ".", ".", "slips-dev-process_fast", {"label": "process_fast"}],
            [".", ".", ".", "slips-dev", {"label": "api_handler"}],
        ]
        [records] = [each for each in widgets(template(config())) if each["title"] == "Records of the lanes"]
        assert [line[:4] for line in records["metrics"]] == [
            ["AWS/Kinesis", "IncomingRecords", "StreamName", "slips-fast"], [".", "GetRecords.Records", ".", "."],
            [".", "IncomingRecords", ".", "slips-slow"], [".", "GetRecords.Records", ".", "."],
        ]  # fmt: skip

    def test_draws_functions_where_there_are_some(self) -> None:
        titles = {each["title"] for each in widgets(template(config()))}
        assert "Invocations" not in titles
        assert "Invocations" in {each["title"] for each in widgets(template(config(), functions=FUNCTIONS))}
