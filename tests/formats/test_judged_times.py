"""What a time field may hold: dates as digits, wrapped dates, zones by name, and what is not a time at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo
from slips.formats.calendar_times import AbsentTime
from slips.formats.fields import time_reader
from slips.formats.registry import get
from slips.formats.timestamps import Unit, any_shape, epoch
from slips.formats.zones import AMBIGUOUS_ZONES, NAMED_ZONES, use_timezones, zone
from tests.each_case import each_case

LANDED = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def utc_text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")


@each_case(
    ("value", "instant"),
    [
        ("20260301", "2026-03-01T00:00:00"),
        (20260301, "2026-03-01T00:00:00"),
        (20260301091502, "2026-03-01T09:15:02"),
        ("20260301091502481", "2026-03-01T09:15:02.481000"),
        ("20260301091502.481Z", "2026-03-01T09:15:02.481000"),
        ("20260301 09:15:02", "2026-03-01T09:15:02"),
        ("20260301101502+0100", "2026-03-01T09:15:02"),
        ("2026-3-1 9:15:02", "2026-03-01T09:15:02"),
        ("2026-02-28T24:00:00Z", "2026-03-01T00:00:00"),
        ("Feb 28 2026 24:00:00", "2026-03-01T00:00:00"),
        ("Feb 28 24:00:00", "2026-03-01T00:00:00"),
        ("2025-12-31T23:59:60Z", "2026-01-01T00:00:00"),
        ("2026-03-01T09:15:02Z[UTC]", "2026-03-01T09:15:02"),
        ("2026-03-01T10:15:02.5+01:00[Europe/Berlin][u-ca=gregory]", "2026-03-01T09:15:02.500000"),
        ("2026-03-01 22:15:02 NZDT", "2026-03-01T09:15:02"),
        ("2026-03-01 18:45:02 ACST", "2026-03-01T09:15:02"),
        ("2026-03-01 11:15:02 GMT+2", "2026-03-01T09:15:02"),
        ("Mar  1 09:15:02", "2026-03-01T09:15:02"),
        ("2026 Mar 01 10:15:02 CET", "2026-03-01T09:15:02"),
        ({"$date": "2026-03-01T09:15:02Z"}, "2026-03-01T09:15:02"),
        ({"$date": 1772356502481}, "2026-03-01T09:15:02.481000"),
        ({"$date": {"$numberLong": "1772356502481"}}, "2026-03-01T09:15:02.481000"),
        ({"seconds": "1772356502", "nanos": 481000000}, "2026-03-01T09:15:02.481000"),
        ({"epochSecond": 1772356502, "nanoOfSecond": 0}, "2026-03-01T09:15:02"),
    ],
    ids=str,
)
def test_a_field_holds_a_time(value: Any, instant: str) -> None:
    assert utc_text(any_shape(value, LANDED)) == instant


@each_case("value", [0, "0", 0.0, "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "Jan 1 0001 00:00:00",
    "1601-01-01T00:00:00Z", "1900-01-01", "1970-01-01T01:00:00.000+01:00", "01/Jan/1970:00:00:00 +0000",
], ids=str)  # fmt: skip
def test_a_zero_is_an_absent_time(value: Any) -> None:
    with pytest.raises(AbsentTime):
        epoch(value)
    assert time_reader("time", LANDED)({"time": value}) is None


@each_case("value", ["N/A", "12ms", "Friday", 5, 0.005, 315532799, 4133980800, -1, 133426773020000000, "20261301",
    "2026-03-01T24:00:01Z", "2026-03-01T09:15:02[Europe/Berlin]", {"$date": {"$date": 1}}, {"$date": None}, {}, [],
    {"seconds": {}, "nanos": 0}, float("nan"), float("inf"), True], ids=str)  # fmt: skip
def test_what_is_not_a_time_is_refused_and_gives_way(value: Any) -> None:
    with pytest.raises(ParseError):
        epoch(value)
    read = time_reader(("a", "b:ms"), LANDED)
    assert read({"a": value, "b": "1772356502481"}) == 1772356502.481
    assert read({"a": "-", "b": 1772356502481}) == 1772356502.481
    with pytest.raises(ParseError):
        read({"a": value, "b": 0})


@each_case(
    ("number", "unit"), [(1772356502, "ms"), (1772356502000, "s"), (1772356502000000, "ns"), (20260301091502, "s")]
)
def test_a_number_of_another_unit_than_documented_is_read_by_its_magnitude(number: int, unit: Unit) -> None:
    assert epoch(number, unit) == 1772356502.0


@pytest.mark.parametrize("name", sorted(AMBIGUOUS_ZONES))
def test_a_zone_of_several_meanings_is_refused_until_it_is_configured(name: str) -> None:
    text = f"2026-03-01 14:45:02 {name}"
    assert name not in NAMED_ZONES
    with pytest.raises(ParseError, match="means several zones"):
        epoch(text)
    use_timezones({name: "+05:30", "CST": "+08:00"})
    try:
        assert epoch(text) == epoch("2026-03-01 17:15:02 CST") == 1772356502.0
    finally:
        use_timezones({})
    assert epoch("2026-03-01 03:15:02 CST") == 1772356502.0


@each_case("offset", ["+", "+123456", "+24:00", "+1:2", "Mars/Base", "+\u0661", "*02"])
def test_what_is_not_an_offset_is_refused(offset: str) -> None:
    with pytest.raises(ParseError):
        zone(offset)


@each_case(
    ("name", "record"),
    [
        ("cloudfront", {"date": "today", "time": "soon", "timestamp(ms)": 0, "timestamp": 1772356502}),
        ("api-gateway-access", {"requestTime": "99/Mar/2026:09:15:02 +0000", "requestTimeEpoch": 1772356502000}),
        ("api-gateway-access", {"requestTime": "N/A", "requestTimeEpoch": 1772356502000}),
        ("windows-event", {"@timestamp": "N/A", "TimeCreated": "/Date(1772356502000)/"}),
        ("sysmon", {"UtcTime": "-", "@timestamp": 0, "EventTime": "2026-03-01 09:15:02"}),
        ("fastly-access", {"timestamp": "soon", "time": 0.005, "start_time": "2026-03-01T09:15:02Z"}),
    ],
)
def test_the_time_fields_of_a_format_give_way_to_each_other(name: str, record: dict[str, Any]) -> None:
    assert get(name).parser(ObjectInfo(event_time=LANDED)).time(record) == 1772356502.0
