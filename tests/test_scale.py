"""The model behind docs/scale.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import cost, days, lanes, terabytes
from bench.cores import COMPARED
from bench.scale import PAGE, cores_table, fill_page, processes_table
from slips.ops.backfill import prices

AT = cost.Speed(events=250_000, object_seconds=0.004, event_bytes=500, ratio=10, measured="2026-01-01")
LANE = lanes.Setting("", 8, 1, 0.5)


def dollars(size: float, memory: float = 1769, function_us: float = 0) -> float:
    return sum(cost.an_object(size, memory, AT, function_us=function_us).values())


def test_a_terabyte_of_large_objects_costs_less_than_one_of_small_ones() -> None:
    assert dollars(1e8) * 1e4 < dollars(1e6) * 1e6 < dollars(2e4) * 5e7


def test_memory_beyond_a_whole_core_costs_and_below_it_does_not() -> None:
    assert dollars(1e7, 1024) == pytest.approx(dollars(1e7, 1769))
    assert dollars(1e7, 3538) > 1.5 * dollars(1e7, 1769)


def test_a_function_of_the_users_counts_by_the_event() -> None:
    more = cost.seconds(1e6, 1769, AT, function_us=10) - cost.seconds(1e6, 1769, AT)
    assert more == pytest.approx(1e6 * 10 / 500 * 10e-6)


def test_what_the_ledger_saves_is_a_write_and_most_of_an_index() -> None:
    before, now = (cost.an_object(2e4, 1769, AT, replace(cost.SNS, design=each)) for each in (cost.BEFORE, cost.NOW))
    assert now["DynamoDB"] == pytest.approx(before["DynamoDB"] - prices.DYNAMODB_WRITE)
    assert now["ledger, kept"] < 0.7 * before["ledger, kept"]
    assert now["its recovery"] == before["its recovery"]
    assert now["Lambda"] < before["Lambda"]


def test_a_queue_costs_requests_and_saves_invocations_with_their_lines() -> None:
    sns, sqs = (cost.an_object(2e4, 1769, AT, way) for way in (cost.SNS, cost.SQS))
    assert sqs["SQS"] == pytest.approx(1.2 * prices.SQS_REQUEST)
    assert sqs["Lambda"] < sns["Lambda"] - 0.9 * prices.LAMBDA_REQUEST
    assert sqs["logs"] < 0.7 * sns["logs"]


def test_buckets_that_notify_the_queue_save_the_topic_and_nothing_else() -> None:
    sqs, direct = (cost.an_object(2e4, 1769, AT, way) for way in (cost.SQS, cost.DIRECT))
    assert direct == {**sqs, "SNS": 0}
    assert sqs["SNS"] == prices.SNS_PUBLISH


def test_without_a_line_an_object_only_those_of_invocations_are_paid_for() -> None:
    way = replace(cost.SQS, batch=100)
    with_lines, without = (
        cost.an_object(2e4, 1769, AT, replace(way, log_objects=each))["logs"] for each in (True, False)
    )
    assert without < 0.1 * with_lines


def test_the_items_of_a_terabyte_add_up_to_that_of_its_format() -> None:
    by_item = {name: row for name, *row in terabytes.items_rows(AT)}
    [ndjson] = [row for row in terabytes.formats_rows(AT) if row[0] == "NDJSON"]
    before, after, sqs_before, sqs = by_item["all"][:4]
    assert ndjson[2:4] == [f"{before} → {after}", f"{sqs_before} → {sqs}"]


def test_the_issues_bounds_hold_for_small_objects_with_their_log_lines() -> None:
    """Wanted of a stored terabyte in objects of 20 KB: $240 with a topic that calls a function, $200 with a queue."""
    at = cost.speed()
    dollars = {name: sum(terabytes.a_terabyte(2e4, at, way).values()) for name, way in terabytes.FRUGAL.items()}
    assert dollars["SNS"] <= 240
    assert dollars["S3 to SQS"] <= 200


def test_a_burst_is_worked_off_and_none_of_it_vanishes() -> None:
    course = lanes.run(LANE, lanes.burst(8, 80))
    assert max(course.backlog) == pytest.approx((80 - LANE.rate) * 1200, rel=0.05)
    assert course.backlog[-1] < 50
    assert 1.5 < course.recovered < 6


def test_a_lane_that_is_too_slow_never_recovers() -> None:
    course = lanes.run(LANE, lambda hour: 2 * LANE.rate)
    assert course.backlog[-1] == max(course.backlog)
    assert course.age[-1] > 3600


def test_a_reservation_bounds_the_shards() -> None:
    assert lanes.Setting("", 8, 5, 0.5, reserved=12).rate == 24


def test_what_comes_in_an_outage_waits_until_it_is_over() -> None:
    course = lanes.run(LANE, lambda hour: 4, is_down=lanes.in_second_hour)
    assert max(course.age) == pytest.approx(3600, abs=2 * lanes.STEP)
    assert max(course.backlog) == pytest.approx(4 * 3600, rel=0.05)
    # 16 a second less the 4 that go on coming: a third of an hour.
    assert course.recovered == pytest.approx(2 + 1 / 3, abs=0.1)


def test_a_tenfold_parallelization_takes_ten_terabytes_a_day() -> None:
    """And with one invocation at once a shard, all is ever later."""
    at = cost.Speed(events=98_000, object_seconds=0.0067, event_bytes=546, ratio=9.6, measured="2026-01-01")
    rows = {row[0]: row for row in days.days_table(at)}
    assert rows["10 TB"][4:6] == ["49 min later each hour"] * 2
    assert [cell.partition(" min late, ")[0] for cell in rows["10 TB"][6:8]] == ["37", "60"]
    assert rows["100 TB"][6].endswith("later each hour")
    assert rows["1 PB"][-1].endswith(" *")


@pytest.mark.parametrize(("peak", "shards"), [(0, 4), (2000, 4), (2001, 5), (35_000, 70)])
def test_on_demand_gives_shards_for_what_is_written(peak: float, shards: int) -> None:
    assert days.on_demand_shards(peak) == shards


def test_what_comes_one_at_a_time_is_an_invocation_of_its_own() -> None:
    one = lanes.count_invocations(lanes.Setting("", 4, 1, 0.2), 1.0)
    ten = lanes.count_invocations(lanes.Setting("", 4, 10, 0.2), 1.0)
    assert one[1] < ten[1] < 1.2 * one[1]
    assert ten[1] <= ten[0] == pytest.approx(3600, rel=0.05)


def test_what_waits_is_taken_in_batches() -> None:
    objects, invocations = lanes.count_invocations(lanes.Setting("", 4, 1, 0.2), 20.0)
    assert invocations < objects / 4
    assert invocations >= objects / 10


def test_the_page_has_a_place_for_every_table() -> None:
    page = (Path(__file__).parents[1] / "docs" / "scale.md").read_text()
    names = (
        "speed",
        "objects",
        "terabytes",
        "formats",
        "items",
        "month",
        "loads",
        "burst",
        "days",
        "invocations",
        "small",
        "dispatch",
        "processes",
        "cores",
    )
    made = dict.fromkeys(names, "here")
    assert fill_page(page, made).count("\n\nhere\n\n") == len(made)


def test_the_page_says_from_which_memory_on_processes_are_as_many() -> None:
    assert processes_table() in PAGE.read_text()


def test_two_cores_are_a_table_of_the_rows_that_were_measured() -> None:
    rows = [{"name": f"alb{COMPARED}", "ratio": 1.88}, {"name": "import of app.py", "ratio": 0.6}]
    assert cores_table(rows) == {"cores": "| format | times as fast |\n| --- | ---: |\n| alb | 1.9 |"}


def test_without_rows_of_two_cores_their_table_stays_and_this_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cores_table([{"name": "import of app.py", "ratio": 0.6}]) == {}
    assert "no rows of two_cores" in capsys.readouterr().err
