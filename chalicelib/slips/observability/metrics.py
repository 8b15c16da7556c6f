"""What an invocation did, as CloudWatch's embedded metric format: a line of JSON on standard output.

    stack                  ErrorItems, NewCauses, Processed, Quarantined, Unbalanced, Continuation, Crash, Gone and
                           Superseded (objects), GaveUp (items), Dispatched, Dropped, Expiring, SilentSources,
                           OldestWaiting, Retried, TimeFaults (events), Surge (times the usual number of objects)
    stack, stage           ErrorItems, Failed (events or objects in them)
    stack, lane, format    Objects, Records, Events, Delivered, Quarantined, Waiting, Bytes, Seconds, Age

Each combination that occurs is a metric of its own, and billed as such: docs/deployment.md counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..model import LANES

NAMESPACE = "SLIPS"
MOST_VALUES = 100
"""Of one metric in one line (CloudWatch User Guide, "Embedded metric format specification")."""

Value = float | list[float]


class MetricLine(NamedTuple):
    """Metrics of the same dimensions: unit and value by name."""

    dimensions: dict[str, str]
    metrics: dict[str, tuple[str, Value]]


_BY_FORMAT = {
    "objects": "Objects",
    "records": "Records",
    "events": "Events",
    "delivered": "Delivered",
    "quarantined": "Quarantined",
    "waiting": "Waiting",
}


def invocation_metrics(stack: str, kind: str, result: Mapping[str, Any]) -> Iterator[MetricLine]:
    """Make the metrics of an invocation of `dispatch`, `report`, `retry`, or of the lane `fast` or `slow`."""
    if new := result.get("new_causes"):
        yield MetricLine({"stack": stack}, {"NewCauses": ("Count", new)})
    if kind in LANES:
        yield from _of_lane(stack, kind, result)
        return
    if kind == "retry":
        yield from _of_retry(stack, result)
        return
    # dispatch and report only count their error items: all are measured as of one stage.
    failed = int(result.get("errors", 0))
    yield from _of_stages(stack, {kind: (failed, failed)} if failed else {})
    if kind == "dispatch":
        enqueued = result["fast"] + result["slow"]
        yield MetricLine({"stack": stack}, {"Dispatched": ("Count", enqueued), "Dropped": ("Count", result["dropped"])})


def _of_retry(stack: str, result: Mapping[str, Any]) -> Iterator[MetricLine]:
    yield from _of_stages(stack, {stage: (items, items) for stage, items in result["gave_up"].items()})
    yield MetricLine({"stack": stack}, {"OldestWaiting": ("Seconds", result["oldest"])})
    if result["gave_up"]:
        yield MetricLine({"stack": stack}, {"GaveUp": ("Count", sum(result["gave_up"].values()))})
    if result["released"]:
        yield MetricLine({"stack": stack}, {"Retried": ("Count", result["released"])})


def _of_lane(stack: str, lane: str, result: Mapping[str, Any]) -> Iterator[MetricLine]:
    for name, measures in result["measures"].items():
        dimensions = {"stack": stack, "lane": lane, "format": name or "unknown"}
        counts: dict[str, tuple[str, Value]] = {
            metric: ("Count", measures[field]) for field, metric in _BY_FORMAT.items() if measures[field]
        }
        if measures["bytes"]:
            counts["Bytes"] = ("Bytes", measures["bytes"])
        if counts:
            yield MetricLine(dimensions, counts)
        for metric, values in (("Seconds", measures["seconds"]), ("Age", measures["ages"])):
            for at in range(0, len(values), MOST_VALUES):
                yield MetricLine(dimensions, {metric: ("Seconds", values[at : at + MOST_VALUES])})
    yield from _of_stages(stack, result["by_stage"])
    yield from _share(stack, result)
    rare = {"Unbalanced": "unbalanced", "Continuation": "continued", "Crash": "crashed"}
    rare |= {"Gone": "gone", "Superseded": "superseded", "GaveUp": "gave_up", "TimeFaults": "time_faults"}
    counts_of_rare = {metric: ("Count", result[field]) for metric, field in rare.items() if result.get(field)}
    if counts_of_rare:
        yield MetricLine({"stack": stack}, counts_of_rare)


def _share(stack: str, result: Mapping[str, Any]) -> Iterator[MetricLine]:
    """What failed, and of how many: events, records where none of them could be parsed, and objects that could not be
    read. An alarm cannot add up the formats by itself."""
    measures = result["measures"].values()
    unread = result["quarantined"] - sum(each["quarantined"] for each in measures)
    processed = unread + sum(max(each["records"], each["events"]) for each in measures)
    if processed:
        counts = {"Processed": processed, "Quarantined": result["quarantined"]}
        yield MetricLine({"stack": stack}, {name: ("Count", count) for name, count in counts.items()})


def _of_stages(stack: str, by_stage: Mapping[str, Any]) -> Iterator[MetricLine]:
    for stage, (items, failed) in by_stage.items():
        yield MetricLine(
            {"stack": stack, "stage": stage}, {"ErrorItems": ("Count", items), "Failed": ("Count", failed)}
        )
    if by_stage:
        yield MetricLine({"stack": stack}, {"ErrorItems": ("Count", sum(items for items, _ in by_stage.values()))})


def expiring_metrics(stack: str, items: int) -> Iterator[MetricLine]:
    """Make the metric of the error items that DynamoDB is about to delete: a state, not a sum."""
    yield MetricLine({"stack": stack}, {"Expiring": ("Count", items)})


def silence_metrics(stack: str, sources: int) -> Iterator[MetricLine]:
    """Make the metric of the sources that are silent: a state, not a sum."""
    yield MetricLine({"stack": stack}, {"SilentSources": ("Count", sources)})


def surge_metrics(stack: str, times: float) -> Iterator[MetricLine]:
    """Make the metric of how many times the usual number of objects there is."""
    yield MetricLine({"stack": stack}, {"Surge": ("None", times)})


def emit(lines: Iterable[MetricLine]) -> None:
    """Print the lines; from Lambda's log they get to CloudWatch."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    for line in lines:
        provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service="")
        for name, dimension in line.dimensions.items():
            provider.add_dimension(name, dimension)
        for metric, (unit, values) in line.metrics.items():
            for value in values if isinstance(values, list) else [values]:
                provider.add_metric(metric, unit, value)
        if provider.metric_set:  # A line that is full was printed by add_metric.
            provider.flush_metrics()
