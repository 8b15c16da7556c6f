"""CloudWatch's alarms on sample data: the part of metric math that ours use, and when an alarm rings.

Data points are by period, the oldest first; None is a period without one. Missing numbers spread through arithmetic and
comparisons; only FILL ends them (CloudWatch User Guide, "Using math expressions with CloudWatch metrics").
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Number = float | None
Series = Sequence[Number]

_OPERATORS: dict[type, Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
}


def rings(alarm: Mapping[str, Any], data: Mapping[str, Series]) -> bool:
    """Whether the alarm (its properties in the template) rings at the end of the data, by the names of the metrics. One
    that is not in the data has no data points."""
    length = max([alarm["EvaluationPeriods"], *map(len, data.values())])
    padded = {name: [*[None] * (length - len(series)), *series] for name, series in data.items()}
    periods = range(length - alarm["EvaluationPeriods"], length)
    numbers = [_number(alarm, {name: series[at] for name, series in padded.items()}) for at in periods]
    breaching = sum(number is not None and number >= alarm["Threshold"] for number in numbers)
    return breaching >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])


def metric_names(alarm: Mapping[str, Any]) -> list[str]:
    """The metrics that the alarm looks at."""
    queries = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    return [each["MetricName"] for each in queries or [alarm]]


def _number(alarm: Mapping[str, Any], points: Mapping[str, Number]) -> Number:
    if "Metrics" not in alarm:
        return points.get(alarm["MetricName"])
    (result,) = [each for each in alarm["Metrics"] if each["ReturnData"]]
    values = {
        each["Id"]: points.get(each["MetricStat"]["Metric"]["MetricName"])
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }
    expression = re.sub(r"\bIF\(", "IF_(", result["Expression"]).replace(" AND ", " and ")
    return _evaluate(ast.parse(expression, mode="eval").body, values)


def _evaluate(node: ast.expr, values: Mapping[str, Number]) -> Number:
    match node:
        case ast.Constant(value=float() | int() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[series, other]):
            number = _evaluate(series, values)
            return _evaluate(other, values) if number is None else number
        case ast.Call(func=ast.Name(id="IF_"), args=[condition, yes, no]):
            number = _evaluate(condition, values)
            return None if number is None else _evaluate(yes if number else no, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            numbers = [_evaluate(part, values) for part in parts]
            return None if None in numbers else float(all(numbers))
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            first, second = _evaluate(left, values), _evaluate(right, values)
            return None if first is None or second is None else float(_OPERATORS[type(sign)](first, second))
    raise AssertionError(f"not in the part of metric math that is known here: {ast.unparse(node)}")
