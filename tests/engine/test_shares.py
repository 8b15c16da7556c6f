"""A batch is divided so that nothing is left out, doubled or reordered, and its reports add up."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.engine.shares import Share, divide, merge_reports, share_out
from slips.engine.tally import InvocationTally

from ..builders import item, kinesis_record


def record(key: str, size: int | None = 100) -> dict[str, Any]:
    return kinesis_record(item(key, object_size=size))


FOREIGN = {"kinesis": {"data": "bm90IGEgd29yayBpdGVt"}}
records = st.lists(
    st.one_of(
        st.builds(record, st.sampled_from("abcdef"), st.none() | st.integers(0, 10**9)),
        st.just(FOREIGN),
        st.none() | st.text(),
    )
)


@given(records, st.integers(1, 6))
def test_each_record_is_in_one_part_and_those_of_an_object_stay_in_order(batch: list[Any], count: int) -> None:
    batch = [
        {"number": number, "record": each, **(each if isinstance(each, dict) else {})}
        for number, each in enumerate(batch)
    ]
    parts = divide(batch, count)
    assert len(parts) <= count
    assert all(parts)
    assert sorted(each["number"] for part in parts for each in part) == [*range(len(batch))]
    for part in parts:
        assert [each["number"] for each in part] == sorted(each["number"] for each in part)
    for data in {str(each.get("kinesis")) for each in batch}:
        assert sum(any(str(each.get("kinesis")) == data for each in part) for part in parts) <= 1


def test_works_of_one_object_stay_together_whatever_else_they_name() -> None:
    batch = [record("a", 1), record("b", 1), record("a", 2), record("a", None)]
    assert divide(batch, 4) == [[batch[0], batch[2], batch[3]], [batch[1]]]


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ([100, 1, 1, 1], [[0], [1, 2, 3]]),
        ([6, 5, 4, 3], [[0, 3], [1, 2]]),
        ([5, 5, 5, 5], [[0, 2], [1, 3]]),
        ([None, 1, 2], [[0], [1, 2]]),
    ],
)
def test_the_parts_weigh_about_the_same(sizes: list[int | None], parts: list[list[int]]) -> None:
    batch = [record(f"k{n}", size and size * 100_000) for n, size in enumerate(sizes)]
    assert divide(batch, 2) == [[batch[number] for number in part] for part in parts]


def test_many_small_objects_are_dealt_by_their_number() -> None:
    batch = [record("large", 2_000_000), *(record(f"k{number}", 1) for number in range(100))]
    assert [len(part) for part in divide(batch, 2)] == [20, 81]


def test_a_share_is_lambdas_context_to_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1")
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    context = SimpleNamespace(aws_request_id="r", function_name="f", get_remaining_time_in_millis=lambda: 2000)
    [share] = share_out([record("a")], 2, context)
    assert (share.aws_request_id, share.function_name, share.trace_id) == ("r", "f", "Root=1")
    monkeypatch.setattr(time, "monotonic", lambda: 101.5)
    assert share.get_remaining_time_in_millis() == 500
    monkeypatch.setattr(time, "monotonic", lambda: 103.0)
    assert share.get_remaining_time_in_millis() == 0


def test_without_a_context_and_records_there_is_one_share_without_an_end() -> None:
    [share] = share_out([], 2, None)
    assert share == Share(records=[])
    assert share.get_remaining_time_in_millis() == math.inf


def test_reports_add_up() -> None:
    def report(**fields: Any) -> dict[str, Any]:
        return {**InvocationTally().report([]), **fields}

    measures = {"objects": 1, "seconds": [0.5], "ages": [1.0]}
    one = report(
        objects=1, by_format={"a": 1, "b": 2}, by_stage={"read": [1, 1]}, results=[1], measures={"a": measures}
    )
    other = report(
        objects=2, by_format={"b": 3, "c": 4}, by_stage={"read": [2, 5], "parse": [1, 2]}, results=["x"],
        measures={"a": measures, "b": measures}, new_causes=1,
    )  # fmt: skip
    assert merge_reports([one, other]) == report(
        objects=3, by_format={"a": 1, "b": 5, "c": 4}, by_stage={"read": [3, 6], "parse": [1, 2]}, results=[1, "x"],
        measures={"a": {"objects": 2, "seconds": [0.5, 0.5], "ages": [1.0, 1.0]}, "b": measures}, new_causes=1,
    )  # fmt: skip
    assert merge_reports([one]) == one
