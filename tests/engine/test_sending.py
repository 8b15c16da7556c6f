"""What functions send to sinks, and what their batches do in threads, is in the books like everything else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from slips import Buffer, EventsFailed, Meta, RetryLater, Slips
from slips.config import Mapping
from slips.errors import Killed, RegistrationError, StoreError
from slips.model import work_item
from slips.sinks import Document, Sink
from slips.testing import SlipsTester

Batch = list[tuple[Meta, Any]]


def numbered(first: int, last: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(first, last + 1)]


class Memory(Sink):
    """A sink of the test. Documents of these numbers fail; while it is `down`, all wait."""

    kind = "memory"
    destination = "here"

    def __init__(self, *bad: int, **fields: Any) -> None:
        self.bad = bad
        self.down = False
        self.batches: list[list[Any]] = []
        for name, value in fields.items():
            setattr(self, name, value)

    def send(self, documents: Sequence[Document]) -> None:
        if self.down:
            raise RetryLater("429")
        self.batches.append([body for _, body in documents])
        if failed := {meta: "no" for meta, body in documents if body["n"] in self.bad}:
            raise EventsFailed(failed)

    @property
    def taken(self) -> list[int]:
        return sorted(body["n"] for batch in self.batches for body in batch if body["n"] not in self.bad)


def deliver(tester: SlipsTester, objects: int, events: int) -> Any:
    """Deliver some small objects in one batch."""
    refs = [
        tester.objects.put(
            "logs", f"json/{at}", b"".join(b'{"n":%d}\n' % number for number in range(at * events, (at + 1) * events))
        )
        for at in range(objects)
    ]
    mapping = Mapping(bucket="logs", prefix="json/", chain=("s3-lines", "json"))
    return tester.items([work_item(ref, "s") for ref in refs], mapping)


class TestSend:
    def test_gathers_events_of_many_objects_and_its_books_are_those_of_a_function(self, slips: Slips) -> None:
        sink = Memory(5, size=8)
        slips.send("json", to=sink)
        tester = SlipsTester(slips)
        outcome = deliver(tester, 10, 2)
        assert [len(batch) for batch in sink.batches] == [8, 8, 4]
        [failure] = outcome.errors
        assert (failure.object_key, failure.positions, failure.processor) == ("json/2", "2", "json -> memory here")
        books = {key: progress.books for key, progress in tester.ledger.progress.items()}
        assert all(each.imbalance() == "" for each in books.values())
        assert sum(each.processors["json -> memory here"].delivered for each in books.values()) == 19

    def test_gathers_no_longer_than_the_sink_says(self, slips: Slips) -> None:
        sink = Memory(size=8, most_seconds=0)
        slips.send("json", to=sink)
        deliver(SlipsTester(slips), 3, 2)
        assert [len(batch) for batch in sink.batches] == [2, 2, 2]

    def test_takes_what_the_filters_leave(self, slips: Slips) -> None:
        sink = Memory()
        slips.send("json", to=sink, where=lambda meta, event: event["n"] > 3, contains='"n"', name="large")
        outcome = SlipsTester(slips).lines("json", numbered(1, 6))
        assert (sink.taken, outcome.books.processors["large"].filtered) == ([4, 5, 6], 3)

    def test_of_all_formats(self, slips: Slips) -> None:
        sink = Memory()
        slips.send("*", to=sink)
        SlipsTester(slips).lines("json", numbered(1, 2))
        assert sink.taken == [1, 2]

    def test_to_two_sinks_is_two_functions(self, slips: Slips) -> None:
        one, other = Memory(destination="one"), Memory(2, destination="other")
        slips.send("json", to=one)
        slips.send("json", to=other)
        outcome = SlipsTester(slips).lines("json", numbered(1, 3))
        assert [each.processor for each in outcome.errors] == ["json -> memory other"]
        assert (one.taken, other.taken) == ([1, 2, 3], [1, 3])

    def test_of_one_name_twice_is_refused(self, slips: Slips) -> None:
        slips.send("json", to=Memory())
        with pytest.raises(RegistrationError, match='two functions are named "json -> memory here"'):
            slips.send("json", to=Memory())

    def test_is_found_by_a_drain_after_app_py_was_reordered(self, slips: Slips, tmp_path: Any) -> None:
        sink = Memory(2)
        slips.send("json", to=sink)
        tester = SlipsTester(slips)
        [failure] = tester.lines("json", numbered(1, 3)).errors
        from chalice import Chalice

        later = Slips(Chalice("later"), slips.path)
        mended, another = Memory(), Memory(destination="another")
        later.send("json", to=another)
        later.send("json", to=mended)
        drained = SlipsTester(later)
        drained.errors, drained.objects, drained._mappings = tester.errors, tester.objects, tester._mappings
        outcome = drained.error(failure.request_id)
        assert (mended.taken, another.taken, outcome.errors) == ([2], [], [])

    @pytest.mark.parametrize("sink", [None, Memory, "search", object()])
    def test_to_what_is_no_sink_is_refused(self, slips: Slips, sink: Any) -> None:
        with pytest.raises(RegistrationError, match=r'send\("json"\): to is a sink, such as those of slips.sinks'):
            slips.send("json", to=sink)

    def test_of_an_unknown_format_is_refused(self, slips: Slips) -> None:
        with pytest.raises(RegistrationError, match="jsn"):
            slips.send("jsn", to=Memory())


class TestWhatAFunctionReturns:
    def test_is_sent(self, slips: Slips) -> None:
        sink = Memory()

        @slips.on_format("json", to=sink)
        def odd(meta: Meta, event: Any) -> Any:
            if event["n"] == 4:
                return [{"n": 40}, {"n": 41}]
            return {"n": event["n"]} if event["n"] % 2 else None

        outcome = SlipsTester(slips).lines("json", numbered(1, 5))
        assert sink.taken == [1, 3, 5, 40, 41]
        assert outcome.books.processors["odd"].delivered == 5

    def test_of_several_documents_each_has_an_id_of_its_own(self, slips: Slips) -> None:
        """A destination that creates each id once would take the first one alone."""
        ids: list[str] = []

        class Ids(Memory):
            def send(self, documents: Sequence[Document]) -> None:
                ids.extend(document.id for document in documents)

        @slips.on_format("json", to=Ids())
        def make(meta: Meta, event: Any) -> Any:
            return event if event["n"] == 1 else [{"n": 2}, {"n": 3}]

        outcome = SlipsTester(slips).lines("json", numbered(1, 2))
        one, other = (meta.event_id for meta, _ in outcome.events["make"])
        assert ids == [one, f"{other}.0", f"{other}.1"]

    @pytest.mark.parametrize("value", ["text", 7, b"bytes", [{"n": 1}, "text"]])
    def test_is_a_dict_or_dicts_and_anything_else_costs_the_event(self, slips: Slips, value: Any) -> None:
        sink = Memory()

        @slips.on_format("json", to=sink)
        def make(meta: Meta, event: Any) -> Any:
            return value if event["n"] == 2 else event

        outcome = SlipsTester(slips).lines("json", numbered(1, 3))
        assert [(each.positions, each.error_type) for each in outcome.errors] == [("2", "TypeError")]
        assert {1, 3} <= {*sink.taken}

    def test_where_it_raises_the_event_fails_and_the_others_are_sent(self, slips: Slips) -> None:
        sink = Memory(3)

        @slips.on_format("json", to=sink)
        def make(meta: Meta, event: Any) -> Any:
            if event["n"] == 2:
                raise ValueError("boom")
            return event

        outcome = SlipsTester(slips).lines("json", numbered(1, 4))
        assert {each.positions: each.error_message for each in outcome.errors} == {"2": "boom", "3": "no"}
        assert sink.taken == [1, 4]

    def test_of_which_a_part_failed_makes_the_event_fail(self, slips: Slips) -> None:
        sink = Memory(20)

        @slips.on_format("json", to=sink)
        def make(meta: Meta, event: Any) -> Any:
            return [{"n": event["n"]}, {"n": 10 * event["n"]}]

        [failure] = SlipsTester(slips).lines("json", numbered(1, 3)).errors
        assert failure.positions == "2"

    def test_of_which_all_failed_costs_no_other_event(self, slips: Slips) -> None:
        sink = Memory(20, 21, size=3)

        @slips.on_format("json", to=sink)
        def make(meta: Meta, event: Any) -> Any:
            return [{"n": 10 * event["n"]}, {"n": 10 * event["n"] + 1}]

        outcome = SlipsTester(slips).lines("json", numbered(1, 2))
        assert [(each.positions, each.error_message) for each in outcome.errors] == [("2", "no")]
        assert sink.taken == [10, 11]

    @pytest.mark.parametrize("wrong", [{"batch": 5}, {"concurrency": 2}])
    def test_needs_no_batch(self, slips: Slips, wrong: dict[str, Any]) -> None:
        with pytest.raises(RegistrationError, match="with to=, the sink says batch and concurrency"):
            slips.on_format("json", to=Memory(), **wrong)(lambda meta, event=None: event)


class TestABuffer:
    def test_that_failed_is_empty_for_the_next_object(self, slips: Slips) -> None:
        """4 objects, a bad row in the second: 19 of 20 rows are sent."""
        sent: list[int] = []

        def send(batch: Batch) -> None:
            if any(row["n"] == 7 for _, row in batch):
                raise ValueError("bad row")
            sent.extend(row["n"] for _, row in batch)

        @slips.on_format("json", to=Buffer(send, size=6))
        def slim(meta: Meta, event: Any) -> Any:
            return event

        outcome = deliver(SlipsTester(slips), 4, 5)
        assert sorted(sent) == [number for number in range(20) if number != 7]
        assert [(each.object_key, each.positions, each.error_message) for each in outcome.errors] == [
            ("json/1", "3", "bad row")
        ]

    def test_takes_a_function_and_a_size(self) -> None:
        with pytest.raises(TypeError, match="Buffer takes the function that sends a batch"):
            Buffer([])  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="size is a number of rows from 1 on"):
            Buffer(print, size=0)


class TestADestinationThatTakesNothingNow:
    def test_has_all_wait_and_the_other_function_goes_on(self, slips: Slips) -> None:
        slips.app.schedule("rate(1 minute)")(slips.retry)
        sink, others = Memory(size=3), []
        sink.down = True
        slips.send("json", to=sink)

        @slips.on_format("json")
        def other(meta: Meta, event: Any) -> None:
            others.append(event["n"])

        tester = SlipsTester(slips)
        outcome = tester.lines("json", numbered(1, 10))
        assert (outcome.errors, len(others), outcome.books.imbalance()) == ([], 10, "")
        assert outcome.books.processors["json -> memory here"].waiting == 10
        sink.down = False
        for failure in outcome.waiting:
            assert tester.error(failure.request_id).errors == []
        assert sink.taken == [*range(1, 11)]


class TestConcurrency:
    def test_has_batches_under_way_together_and_a_commit_waits_for_all(self, slips: Slips) -> None:
        together, taken = threading.Barrier(3), []

        @slips.on_format("json", batch=2, concurrency=3)
        def send(batch: Batch) -> None:
            together.wait(10)
            taken.extend(event["n"] for _, event in batch)

        outcome = SlipsTester(slips).lines("json", numbered(1, 12))
        assert (sorted(taken), outcome.books.processors["send"].delivered) == ([*range(1, 13)], 12)

    def test_a_batch_that_raises_fails_whole_and_no_other(self, slips: Slips) -> None:
        @slips.on_format("json", batch=2, concurrency=3)
        def send(batch: Batch) -> None:
            if batch[0][1]["n"] == 5:
                raise ValueError("boom")

        outcome = SlipsTester(slips).lines("json", numbered(1, 12))
        assert [each.positions for each in outcome.errors] == ["5-6"]
        assert outcome.books.imbalance() == ""

    def test_a_kill_repeats_only_what_was_not_committed(self, slips: Slips) -> None:
        taken: list[int] = []

        @slips.on_format("json", batch=2, concurrency=2)
        def send(batch: Batch) -> None:
            taken.extend(event["n"] for _, event in batch)

        SlipsTester(slips).lines("json", numbered(1, 20), checkpoint_every=4, kill_after=14)
        assert {*taken} == {*range(1, 21)}
        assert all(taken.count(number) == 1 for number in range(1, 9))

    @pytest.mark.parametrize("concurrency", [0, -1, 65, "many", True, None])
    def test_is_a_sensible_number(self, slips: Slips, concurrency: Any) -> None:
        with pytest.raises(RegistrationError, match='concurrency is a number from 1 to 64, or "adaptive"'):
            slips.on_format("json", batch=5, concurrency=concurrency)(lambda batch: None)

    def test_is_for_batches(self, slips: Slips) -> None:
        with pytest.raises(RegistrationError, match="concurrency is for batches: write batch=500, too"):
            slips.on_format("json", concurrency=4)(lambda meta, event: None)  # type: ignore[call-overload]

    def test_of_a_sink_is_checked_as_well(self, slips: Slips) -> None:
        with pytest.raises(RegistrationError, match='send\\("json"\\): Memory: concurrency is a number'):
            slips.send("json", to=Memory(concurrency=0))


def test_what_an_invocation_left_behind_that_ended_in_the_middle_is_not_sent_by_the_next(slips: Slips) -> None:
    sink, kills = Memory(size=10_000), [590]

    @slips.on_format("json")
    def other(meta: Meta, event: Any) -> None:
        if event["n"] in kills:
            raise Killed

    slips.send("json", to=sink)
    tester = SlipsTester(slips)
    with pytest.raises(Killed):
        deliver(tester, 1, 600)
    kills.clear()
    outcome = deliver(tester, 1, 600)
    assert (outcome.errors, sink.taken) == ([], [*range(600)])


def test_a_table_that_is_down_costs_no_event(slips: Slips) -> None:
    sink = Memory(size=2)
    slips.send("json", to=sink)
    tester = SlipsTester(slips)
    tester.errors.broken = True
    sink.bad = (1,)
    with pytest.raises(StoreError):
        deliver(tester, 1, 4)
    tester.errors.broken = False
    outcome = deliver(tester, 1, 4)
    assert [each.positions for each in outcome.errors] == ["2"]
