"""The alarms: what makes each ring, what does not, and what it tells whoever is on call."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from slips.config import Config, Mapping, Topic
from slips.config.settings import AlarmLimits
from slips.ops.backfill.request import Request
from slips.ops.deploy.stack import template

from ...builders import config
from .metric_math import Series, metric_names, rings

FUNCTIONS = {name: f"slips-dev-{name}" for name in ("dispatch", "process_fast", "process_slow", "report", "retry")}
FUNCTIONS["api_handler"] = "slips-dev"
LIMITS = [field.name for field in msgspec.structs.fields(AlarmLimits)]


def alarms(settings: Config | None = None) -> dict[str, Any]:
    """The properties of all alarms, by their names without that of the stack."""
    document = template(settings or with_limits(), functions=FUNCTIONS, api="slips")
    found = [each["Properties"] for each in document["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    return {each["AlarmName"].removeprefix("slips-"): each for each in found}


def with_limits(**limits: float) -> Config:
    return config(topics=(Topic("dispatch", "slips-dispatch"),), alarms=AlarmLimits(**limits))  # type: ignore[arg-type]


ALL = alarms(with_limits(error_items=10))

RINGING: list[tuple[str, dict[str, Series]]] = [
    ("waiting-long", {"OldestWaiting": [60.0, 3600.0]}),
    # One record of a hundred cannot be parsed.
    ("failed-share", {"Processed": [100], "Quarantined": [1]}),
    ("failed-share", {"Processed": [1], "Quarantined": [1]}),
    ("new-causes", {"NewCauses": [1]}),
    ("gave-up", {"GaveUp": [1]}),
    ("retry-stopped", {"Invocations": [5, 0, 0, 0]}),
    ("retry-stopped", {}),
    ("error-items", {"ErrorItems": [10]}),
    ("unbalanced", {"Unbalanced": [1]}),
    ("silent-sources", {"SilentSources": [2]}),
    ("surge", {"Surge": [10.0]}),
    ("dead-letters", {"NumberOfMessagesPublished": [1]}),
    ("redrive", {"ApproximateNumberOfMessagesVisible": [1]}),
    ("redrive-expires", {"ApproximateAgeOfOldestMessage": [7 * 86400]}),
    ("undelivered", {"NumberOfNotificationsFailed": [1]}),
    ("functions-throttled", {"Throttles": [1, 1, 1]}),
    ("lost", {"DestinationDeliveryFailures": [1]}),
    ("dropped", {"AsyncEventsDropped": [1]}),
    *((f"{lane}-late", {"GetRecords.IteratorAgeMilliseconds": [3_600_000.0]}) for lane in ("fast", "slow")),
    # Nobody reads: there is no such data point, in whatever way.
    *((f"{lane}-unread", {"IncomingRecords": [5.0, 7.0, 1.0]}) for lane in ("fast", "slow")),
    ("fast-unread", {"IncomingRecords": [5, 7, 1], "GetRecords.Records": [0, 0, 0]}),
    ("fast-unread", {"IncomingRecords": [1, *[None] * 4, 1, *[None] * 4, 1]}),
    *((f"{lane}-throttled", {"WriteProvisionedThroughputExceeded": [1.0] * 3}) for lane in ("fast", "slow")),
    *(
        (f"{table}-throttled", {f"{kind}ThrottleEvents": [1.0] * 3})
        for table in ("errors", "ledger")
        for kind in ("Read", "Write")
    ),
    ("api-failing", {"5XXError": [5]}),
    *((f"function-{name}-failed", {"Errors": [1.0]}) for name in FUNCTIONS),
]

SILENT: list[tuple[str, dict[str, Series]]] = [
    ("failed-share", {"Processed": [1_000_000], "Quarantined": [9_000]}),
    ("failed-share", {"Processed": [100], "Quarantined": [None]}),
    ("failed-share", {"Processed": [0], "Quarantined": [0]}),
    ("fast-unread", {"IncomingRecords": [9.0] * 12, "GetRecords.Records": [9.0] * 12}),
    # An idle lane is read, and has nothing to be read; what came last in a period is read in the next one.
    ("fast-unread", {"IncomingRecords": [None] * 12, "GetRecords.Records": [0.0] * 12}),
    ("fast-unread", {"IncomingRecords": [1, None, 1], "GetRecords.Records": [0, 1, 0]}),
    ("redrive-expires", {"ApproximateAgeOfOldestMessage": [6 * 86400]}),
    # Throttles that were over within ten minutes, and were long ago.
    ("errors-throttled", {"ReadThrottleEvents": [7.0] * 9 + [None] * 3}),
    ("errors-throttled", {"WriteThrottleEvents": [7, 7]}),
    ("api-failing", {"5XXError": [4]}),
    ("surge", {"Surge": [9.9, 1.5]}),
]


@pytest.mark.parametrize(("name", "data"), RINGING)
def test_rings(name: str, data: dict[str, Series]) -> None:
    assert rings(ALL[name], data)


def test_each_alarm_is_among_those_that_ring() -> None:
    assert {name for name, _ in RINGING} == set(ALL)


@pytest.mark.parametrize(("name", "data"), SILENT)
def test_does_not_ring(name: str, data: dict[str, Series]) -> None:
    assert set(data) <= set(metric_names(ALL[name]))
    assert not rings(ALL[name], data)


@pytest.mark.parametrize("name", [name for name in ALL if name != "retry-stopped"])  # That is called whatever happens.
def test_of_a_stack_where_nothing_happens_none_rings(name: str) -> None:
    assert not rings(ALL[name], {})
    assert not rings(ALL[name], dict.fromkeys(metric_names(ALL[name]), [0.0] * 12))
    assert ALL[name]["TreatMissingData"] == "notBreaching"


def test_throttles_of_a_tables_index_count() -> None:
    for table, indexes in (("errors", ("newest", "due")), ("ledger", ("of_object",))):
        queries = [each["MetricStat"]["Metric"] for each in ALL[f"{table}-throttled"]["Metrics"][1:]]
        dimensions = [{each["Name"]: each["Value"] for each in query["Dimensions"]} for query in queries]
        own = {"TableName": f"slips-{table}"}
        assert dimensions == [
            own,
            own,
            *({**own, "GlobalSecondaryIndexName": index} for index in indexes for _ in "12"),
        ]


def test_only_failures_that_stay_send_no_ok() -> None:
    """Five minutes without a new failure fix nothing."""
    silent = {name for name, each in ALL.items() if "OKActions" not in each}
    assert silent == {
        "failed-share", "new-causes", "error-items", "unbalanced", "dead-letters", "undelivered", "lost", "dropped",
        "gave-up",
    }  # fmt: skip


class TestTheText:
    @pytest.mark.parametrize("name", ALL)
    def test_names_what_to_do_and_fits(self, name: str) -> None:
        text = ALL[name]["AlarmDescription"]
        assert re.search(r"`slips |`GET |docs/|Its log shows why", text), text
        assert re.fullmatch(r"[A-Z].*\.", text), "sentences"
        assert len(text) <= 1024  # CloudWatch API, PutMetricAlarm.

    @pytest.mark.parametrize(
        "name", [name for name in ALL if re.search("undelivered|lost|dropped|unread|expires|silent", name)]
    )
    def test_of_lost_notifications_names_the_backfill_that_closes_the_gap(self, name: str) -> None:
        assert "`slips backfill s3://BUCKET/PREFIX --since … --until …`" in ALL[name]["AlarmDescription"]
        assert {"since", "until"} <= {field.name for field in msgspec.structs.fields(Request)}

    @pytest.mark.parametrize("name", ["redrive", "redrive-expires", "undelivered", "dropped"])
    def test_of_what_waits_in_the_queue_names_the_command_that_sends_it(self, name: str) -> None:
        assert "`slips redrive`" in ALL[name]["AlarmDescription"]

    def test_says_where_to_look_for_a_lane_that_nobody_reads(self) -> None:
        assert "`slips check --deployed`" in ALL["slow-unread"]["AlarmDescription"]
        assert "process_slow" in ALL["slow-unread"]["AlarmDescription"]


class TestTheLimits:
    def test_are_those_of_slips_yml(self) -> None:
        chosen = alarms(with_limits(late_minutes=5, unread_minutes=20, failed_percent=0.1, error_items=7, api_errors=2))
        thresholds = {
            name: chosen[name]["Threshold"] for name in ("fast-late", "failed-share", "error-items", "api-failing")
        }
        assert thresholds == {"fast-late": 300_000, "failed-share": 0.1, "error-items": 7, "api-failing": 2}
        assert (chosen["fast-unread"]["DatapointsToAlarm"], chosen["fast-unread"]["EvaluationPeriods"]) == (4, 12)
        assert "0.1 %" in chosen["failed-share"]["AlarmDescription"]
        assert "5 minutes behind" in chosen["fast-late"]["AlarmDescription"]

    def test_of_a_minute_do_not_ring_for_a_record_that_is_read_in_the_next_period(self) -> None:
        assert alarms(with_limits(unread_minutes=1))["fast-unread"]["DatapointsToAlarm"] == 2

    @pytest.mark.parametrize("limit", LIMITS)
    def test_of_0_are_no_alarm(self, limit: str) -> None:
        without = set(alarms(with_limits(**{"error_items": 10, limit: 0})))
        assert without < set(ALL)
        assert not {"lost", "functions-throttled"} & (set(ALL) - without)


@pytest.mark.parametrize(("minutes", "is_there"), [(None, False), (0, False), (60, True)])
def test_silence_that_slips_yml_asks_for_rings_without_a_usual_gap(minutes: int | None, is_there: bool) -> None:
    mapping = Mapping(bucket="logs", chain=("raw",), silent_minutes=minutes)
    found = alarms(config(mappings=(mapping,), alarms=AlarmLimits(silence=0)))
    assert ("silent-sources" in found) is is_there


def dimensions(alarm: dict[str, Any]) -> list[str]:
    """The values of the dimensions of an alarm over several metrics."""
    queries = [each["MetricStat"]["Metric"]["Dimensions"] for each in alarm["Metrics"] if "MetricStat" in each]
    return [each["Value"] for query in queries for each in query]


def test_all_topics_and_functions_that_can_lose_something_are_watched() -> None:
    assert dimensions(ALL["undelivered"]) == ["slips-dispatch", "slips-dead-letters"]
    assert dimensions(ALL["dropped"]) == [FUNCTIONS["dispatch"], FUNCTIONS["report"]]
    assert dimensions(ALL["lost"]) == [name for key, name in FUNCTIONS.items() if key != "api_handler"]
    assert dimensions(ALL["functions-throttled"]) == [*FUNCTIONS.values()]


def test_a_topic_that_is_given_is_watched_by_its_name() -> None:
    given = (Topic("uploads", "arn:aws:sns:eu-central-1:111122223333:landed"),)
    assert dimensions(alarms(config(topics=given))["undelivered"])[0] == "landed"


@pytest.mark.parametrize(("count", "names"), [(9, ["undelivered"]), (10, ["undelivered", "undelivered-2"])])
def test_an_alarm_has_ten_metrics_at_most_and_the_next_one_the_others(count: int, names: list[str]) -> None:
    topics = tuple(Topic(f"t{number}", f"slips-t{number}") for number in range(count))
    found = alarms(config(topics=topics))
    assert [name for name in found if name.startswith("undelivered")] == names
    watched = [value for name in names for value in dimensions(found[name])]
    assert watched == [*(topic.arn for topic in topics), "slips-dead-letters"]
    assert all(len(each.get("Metrics", ())) <= 11 for each in found.values())
    assert rings(found[names[-1]], {"NumberOfNotificationsFailed": [1]})


def test_the_template_has_room_for_six_topics() -> None:
    """CloudFormation takes 51,200 bytes."""
    topics = tuple(Topic(f"uploads-{number}", f"security-logs-uploads-{number}") for number in range(6))
    names = [*(topic.name for topic in topics), "process_fast", "process_slow", "report", "api_handler"]
    settings = msgspec.structs.replace(Config.for_stack("security-logs"), topics=topics)
    functions = {name: f"security-logs-prod-{name}" for name in names}
    document = template(settings, functions=functions, api="security-logs")
    assert len(json.dumps(document, separators=(",", ":"))) < 51_200


def test_of_the_rest_api_there_is_none_without_one() -> None:
    assert "api-failing" not in json.dumps(template(config(), functions=FUNCTIONS))
    assert ALL["api-failing"]["Dimensions"] == [{"Name": "ApiName", "Value": "slips"}]
