"""An event whose time cannot be read is delivered, and counted where somebody asked for its time."""

from __future__ import annotations

from typing import Any

import pytest

from slips import Meta, Slips
from slips.observability.metrics import invocation_metrics
from slips.testing import SlipsTester

EVENTS = [{"time": "soon"}, {"time": 1772356502}, {"time": 0}, {"time": "N/A"}]


@pytest.mark.parametrize(("asks", "count"), [(True, 2), (False, 0)])
def test_it_is_delivered_and_counted_where_the_time_was_asked_for(slips: Slips, asks: bool, count: int) -> None:
    sources: list[str] = []

    @slips.on_format("json")
    def take(meta: Meta, event: Any) -> None:
        if asks:
            sources.extend({meta.time_source, meta.time_source})

    outcome = SlipsTester(slips).lines("json", EVENTS)
    outcome.check()
    assert sources == (["object", "event", "object", "object"] if asks else [])
    assert outcome.report["time_faults"] == count
    rare = [line.metrics.get("TimeFaults") for line in invocation_metrics("slips", "fast", outcome.report)]
    assert (("Count", count) in rare) is asks


def test_a_filter_of_times_takes_it_with_the_time_of_its_object(slips: Slips) -> None:
    @slips.on_format("json", where=lambda meta, event: meta.timestamp > 0)
    def take(meta: Meta, event: Any) -> None: ...

    assert SlipsTester(slips).lines("json", EVENTS).delivered == {"take": 4}
