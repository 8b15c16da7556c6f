"""The sink of the test kit: it keeps what it is sent, and has the faults that a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chalice import Chalice

from slips import Buffer, EventsFailed, RetryLater, Slips
from slips.engine.outbox import Outbox
from slips.errors import EventFailed, SlipsError
from slips.sinks import Document, Firehose, OpenSearch, Sink
from slips.testing import SinkRecorder, SlipsTester

from ..sinks.documents import documents, failures, pairs


def test_it_keeps_documents_in_order() -> None:
    sink = SinkRecorder()
    batch = documents({"a": 1}, {"b": 2}, {"c": 3})
    sink.send(batch[:2])
    sink.send(batch[2:])
    assert sink.documents == batch
    assert sink.bodies == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert sink.calls == [2, 1]


def test_what_it_keeps_is_what_a_destination_reads() -> None:
    sink, body = SinkRecorder(), {"at": datetime(2026, 3, 1, tzinfo=UTC), "pair": (1, 2)}
    sink.send(documents(body))
    body["at"] = "changed afterwards"
    assert sink.bodies == [{"at": "2026-03-01T00:00:00Z", "pair": [1, 2]}]


def test_a_document_that_json_cannot_hold_fails() -> None:
    sink = SinkRecorder()
    [(position, cause)] = failures(sink, documents(1, "\ud800")).items()
    assert position == 2
    assert "cannot be written as JSON" in str(cause)
    assert sink.bodies == [1]


def test_after_so_many_documents_it_takes_nothing_until_it_recovers() -> None:
    sink = SinkRecorder("audit", later_after=2)
    failed = failures(sink, documents("a", "b", "c"))
    assert {position: type(cause) for position, cause in failed.items()} == {3: RetryLater}
    with pytest.raises(RetryLater, match="audit takes nothing now"):
        sink.send(documents("d", "e"))
    assert sink.bodies == ["a", "b"]
    sink.recover()
    sink.send(documents("d", "e"))
    assert sink.bodies == ["a", "b", "d", "e"]


def test_what_it_refuses_for_good_does_not_count_as_taken() -> None:
    sink = SinkRecorder(later_after=1, fails={1: "no"})
    assert {position: type(cause) for position, cause in failures(sink, documents("a", "b", "c")).items()} == {
        1: EventFailed,
        3: RetryLater,
    }
    assert sink.bodies == ["b"]


@pytest.mark.parametrize(
    "selector",
    [2, ("user", "ada"), lambda document: document.body.get("user") == "ada"],
    ids=["position", "field", "function"],
)
def test_it_refuses_those_documents_that_a_test_names(selector: Any) -> None:
    sink = SinkRecorder(fails={selector: "refused"})
    failed = failures(sink, documents({"user": "grace"}, {"user": "ada"}, {"n": 3}))
    assert {position: (type(cause), str(cause)) for position, cause in failed.items()} == {2: (EventFailed, "refused")}
    assert sink.bodies == [{"user": "grace"}, {"n": 3}]


def test_a_field_is_looked_for_in_objects_alone() -> None:
    sink = SinkRecorder(fails={("user", None): "refused"})
    assert list(failures(sink, documents("user", {}, ["user"], {"user": None}))) == [4]


def test_a_refusal_may_be_an_exception() -> None:
    sink = SinkRecorder(fails={1: RetryLater("not this one"), 2: KeyError("x")})
    failed = failures(sink, documents(1, 2, 3))
    assert {position: type(cause) for position, cause in failed.items()} == {1: RetryLater, 2: KeyError}


def test_each_call_takes_as_long_as_the_test_says() -> None:
    spent: list[float] = []
    sink = SinkRecorder(slow=0.5, sleep=spent.append)
    sink.send(documents(1))
    sink.send(documents(2))
    assert spent == [0.5, 0.5]


def test_several_threads_may_send() -> None:
    sink = SinkRecorder(later_after=900)
    batches = [documents(*range(10)) for _ in range(100)]

    def attempt(batch: list[Document]) -> None:
        with suppress(EventsFailed, RetryLater):
            sink.send(batch)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, batches))
    assert len(sink.documents) == 900
    assert sink.calls == [10] * 100


def test_it_says_how_it_is_to_be_sent_to() -> None:
    sink = SinkRecorder("audit", size=7, concurrency="adaptive")
    assert (sink.kind, sink.destination, sink.size, sink.concurrency) == ("recorder", "audit", 7, "adaptive")
    assert (SinkRecorder().size, SinkRecorder().concurrency) == (500, 1)


def test_the_engine_sends_to_it_as_to_any_sink() -> None:
    sink = SinkRecorder(later_after=3, fails={2: "no"}, size=2, concurrency=2)
    outbox = Outbox(
        lambda pairs: sink.send([Document(*pair) for pair in pairs]), size=sink.size, concurrency=sink.concurrency
    )
    failed: dict[int, type] = {}
    for step in (lambda: outbox.extend(pairs(*range(8))), outbox.flush):
        try:
            step()
        except EventsFailed as fault:
            failed |= {meta.position: type(cause) for meta, cause in fault.failed.items()}
    assert len(sink.documents) == 3
    assert failed[2] is EventFailed
    assert list(failed.values()).count(RetryLater) == 4


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"later_after": -1}, "later_after: -1 is not a number of documents"),
        ({"later_after": True}, "later_after: True is not"),
        ({"slow": -1}, "slow: -1 is not a number of seconds"),
        ({"slow": "1"}, "slow: '1' is not"),
        ({"fails": ["ada"]}, r"fails: \['ada'\] is not a dict"),
        ({"fails": {"ada": "no"}}, r"fails: 'ada' is not the number of a record, \(field, value\), or f\(document\)"),
        ({"fails": {0: "no"}}, "fails: 0 is not"),
        ({"fails": {True: "no"}}, "fails: True is not"),
        ({"fails": {("user", "ada", 1): "no"}}, "is not the number"),
        ({"fails": {(1, "ada"): "no"}}, "is not the number"),
        ({"fails": {1: 500}}, "fails: 1 fails with a text or an exception, not with 500"),
    ],
)
def test_a_fault_that_would_never_happen_is_said(fault: Any, words: str) -> None:
    with pytest.raises(SlipsError, match=words):
        SinkRecorder(**fault)


class TestInATestOfAnApp:
    @pytest.fixture
    def slips(self, tmp_path: Path) -> Slips:
        path = tmp_path / "slips.yml"
        path.write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
        slips = Slips(Chalice("t"), path)
        search = OpenSearch("https://search.example.com", index="logs")
        slips.send("json", to=search, name="one")
        slips.send("json", to=search, name="other", where=lambda meta, event: event["n"] > 1)
        slips.send("json", to=Firehose("audit"), name="third")
        return slips

    def test_sinks_of_slips_send_nothing_and_say_what_they_were_given(self, slips: Slips) -> None:
        run = SlipsTester(slips)
        run.lines("json", [{"n": 1}, {"n": 2}]).check()
        assert [document.body["n"] for document in run.sinks["third"].documents] == [1, 2]
        # One sink of two functions has what both of them sent.
        assert run.sinks["one"] is run.sinks["other"]
        assert sorted(body["n"] for body in run.sinks["one"].bodies) == [1, 2, 2]

    def test_the_next_test_begins_anew(self, slips: Slips) -> None:
        run = SlipsTester(slips)
        run.lines("json", [{"n": 1}])
        run.forget()
        assert run.sinks["third"].documents == []
        run.lines("json", [{"n": 3}])
        assert run.sinks["third"].bodies == [{"n": 3}]

    def test_on_request_they_send(self, slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
        SlipsTester(slips)
        calls: list[int] = []
        monkeypatch.setattr(Firehose, "send", lambda self, documents: calls.append(len(documents)))
        monkeypatch.setattr(OpenSearch, "send", lambda self, documents: calls.append(len(documents)))
        SlipsTester(slips, sends=True).lines("json", [{"n": 1}]).check()
        assert calls == [1, 1]

    def test_the_function_of_a_buffer_and_a_sink_of_ones_own_are_called(self, slips: Slips) -> None:
        got: list[Any] = []

        class Mine(Sink):
            kind, destination = "mine", "here"

            def send(self, documents: Sequence[Document]) -> None:
                got.append("mine")

        slips.send("json", to=Mine())
        slips.send("json", to=Buffer(lambda batch: got.append("buffer")))
        SlipsTester(slips).lines("json", [{"n": 1}]).check()
        assert sorted(got) == ["buffer", "mine"]
