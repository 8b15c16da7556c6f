"""The CloudWatch dashboard: throughput, failures and lateness, by format and lane."""

from __future__ import annotations

import json
from typing import Any

from ....config import Config
from ....observability.metrics import NAMESPACE
from .alarm_resource import Names

WIDTH, HEIGHT = 8, 6
"""Of a widget, in a grid of 24 columns (CloudWatch User Guide, "Dashboard body structure and syntax")."""


def dashboard(config: Config, names: Names) -> dict[str, Any]:
    """The resource of the dashboard; it shows the Lambda functions of `names`."""
    widgets = [*_flow(config), *_lateness(config), *_failures(config), *_parts(config, names)]
    for number, widget in enumerate(widgets):
        widget |= {"x": number % 3 * WIDTH, "y": number // 3 * HEIGHT, "width": WIDTH, "height": HEIGHT}
    body = json.dumps({"start": "-PT6H", "widgets": widgets}, separators=(",", ":"))
    return {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": {"Fn::Sub": f"{config.stack_name}-${{AWS::Region}}"},
                "DashboardBody": {"Fn::Sub": body},
            },
        }
    }


def _flow(config: Config) -> list[dict[str, Any]]:
    return [
        _search(config, "Objects done", "Objects", "lane,format"),
        _search(config, "Events", "Events", "lane,format"),
        _search(config, "Bytes read from S3", "Bytes", "lane,format"),
    ]


def _lateness(config: Config) -> list[dict[str, Any]]:
    return [
        _search(config, "Age of an object when done: event time to done, seconds, p95", "Age", "lane,format", "p95"),
        _search(config, "Seconds an object takes, p95", "Seconds", "lane,format", "p95"),
        _lines("Wait in the lane, ms", [
            ["AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", lane.stream, {"label": lane.name}]
            for lane in (config.fast, config.slow)
        ], "Maximum"),
    ]  # fmt: skip


def _failures(config: Config) -> list[dict[str, Any]]:
    unusual = [
        ["Unbalanced", "books that do not balance"], ["Continuation", "objects continued in another invocation"],
        ["Crash", "objects set aside after crashes"],
    ]  # fmt: skip
    return [
        _search(config, "Error items by stage", "ErrorItems", "stage"),
        _search(config, "Quarantined events", "Quarantined", "lane,format"),
        _lines("Unusual objects", [
            [NAMESPACE, metric, "stack", config.stack_name, {"label": label}] for metric, label in unusual
        ]),
    ]  # fmt: skip


def _parts(config: Config, names: Names) -> list[dict[str, Any]]:
    lambdas = {name: deployed for name, deployed in names.items() if isinstance(deployed, str)}

    def of_functions(metric: str) -> list[list[Any]]:
        return [["AWS/Lambda", metric, "FunctionName", deployed, {"label": name}] for name, deployed in lambdas.items()]

    streams = [
        ["AWS/Kinesis", metric, "StreamName", lane.stream, {"label": f"{lane.name} {label}"}]
        for lane in (config.fast, config.slow)
        for metric, label in (("IncomingRecords", "in"), ("GetRecords.Records", "out"))
    ]
    tables = [
        ["AWS/DynamoDB", metric, "TableName", table]
        for table in (config.error_table, config.ledger_table)
        for metric in ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits")
    ]
    widgets = [
        _lines("Invocations", of_functions("Invocations")),
        _lines("Failed and throttled invocations", [*of_functions("Errors"), *of_functions("Throttles")]),
        _lines("Duration, ms", of_functions("Duration"), "Maximum"),
        _lines("Concurrent invocations", of_functions("ConcurrentExecutions"), "Maximum"),
    ]
    return [*(widgets if lambdas else []), _lines("Records of the lanes", streams), _lines("Table units", tables)]


def _search(config: Config, title: str, metric: str, dimensions: str, statistic: str = "Sum") -> dict[str, Any]:
    """A widget of all metrics of that name of this stack, formats that are added later included."""
    query = f'{{{NAMESPACE},stack,{dimensions}}} MetricName="{metric}" stack="{config.stack_name}"'
    expression = {"expression": f"SEARCH('{query}', '{statistic}', 300)", "label": ""}
    return _widget(title, [[expression]], statistic)


def _lines(title: str, metrics: list[list[Any]], statistic: str = "Sum") -> dict[str, Any]:
    return _widget(title, [*map(_abbreviate, metrics, [[], *metrics])], statistic)


def _abbreviate(metric: list[Any], before: list[Any]) -> list[Any]:
    """Write "." for what is as in the line before: a template has room for 51,200 bytes (CloudWatch User Guide,
    "Dashboard body structure and syntax")."""
    same = [value == other and isinstance(value, str) for value, other in zip(metric, before, strict=False)]
    return ["." if is_same else value for value, is_same in zip(metric, [*same, *[False] * len(metric)], strict=False)]


def _widget(title: str, metrics: list[list[Any]], statistic: str) -> dict[str, Any]:
    properties = {"title": title, "metrics": metrics, "stat": statistic}
    return {"type": "metric", "properties": {**properties, "region": "${AWS::Region}"}}
