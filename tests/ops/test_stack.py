"""The CloudFormation template of production."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint_all

from chalicelib.config import Config, LaneConfig, Topic
from chalicelib.ops.stack import template

from ..builders import config

GIVEN = config(
    topics=(Topic("landed", "arn:aws:sns:eu-central-1:111122223333:landed"),),
    fast=LaneConfig(name="fast", stream="a", stream_arn="arn:aws:kinesis:eu-central-1:111122223333:stream/a"),
    slow=LaneConfig(name="slow", stream="b", stream_arn="arn:aws:kinesis:eu-central-1:111122223333:stream/b"),
    error_table="e",
    error_table_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/e",
    dead_letters="arn:aws:sns:eu-central-1:111122223333:dead",
)


def types(made: dict[str, Any]) -> list[str]:
    return sorted(resource["Type"] for resource in made["Resources"].values())


@pytest.mark.parametrize("made", [config(), GIVEN], ids=["all made", "all given"])
@pytest.mark.parametrize("buckets", [(), ("logs", "more-logs")])
def test_the_template_passes_cfn_lint(made: Config, buckets: tuple[str, ...]) -> None:
    found = lint_all(json.dumps(template(made, buckets=buckets)))
    faults = [f"{each.rule.id} {each.message}" for each in found]
    assert [fault for fault in faults if not fault.startswith("I")] == []  # Errors and warnings; no advice.


def test_what_an_arn_names_is_not_created() -> None:
    assert types(template(GIVEN)) == ["AWS::DynamoDB::Table"]  # The ledger, which no key of slips.yml names.


def test_everything_else_is_created() -> None:
    assert types(template(config())) == [
        "AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::Kinesis::Stream",
        "AWS::SNS::Topic", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::TopicPolicy",
    ]  # fmt: skip


def test_data_outlives_the_stack() -> None:
    kept = [each for each in template(config())["Resources"].values() if each["Type"].endswith(("Table", "Stream"))]
    assert {each["DeletionPolicy"] for each in kept} == {"Retain"}


def test_a_topic_takes_messages_of_its_own_account_only() -> None:
    policies = [each for each in template(config())["Resources"].values() if each["Type"] == "AWS::SNS::TopicPolicy"]
    for policy in policies:
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_a_lane_is_on_demand_unless_it_has_shards() -> None:
    lane = LaneConfig(name="slow", stream="slips-slow", shards=3)
    resources = template(config(slow=lane))["Resources"]
    assert resources["FastLane"]["Properties"]["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert resources["SlowLane"]["Properties"]["ShardCount"] == 3
