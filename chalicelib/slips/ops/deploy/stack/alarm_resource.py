"""An alarm of CloudWatch: what it watches, when it rings, and what it tells the person on call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ....config import Config

PERIOD = 300
"""Seconds."""
MOST_METRICS = 10
"""In an alarm (CloudWatch User Guide, "Create an alarm based on a metric math expression")."""

CLOSE_GAP = (
    "To recover what was lost, run `slips backfill s3://BUCKET/PREFIX --since … --until …` from shortly before this "
    "began; it skips what was done."
)
"""What brings back notifications that nobody has any longer: the objects are still in S3."""

Names = Mapping[str, Any]
"""Lambda functions by their name in app.py, or dimensions by their name: a name in the account, or a reference to
it."""


class Metric(NamedTuple):
    """A metric, summed up over five minutes unless `statistic` says otherwise."""

    namespace: str
    name: str
    dimensions: Names
    statistic: str = "Sum"


class MetricMath(NamedTuple):
    """A number from several metrics, by their names in the expression. What never happened has no data points:
    `FILL(name, 0)` is then 0 (CloudWatch User Guide, "Using math expressions with CloudWatch metrics")."""

    expression: str
    metrics: Mapping[str, Metric]


class Alarm(NamedTuple):
    """Rings where the number is at least `threshold` in `breaching` of the last `periods` periods (0: in all)."""

    name: str
    text: str
    """What to do."""
    number: Metric | MetricMath
    threshold: float = 1
    periods: int = 1
    breaching: int = 0
    is_state: bool = True
    """Whether all is well when the alarm ends: five minutes without a new failure leave the old ones open, and a mail
    that says OK would be wrong."""


def alarm_resource(config: Config, alarm: Alarm) -> dict[str, Any]:
    """Write the alarm for CloudFormation. What is missing is well: an idle stack has no data points."""
    topics = [{"Ref": "Alarms"}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": f"{config.stack_name}-{alarm.name}",
            "AlarmDescription": alarm.text,
            **(_single(alarm.number) if isinstance(alarm.number, Metric) else _computed(alarm.number)),
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": alarm.threshold,
            "EvaluationPeriods": alarm.periods,
            **({"DatapointsToAlarm": alarm.breaching} if alarm.breaching else {}),
            "TreatMissingData": "notBreaching",
            "AlarmActions": topics,
            **({"OKActions": topics} if alarm.is_state else {}),
        },
    }


def alarms_over_all(
    logical: str, name: str, text: str, metrics: Sequence[Metric], *, periods: int = 1, is_state: bool = True
) -> Iterator[tuple[str, Alarm]]:
    """Watch the sum of the metrics, with as many alarms as it takes."""
    for number, start in enumerate(range(0, len(metrics), MOST_METRICS), 1):
        part = {f"m{at}": metric for at, metric in enumerate(metrics[start : start + MOST_METRICS])}
        end, suffix = ("", "") if number == 1 else (str(number), f"-{number}")
        number_of = MetricMath(sum_of(part), part)
        yield f"{logical}{end}Alarm", Alarm(f"{name}{suffix}", text, number_of, periods=periods, is_state=is_state)


def sum_of(names: Iterable[str]) -> str:
    """The expression that adds these up, where some may never have happened."""
    return " + ".join(f"FILL({name}, 0)" for name in names)


def _single(metric: Metric) -> dict[str, Any]:
    return {**_identify(metric), "Statistic": metric.statistic, "Period": PERIOD}


def _computed(math: MetricMath) -> dict[str, Any]:
    queries = [
        {
            "Id": name,
            "MetricStat": {"Metric": _identify(metric), "Period": PERIOD, "Stat": metric.statistic},
            "ReturnData": False,
        }
        for name, metric in math.metrics.items()
    ]
    return {"Metrics": [{"Id": "result", "Expression": math.expression, "ReturnData": True}, *queries]}


def _identify(metric: Metric) -> dict[str, Any]:
    pairs = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": pairs}
