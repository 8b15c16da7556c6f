"""When a former lane may end: not before all that is in it was read."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from slips import aws
from slips.ops.deploy import lane_end
from slips.ops.deploy.lane_end import QUIET, is_read_to_its_end

_number = count(1)
CAUGHT_UP, BEHIND = {"Maximum": 0.0}, {"Maximum": 1.0}


@pytest.fixture
def stream() -> str:
    """An empty stream."""
    name = f"lane-end-{next(_number)}"
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    return name


@pytest.fixture
def old(stream: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stream with a record that came long ago, and whose reader has read it."""
    aws.client("kinesis").put_record(StreamName=stream, Data=b"{}", PartitionKey="a")
    now = lane_end._aws_time(stream)
    monkeypatch.setattr(lane_end, "_aws_time", lambda _: now + 2 * QUIET)
    measure(monkeypatch, [CAUGHT_UP])
    report(monkeypatch, "OK")
    return stream


def measure(monkeypatch: pytest.MonkeyPatch, datapoints: list[dict[str, float]]) -> list[Any]:
    """Let CloudWatch answer this; return the requests."""
    requests: list[Any] = []

    def answer(**request: Any) -> Any:
        requests.append(request)
        return {"Datapoints": datapoints}

    monkeypatch.setattr(aws.client("cloudwatch"), "get_metric_statistics", answer)
    return requests


def report(monkeypatch: pytest.MonkeyPatch, result: str | None) -> None:
    """Let Lambda say this of its last batch."""
    monkeypatch.setattr(lane_end, "stream_event_sources", lambda _: [{"LastProcessingResult": result}])


def test_an_empty_stream_is_at_its_end(stream: str) -> None:
    assert is_read_to_its_end(stream)


def test_a_stream_that_somebody_deleted_is_at_its_end() -> None:
    assert is_read_to_its_end("gone")


def test_a_stream_is_at_its_end_when_its_reader_has_read_all_and_nobody_writes(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = measure(monkeypatch, [CAUGHT_UP, CAUGHT_UP])
    assert is_read_to_its_end(old)
    [request] = requests
    assert request["EndTime"] - request["StartTime"] == QUIET
    assert request["Dimensions"] == [{"Name": "StreamName", "Value": old}]


def test_a_stream_into_which_somebody_wrote_just_now_is_not(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    measure(monkeypatch, [CAUGHT_UP])
    report(monkeypatch, "OK")
    assert not is_read_to_its_end(old)


@pytest.mark.parametrize("datapoints", [[], [BEHIND], [CAUGHT_UP, BEHIND]])
def test_a_stream_whose_reader_was_behind_or_did_not_read_is_not(
    old: str, monkeypatch: pytest.MonkeyPatch, datapoints: list[dict[str, float]]
) -> None:
    measure(monkeypatch, datapoints)
    assert not is_read_to_its_end(old)


def test_a_stream_whose_reader_fails_again_and_again_is_not(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report(monkeypatch, "PROBLEM: Function call failed")
    assert not is_read_to_its_end(old)


def test_a_stream_whose_reader_has_not_run_yet_may_be(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report(monkeypatch, None)
    assert is_read_to_its_end(old)


@pytest.mark.parametrize(("behind", "is_at_end"), [(1, False), (0, True)])
def test_a_stream_that_begins_with_empty_pages_is_not_taken_for_empty(
    stream: str, monkeypatch: pytest.MonkeyPatch, behind: int, is_at_end: bool
) -> None:
    page = {"Records": [], "NextShardIterator": "next", "MillisBehindLatest": behind}
    monkeypatch.setattr(aws.client("kinesis"), "get_records", lambda **_: page)
    assert is_read_to_its_end(stream) is is_at_end
