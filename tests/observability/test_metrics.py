"""What an invocation did, as CloudWatch reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from slips import observability
from slips.observability.metrics import emit, invocation_metrics


def measures(**fields: Any) -> dict[str, Any]:
    none = dict.fromkeys(("objects", "records", "events", "delivered", "quarantined", "waiting", "bytes"), 0)
    return {**none, "seconds": [], "ages": [], **fields}


def answer(**fields: Any) -> dict[str, Any]:
    none = {"measures": {}, "by_stage": {}, "unbalanced": 0, "continued": 0, "crashed": 0}
    quarantined = sum(each["quarantined"] for each in fields.get("measures", {}).values())
    return {**none, "quarantined": quarantined, **fields}


def lines(capsys: pytest.CaptureFixture[str], kind: str, metrics: dict[str, Any]) -> list[dict[str, Any]]:
    emit(invocation_metrics("slips", kind, metrics))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def values(line: dict[str, Any]) -> dict[str, Any]:
    """What the line says, under the dimensions that it names."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "SLIPS"
    (dimensions,) = directive["Dimensions"]
    named = {name: line[name] for name in dimensions}
    return {**named, **{each["Name"]: line[each["Name"]] for each in directive["Metrics"]}}


def test_what_retry_did_is_counted_and_what_it_gave_up_twice(capsys: pytest.CaptureFixture[str]) -> None:
    done = {"gave_up": {"process": 2}, "oldest": 90.0, "released": 3}
    of_stage, of_stack, *others = map(values, lines(capsys, "retry", done))
    assert (of_stage["stage"], of_stage["ErrorItems"], of_stack["ErrorItems"]) == ("process", [2.0], [2.0])
    assert others == [
        {"stack": "slips", "OldestWaiting": [90.0]}, {"stack": "slips", "GaveUp": [2.0]},
        {"stack": "slips", "Retried": [3.0]},
    ]  # fmt: skip
    idle = map(values, lines(capsys, "retry", {"gave_up": {}, "oldest": 0.0, "released": 0}))
    assert [*idle] == [{"stack": "slips", "OldestWaiting": [0.0]}]


def test_a_lane_is_counted_by_format(capsys: pytest.CaptureFixture[str]) -> None:
    done = measures(objects=2, records=11, events=10, delivered=7, quarantined=1, waiting=2, bytes=500)
    line, _ = lines(capsys, "fast", answer(measures={"json": done}))
    assert values(line) == {
        "stack": "slips", "lane": "fast", "format": "json", "Objects": [2.0], "Records": [11.0],
        "Events": [10.0], "Delivered": [7.0], "Quarantined": [1.0], "Waiting": [2.0], "Bytes": [500.0],
    }  # fmt: skip
    units = {each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert (units["Bytes"], units["Events"]) == ("Bytes", "Count")


def test_each_object_counts_with_its_seconds_and_its_age_a_hundred_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = lines(capsys, "slow", answer(measures={"json": measures(seconds=[0.5] * 150, ages=[60.0, 90.0])}))
    assert [len(line["Seconds"]) for line in metrics if "Seconds" in line] == [100, 50]
    assert [line["Age"] for line in metrics if "Age" in line] == [[60.0, 90.0]]


def test_error_items_are_counted_by_stage_and_together(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = [values(line) for line in lines(capsys, "fast", answer(by_stage={"parse": [2, 31], "process": [1, 1]}))]
    assert {"stack": "slips", "stage": "parse", "ErrorItems": [2.0], "Failed": [31.0]} in metrics
    assert {"stack": "slips", "ErrorItems": [3.0]} in metrics  # The alarm reads this one: it cannot add up the others.


@pytest.mark.parametrize(
    ("measured", "unread", "processed", "quarantined"),
    [
        ({"a": measures(records=9, events=8, quarantined=1)}, 0, 9, 1),
        ({"a": measures(records=1, events=50)}, 0, 50, 0),  # A document of fifty events.
        ({"a": measures(records=4, events=4, quarantined=2), "b": measures(records=6, events=6)}, 0, 10, 2),
        ({"a": measures(records=5, events=5)}, 3, 8, 3),  # Three objects that could not be read.
        ({"a": measures()}, 1, 1, 1),
    ],
)
def test_what_failed_and_of_how_many_is_counted_over_all_formats(
    capsys: pytest.CaptureFixture[str], measured: dict[str, Any], unread: int, processed: int, quarantined: int
) -> None:
    found = lines(capsys, "fast", answer(measures=measured, quarantined=quarantined))
    assert unread <= quarantined
    assert values(found[-1]) == {"stack": "slips", "Processed": [processed], "Quarantined": [quarantined]}


@pytest.mark.parametrize("kind", ["fast", "dispatch", "report"])
def test_new_causes_are_counted_where_there_are_some(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    result = answer(fast=0, slow=0, dropped=0, errors=0)
    line = values(lines(capsys, kind, {**result, "new_causes": 2})[0])
    assert line == {"stack": "slips", "NewCauses": [2.0]}
    assert "NewCauses" not in str(lines(capsys, kind, {**result, "new_causes": 0}))


def test_rare_events_are_counted_when_they_happen(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines(capsys, "fast", answer(unbalanced=1, continued=2, crashed=3))
    assert values(line) == {"stack": "slips", "Unbalanced": [1.0], "Continuation": [2.0], "Crash": [3.0]}
    assert lines(capsys, "fast", answer()) == []


def test_dispatch_and_report_count_what_they_could_not_place(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = [values(line) for line in lines(capsys, "dispatch", {"fast": 2, "slow": 1, "dropped": 4, "errors": 1})]
    assert {"stack": "slips", "Dispatched": [3.0], "Dropped": [4.0]} in metrics
    assert {"stack": "slips", "ErrorItems": [1.0]} in metrics
    (_, line) = lines(capsys, "report", {"errors": 5})
    assert values(line) == {"stack": "slips", "ErrorItems": [5.0]}


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (observability.count_expiring, "Expiring"),
        (observability.count_silent, "SilentSources"),
        (observability.count_surge, "Surge"),
    ],
)
def test_a_state_is_measured_in_lambda_and_where_there_is_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: Callable[[str, int], None], name: str
) -> None:
    count("slips", 5)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-api")
    count("slips", 0)
    count("slips", 3)
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert values(line) == {"stack": "slips", name: [3.0]}


def test_a_measure_that_fails_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(lines: object) -> None:
        raise OSError("stdout is closed")

    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-api")
    monkeypatch.setattr("slips.observability.metrics.emit", fail)
    observability.count_expiring("slips", 3)
    observability.count_silent("slips", 1)
    observability.count_surge("slips", 2)
    assert caplog.text.count("metrics: left out") == 3
