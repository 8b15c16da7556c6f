"""What somebody deleted or changed by hand of what a stack made. CloudFormation compares templates, and sees none of
it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ... import aws
from ..aws_errors import explain_aws_errors, look_up
from .account import AwsAccount
from .account_resources import find_queue, find_stream, find_table, find_topic

Resources = Mapping[str, Any]
"""The resources of a template by their logical ids."""
ALARMS = 100
"""Names in a request (CloudWatch API, DescribeAlarms)."""
DELETED, CHANGED = "was deleted by hand", "was changed by hand"
_LOST = {
    "AWS::SNS::Topic": ", and its subscriptions with it (`slips deploy` renews those of the functions)",
    "AWS::Kinesis::Stream": ", with what waited in it (`slips backfill --since` finds it in S3); it comes back EMPTY",
    # Amazon DynamoDB Developer Guide, "Point-in-time recovery": a system backup, for 35 days.
    "AWS::DynamoDB::Table": (
        "; it comes back EMPTY, unless you restore it first (aws dynamodb list-backups --backup-type SYSTEM "
        "--table-name {name})"
    ),
    "AWS::SQS::Queue": ", with what waited in it (`slips backfill --since` finds it in S3); it comes back EMPTY",
}


class ManualChange(NamedTuple):
    """A resource that is not as the stack made it. `slips provision` restores it."""

    logical: str
    kind: str
    """As CloudFormation names it: AWS::SNS::Topic."""
    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}{_LOST.get(self.kind, '').format(name=self.name.partition(' ')[2])}"


def find_manual_changes(resources: Resources, account: AwsAccount) -> Iterator[ManualChange]:
    """Find what is not as these resources of a stack say. Of streams, tables and queues only the missing ones:
    nobody can restore a changed one without its data. Raises DeploymentError."""
    comparison = _Comparison(resources, account)
    for logical, resource in resources.items():
        if compare := comparison.of_kind.get(resource["Type"]):
            name, problem = compare(resource.get("Properties", {}))
            if problem:
                yield ManualChange(logical, resource["Type"], name, problem)


_Result = tuple[str, str]
"""The name of a resource, and what is wrong with it; empty where nothing is."""


class _Comparison:
    def __init__(self, resources: Resources, account: AwsAccount) -> None:
        self._resources, self._account = resources, account
        self.of_kind: dict[str, Callable[[Any], _Result]] = {
            "AWS::CloudWatch::Alarm": self._alarm,
            "AWS::CloudWatch::Dashboard": self._dashboard,
            "AWS::DynamoDB::Table": lambda properties: _missing("table", properties["TableName"], find_table),
            "AWS::Kinesis::Stream": lambda properties: _missing("stream", properties["Name"], find_stream),
            "AWS::SNS::Topic": self._topic,
            "AWS::SNS::TopicPolicy": self._topic_policy,
            "AWS::SQS::Queue": lambda properties: _missing("queue", properties["QueueName"], find_queue),
            "AWS::SQS::QueuePolicy": self._queue_policy,
        }

    def _topic(self, properties: Any) -> _Result:
        return _missing("topic", properties["TopicName"], lambda name: find_topic(self._account.arn("sns", name)))

    def _topic_policy(self, properties: Any) -> _Result:
        expected = self._resolve(properties)
        [arn] = expected["Topics"]
        response = find_topic(arn)
        policy = json.loads(response["Attributes"].get("Policy", "{}")) if response else expected["PolicyDocument"]
        return f"policy of topic {arn.rpartition(':')[2]}", _compare_policies(policy, expected)

    def _queue_policy(self, properties: Any) -> _Result:
        expected = self._resolve(properties)
        [name] = expected["Queues"]
        queue = find_queue(name)
        policy = json.loads(queue.get("Policy", "{}")) if queue else expected["PolicyDocument"]
        return f"policy of queue {name}", _compare_policies(policy, expected)

    def _alarm(self, properties: Any) -> _Result:
        expected = {"ActionsEnabled": True, "OKActions": [], **self._resolve(properties)}
        name, actual = f"alarm {expected['AlarmName']}", self._alarms.get(expected["AlarmName"])
        if actual is None:
            return name, DELETED
        different = sorted(key for key, value in expected.items() if _normalize(actual.get(key)) != _normalize(value))
        return name, f"{CHANGED} ({', '.join(different)})" if different else ""

    @cached_property
    def _alarms(self) -> dict[str, Any]:
        kind = "AWS::CloudWatch::Alarm"
        names = [each["Properties"]["AlarmName"] for each in self._resources.values() if each["Type"] == kind]
        paginator = aws.client("cloudwatch").get_paginator("describe_alarms")
        with explain_aws_errors("the alarms"):
            return {
                alarm["AlarmName"]: alarm
                for first in range(0, len(names), ALARMS)
                for page in paginator.paginate(AlarmNames=names[first : first + ALARMS])
                for alarm in page["MetricAlarms"]
            }

    def _dashboard(self, properties: Any) -> _Result:
        expected = self._resolve(properties)
        name = expected["DashboardName"]
        response = look_up(f"the dashboard {name}", aws.client("cloudwatch").get_dashboard, DashboardName=name)
        if response is None:
            return f"dashboard {name}", DELETED
        is_same = json.loads(response["DashboardBody"]) == json.loads(expected["DashboardBody"])
        return f"dashboard {name}", "" if is_same else CHANGED

    def _resolve(self, value: Any) -> Any:
        """Replace the references of a template, as far as ours has any: to topics, to the queue, and to account
        and region."""
        match value:
            case {"Ref": str(name)}:
                return self._reference(name)
            case {"Fn::GetAtt": [str(name), "Arn"]}:
                return self._account.arn("sqs", self._reference(name))
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([\w:]+)\}", lambda match: self._reference(match[1]), text)
            case dict():
                return {key: self._resolve(each) for key, each in value.items()}
            case list():
                return [self._resolve(each) for each in value]
        return value

    def _reference(self, name: str) -> str:
        here = self._account
        pseudo = {"AWS::AccountId": here.id, "AWS::Partition": here.partition, "AWS::Region": here.region}
        if name in pseudo:
            return pseudo[name]
        properties = self._resources[name]["Properties"]
        return str(properties.get("QueueName") or here.arn("sns", properties["TopicName"]))


def _compare_policies(actual: Any, expected: Any) -> str:
    is_same = _normalize(actual.get("Statement")) == _normalize(expected["PolicyDocument"]["Statement"])
    return "" if is_same else CHANGED


def _missing(kind: str, name: str, find: Callable[[str], Any]) -> _Result:
    return f"{kind} {name}", "" if find(name) else DELETED


def _normalize(value: Any) -> Any:
    """AWS may answer with a list of one for a single value, and with lists in another order."""
    if isinstance(value, dict):
        return {key: _normalize(each) for key, each in value.items()}
    if isinstance(value, list):
        return _normalize(value[0]) if len(value) == 1 else sorted(map(_normalize, value), key=repr)
    return value
