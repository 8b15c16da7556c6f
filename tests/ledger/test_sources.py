"""Sources: when each mapping last got an object, how long that usually takes, and which are silent."""

from __future__ import annotations

from typing import Any

import pytest

from slips.aws.dynamodb import Table
from slips.config import Mapping, Rule
from slips.config.settings import AlarmLimits
from slips.ledger.counters import Counters
from slips.ledger.ledger import KEY
from slips.ledger.silence import LEAST_SECONDS, read_sources
from slips.ledger.sources import MOST_DAYS, Sources, SourceTimes, newest_by_mapping, source_key
from slips.model.utc import DAY, HOUR, iso

from ..builders import config, item
from ..doubles import StillClock
from .conftest import NOON

MONDAY = 1_767_571_200  # 2026-01-05
WAF, LOGIN = (Mapping(bucket="logs", prefix=prefix, chain=("s3-lines", "json")) for prefix in ("waf/", "login/"))


@pytest.fixture
def sources(dynamodb: Any, table: str, clock: StillClock) -> Sources:
    return Sources(Table(dynamodb, table, KEY), clock)


def times(sources: Sources, mapping: Mapping = WAF) -> SourceTimes:
    return sources.read([mapping])[source_key(mapping)]


def land(sources: Sources, clock: StillClock, at: float, mapping: Mapping = WAF) -> None:
    """Let an object land, and be read at once."""
    clock.now = at
    sources.record({mapping: at})


def test_of_a_source_the_newest_object_and_the_longest_gap_of_each_day_are_known(
    sources: Sources, clock: StillClock
) -> None:
    for at in (0, 600, 4200, 5000, DAY + 100, DAY + 700):
        land(sources, clock, MONDAY + at)
    known = times(sources)
    assert (known.first_at, known.last_at) == (MONDAY, MONDAY + DAY + 700)
    assert known.gaps == {"2026-01-05": 3600, "2026-01-06": DAY - 4900}


def test_sources_are_known_apart(sources: Sources, clock: StillClock) -> None:
    land(sources, clock, MONDAY)
    land(sources, clock, MONDAY + 100, LOGIN)
    assert {key: known.last_at for key, known in sources.read([WAF, LOGIN]).items()} == {
        source_key(WAF): MONDAY, source_key(LOGIN): MONDAY + 100,
    }  # fmt: skip


def test_a_source_is_the_same_wherever_its_mapping_stands_and_whatever_its_format() -> None:
    moved = Mapping(bucket="logs", prefix="waf/", chain=("raw",), path="bucket_mapping.logs[7]", silent_minutes=5)
    assert source_key(moved) == source_key(WAF)
    others = [
        Mapping(bucket="logs", prefix="waf/", chain=WAF.chain, **{key: "x"}) for key in ("suffix", "match")
    ]  # fmt: skip
    assert len({source_key(each) for each in (WAF, LOGIN, *others)}) == 4


def test_an_older_object_says_nothing(sources: Sources, clock: StillClock) -> None:
    """As of a backfill or a drain."""
    land(sources, clock, MONDAY + DAY)
    clock.now += 100
    sources.record({WAF: MONDAY})
    assert (times(sources).last_at, times(sources).gaps) == (MONDAY + DAY, {})


def test_a_clock_that_is_ahead_does_not_make_a_source_look_alive(sources: Sources, clock: StillClock) -> None:
    clock.now = MONDAY
    sources.record({WAF: MONDAY + 30 * DAY})
    assert times(sources).last_at == MONDAY


def test_a_process_writes_once_a_minute_at_most(dynamodb: Any, table: str, clock: StillClock) -> None:
    sources = Sources(Counted(dynamodb, table), clock)  # type: ignore[arg-type]
    for second in range(0, 130, 10):
        land(sources, clock, MONDAY + second)
    assert sources._table.updates == 3  # type: ignore[attr-defined]


class Counted(Table):
    """A table that counts its updates of times, not of gaps."""

    def __init__(self, dynamodb: Any, name: str) -> None:
        super().__init__(dynamodb, name, KEY)
        self.updates = 0

    def update(self, key: str, expression: str, *arguments: Any, **options: Any) -> Any:
        self.updates += "#last_at" in expression
        return super().update(key, expression, *arguments, **options)


def test_processes_that_read_the_same_object_count_no_gap_twice(dynamodb: Any, table: str, clock: StillClock) -> None:
    both = [Sources(Table(dynamodb, table, KEY), clock) for _ in range(2)]
    for at in (MONDAY, MONDAY + 300):
        for sources in both:
            land(sources, clock, at)
    assert times(both[0]).gaps == {"2026-01-05": 300}


def test_days_before_the_last_ones_are_forgotten(sources: Sources, clock: StillClock) -> None:
    for day in range(MOST_DAYS + 3):
        land(sources, clock, MONDAY + day * DAY)
    known = times(sources)
    assert len(known.gaps) == MOST_DAYS
    assert min(known.gaps) == "2026-01-08"


def test_a_source_that_is_silent_for_a_year_is_forgotten(
    sources: Sources, clock: StillClock, dynamodb: Any, table: str
) -> None:
    land(sources, clock, MONDAY)
    [row] = dynamodb.scan(TableName=table)["Items"]
    assert int(row["expires_at"]["N"]) == MONDAY + 365 * DAY


class TestTheUsualGap:
    def test_is_the_longest_of_a_week_at_least(self) -> None:
        gaps = {"2026-01-05": 60, "2026-01-06": 10 * HOUR}
        assert SourceTimes(first_at=MONDAY, last_at=MONDAY + 7 * DAY - 1, gaps=gaps).usual_gap is None
        assert SourceTimes(first_at=MONDAY, last_at=MONDAY + 7 * DAY, gaps=gaps).usual_gap == 10 * HOUR
        assert SourceTimes(first_at=MONDAY, last_at=MONDAY + 7 * DAY).usual_gap is None

    def test_is_no_outage_that_happened_once(self) -> None:
        gaps = {f"2026-01-{day:02}": 60 for day in range(1, MOST_DAYS)} | {"2026-01-20": 2 * DAY}
        assert SourceTimes(first_at=0, last_at=MONDAY, gaps=gaps).usual_gap == 60

    def test_is_that_of_the_weekends(self) -> None:
        gaps = {f"2026-01-{day:02}": 15 * HOUR for day in range(1, MOST_DAYS - 1)}
        gaps |= dict.fromkeys(("2026-01-19", "2026-01-26"), 63 * HOUR)
        assert SourceTimes(first_at=0, last_at=MONDAY, gaps=gaps).usual_gap == 63 * HOUR


def test_of_a_batch_the_newest_object_of_each_mapping_counts() -> None:
    settings = config(mappings=(WAF, LOGIN), routing=(Rule(dest="fast"),))
    items = [
        item("waf/1", event_time=iso(MONDAY)), item("waf/2", event_time=iso(MONDAY + 9)),
        item("waf/3", event_time=iso(MONDAY + 5)), item("login/1", event_time=iso(MONDAY + 7)),
        item("elsewhere/1", event_time=iso(MONDAY)), item("login/2", event_time="yesterday"),
        item("login/3", event_time=""),
    ]  # fmt: skip
    assert newest_by_mapping(settings, items) == {WAF: MONDAY + 9, LOGIN: MONDAY + 7}


class TestSilence:
    @pytest.mark.parametrize(
        ("factor", "minutes", "after", "allowed", "is_silent"),
        [
            (3, None, 3 * HOUR, 3 * HOUR, False),
            (3, None, 3 * HOUR + 1, 3 * HOUR, True),
            (1.5, None, 2 * HOUR, 1.5 * HOUR, True),
            (0.1, None, LEAST_SECONDS, LEAST_SECONDS, False),  # No source is silent within a quarter of an hour.
            (0.1, None, LEAST_SECONDS + 1, LEAST_SECONDS, True),
            (0, None, 300 * DAY, None, False),
            (3, 5, 301, 300, True),  # Of its own in slips.yml: nothing is learned.
            (0, 5, 301, 300, True),
            (3, 0, 300 * DAY, None, False),
        ],
    )
    def test_is_longer_than_usual_or_than_slips_yml_allows(
        self,
        sources: Sources,
        clock: StillClock,
        factor: float,
        minutes: int | None,
        after: int,
        allowed: int,
        is_silent: bool,
    ) -> None:
        for hour in range(7 * 24 + 1):
            land(sources, clock, MONDAY + hour * HOUR)
        mapping = Mapping(bucket="logs", prefix="waf/", chain=WAF.chain, silent_minutes=minutes)
        settings = config(mappings=(mapping,), alarms=AlarmLimits(silence=factor))
        [state] = read_sources(sources, settings, MONDAY + 7 * DAY + after)
        assert (state.usual_gap_seconds, state.silent_seconds, state.last_at) == (HOUR, after, iso(MONDAY + 7 * DAY))
        assert (state.allowed_seconds, state.is_silent) == (allowed, is_silent)

    def test_is_not_judged_before_a_week_is_over_or_the_first_object_came(
        self, sources: Sources, clock: StillClock
    ) -> None:
        land(sources, clock, MONDAY)
        land(sources, clock, MONDAY + 60)
        known, never = read_sources(sources, config(mappings=(WAF, LOGIN)), MONDAY + 300 * DAY)
        assert (known.is_silent, known.allowed_seconds, known.usual_gap_seconds) == (False, None, None)
        assert (never.is_silent, never.last_at, never.silent_seconds) == (False, None, None)

    def test_the_silent_come_first_the_longest_before_the_others(self, sources: Sources, clock: StillClock) -> None:
        names = ("a", "b", "c", "d")
        mappings = [Mapping(bucket="logs", prefix=name, chain=("raw",), silent_minutes=60) for name in names]
        for mapping, hours in zip(mappings, (9, 2, 9, 5), strict=True):
            land(sources, clock, MONDAY + hours * HOUR, mapping)
        settings = config(mappings=(*mappings, mappings[0]))
        states = read_sources(sources, settings, MONDAY + 9 * HOUR)
        assert [state.prefix for state in states] == ["b", "d", "a", "c"]


def test_the_counters_note_the_sources_of_an_invocation(dynamodb: Any, table: str, clock: StillClock) -> None:
    counters = Counters(dynamodb, table, clock)
    counters.record("fast", {"objects": 1}, 0.1, {WAF: NOON - 5})
    assert times(counters.sources).last_at == NOON - 5
    assert counters.since(0).hours[0].objects == 1


def test_a_table_that_does_not_answer_costs_no_event(
    dynamodb: Any, table: str, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    counters = Counters(dynamodb, f"{table}-missing", clock)
    counters.record("fast", {"objects": 1}, 0.1, {WAF: MONDAY})
    assert "counters: left out" in caplog.text
