"""What a batch of the stream holds, and what it should not."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from slips.lanes.intake import take_in
from slips.observability.metrics import invocation_metrics

from .. import builders
from ..doubles import RecordingErrors

REPORT = {"measures": {}, "quarantined": 0, "unbalanced": 0, "continued": 0, "crashed": 0}


def test_a_foreign_record_becomes_an_error_item_and_the_others_stay_in_order() -> None:
    errors = RecordingErrors()
    items = [builders.item("a"), builders.item("b")]
    records = [builders.kinesis_record(each) for each in (items[0], b"not ours", items[1], b"{}")]
    intake = take_in({"Records": records}, "fast", errors)
    assert ([each.object_key for each in intake.items], intake.foreign) == (["a", "b"], 2)
    assert {(each.stage, each.lane) for each in errors.failures} == {("dispatch", "fast")}


def test_a_foreign_record_is_one_error_item_in_every_delivery_and_two_of_the_same_data_are_two() -> None:
    errors = RecordingErrors()
    records = [builders.kinesis_record(b"not ours") for _ in range(2)]
    for number, record in enumerate(records):
        record["kinesis"]["sequenceNumber"] = str(number)
    for _ in range(2):
        take_in({"Records": records}, "fast", errors)
    assert len(errors.failures) == 2
    assert len({failure.fingerprint for failure in errors.failures}) == 1
    assert {failure.sample for failure in errors.failures} == {records[0]["kinesis"]["data"]}


def test_foreign_records_are_written_together() -> None:
    """A batch may hold 10,000 of them."""
    errors = Mock(wraps=RecordingErrors())
    take_in({"Records": [builders.kinesis_record(b"%d" % number) for number in range(3)]}, "fast", errors)
    assert errors.record.call_count == 1


@pytest.mark.parametrize(
    ("before", "after"), [({}, [2, 2]), ({"dispatch": [1, 4]}, [3, 6])], ids=["alone", "with others"]
)
def test_foreign_records_are_among_the_error_items_of_the_metrics(
    before: dict[str, list[int]], after: list[int]
) -> None:
    records = [builders.kinesis_record(b"not ours"), builders.kinesis_record(b"nor this")]
    intake = take_in({"Records": records}, "slow", RecordingErrors())
    report = intake.add_foreign({**REPORT, "by_stage": {**before, "parse": [1, 1]}})
    assert report["by_stage"] == {"parse": [1, 1], "dispatch": after}
    lines = invocation_metrics("slips", "slow", report)
    together = [line.metrics["ErrorItems"] for line in lines if [*line.dimensions] == ["stack"]]
    assert together == [("Count", after[0] + 1)]


def test_a_batch_without_foreign_records_changes_no_answer() -> None:
    intake = take_in({"Records": [builders.kinesis_record(builders.item())]}, "fast", RecordingErrors())
    report = {"by_stage": {"parse": [1, 1]}}
    assert intake.add_foreign(report) == {"by_stage": {"parse": [1, 1]}}
