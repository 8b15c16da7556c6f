from __future__ import annotations

import pytest

from slips.ledger.counters import Counts, HourCounts
from slips.ledger.surge import WEEK_HOURS, Surge, busiest_usual_hour
from slips.model.utc import HOUR, iso

NOW = 1_800_000_000.0 // HOUR * HOUR + 60.0


def hour(back: int, objects: int, lane: str = "fast") -> HourCounts:
    return HourCounts(hour=f"{iso(NOW - back * HOUR)[:13]}:00:00.000Z", lane=lane, objects=objects)


class FakeCounters:
    """Counters of these hours; `read` notes how many were asked for each time."""

    def __init__(self, *hours: HourCounts) -> None:
        self.hours = hours
        self.read: list[int] = []

    def since(self, hours: int) -> Counts:
        self.read.append(hours)
        return Counts(hours=[each for each in self.hours if each.hour >= iso(NOW - (hours + 1) * HOUR)])


def measure(*hours: HourCounts) -> float:
    return Surge(FakeCounters(*hours)).measure(NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "times"),
    [
        ([hour(100, 200), hour(50, 1000), hour(1, 12_000)], 12.0),
        # This hour counts, though it is not over: a loop has 17,000 objects an hour.
        ([hour(50, 1000), hour(1, 10), hour(0, 12_000)], 12.0),
        ([hour(50, 400), hour(50, 600, "slow"), hour(0, 6000), hour(0, 6000, "slow")], 12.0),
        # What began yesterday is not usual yet.
        ([hour(50, 1000), hour(20, 12_000), hour(1, 12_000)], 12.0),
        # Ten times a few objects are a few objects.
        ([hour(50, 1), hour(1, 50)], 0.5),
        ([hour(50, 1), hour(1, 5000)], 50.0),
        # A first day, a backfill of its own among it, has nothing to be compared with.
        ([hour(20, 1), hour(1, 100_000)], 0.0),
        ([hour(100, 1000)], 0.0),
        ([], 0.0),
    ],
)
def test_the_busier_of_two_hours_is_compared_with_the_busiest_of_the_week(
    hours: list[HourCounts], times: float
) -> None:
    assert measure(*hours) == times


def test_the_last_day_is_not_usual() -> None:
    counts = Counts(hours=[hour(23, 7), hour(24, 6), hour(25, 5), hour(26, 4)])
    assert busiest_usual_hour(counts, NOW) == 6


def test_the_week_is_read_once_an_hour() -> None:
    counters = FakeCounters(hour(50, 1000))
    surge = Surge(counters)  # type: ignore[arg-type]
    for at in (0, 300, 600, HOUR):
        surge.measure(NOW + at)
    assert counters.read == [WEEK_HOURS, 1, 1, 1, WEEK_HOURS, 1]
