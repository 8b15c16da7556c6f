"""Counters: one write an invocation, no scan, and nothing that goes wrong with them costs an event."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest

from slips.ledger import counters
from slips.ledger.counters import MOST_FORMATS, PARTITIONS, SLOT, Counters
from slips.ledger.ledger import KEY
from slips.model.utc import HOUR, iso

from ..doubles import StillClock
from .conftest import NOON

REPORT = {"objects": 2, "events": 30, "delivered": 60, "quarantined": 1, "bytes": 100, "by_format": {"json": 30}}


@pytest.fixture
def hour_counters(dynamodb: Any, table: str, clock: StillClock) -> Counters:
    return Counters(dynamodb, table, clock)


def test_invocations_add_up_by_hour_lane_and_format(hour_counters: Counters, clock: StillClock) -> None:
    for _ in range(3 * PARTITIONS):
        hour_counters.record("fast", REPORT, 0.1)
    hour_counters.record("slow", {"events": 1, "by_format": {"a:b": 1}}, 0.1)
    clock.now += HOUR
    hour_counters.record("fast", REPORT, 0.1)
    first, slow, second = hour_counters.since(24).hours
    assert (first.hour, first.lane, second.hour) == (iso(NOON), "fast", iso(NOON + HOUR))
    assert (first.invocations, first.objects, first.formats) == (12, 24, {"json": 360})
    assert (first.delivered, first.quarantined, first.bytes) == (720, 12, 1200)
    assert (slow.lane, slow.formats) == ("slow", {"a:b": 1})
    assert (second.invocations, second.events) == (1, 30)


def test_events_are_counted_by_ten_minutes(hour_counters: Counters, clock: StillClock) -> None:
    for minutes in (0, 9, 10, 59):
        clock.now = NOON + 60 * minutes
        hour_counters.record("fast", REPORT, 0.1)
    assert hour_counters.since(0).slots == {"json": {NOON: 60, NOON + SLOT: 30, NOON + 5 * SLOT: 30}}


def test_older_hours_are_left_out(hour_counters: Counters, clock: StillClock) -> None:
    hour_counters.record("fast", REPORT, 0.1)
    clock.now += 25 * HOUR
    assert hour_counters.since(24).hours == []
    assert len(hour_counters.since(25).hours) == 1


def test_a_lanes_age_is_that_of_its_last_batch(hour_counters: Counters, clock: StillClock) -> None:
    for age in (90.0, 3.25):
        clock.now += 1
        hour_counters.record("fast", REPORT, age)
    lanes = hour_counters.since(1).lanes
    assert lanes["slow"] is None
    assert lanes["fast"] is not None
    assert (lanes["fast"].waited_seconds, lanes["fast"].ended_at) == (3.25, iso(NOON + 2))


def test_the_oldest_record_says_how_long_a_batch_waited() -> None:
    records = [{"kinesis": {"approximateArrivalTimestamp": at}} for at in (NOON - 5, NOON - 9, NOON)]
    assert counters.lane_age({"Records": [*records, {"kinesis": {}}]}, NOON) == 9
    assert counters.lane_age({}, NOON) == 0


def test_counters_are_written_once_an_invocation_and_expire(hour_counters: Counters, dynamodb: Any, table: str) -> None:
    hour_counters.record("fast", REPORT, 0.1)
    (item,) = dynamodb.scan(TableName=table)["Items"]
    assert item[KEY]["S"].startswith("slips:counts:2026-01-01T12:fast:")
    assert int(item["expires_at"]["N"]) > NOON + 25 * HOUR


def test_more_formats_than_an_expression_takes_are_counted_together(hour_counters: Counters) -> None:
    by_format = {f"format-{number}": number + 1 for number in range(200)}
    hour_counters.record("fast", {"events": 1, "by_format": by_format}, 0.1)
    (hour,) = hour_counters.since(0).hours
    assert len(hour.formats) == MOST_FORMATS
    assert (hour.formats["format-199"], sum(hour.formats.values())) == (200, sum(by_format.values()))


class Client:
    """A client whose writes do what the test says."""

    def __init__(self, does: Any) -> None:
        self.does = does
        self.writes = 0

    def update_item(self, **_: Any) -> None:
        self.writes += 1
        self.does()


def test_a_failing_write_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("throttled")

    Counters(Client(fail), "t").record("fast", REPORT, 0.1)
    assert "counters: left out: RuntimeError: throttled" in caplog.text


def test_a_write_that_hangs_delays_nothing_and_gets_no_second_one(caplog: pytest.LogCaptureFixture) -> None:
    released = threading.Event()
    client = Client(lambda: released.wait(20))
    hanging = Counters(client, "t", wait=0.01)
    begun = time.monotonic()
    with caplog.at_level(logging.WARNING):
        hanging.record("fast", REPORT, 0.1)
        hanging.record("fast", REPORT, 0.1)
    assert time.monotonic() - begun < 10
    released.set()
    assert "an earlier write still waits" in caplog.text
    assert client.writes == 1
