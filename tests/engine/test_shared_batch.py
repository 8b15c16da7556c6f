"""A batch in the hands of child processes: what is acknowledged, what is given to another child, what is raised."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from slips.engine import shared_batch
from slips.engine.child_processes import ChildProcesses, Died
from slips.engine.shared_batch import SharedBatch, answer_share, count_processes, start_children
from slips.engine.shares import TRACE_ID, Share
from slips.errors import Killed, ProcessDied, SlipsError, StoreError, StoreRefused
from slips.observability.masking import Secrets

from ..builders import item, kinesis_record

RECORDS = [kinesis_record(item("a")), kinesis_record(item("b"))]


class FakeChildren:
    """Two children that answer at once, or die as often as `deaths` says."""

    count = 2

    def __init__(self, *answers: Callable[[Share], dict[str, Any]], deaths: Sequence[int] = (0, 0)) -> None:
        self.answers = answers
        self.deaths = deaths
        self.repeated = 0

    def ask(self, requests: Sequence[bytes], may_repeat: Callable[[int, Died], bool]) -> list[bytes | Died]:
        answers: list[bytes | Died] = []
        for number, request in enumerate(requests):
            alive = all(may_repeat(number, Died(-9)) for _ in range(self.deaths[number]))
            answers.append(answer_share(request, self.answers[number], Secrets()) if alive else Died(-9))
        return answers


def objects(share: Share) -> dict[str, Any]:
    return {"objects": len(share.records)}


def fails(share: Share) -> dict[str, Any]:
    raise StoreRefused("table ledger: as planned")


def breaks(share: Share) -> dict[str, Any]:
    raise KeyError("as planned")


def shared(*answers: Callable[[Share], dict[str, Any]], deaths: Sequence[int] = (0, 0)) -> SharedBatch:
    children: Any = FakeChildren(*answers, deaths=deaths)
    return SharedBatch(children, max_attempts=2)


def test_the_report_is_that_of_all_shares() -> None:
    batch = shared(objects, objects)
    assert batch.process(RECORDS, None) == {"objects": 2}
    assert batch.fault is None


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [(fails, StoreError, "StoreRefused: table"), (breaks, SlipsError, "KeyError: 'as planned'")],
)
def test_what_one_child_raises_is_raised_behind_the_report_of_the_other(
    answer: Callable[[Share], dict[str, Any]], kind: type[Exception], text: str
) -> None:
    batch = shared(objects, answer)
    assert batch.process(RECORDS, None) == {"objects": 1}
    assert type(batch.fault) is kind
    assert text in str(batch.fault)


def test_where_nothing_is_done_there_is_nothing_to_report() -> None:
    with pytest.raises(StoreError, match="as planned"):
        shared(fails, breaks).process(RECORDS, None)


def test_an_object_that_ends_processes_has_its_attempts_and_the_rest_goes_on() -> None:
    """Two that are counted, and the one in which it becomes an error item."""
    assert shared(objects, objects, deaths=(2, 0)).process(RECORDS, None) == {"objects": 2}


def test_deaths_without_an_end_are_raised() -> None:
    batch = shared(objects, objects, deaths=(3, 0))
    assert batch.process(RECORDS, None) == {"objects": 1}
    assert isinstance(batch.fault, ProcessDied)
    assert "signal 9" in str(batch.fault)


@pytest.mark.parametrize(("remaining", "is_done"), [(6_000, True), (5_000, False)])
def test_no_child_begins_what_the_invocation_has_no_time_for(remaining: int, is_done: bool) -> None:
    batch = shared(objects, objects, deaths=(1, 0))
    batch.process(RECORDS, SimpleNamespace(get_remaining_time_in_millis=lambda: remaining))
    assert (batch.fault is None) == is_done


def test_a_batch_without_records_has_a_report_all_the_same() -> None:
    assert shared(objects).process([], None) == {"objects": 0}


def test_a_child_has_the_trace_of_its_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACE_ID, "Root=of-the-first")
    request = msgspec.json.encode(Share(records=[], trace_id="Root=2"))
    traces: list[str] = []

    def process(share: Share) -> dict[str, Any]:
        traces.append(os.environ[TRACE_ID])
        return {}

    answer_share(request, process, Secrets())
    assert traces == ["Root=2"]


def test_no_secret_leaves_a_child() -> None:
    secrets = Secrets()
    secrets.add(["plugh-of-the-test"])

    def process(share: Share) -> dict[str, Any]:
        raise StoreError("the token plugh-of-the-test is refused")

    answer = answer_share(msgspec.json.encode(Share(records=[])), process, secrets)
    assert b"StoreError: the token" in answer
    assert b"plugh" not in answer


def test_what_ends_the_process_is_no_answer() -> None:
    def process(share: Share) -> dict[str, Any]:
        raise Killed

    with pytest.raises(Killed):
        answer_share(msgspec.json.encode(Share(records=[])), process, Secrets())


@pytest.mark.parametrize(
    ("processes", "memory", "count"),
    [
        ("auto", 128, 1),
        ("auto", 1769, 1),
        ("auto", 2048, 1),
        ("auto", 3008, 2),
        ("auto", 3538, 2),
        ("auto", 10_240, 6),
        (3, 128, 3),
    ],
)
def test_auto_is_a_process_for_each_vcpu(processes: Any, memory: float, count: int) -> None:
    assert count_processes(processes, memory) == count


def test_a_process_with_threads_is_not_forked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    forked: list[ChildProcesses] = []
    monkeypatch.setattr(ChildProcesses, "start", forked.append)
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="of-the-users")
    thread.start()
    try:
        assert start_children(2, bytes, "app") is None
    finally:
        end.set()
        thread.join()
    assert forked == []
    assert "of-the-users" in caplog.text


def test_what_each_child_needs_is_imported_before_the_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setattr(threading, "enumerate", lambda: [threading.current_thread()])
    monkeypatch.setattr(shared_batch, "import_module", steps.append)
    monkeypatch.setattr(shared_batch, "OutputLock", lambda: None)
    monkeypatch.setattr(shared_batch, "write_whole_lines", lambda lock, logger: steps.append(f"lines of {logger}"))
    monkeypatch.setattr(ChildProcesses, "start", lambda children: steps.append(f"{children.count} forked"))
    start_children(2, bytes, "app")
    assert {"botocore.session", "slips.engine.invocation", "slips.reader.s3"} <= {*steps}
    assert steps[-2:] == ["lines of app", "2 forked"]
