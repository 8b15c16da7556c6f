"""Alarms on what must not go unnoticed, and the topic that they tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....config import Config
from ....observability.metrics import NAMESPACE

LATE_SECONDS = 3600
"""A record that waits an hour: half a per cent of a stream's week."""

Names = Mapping[str, Any]
"""Lambda functions by the name that app.py gives them: their name in the account, or a reference to it."""


def alarm_topic(config: Config) -> dict[str, Any]:
    """Where alarms go. Nobody is subscribed: who wants mail, subscribes."""
    return {
        "Alarms": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": config.alarm_topic}},
        "AlarmsPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "Alarms"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": "sns:Publish",
                            "Resource": {"Ref": "Alarms"},
                            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                        }
                    ],
                },
            },
        },
    }


def stack_alarms(config: Config) -> dict[str, Any]:
    """Alarms of streams, tables and of what the functions count."""
    made = {
        "ErrorItemsAlarm": _counted(config, "ErrorItems", "something failed anew; `slips errors --group` tells why"),
        "UnbalancedAlarm": _counted(config, "Unbalanced", "an object's books do not balance: this is a fault of SLIPS"),
        "DeadLettersAlarm": _alarm(
            config, "dead-letters", "Lambda or SNS gave up on something; `slips errors` lists it",
            _metric("AWS/SNS", "NumberOfMessagesPublished", {"TopicName": config.dead_letters.rpartition(":")[2]}),
            passes=False,
        ),
    }  # fmt: skip
    for lane in (config.fast, config.slow):
        name = lane.name.capitalize()
        dimension = {"StreamName": lane.stream}
        made[f"{name}LaneLateAlarm"] = _alarm(
            config, f"{lane.name}-late",
            f"the {lane.name} lane is an hour behind: docs/scale.md says what to raise",
            _metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", dimension, "Maximum"),
            threshold=LATE_SECONDS * 1000,
        )  # fmt: skip
        made[f"{name}LaneThrottledAlarm"] = _alarm(
            config, f"{lane.name}-throttled", f"the {lane.name} lane has too few shards for what is put into it",
            _metric("AWS/Kinesis", "WriteProvisionedThroughputExceeded", dimension), periods=3,
        )  # fmt: skip
    for logical, table in (("ErrorTable", config.error_table), ("LedgerTable", config.ledger_table)):
        made[f"{logical}ThrottledAlarm"] = _alarm(
            config, f"{table.removeprefix(config.stack_name + '-')}-throttled", f"DynamoDB throttles writes to {table}",
            _metric("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": table}), periods=3,
        )  # fmt: skip
    return made


def function_alarms(config: Config, names: Names) -> dict[str, Any]:
    """Alarms of the Lambda functions: what they raise, and what was not let run."""
    made = {}
    for name, deployed in names.items():
        # The names of the functions are the user's, in part: apart from those of streams and tables.
        logical = "Function" + "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
        dimension = {"FunctionName": deployed}
        made[f"{logical}FailedAlarm"] = _alarm(
            config, f"function-{name}-failed", f"the function {name} fails as a whole; its log says why",
            _metric("AWS/Lambda", "Errors", dimension),
        )  # fmt: skip
        made[f"{logical}ThrottledAlarm"] = _alarm(
            config, f"function-{name}-throttled", f"the function {name} was not let run: concurrency is used up",
            _metric("AWS/Lambda", "Throttles", dimension), periods=3,
        )  # fmt: skip
    return made


def _counted(config: Config, metric: str, text: str) -> dict[str, Any]:
    found = _metric(NAMESPACE, metric, {"stack": config.stack_name})
    return _alarm(config, "error-items" if metric == "ErrorItems" else metric.lower(), text, found, passes=False)


def _metric(namespace: str, name: str, dimensions: Names, statistic: str = "Sum") -> dict[str, Any]:
    named = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": named, "Statistic": statistic, "Period": 300}


def _alarm(
    config: Config,
    name: str,
    text: str,
    metric: dict[str, Any],
    *,
    threshold: int = 1,
    periods: int = 1,
    passes: bool = True,
) -> dict[str, Any]:
    """`passes` is whether the end of the alarm is the end of what it tells of: five minutes without another failure
    leave the failed ones as open as they were, and a mail that says OK would say the opposite."""
    told = [{"Ref": "Alarms"}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": f"{config.stack_name}-{name}",
            "AlarmDescription": text,
            **metric,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": threshold,
            "EvaluationPeriods": periods,
            "TreatMissingData": "notBreaching",
            "AlarmActions": told,
            **({"OKActions": told} if passes else {}),
        },
    }
