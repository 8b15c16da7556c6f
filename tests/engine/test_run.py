"""One object's run: its books at every moment, its commits, its slices."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips import Meta, Slips
from slips.engine.run import ObjectRun
from slips.engine.slices import LARGEST, TARGET, SliceSizer
from slips.errors import CorruptObject, LimitExceeded
from slips.model import work_item
from slips.model.failures import name_failure
from slips.model.ports import Progress
from slips.reader.framing import Batch, RecordFault
from slips.testing import SlipsTester

from ..builders import item
from .conftest import MakeSlips
from .test_delivery import numbered, raise_on


def run_of(slips: Slips, work: Any = None, **progress: Any) -> ObjectRun:
    """A run of an object of JSON lines for all functions of `slips`."""
    chain = slips.chain(("s3-lines", "json"))
    functions = slips.functions.of_format("json")
    return ObjectRun(work or item(), chain, functions, "fast", slips.config.limits, Progress(**progress))


def batch(first: int, count: int, **fields: Any) -> Batch:
    """Consecutive records {"n": position}."""
    records = [b'{"n":%d}' % number for number in range(first, first + count)]
    return Batch(first=first, count=count, **{"records": records, **fields})


def deliver(run: ObjectRun, *batches: Batch) -> None:
    """Deliver these batches; the object may go on after the last."""
    for each in batches:
        list(run.deliver(each, SliceSizer()))


def test_an_error_item_names_its_lane_and_format(slips: Slips) -> None:
    slips.on_format("json")(raise_on(1))
    (failure,) = SlipsTester(slips).lines("json", numbered(1)).errors
    assert (failure.lane, failure.format) == ("fast", "json")


def test_a_failing_flush_quarantines_what_came_since_the_last_flush(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = run_of(slips)
    deliver(run, batch(1, 3))
    run.note_flush()
    deliver(run, batch(4, 2))
    run.fail_unflushed(TimeoutError())
    (failure,) = run.take_failures()
    assert (failure.positions, failure.failed_count) == ("4-5", 2)
    assert (run.books().processors["function"].delivered, run.books().processors["function"].quarantined) == (3, 2)


def test_a_resumed_object_adds_to_its_earlier_books(slips: Slips) -> None:
    slips.on_format("json")(raise_on(5))
    first = run_of(slips)
    deliver(first, batch(1, 3))
    second = run_of(slips, resume_from=4, books=first.books())
    deliver(second, Batch(first=1, count=3, records=[], positions=[], out_of_range=3), batch(4, 3))
    books = second.books()
    assert (books.records, books.parsed, books.events, second.next_position) == (6, 6, 6, 7)
    assert msgspec.to_builtins(books.processors["function"]) == {
        "delivered": 5, "filtered": 0, "quarantined": 1, "waiting": 0,
    }  # fmt: skip


def test_after_broken_bytes_the_rest_is_one_item_and_what_came_before_counts(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = run_of(slips)
    deliver(run, batch(1, 3))
    run.fail("read", CorruptObject("ends in the middle"))
    (failure,) = run.take_failures()
    assert (failure.stage, failure.resume_from, failure.positions, run.state) == ("read", 4, "", "failed")
    assert run.books().processors["function"].delivered == 3


def test_of_a_drained_item_only_its_remaining_positions_fail(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    work = msgspec.structs.replace(item(), positions="2,5-7", processors=("function",), error_id="e1", attempt=1)
    run = run_of(slips, work)
    deliver(run, batch(1, 3, records=[b'{"n":2}'], positions=[2], out_of_range=2))
    run.fail("read", CorruptObject("ends in the middle"))
    (failure,) = run.take_failures()
    assert (failure.positions, failure.processor, failure.chain) == ("5-7", "function", "s3-lines json")
    assert failure.request_id == name_failure(work, "s3-lines json", "function", "5-7", 0)


def test_only_a_drained_item_that_fails_exactly_as_before_keeps_its_id(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    first = run_of(slips, item(positions="2,5-7", processors=("function",)))
    first.fail("read", CorruptObject("ends in the middle"))
    (failure,) = first.take_failures()
    work = msgspec.structs.replace(first.item, work_id="again", error_id=failure.request_id, attempt=1)
    again, later = run_of(slips, work), run_of(slips, work)
    again.fail("read", CorruptObject("ends in the middle"))
    deliver(later, batch(1, 3, records=[b'{"n":2}'], positions=[2], out_of_range=2))
    later.fail("read", CorruptObject("ends in the middle"))
    ids = [failure.request_id for run in (again, later) for failure in run.take_failures()]
    assert [request_id == failure.request_id for request_id in ids] == [True, False]


def test_a_record_that_the_reader_could_not_give_is_unparsable(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    too_long = RecordFault(2, LimitExceeded("line 2 is too long"), b"xxx")
    run = run_of(slips)
    deliver(run, batch(1, 1), Batch(first=2, count=1, records=[], positions=[], faults=[too_long]), batch(3, 1))
    (failure,) = run.take_failures()
    assert (failure.stage, failure.positions, failure.sample) == ("parse", "2", "xxx…")
    assert (run.books().records, run.books().unparsable, run.segment().imbalance()) == (3, 1, "")


def test_a_reader_that_loses_records_is_noticed(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    for batches in ([batch(1, 3, records=[b'{"n":1}'])], [batch(1, 2), batch(4, 1)]):
        run = run_of(slips)
        deliver(run, *batches)
        assert run.take_imbalance()


def test_books_are_right_where_too_many_records_are_unparsable(make_slips: MakeSlips) -> None:
    slips = make_slips("limits: {errors_per_object: 2}")
    slips.on_format("json")(raise_on())
    outcome = SlipsTester(slips).lines("json", ['{"n":1}', *["{]}"] * 23])
    rest = max(failure.resume_from for failure in outcome.errors)
    assert (outcome.books.records, outcome.books.parsed, outcome.books.unparsable, rest) == (4, 1, 3, 5)
    assert outcome.books.imbalance() == ""


def test_a_comment_is_counted_but_is_not_an_event(slips: Slips) -> None:
    @slips.format("commented")
    def commented(record: str) -> Any:
        return None if record.startswith("#") else {"text": record}

    @slips.on_format("commented")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("commented", ["# one", "two", "# three"])
    books = outcome.books
    assert (books.records, books.headers, books.parsed, books.events) == (3, 2, 1, 1)


def test_a_parser_that_raises_between_its_events_delivers_none_of_them(slips: Slips) -> None:
    @slips.format("torn")
    def torn(record: str) -> Any:
        yield {"n": 1}
        if record == "bad":
            raise ValueError("second half")

    @slips.on_format("torn")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("torn", ["good", "bad", "good"])
    assert [meta.position for meta, _ in outcome.events["function"]] == [1, 3]
    assert (outcome.books.unparsable, outcome.books.parsed) == (1, 2)


def test_a_parser_that_returns_something_else_gets_error_items(slips: Slips) -> None:
    @slips.format("odd")
    def odd(record: str) -> Any:
        return {"text": "text", "number": 7, "list": [1]}[record]

    slips.on_format("odd")(raise_on())
    outcome = SlipsTester(slips).lines("odd", ["text", "number", "list"])
    assert [failure.error_type for failure in outcome.errors] == ["ParseError"] * len(outcome.errors)
    assert sum(failure.failed_count for failure in outcome.errors) == 3


def test_headers_are_read_again_before_a_drained_row(slips: Slips) -> None:
    @slips.on_format("csv")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    mapping = msgspec.structs.replace(slips.config.mappings[0], chain=("s3-lines", "csv"))
    ref = run.objects.put("logs", "json/table.csv", b"name,n\na,1\nb,2\nc,3\n")
    work = msgspec.structs.replace(work_item(ref, "s"), positions="3", processors=("function",), work_id="w")
    outcome = run.items([work], mapping)
    assert [event["name"] for _, event in outcome.events["function"]] == ["b"]
    whole = run.object(ref, mapping)
    assert (names_of(whole), whole.books.headers) == (["a", "b", "c"], 1)


def names_of(outcome: Any) -> list[str]:
    return [event["name"] for _, event in outcome.events["function"]]


def test_slices_grow_while_functions_are_fast_and_shrink_when_they_are_slow() -> None:
    now = [0.0]
    sizer = SliceSizer(lambda: now[0])
    assert sizer.size == 1
    for _ in range(20):
        sizer.start()
        sizer.stop(sizer.size)
    assert sizer.size == LARGEST
    sizer.start()
    now[0] += TARGET * 1000
    sizer.stop(LARGEST)
    assert sizer.size == LARGEST // 1000
    assert sizer.longest == TARGET * 1000


def test_the_run_times_each_slice(slips: Slips) -> None:
    now = [0.0]

    @slips.on_format("json")
    def slow(meta: Meta, event: dict[str, Any]) -> None:
        now[0] += 1.0

    sizer = SliceSizer(lambda: now[0])
    assert sum(1 for _ in run_of(slips).deliver(batch(1, 6), sizer)) == 6
    assert sizer.longest == 1.0


def test_a_drained_event_of_an_expanded_record_comes_alone(slips: Slips) -> None:
    @slips.format("pair")
    def pair(record: str) -> Any:
        return [({"message": f"word {word}"}, {"word": word}) for word in record.split("+")]

    @slips.on_format("pair")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    mapping = msgspec.structs.replace(slips.config.mappings[0], chain=("pair",))
    ref = run.objects.put("logs", "json/pairs", b"a+b\nc+d+e\n")
    work = msgspec.structs.replace(work_item(ref, "s"), positions="2.1", processors=("function",), work_id="w")
    ((meta, event),) = run.items([work], mapping).events["function"]
    assert (event, meta.position, meta.index, meta.message) == ({"word": "d"}, 2, 1, "word d")


@pytest.mark.parametrize(("size", "flush"), [(2, False), (10, True)])
def test_a_suspended_function_among_others_is_asked_nothing_more(make_slips: MakeSlips, size: int, flush: bool) -> None:
    slips = make_slips("limits: {errors_per_object: 1}")
    positions: list[int] = []

    @slips.on_format("json", batch=size, where=lambda meta, event: positions.append(meta.position) or True)
    def function(batch: object) -> None:
        raise ValueError

    @slips.on_format("json")
    def sound(meta: Meta, event: dict[str, Any]) -> None: ...

    run = run_of(slips)
    for each in (batch(1, 2), batch(3, 2)):
        assert len(positions) == each.first - 1
        deliver(run, each)
        if flush:
            run.flush_batches()
    deliver(run, batch(5, 2))
    assert positions == [1, 2, 3, 4]
    run.flush_batches()
    books = run.books().processors
    assert (books["function"].quarantined, books["sound"].delivered) == (6, 6)


@pytest.mark.parametrize("others", [0, 1])
def test_a_suspended_function_gets_nothing_of_a_record_of_several_events(make_slips: MakeSlips, others: int) -> None:
    slips = make_slips("limits: {errors_per_object: 1}")

    @slips.format("words")
    def words(record: str) -> Any:
        events = [{"word": word} for word in record.split("+")]
        return events if len(events) > 1 else events[0]

    @slips.on_format("words")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        raise ValueError

    if others:
        slips.on_format("words")(lambda meta, event: None)
    outcome = SlipsTester(slips).lines("words", ["a", "b", "c+d", "e"])
    assert [event["word"] for _, event in outcome.events["function"]] == ["a", "b"]


def test_where_all_functions_are_suspended_the_object_is_not_read_on(make_slips: MakeSlips) -> None:
    slips = make_slips("limits: {errors_per_object: 1}")
    slips.on_format("json")(raise_on(*range(1, 10)))
    worker = SlipsTester(slips)
    outcome = worker.lines("json", numbered(5000))
    assert outcome.books.records < 5000
    assert worker.ledger.states.popitem()[1] == "failed"
