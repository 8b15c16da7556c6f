"""A function says which of its events failed: these go to the ErrorTable, each with its cause, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from slips import EventsFailed, Meta, RetryLater, Slips
from slips.errors import EventFailed
from slips.model import Failure
from slips.testing import SlipsTester

from .conftest import MakeSlips

Batch = list[tuple[Meta, Any]]


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(1, count + 1)]


def named(batch: Batch, causes: dict[int, Any]) -> dict[Meta, Any]:
    """The events of these numbers, with their causes."""
    return {meta: causes[event["n"]] for meta, event in batch if event["n"] in causes}


def shown(failures: list[Failure]) -> dict[str, tuple[str, str]]:
    return {each.positions: (each.error_type, each.error_message) for each in failures}


def counts(outcome: Any, name: str) -> tuple[int, int, int]:
    books = outcome.books.processors[name]
    return books.delivered, books.quarantined, books.waiting


class TestInABatchFunction:
    def test_exactly_these_events_fail_each_with_its_cause(self, slips: Slips) -> None:
        @slips.on_format("json", batch=10)
        def send(batch: Batch) -> None:
            if failed := named(batch, {3: "no mapping for [n]", 5: ValueError("5 is odd"), 14: "no mapping for [n]"}):
                raise EventsFailed(failed)

        outcome = SlipsTester(slips).lines("json", numbered(20))
        assert shown(outcome.errors) == {
            "3": ("EventFailed", "no mapping for [n]"),
            "5": ("ValueError", "5 is odd"),
            "14": ("EventFailed", "no mapping for [n]"),
        } or shown(outcome.errors) == {
            "3,14": ("EventFailed", "no mapping for [n]"),
            "5": ("ValueError", "5 is odd"),
        }
        assert counts(outcome, "send") == (17, 3, 0)
        assert outcome.books.imbalance() == ""

    def test_pairs_do_as_well_as_a_dict(self, slips: Slips) -> None:
        @slips.on_format("json", batch=10)
        def send(batch: Batch) -> None:
            raise EventsFailed((meta, "no") for meta, event in batch if event["n"] == 2)

        assert list(shown(SlipsTester(slips).lines("json", numbered(3)).errors)) == ["2"]

    def test_nothing_that_failed_is_no_failure(self, slips: Slips) -> None:
        @slips.on_format("json", batch=10)
        def send(batch: Batch) -> None:
            raise EventsFailed({})

        outcome = SlipsTester(slips).lines("json", numbered(3))
        assert (outcome.errors, counts(outcome, "send")) == ([], (3, 0, 0))

    def test_an_event_of_an_earlier_batch_fails_too(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json", batch=2)
        def send(batch: Batch) -> None:
            held.extend(batch)
            if len(held) == 6:
                raise EventsFailed(named(held, {1: "late", 5: "at once"}))

        outcome = SlipsTester(slips).lines("json", numbered(7))
        assert shown(outcome.errors) == {"1": ("EventFailed", "late"), "5": ("EventFailed", "at once")}
        assert (counts(outcome, "send"), outcome.books.imbalance()) == ((5, 2, 0), "")

    def test_an_event_of_an_earlier_object_fails_too(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json", batch=2)
        def send(batch: Batch) -> None:
            held.extend(batch)
            if len(held) == 4:
                raise EventsFailed({held[0][0]: "late"})

        @slips.on_flush
        def flush() -> None: ...

        tester = SlipsTester(slips)
        refs = [tester.objects.put("logs", f"json/{name}", b'{"n":1}\n{"n":2}\n') for name in "ab"]
        outcome = deliver(tester, refs)
        assert [(each.object_key, each.positions) for each in outcome.errors] == [("json/a", "1")]

    def test_a_type_and_a_filter_change_nothing(self, slips: Slips) -> None:
        @slips.on_format("json", batch=3, where=lambda meta, event: event["n"] % 2 == 0)
        def send(batch: Batch) -> None:
            raise EventsFailed(named(batch, {4: "no"}))

        outcome = SlipsTester(slips).lines("json", numbered(8))
        assert (list(shown(outcome.errors)), counts(outcome, "send")) == (["4"], (3, 1, 0))
        assert outcome.books.processors["send"].filtered == 4

    def test_too_many_of_them_suspend_the_function(self, make_slips: MakeSlips) -> None:
        slips = make_slips("limits: {errors_per_object: 3}")

        @slips.on_format("json", batch=10)
        def send(batch: Batch) -> None:
            raise EventsFailed({meta: "no" for meta, event in batch if event["n"] < 5})

        outcome = SlipsTester(slips).lines("json", numbered(30))
        assert sorted((each.positions, each.resume_from) for each in outcome.errors) == [("", 11), ("1-4", 0)]
        assert (counts(outcome, "send")[0], outcome.books.imbalance()) == (6, "")


def deliver(tester: SlipsTester, refs: list[Any]) -> Any:
    from slips.config import Mapping
    from slips.model import work_item

    mapping = Mapping(bucket="logs", prefix="json/", chain=("s3-lines", "json"))
    return tester.items([work_item(ref, "s") for ref in refs], mapping)


class TestInAFunctionOfOneEvent:
    def test_an_earlier_event_fails_and_this_one_does_not(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json")
        def send(meta: Meta, event: Any) -> None:
            held.append((meta, event))
            if event["n"] == 4:
                raise EventsFailed(named(held, {2: "no"}))

        outcome = SlipsTester(slips).lines("json", numbered(6))
        assert (list(shown(outcome.errors)), counts(outcome, "send")) == (["2"], (5, 1, 0))

    def test_beside_another_function_and_behind_a_filter(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json", where=lambda meta, event: event["n"] > 1)
        def send(meta: Meta, event: Any) -> None:
            held.append((meta, event))
            if event["n"] == 4:
                raise EventsFailed(named(held, {3: "no", 4: "no"}))

        @slips.on_format("json")
        def other(meta: Meta, event: Any) -> None: ...

        outcome = SlipsTester(slips).lines("json", numbered(6))
        assert [(each.processor, each.positions) for each in outcome.errors] == [("send", "3-4")]
        assert (counts(outcome, "send"), counts(outcome, "other")) == ((3, 2, 0), (6, 0, 0))


class TestInOnFlush:
    def test_events_of_several_objects_fail(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json")
        def hold(meta: Meta, event: Any) -> None:
            held.append((meta, event))

        @slips.on_format("json")
        def other(meta: Meta, event: Any) -> None: ...

        @slips.on_flush(of=[hold])
        def flush() -> None:
            batch, held[:] = held[:], []
            raise EventsFailed(named(batch, {2: "no"}))

        tester = SlipsTester(slips)
        refs = [tester.objects.put("logs", f"json/{name}", b'{"n":1}\n{"n":2}\n{"n":3}\n') for name in "ab"]
        outcome = deliver(tester, refs)
        assert sorted((each.object_key, each.processor, each.positions) for each in outcome.errors) == [
            ("json/a", "hold", "2"),
            ("json/b", "hold", "2"),
        ]
        assert (counts(outcome, "hold"), counts(outcome, "other")) == ((2, 1, 0), (3, 0, 0))

    def test_without_of_every_function_that_took_the_event_fails_it(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json")
        def hold(meta: Meta, event: Any) -> None:
            held.append((meta, event))

        @slips.on_format("json", where=lambda meta, event: event["n"] != 2)
        def other(meta: Meta, event: Any) -> None: ...

        @slips.on_flush
        def flush() -> None:
            batch, held[:] = held[:], []
            raise EventsFailed(named(batch, {1: "no", 2: "no"}))

        outcome = SlipsTester(slips).lines("json", numbered(3))
        assert sorted((each.processor, each.positions) for each in outcome.errors) == [("hold", "1-2"), ("other", "1")]
        assert (counts(outcome, "hold"), counts(outcome, "other")) == ((1, 2, 0), (1, 1, 0))

    def test_retry_later_has_these_events_wait_and_the_rest_of_the_object_too(self, slips: Slips) -> None:
        slips.app.schedule("rate(1 minute)")(slips.retry)
        held: Batch = []

        @slips.on_format("json")
        def hold(meta: Meta, event: Any) -> None:
            held.append((meta, event))

        @slips.on_flush(of=[hold])
        def flush() -> None:
            batch, held[:] = held[:], []
            if failed := named(batch, {2: RetryLater("429", after=60)}):
                raise EventsFailed(failed)

        outcome = SlipsTester(slips).lines("json", numbered(6), checkpoint_every=3)
        assert outcome.errors == []
        # The tester has few events a slice; what was read before the checkpoint is given.
        waiting = {(each.positions, each.resume_from) for each in outcome.waiting}
        assert ("2", 0) in waiting
        assert all(positions == "2" or resume_from > 2 for positions, resume_from in waiting)
        assert outcome.books.imbalance() == ""

    @pytest.mark.parametrize("order", [("whole", "named"), ("named", "whole"), ("named", "named")])
    def test_two_hooks_of_one_function_that_fail_count_an_event_once(
        self, slips: Slips, order: tuple[str, ...]
    ) -> None:
        held: Batch = []

        @slips.on_format("json")
        def hold(meta: Meta, event: Any) -> None:
            held.append((meta, event))

        def flush(kind: str) -> None:
            raise EventsFailed(named(held, {2: "no"})) if kind == "named" else ValueError("boom")

        for kind in order:
            slips.on_flush(of=[hold])(lambda kind=kind: flush(kind))
        outcome = SlipsTester(slips).lines("json", numbered(3))
        assert outcome.books.imbalance() == ""
        assert sum(each.failed_count for each in outcome.errors) == 3
        assert counts(outcome, "hold") == (0, 3, 0)


class TestAnEventThatTheFunctionDoesNotHave:
    def fail(self, slips: Slips, name: Any) -> Any:
        kept: Batch = []

        @slips.on_format("json", batch=3)
        def send(batch: Batch) -> None:
            raise EventsFailed({name(kept, batch): "no"}) if batch[0][1]["n"] == 4 else EventsFailed({})

        @slips.on_format("json")
        def other(meta: Meta, event: Any) -> None:
            kept.append((meta, event))

        return SlipsTester(slips).lines("json", numbered(6))

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param(lambda kept, batch: "event 4", id="no meta"),
            pytest.param(lambda kept, batch: Meta(1, {}, b"{}", batch[0][0]._context.source), id="of no object"),
        ],
    )
    def test_is_a_clear_error_and_the_batch_fails_whole(self, slips: Slips, name: Any) -> None:
        outcome = self.fail(slips, name)
        [failure] = outcome.errors
        assert (failure.processor, failure.positions, failure.error_type) == ("send", "4-6", "UnknownEvent")
        assert "name the metas that it was given with the events" in failure.error_message
        assert (counts(outcome, "send"), outcome.books.imbalance()) == ((3, 3, 0), "")

    def test_one_that_is_flushed_is_none_of_it(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json", batch=2)
        def send(batch: Batch) -> None:
            held.extend(batch)
            if batch[0][1]["n"] == 5:
                raise EventsFailed({held[0][0]: "no"})

        outcome = SlipsTester(slips).lines("json", numbered(6), checkpoint_every=2)
        assert {each.error_type for each in outcome.errors} == {"UnknownEvent"}
        assert outcome.books.imbalance() == ""

    def test_one_that_failed_before_is_none_of_it(self, slips: Slips) -> None:
        held: Batch = []

        @slips.on_format("json", batch=2)
        def send(batch: Batch) -> None:
            held.extend(batch)
            raise EventsFailed({held[0][0]: "no"})

        outcome = SlipsTester(slips).lines("json", numbered(4))
        assert sorted((each.positions, each.error_type) for each in outcome.errors) == [
            ("1", "EventFailed"),
            ("3-4", "UnknownEvent"),
        ]


def test_a_cause_is_an_exception_or_a_text() -> None:
    with pytest.raises(TypeError, match=r"maps each meta to an exception or a text, not to 7"):
        EventsFailed({"meta": 7})  # type: ignore[dict-item]


def test_texts_that_differ_by_values_alone_are_one_cause(slips: Slips) -> None:
    texts = ["no field 'user' at 10.0.0.1:443", "no field 'host' at 10.9.8.7:99", 'no "type" at 1']

    @slips.on_format("json", batch=10)
    def send(batch: Batch) -> None:
        raise EventsFailed({meta: texts[event["n"] - 1] for meta, event in batch})

    outcome = SlipsTester(slips).lines("json", numbered(3))
    assert sorted(each.positions for each in outcome.errors) == ["1-2", "3"]


def test_an_exception_that_was_raised_is_known_by_its_line(slips: Slips) -> None:
    def refuse(number: int) -> Exception:
        try:
            raise EventFailed(f"refused: {number * 'x'}")
        except EventFailed as fault:
            return fault

    @slips.on_format("json", batch=10)
    def send(batch: Batch) -> None:
        raise EventsFailed({meta: refuse(event["n"]) for meta, event in batch})

    [failure] = SlipsTester(slips).lines("json", numbered(3)).errors
    assert failure.positions == "1-3"
