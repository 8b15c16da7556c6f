"""What an invocation makes safe, and in which order."""

from __future__ import annotations

import gc
import time
from typing import Any

import msgspec
import pytest

from slips import Meta, Slips
from slips.engine.invocation import process
from slips.engine.run import ObjectRun
from slips.errors import StoreError
from slips.model import Books, ObjectRef, work_item
from slips.model.failures import name_failure
from slips.model.utc import iso
from slips.observability import log_context
from slips.testing import MemoryErrors, SlipsTester

from .conftest import MakeSlips
from .test_delivery import numbered, numbers_of, raise_on


def test_the_same_object_delivered_again_repeats_nothing(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n')
    assert run.object(ref).report["events"] == 1
    assert run.object(ref).report["events"] == 0


@pytest.mark.parametrize("size", [8, None])  # The first is fetched ahead, the second is not.
def test_an_object_named_several_times_in_one_batch_is_read_once(slips: Slips, size: int | None) -> None:
    slips.on_format("json")(raise_on())
    slips.on_flush(lambda: None)  # So that finished objects wait for each other.
    run = SlipsTester(slips)
    other = work_item(run.objects.put("logs", "json/b", b'{"n":2}\n'), "s")
    ref = msgspec.structs.replace(run.objects.put("logs", "json/a", b'{"n":1}\n'), size=size)
    outcome = run.items([work_item(ref, "s"), work_item(ref, "s"), other, work_item(ref, "s")])
    assert numbers_of(outcome, "function") == [1, 2]
    assert set(run.ledger.states.values()) == {"done"}


def test_the_books_say_how_many_bytes_were_read(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    assert run.object(run.objects.put("logs", "json/a", b'{"n":1}\n')).books.bytes == 8


def test_an_object_written_again_is_read_again(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    run.object(run.objects.put("logs", "json/a", b'{"n":1}\n'))
    again = msgspec.structs.replace(run.objects.put("logs", "json/a", b'{"n":2}\n'), sequencer="02")
    assert numbers_of(run.object(again), "function") == [2]


def test_setup_comes_first_once_and_result_last(make_slips: MakeSlips) -> None:
    slips, calls = make_slips("handler: {args: {index: logins}}"), []

    @slips.on_setup
    def setup(args: dict[str, Any]) -> None:
        calls.append(args)

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        calls.append(event["n"])

    @slips.on_flush
    def flush() -> None:
        calls.append("flush")

    @slips.on_result
    def result() -> object:
        calls.append("result")
        return {"calls": len(calls), "not": object}

    run = SlipsTester(slips)
    refs = [run.objects.put("logs", f"json/{name}", b'{"n":%d}' % name) for name in (1, 2)]
    outcome = run.items([work_item(ref, "s") for ref in refs])
    assert calls == [{"index": "logins"}, 1, 2, "flush", "result"]
    assert outcome.results[0]["calls"] == 5


def test_a_failing_setup_quarantines_the_object_and_calls_no_function(slips: Slips) -> None:
    @slips.on_setup
    def setup(args: object) -> None:
        raise ConnectionError("no index")

    slips.on_format("json")(raise_on())
    outcome = SlipsTester(slips).lines("json", numbered(2))
    (failure,) = outcome.errors
    assert (failure.stage, failure.resume_from, failure.positions, failure.untouched) == ("process", 0, "", True)
    assert "ConnectionError: no index" in failure.error_message
    assert outcome.events["function"] == []


def test_a_failing_flush_quarantines_what_it_was_given_except_what_had_failed_already(slips: Slips) -> None:
    slips.on_format("json")(raise_on(2))

    @slips.on_flush
    def flush() -> None:
        raise TimeoutError

    outcome = SlipsTester(slips).lines("json", numbered(5))
    assert sorted(failure.positions for failure in outcome.errors) == ["1,3-5", "2"]
    assert outcome.books.processors["function"].quarantined == 5


def test_a_failing_result_quarantines_as_a_failing_flush_does(slips: Slips) -> None:
    slips.on_format("json")(raise_on())

    @slips.on_result
    def result() -> None:
        raise TimeoutError

    outcome = SlipsTester(slips).lines("json", numbered(3))
    assert [failure.positions for failure in outcome.errors] == ["1-3"]


def test_a_failing_flush_of_a_drained_item_quarantines_its_positions_only(slips: Slips) -> None:
    slips.on_format("json")(raise_on(5))

    @slips.on_flush
    def flush() -> None:
        raise TimeoutError

    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b"".join(b'{"n":%d}\n' % n for n in range(1, 10)))
    item = msgspec.structs.replace(
        work_item(ref, "s"), work_id="again", positions="2,4-5,8", processors=("function",), attempt=1, error_id="e1"
    )
    assert sorted(failure.positions for failure in run.items([item]).errors) == ["2,4,8", "5"]


def test_a_failing_flush_quarantines_the_other_events_of_a_record_of_which_one_had_failed(slips: Slips) -> None:
    @slips.format("pair")
    def pair(record: str) -> Any:
        return [{"word": word} for word in record.split("+")]

    @slips.on_format("pair")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["word"] == "bad":
            raise ValueError

    @slips.on_flush
    def flush() -> None:
        raise TimeoutError

    outcome = SlipsTester(slips).content(("s3-lines", "pair"), b"a+b\nc+bad+d\n")
    assert sorted(failure.positions for failure in outcome.errors) == ["1,2.0,2.2", "2.1"]
    assert outcome.books.imbalance() == ""


def test_an_attempt_that_the_tables_cut_short_does_not_count(slips: Slips) -> None:
    slips.on_format("json")(raise_on(1))
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n')
    run.errors.broken = True
    for _ in range(5):
        with pytest.raises(StoreError):
            run.object(ref)
    run.errors.broken = False
    assert [failure.stage for failure in run.object(ref).errors] == ["process"]


def test_work_that_another_invocation_has_begun_is_left_to_it(slips: Slips) -> None:
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b"".join(b'{"n":%d}\n' % n for n in range(100)))
    item = work_item(ref, "s")

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["n"] == 0:
            run.ledger.begin(item)  # Lambda took this invocation for dead.

    report = run.items([item], remaining=iter([100.0, *[1.0] * 50])).report
    assert run.lanes.take("fast") == []
    assert (report["continued"], run.ledger.states[item.work_id]) == (0, "started")


def test_nothing_is_acknowledged_when_the_error_table_cannot_be_written(slips: Slips) -> None:
    slips.on_format("json")(raise_on(1))
    run = SlipsTester(slips)
    run.errors.broken = True
    with pytest.raises(StoreError):
        run.lines("json", numbered(1))
    assert "done" not in run.ledger.states.values()


def test_nothing_is_acknowledged_when_the_ledger_cannot_be_written(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    run.ledger.broken = True
    with pytest.raises(StoreError):
        run.lines("json", numbered(1))


def test_an_object_without_a_mapping_stops_no_other(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    refs = [run.objects.put("logs", key, b'{"n":1}') for key in ("json/1", "other/2", "json/3")]
    outcome = run.items([work_item(ref, "s") for ref in refs])
    assert len(outcome.events["function"]) == 2
    assert [(failure.stage, failure.object_key) for failure in outcome.errors] == [("route", "other/2")]


def test_a_missing_object_stops_no_other(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    missing = ObjectRef(bucket="logs", key="json/missing", etag="1")
    there = run.objects.put("logs", "json/there", b'{"n":1}')
    outcome = run.items([work_item(missing, "s"), work_item(there, "s")])
    (failure,) = outcome.errors
    assert (failure.stage, failure.error_type, failure.resume_from) == ("read", "ObjectMissing", 1)
    assert len(outcome.events["function"]) == 1


def test_the_report_counts_by_format(slips: Slips) -> None:
    slips.on_format("json")(raise_on(1))
    report = SlipsTester(slips).lines("json", numbered(3)).report
    assert report["by_format"] == {"json": 3}
    assert (report["objects"], report["delivered"], report["quarantined"]) == (1, 2, 1)


def test_the_report_holds_what_the_metrics_are_made_of(slips: Slips) -> None:
    """Stages of what failed, and for each object its seconds and how old it was when it was done."""
    slips.on_format("json")(raise_on(1))
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":0}\n{"n":1}\nnone\n')
    notified = msgspec.structs.replace(ref, event_time=iso(time.time() - 60))
    report = run.object(notified).report
    assert report["by_stage"] == {"parse": [1, 1], "process": [1, 1]}
    (measures,) = report["measures"].values()
    assert (measures["objects"], measures["records"], measures["events"], measures["bytes"]) == (1, 3, 2, 21)
    assert [60 <= age < 120 for age in measures["ages"]] == [True]
    assert [0 <= seconds < 60 for seconds in measures["seconds"]] == [True]


def test_log_lines_name_the_object_that_is_worked_on(slips: Slips) -> None:
    contexts: list[dict[str, str]] = []

    @slips.on_format("json")
    def look(meta: Meta, event: Any) -> None:
        contexts.append(dict(log_context.current()))

    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":0}')
    run.object(ref)
    assert contexts == [{"object": "s3://logs/json/a", "work_id": ref.work_id}]
    assert log_context.current() == {}


def test_a_drained_item_reruns_the_failed_positions_for_the_failed_function_only(slips: Slips) -> None:
    slips.on_format("json")(raise_on())

    @slips.on_format("json")
    def other(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b"".join(b'{"n":%d}\n' % n for n in range(1, 10)))
    item = msgspec.structs.replace(
        work_item(ref, "s"), work_id="again", positions="2-3,7", processors=("function",), attempt=1, error_id="e1"
    )
    outcome = run.items([item])
    assert (numbers_of(outcome, "function"), numbers_of(outcome, "other")) == ([2, 3, 7], [])
    assert run.errors.items == {}


def test_a_drained_item_that_comes_twice_in_a_batch_is_run_once(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n{"n":2}\n')
    item = msgspec.structs.replace(work_item(ref, "s"), work_id="again", positions="2", attempt=1, error_id="e1")
    assert numbers_of(run.items([item, item]), "function") == [2]


def test_a_drained_item_that_fails_again_keeps_its_id_and_counts_its_attempts(slips: Slips) -> None:
    slips.on_format("json")(raise_on(2))
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n{"n":2}\n')
    (first,) = run.object(ref).errors
    (failure,) = run.error(first.request_id).errors
    assert (failure.request_id, failure.attempts, failure.positions) == (first.request_id, 2, "2")


def test_a_drained_item_for_a_removed_function_stays_an_error(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n')
    item = msgspec.structs.replace(
        work_item(ref, "s"), positions="1", processors=("old",), chain="s3-lines json", attempt=1
    )
    (failure,) = run.items([item]).errors
    assert (failure.positions, failure.processor, failure.chain) == ("1", "old", "s3-lines json")
    assert failure.request_id == name_failure(item, "s3-lines json", "old", "1", 0)


def test_near_the_deadline_the_object_is_continued_and_untouched_items_go_back(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    refs = [run.objects.put("logs", f"json/{n}", b"".join(b'{"n":%d}\n' % m for m in range(1, 101))) for n in (1, 2)]
    items = [work_item(ref, "s") for ref in refs]
    first = run.items(items, remaining=iter([100.0, 100.0, 100.0, *[1.0] * 50]))
    rest, untouched = run.lanes.take("fast")
    assert rest.resume_from > 1
    assert untouched == items[1]
    second = run.items([rest, untouched])
    got = [(meta.source.key, event["n"]) for meta, event in first.events["function"] + second.events["function"]]
    assert got == [(f"json/{n}", m) for n in (1, 2) for m in range(1, 101)]
    books = run.ledger.progress[items[0].work_id].books
    assert (books.records, books.processors["function"].delivered) == (100, 100)


def test_a_suspended_function_stays_suspended_in_the_continued_object(make_slips: MakeSlips) -> None:
    """Its error item has the rest already: called again, it would get these events a second time by a drain."""
    slips = make_slips("limits: {errors_per_object: 1}")
    slips.on_format("json")(raise_on(1, 2))

    @slips.on_format("json")
    def sound(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b"".join(b'{"n":%d}\n' % number for number in range(1, 101)))
    first = run.items([work_item(ref, "s")], remaining=iter([100.0, 100.0, 100.0, *[1.0] * 50]))
    (rest,) = run.lanes.take("fast")
    second = run.items([rest])
    assert rest.suspended == ("function",)
    assert numbers_of(second, "function") == []
    assert numbers_of(first, "sound") + numbers_of(second, "sound") == [*range(1, 101)]


def test_an_object_without_progress_is_not_handed_back(slips: Slips) -> None:
    """Time ran out while earlier records were skipped: handed back, that would repeat itself for ever."""
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    lines = b'{"n":1}\n{"n":2}'  # Read in two parts, since the last line has no end.
    item = msgspec.structs.replace(work_item(run.objects.put("logs", "json/a", lines), "s"), resume_from=2)
    assert numbers_of(run.items([item], remaining=iter([1.0] * 50)), "function") == [2]
    assert numbers_of(run.items(run.lanes.take("fast"), remaining=iter([1.0] * 50)), "function") == []
    assert run.lanes.take("fast") == []
    assert run.ledger.states == {item.work_id: "done"}


def test_an_object_after_the_first_is_handed_back_without_progress_of_its_own(slips: Slips) -> None:
    """It may be the first of a later batch; if it stayed, the end of this invocation would cost it an attempt."""
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    small, large = (run.objects.put("logs", f"json/{name}", b'{"n":1}\n{"n":2}') for name in "ab")
    item = msgspec.structs.replace(work_item(large, "s"), resume_from=2)
    outcome = run.items([work_item(small, "s"), item], remaining=iter([100.0] * 5 + [1.0] * 50))
    assert numbers_of(outcome, "function") == [1, 2]
    assert [rest.resume_from for rest in run.lanes.take("fast")] == [2]


def test_what_a_closed_lane_refuses_near_the_deadline_becomes_error_items(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    refs = [run.objects.put("logs", f"json/{n}", b"".join(b'{"n":%d}\n' % m for m in range(1, 101))) for n in (1, 2)]
    run.lanes.closed = True
    outcome = run.items(
        [work_item(ref, "s") for ref in refs], remaining=iter([100.0, 100.0, 100.0, *[1.0] * 50])
    )  # fmt: skip
    delivered = len(outcome.events["function"])
    items = {(failure.object_key, failure.stage, failure.resume_from) for failure in run.errors.items.values()}
    assert items == {("json/1", "dispatch", delivered + 1), ("json/2", "dispatch", 1)}


def test_books_that_do_not_balance_are_an_error_item(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    monkeypatch.setattr(ObjectRun, "segment", lambda self: Books(records=2, parsed=1))
    outcome = run.object(run.objects.put("logs", "json/a", b'{"n":1}\n'))
    items = [(failure.stage, failure.error_type, failure.resume_from) for failure in outcome.errors]
    assert items == [("crash", "Unbalanced", 1)]
    assert outcome.report["unbalanced"] == 1


@pytest.mark.parametrize(("name", "field"), [("Unbalanced", "unbalanced"), ("Crashed", "crashed")])
def test_an_exception_of_the_users_with_a_name_of_ours_is_not_measured_as_ours(
    slips: Slips, name: str, field: str
) -> None:
    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        raise type(name, (Exception,), {})

    outcome = SlipsTester(slips).lines("json", [{"n": 1}])
    assert [failure.error_type for failure in outcome.errors] == [name]
    assert outcome.report[field] == 0


def test_an_object_that_crashed_max_attempts_times_becomes_an_error_item(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b'{"n":1}\n')
    for _ in range(slips.config.limits.max_attempts):
        run.ledger.begin(work_item(ref, "s"))
    outcome = run.object(ref)
    assert (outcome.errors[0].stage, outcome.errors[0].resume_from) == ("crash", 1)
    assert (outcome.events["function"], outcome.report["crashed"]) == ([], 1)
    assert run.object(ref).errors == []


def test_a_suspect_is_begun_when_everything_before_it_is_safe(slips: Slips) -> None:
    run, safe = SlipsTester(slips), []
    new, suspect = (work_item(run.objects.put("logs", f"json/{n}", b'{"n":%d}' % n), "s") for n in (1, 2))
    run.ledger.begin(suspect)

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        safe.append((event["n"], run.ledger.states[new.work_id]))

    slips.on_flush(lambda: None)  # So that finished objects wait for each other.
    run.items([new, suspect])
    assert safe == [(1, "started"), (2, "done")]


def test_an_error_of_the_engine_itself_stops_one_object_only(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    refs = [run.objects.put("logs", f"json/{n}", b'{"n":1}') for n in (1, 2)]
    open_object = run.objects.open

    def broken(ref: ObjectRef) -> Any:
        if ref.key == "json/1":
            raise ZeroDivisionError
        return open_object(ref)

    monkeypatch.setattr(run.objects, "open", broken)
    outcome = run.items([work_item(ref, "s") for ref in refs])
    assert [failure.stage for failure in outcome.errors] == ["crash"]
    assert outcome.report["events"] == 1


def test_the_failures_of_a_drained_item_never_replace_one_another(slips: Slips) -> None:
    """Two commits of one run, and a run that resumes where another stopped."""
    slips.on_format("json")(raise_on(2, 60, 90))
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/a", b"".join(b'{"n":%d}\n' % n for n in range(1, 101)))
    item = msgspec.structs.replace(
        work_item(ref, "s"), work_id="again", processors=("function",), attempt=1, error_id="e1"
    )
    run.items([item], remaining=iter([100.0] * 3 + [1.0] * 50))
    [rest] = run.lanes.take("fast")
    assert 2 < rest.resume_from < 60
    run.items([rest])
    failures = [*run.errors.items.values()]
    assert [failure.positions for failure in failures] == ["2", "60,90"]
    ids = [name_failure(item, each.chain, "function", each.positions, 0) for each in failures]
    assert [failure.request_id for failure in failures] == ids
    assert len({*ids, "e1"}) == 3


def test_no_secret_gets_into_an_error_item_or_the_log(
    make_slips: MakeSlips, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    slips = make_slips("handler: {args: {token: ssm:/token}}")

    class Ssm:
        def get_parameter(self, Name: str, WithDecryption: bool) -> Any:
            return {"Parameter": {"Value": "hunter-2-token"}}

    monkeypatch.setattr("slips.aws.client", lambda name: Ssm())
    tokens: list[str] = []

    @slips.on_setup
    def setup(args: dict[str, Any]) -> None:
        tokens.append(args["token"])

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        raise ValueError(f"refused with {tokens[0]}")

    @slips.on_flush
    def flush() -> None:
        raise TimeoutError(f"sent with {tokens[0]}")

    errors = MemoryErrors()
    monkeypatch.setattr(slips, "quarantine", errors)
    tester = SlipsTester(slips)
    worker = slips.worker
    worker.objects, worker.ledger, worker.lanes = tester.objects, tester.ledger, tester.lanes
    ref = tester.objects.put("logs", "json/a", b'{"n":"hunter-2-token"}\n')
    process(worker, "fast", [work_item(ref, "s")])
    [failure] = errors.items.values()
    assert failure.error_message == "refused with «secret»"
    assert failure.sample == '{"n":"«secret»"}'
    assert "hunter" not in failure.traceback
    assert "«secret»" in caplog.text
    assert "hunter" not in caplog.text


def test_the_cycle_collector_runs_less_often_while_functions_run(slips: Slips) -> None:
    """Its thresholds are restored afterwards."""
    before, met = gc.get_threshold(), []

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        met.append(gc.get_threshold()[0])

    run = SlipsTester(slips)
    run.object(run.objects.put("logs", "json/a", b'{"n":1}\n'))
    assert met == [50_000]
    assert gc.get_threshold() == before
