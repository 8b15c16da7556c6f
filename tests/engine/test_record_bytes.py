"""Batches of a function are bounded in bytes, too: a batch of 500 lines of a mebibyte would be a killed function."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slips import Slips
from slips.config import Mapping
from slips.config.settings import MIB
from slips.engine.record_bytes import MOST_GATHERED, measure, weigh_all
from slips.errors import ParseError
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


@pytest.fixture
def cycles() -> Iterator[Callable[[], list[Any]]]:
    """Return what gives the exceptions that only the cycle collector would free: each holds its frames, and so records,
    until the collector runs, which large texts do not call for."""

    def find() -> list[Any]:
        gc.collect()
        return [each for each in gc.garbage if isinstance(each, ValueError | ParseError)]

    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield find
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("options", [{}, {"batch": 2}], ids=str)
def test_what_failed_is_not_held(slips: Slips, options: Any, cycles: Callable[[], list[Any]]) -> None:
    @slips.on_format("json", **options)
    def function(*event: Any) -> None:
        raise ValueError("no")

    SlipsTester(slips).lines("json", [{"n": n} for n in range(50)])
    assert cycles() == []


@pytest.mark.parametrize("chain", [("s3-lines", "json"), ("s3-lines", "cri", "json")], ids=str)
def test_a_record_that_cannot_be_parsed_is_not_held(
    slips: Slips, chain: tuple[str, ...], cycles: Callable[[], list[Any]]
) -> None:
    slips.on_format("json")(lambda meta, event: None)
    tester = SlipsTester(slips)
    ref = tester.objects.put("logs", "x", b"".join(b"2026-03-01T09:15:02Z stdout F {%d\n" % n for n in range(90)))
    tester.object(ref, Mapping(bucket="logs", prefix="x", chain=chain))
    assert cycles() == []


def test_a_record_of_many_values_counts_for_more_than_its_bytes() -> None:
    ordinary = json.dumps(
        [{"name": f"user {n}", "address": f"192.0.2.{n % 256}", "bytes": n} for n in range(500)]
    ).encode()
    lists = b"[" + b"[]," * 30_000 + b"1]"
    assert weigh_all([ordinary]) == len(ordinary)
    assert weigh_all([lists]) > 3 * len(lists)
    assert weigh_all([b"[[],[]]"] * 100) == 700
