"""Alarms on what must not go unnoticed, and the topic that they notify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....config import Config
from ....observability.metrics import NAMESPACE
from .topics import topic_with_policy

LATE_SECONDS = 3600
"""A record that waits an hour: half a per cent of a stream's week."""

Names = Mapping[str, Any]
"""Lambda functions by their name in app.py: their name in the account, or a reference to it."""


def alarm_topic(config: Config) -> dict[str, Any]:
    """The topic of the alarms. Nobody is subscribed until you subscribe."""
    return topic_with_policy(config, "Alarms", config.alarm_topic, "cloudwatch.amazonaws.com")


def stack_alarms(config: Config) -> dict[str, Any]:
    """The alarms of streams, tables and of what the functions count."""
    alarms = {
        "ErrorItemsAlarm": _counter_alarm(config, "ErrorItems", "new failures; `slips errors --group` says why"),
        "UnbalancedAlarm": _counter_alarm(config, "Unbalanced", "an object's books do not balance: a bug in SLIPS"),
        "WaitingAlarm": _alarm(
            config, "waiting-long",
            f"what passes by itself has waited for {config.retry_alarm_after} seconds: `slips errors --group --state "
            "waiting` says what for; mend that, and it is delivered by itself",
            _metric(NAMESPACE, "OldestWaiting", {"stack": config.stack_name}, "Maximum"),
            threshold=config.retry_alarm_after,
        ),
        "DeadLettersAlarm": _alarm(
            config, "dead-letters", "Lambda or SNS gave up on something; `slips errors` lists it",
            _metric("AWS/SNS", "NumberOfMessagesPublished", {"TopicName": config.dead_letters.rpartition(":")[2]}),
            is_state=False,
        ),
        "RedriveAlarm": _alarm(
            config, "redrive",
            "notifications that neither dispatch nor report took wait here, for 14 days at most: find out why (`slips "
            "check --deployed`, the logs of both), mend that, then call `slips redrive`",
            _metric(
                "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": config.redrive_queue}, "Maximum"
            ),
        ),
    }  # fmt: skip
    for lane in (config.fast, config.slow):
        name = lane.name.capitalize()
        dimension = {"StreamName": lane.stream}
        alarms[f"{name}LaneLateAlarm"] = _alarm(
            config, f"{lane.name}-late",
            f"the {lane.name} lane is an hour behind: docs/scale.md says what to raise",
            _metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", dimension, "Maximum"),
            threshold=LATE_SECONDS * 1000,
        )  # fmt: skip
        alarms[f"{name}LaneThrottledAlarm"] = _alarm(
            config, f"{lane.name}-throttled", f"the {lane.name} lane has too few shards for its work items",
            _metric("AWS/Kinesis", "WriteProvisionedThroughputExceeded", dimension), periods=3,
        )  # fmt: skip
    for logical, table in (("ErrorTable", config.error_table), ("LedgerTable", config.ledger_table)):
        alarms[f"{logical}ThrottledAlarm"] = _alarm(
            config, f"{table.removeprefix(config.stack_name + '-')}-throttled", f"DynamoDB throttles writes to {table}",
            _metric("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": table}), periods=3,
        )  # fmt: skip
    return alarms


def function_alarms(config: Config, names: Names) -> dict[str, Any]:
    """The alarms of the Lambda functions: what they raise, and throttled invocations."""
    alarms = {}
    for name, deployed in names.items():
        # A prefix of its own: some names are the user's, and could be those of streams and tables.
        logical = "Function" + "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
        dimension = {"FunctionName": deployed}
        alarms[f"{logical}FailedAlarm"] = _alarm(
            config, f"function-{name}-failed", f"invocations of the function {name} fail; its log says why",
            _metric("AWS/Lambda", "Errors", dimension),
        )  # fmt: skip
        alarms[f"{logical}ThrottledAlarm"] = _alarm(
            config, f"function-{name}-throttled", f"the function {name} is throttled: concurrency is used up",
            _metric("AWS/Lambda", "Throttles", dimension), periods=3,
        )  # fmt: skip
    return alarms


def _counter_alarm(config: Config, name: str, text: str) -> dict[str, Any]:
    metric = _metric(NAMESPACE, name, {"stack": config.stack_name})
    return _alarm(config, "error-items" if name == "ErrorItems" else name.lower(), text, metric, is_state=False)


def _metric(namespace: str, name: str, dimensions: Names, statistic: str = "Sum") -> dict[str, Any]:
    pairs = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": pairs, "Statistic": statistic, "Period": 300}


def _alarm(
    config: Config,
    name: str,
    text: str,
    metric: dict[str, Any],
    *,
    threshold: int = 1,
    periods: int = 1,
    is_state: bool = True,
) -> dict[str, Any]:
    """`is_state` is whether all is well when the alarm ends: five minutes without a new failure leave the old ones
    open, and a mail that says OK would be wrong."""
    topics = [{"Ref": "Alarms"}]
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
            "AlarmActions": topics,
            **({"OKActions": topics} if is_state else {}),
        },
    }
