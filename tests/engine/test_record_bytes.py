"""Batches of a function are bounded in bytes, too: a batch of 500 lines of a mebibyte would be a killed function."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips import Slips
from slips.config.settings import MIB
from slips.engine.record_bytes import MOST_GATHERED, measure
from slips.testing import SlipsTester, make_meta


def deliver(slips: Slips, records: list[str]) -> Any:
    outcome = SlipsTester(slips).lines("json", records)
    outcome.check()
    return outcome


def long_line(number: int, size: int) -> str:
    return json.dumps({"n": number, "text": "x" * size})


@pytest.mark.parametrize("where", [None, lambda meta, event: event["n"] % 2 == 0], ids=["all", "filtered"])
def test_large_records_make_small_batches(slips: Slips, where: Any) -> None:
    sizes: list[list[int]] = []
    slips.on_format("json", batch=500, where=where)(
        lambda batch: sizes.append([len(meta._record) for meta, _ in batch])
    )
    deliver(slips, [long_line(number, MIB) for number in range(20)])
    assert sum(map(len, sizes)) == (20 if where is None else 10)
    assert max(map(sum, sizes)) <= MOST_GATHERED
    assert max(map(len, sizes)) == 3


def test_a_record_larger_than_a_batch_is_alone(slips: Slips) -> None:
    sizes: list[int] = []
    slips.on_format("json", batch=500)(lambda batch: sizes.append(len(batch)))
    deliver(slips, [long_line(1, 10), long_line(2, 5 * MIB), long_line(3, 10), long_line(4, 10)])
    assert sizes == [1, 1, 2]


def test_small_records_make_full_batches(slips: Slips) -> None:
    sizes: list[int] = []
    slips.on_format("json", batch=500)(lambda batch: sizes.append(len(batch)))
    deliver(slips, [long_line(number, 1000) for number in range(10_100)])
    assert set(sizes[:-1]) == {500}
    assert sizes[-1] == 100


def test_a_rare_event_in_many_bytes_does_not_wait_in_a_small_batch(slips: Slips) -> None:
    sizes: list[int] = []
    slips.on_format("json", batch=50, where=lambda meta, event: event["n"] % 100 == 0)(
        lambda batch: sizes.append(len(batch))
    )
    deliver(slips, [long_line(number, 2000) for number in range(10_000)])
    assert sizes == [50, 50]


def test_a_record_with_many_events_counts_once() -> None:
    record = b"x" * 1000
    events = [make_meta({"n": n}, position=1) for n in range(10)]
    for index, meta in enumerate(events):
        meta._record, meta.index = record, index
    assert measure([(meta, None) for meta in events]) == 1000
