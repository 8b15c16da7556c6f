"""Which events a function gets, and what happens to a bad one."""

from __future__ import annotations

from asyncio import CancelledError
from typing import Any

import msgspec
import pytest

from slips import Meta, ParseError, Slips
from slips.config.settings import Mapping
from slips.errors import Killed
from slips.testing import SlipsTester

from .conftest import MakeSlips


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(1, count + 1)]


def raise_on(*bad: int) -> Any:
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["n"] in bad:
            raise ValueError(f"number {event['n']}")

    return function


def numbers_of(outcome: Any, name: str) -> list[int]:
    return [event["n"] for _, event in outcome.events[name]]


def test_every_event_reaches_every_function_of_its_format(slips: Slips) -> None:
    slips.on_format("json")(first := lambda meta, event: None)
    first.__name__ = "first"

    @slips.on_format("json")
    def second(meta: Meta, event: dict[str, Any]) -> None: ...

    @slips.on_format("*")
    def third(meta: Meta, event: dict[str, Any]) -> None: ...

    @slips.on_format("g-suite-login")
    def other(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(3))
    assert (numbers_of(outcome, "<lambda>") or numbers_of(outcome, "second")) == [1, 2, 3]
    assert numbers_of(outcome, "third") == [1, 2, 3]
    assert numbers_of(outcome, "other") == []


def test_a_failing_event_does_not_stop_the_next_one(slips: Slips) -> None:
    slips.on_format("json")(raise_on(17))
    outcome = SlipsTester(slips).lines("json", numbered(20))
    assert numbers_of(outcome, "function") == list(range(1, 21))
    assert outcome.delivered == {"function": 19}


def test_an_error_item_names_stage_function_position_cause_and_sample(slips: Slips) -> None:
    slips.on_format("json")(raise_on(2))
    (failure,) = SlipsTester(slips).lines("json", numbered(3)).errors
    assert (failure.stage, failure.processor, failure.positions, failure.failed_count) == (
        "process",
        "function",
        "2",
        1,
    )
    assert (failure.error_type, failure.error_message) == ("ValueError", "number 2")
    assert failure.sample == '{"n": 2}'
    assert 'raise ValueError(f"number {event[' in failure.traceback
    assert "chalicelib" not in failure.traceback


def test_a_function_fails_by_itself(slips: Slips) -> None:
    slips.on_format("json")(raise_on(1, 2))

    @slips.on_format("json")
    def sound(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(3))
    assert outcome.delivered == {"function": 1, "sound": 3}
    assert [failure.processor for failure in outcome.errors] == ["function"]


def test_failures_of_one_cause_are_one_item_with_all_positions(slips: Slips) -> None:
    slips.on_format("json")(raise_on(2, 3, 4, 9))
    (failure,) = SlipsTester(slips).lines("json", numbered(10)).errors
    assert (failure.positions, failure.failed_count) == ("2-4,9", 4)


def test_different_causes_are_different_items(slips: Slips) -> None:
    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["n"] == 1:
            raise KeyError("one")
        if event["n"] == 2:
            raise ValueError("two")

    first, second = SlipsTester(slips).lines("json", numbered(3)).errors
    assert {first.positions, second.positions} == {"1", "2"}
    assert first.fingerprint != second.fingerprint


class Panic(BaseException):
    """As an extension in Rust raises it."""


PLACES = {
    "function": "2",
    "where": "2",
    "batch": "1-2",
    "parser": "2",
    "on_flush": "1-3",
    "on_result": "1-3",
    "on_setup": "",
}
"""Where a fault is raised, and the positions that it costs."""


def raise_at(slips: Slips, place: str, fault: BaseException) -> None:
    """Make an app that raises there: of three records, at the second."""

    def meet(*places: str) -> bool:
        if place in places:
            raise fault
        return True

    @slips.format("own")
    def own(record: bytes) -> Any:
        event = msgspec.json.decode(record)
        if event["n"] == 2:
            meet("parser")
        return event

    def where(meta: Meta, event: dict[str, Any]) -> bool:
        return event["n"] != 2 or meet("where")

    def call(meta: Meta, event: dict[str, Any]) -> None:
        if event["n"] == 2:
            meet("function")

    if place == "batch":
        slips.on_format("own", batch=2)(lambda batch: len(batch) == 2 and meet("batch"))
    else:
        slips.on_format("own", where=where if place == "where" else None)(call)
    slips.on_setup(lambda args: meet("on_setup"))
    slips.on_flush(lambda: meet("on_flush"))
    slips.on_result(lambda: meet("on_result"))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", [SystemExit(3), CancelledError(), Panic()], ids=lambda fault: type(fault).__name__)
def test_what_is_no_exception_costs_its_events_too_and_no_others(
    slips: Slips, place: str, fault: BaseException
) -> None:
    raise_at(slips, place, fault)
    (failure,) = SlipsTester(slips).lines("own", numbered(3)).errors
    expected = "SetupFailed" if place == "on_setup" else type(fault).__name__
    assert (failure.error_type, failure.positions) == (expected, PLACES[place])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("end", [KeyboardInterrupt, Killed])
def test_what_ends_the_process_costs_nothing(slips: Slips, place: str, end: type[BaseException]) -> None:
    raise_at(slips, place, end())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "own/a", b'{"n":1}\n{"n":2}\n{"n":3}\n')
    with pytest.raises(end):
        run.object(ref, Mapping(bucket="logs", chain=("s3-lines", "own"), prefix="own/"))
    begun = {} if place == "on_setup" else {ref.work_id: "started"}
    assert (run.errors.items, run.ledger.states) == ({}, begun)


def test_an_unparsable_record_stops_no_other(slips: Slips) -> None:
    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", ['{"n": 1}', '{"n": ', '{"n": 3}'])
    assert numbers_of(outcome, "function") == [1, 3]
    (failure,) = outcome.errors
    assert (failure.stage, failure.processor, failure.positions, failure.sample) == ("parse", "", "2", '{"n": ')


def test_blank_lines_are_lines_but_not_events(slips: Slips) -> None:
    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", ['{"n": 1}', "", '{"n": 3}', "  "])
    assert [meta.position for meta, _ in outcome.events["function"]] == [1, 3]
    assert (outcome.books.headers, outcome.errors) == (2, [])


def test_contains_skips_records_without_decoding_them(slips: Slips) -> None:
    @slips.on_format("json", contains="wanted")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", ["this is not JSON", '{"n": 2, "kind": "wanted"}', "nor this"])
    assert [meta.position for meta, _ in outcome.events["function"]] == [2]
    assert (outcome.books.records, outcome.books.skipped, outcome.books.parsed) == (3, 2, 1)


def test_contains_of_one_function_does_not_hide_records_from_another(slips: Slips) -> None:
    @slips.on_format("json", contains=["b", b"c"])
    def some(meta: Meta, event: dict[str, Any]) -> None: ...

    @slips.on_format("json")
    def every(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", [{"k": "a"}, {"k": "b"}, {"k": "c"}])
    assert [event["k"] for _, event in outcome.events["every"]] == ["a", "b", "c"]
    assert [event["k"] for _, event in outcome.events["some"]] == ["b", "c"]
    assert outcome.books.processors["some"].filtered == 1


def test_two_functions_with_contains_get_their_own_records(slips: Slips) -> None:
    @slips.on_format("json", contains='"a"')
    def first(meta: Meta, event: dict[str, Any]) -> None: ...

    @slips.on_format("json", contains='"b"')
    def second(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", [{"k": "a"}, {"k": "b"}, {"k": "z"}])
    assert [event["k"] for _, event in outcome.events["first"]] == ["a"]
    assert [event["k"] for _, event in outcome.events["second"]] == ["b"]
    assert outcome.books.skipped == 1


@pytest.mark.parametrize("line", ['{"k":"a\\/b é"}', '{"k":"a/b \\u00e9"}', '{"k":"a\\/b \\u00E9"}', '{"k":"a/b é"}'])
def test_contains_finds_text_that_json_writes_escaped(slips: Slips, line: str) -> None:
    @slips.on_format("json", contains="a/b é")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    assert SlipsTester(slips).lines("json", [line]).delivered == {"function": 1}


def test_where_filters_by_meta_and_event(slips: Slips) -> None:
    @slips.on_format("json", where=lambda meta, event: event["n"] > 1 and meta.position < 3)
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(3))
    assert numbers_of(outcome, "function") == [2]
    assert outcome.books.processors["function"].filtered == 2


def test_a_failing_where_quarantines_its_event(slips: Slips) -> None:
    @slips.on_format("json", where=lambda meta, event: event["missing"])
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(1))
    assert outcome.errors[0].error_type == "KeyError"


@pytest.mark.parametrize(
    ("where", "error_type"),
    [(lambda meta, event: event["n"], "TypeError"), (lambda meta, event: event.get("n"), "AttributeError")],
)
def test_a_where_that_takes_the_struct_for_a_dict_is_told_so(slips: Slips, where: Any, error_type: str) -> None:
    class Line(msgspec.Struct):
        n: int

    @slips.on_format("json", type=Line, where=where)
    def function(meta: Meta, line: Line) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(1))
    assert outcome.errors[0].error_type == error_type
    assert outcome.errors[0].error_message.endswith("(with type=Line, `where` gets a Line, not a dict)")


def test_a_where_without_a_struct_keeps_its_own_message(slips: Slips) -> None:
    @slips.on_format("json", where=lambda meta, event: event.level)
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(1))
    assert outcome.errors[0].error_message == "'dict' object has no attribute 'level'"


def test_on_tag_takes_events_by_glob(slips: Slips) -> None:
    @slips.on_tag("gsuite.*")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    run = SlipsTester(slips)
    assert run.lines("g-suite-login", [{"id": {}}]).delivered == {"function": 1}
    assert run.lines("json", numbered(1)).delivered == {"function": 0}


def test_batches_hold_up_to_n_pairs_and_none_is_left_over(slips: Slips) -> None:
    sizes = []

    @slips.on_format("json", batch=4)
    def function(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
        sizes.append(len(batch))

    outcome = SlipsTester(slips).lines("json", numbered(10))
    assert sizes == [4, 4, 2]
    assert outcome.delivered == {"function": 10}


def test_a_failing_batch_is_quarantined_whole_and_the_next_goes_on(slips: Slips) -> None:
    @slips.on_format("json", batch=4)
    def function(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
        if batch[0][1]["n"] == 5:
            raise RuntimeError

    outcome = SlipsTester(slips).lines("json", numbered(10))
    assert outcome.errors[0].positions == "5-8"
    assert outcome.delivered == {"function": 6}


class Numbered(msgspec.Struct):
    n: int


def test_type_decodes_into_the_users_struct(slips: Slips) -> None:
    @slips.on_format("json", type=Numbered)
    def function(meta: Meta, event: Numbered) -> None: ...

    outcome = SlipsTester(slips).lines("json", [{"n": 1}, {"n": "x"}, {"n": 3}])
    got = []

    @slips.on_format("json", type=Numbered)
    def second(meta: Meta, event: Numbered) -> None:
        got.append((event.n, meta.tag))

    assert outcome.delivered == {"function": 2}
    assert (outcome.errors[0].stage, outcome.errors[0].positions) == ("parse", "2")
    SlipsTester(slips).lines("json", [{"n": 7}])
    assert got == [(7, "json")]


def test_type_works_for_formats_that_are_not_json(slips: Slips) -> None:
    got = []

    @slips.format("pairs")
    def pairs(record: str) -> dict[str, str]:
        """n=1"""
        name, _, value = record.partition("=")
        return {name: value}

    @slips.on_format("pairs", type=Numbered)
    def function(meta: Meta, event: Numbered) -> None:
        got.append(event.n)

    SlipsTester(slips).lines("pairs", ["n=1", "n=2"])
    assert got == [1, 2]


def test_a_users_parser_may_return_several_events_and_their_times(slips: Slips) -> None:
    @slips.format("pair")
    def pair(record: str) -> Any:
        if not record:
            raise ParseError("empty")
        for number, word in enumerate(record.split("+")):
            yield {"timestamp": 100.0 + number, "tag": f"pair.{word}"}, {"word": word}

    @slips.on_format("pair")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("pair", ["a+b", "c"])
    metas = [meta for meta, _ in outcome.events["function"]]
    assert [(meta.position, meta.index, meta.tag, meta.timestamp) for meta in metas] == [
        (1, 0, "pair.a", 100.0), (1, 1, "pair.b", 101.0), (2, 0, "pair.c", 100.0),
    ]  # fmt: skip
    assert outcome.books.events == 3


def test_one_event_of_an_expanded_record_fails_by_itself(slips: Slips) -> None:
    @slips.format("pair")
    def pair(record: str) -> Any:
        return [{"word": word} for word in record.split("+")]

    @slips.on_format("pair")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["word"] == "b":
            raise ValueError

    (failure,) = SlipsTester(slips).lines("pair", ["x", "a+b+c"]).errors
    assert failure.positions == "2.1"


def test_a_users_parser_that_raises_loses_only_that_record(slips: Slips) -> None:
    @slips.format("fragile")
    def fragile(record: bytes) -> dict[str, int]:
        return {"n": 1 // int(record)}

    @slips.on_format("fragile")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("fragile", ["1", "0", "1"])
    assert outcome.delivered == {"function": 2}
    assert (outcome.errors[0].stage, outcome.errors[0].error_type) == ("parse", "ZeroDivisionError")


def test_above_errors_per_object_the_rest_is_quarantined_for_that_function_alone(make_slips: MakeSlips) -> None:
    slips = make_slips("limits: {errors_per_object: 3}")
    slips.on_format("json")(raise_on(*range(2, 100)))

    @slips.on_format("json")
    def sound(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", numbered(20))
    singles, rest = sorted(outcome.errors, key=lambda failure: failure.resume_from)
    assert singles.positions == "2-5"
    assert (rest.resume_from, rest.processor, rest.positions) == (6, "function", "")
    assert outcome.delivered == {"function": 1, "sound": 20}
    assert numbers_of(outcome, "function") == [1, 2, 3, 4, 5]
    assert outcome.books.processors["function"].quarantined == 19


def test_too_many_unparsable_records_end_the_object(make_slips: MakeSlips) -> None:
    slips = make_slips("limits: {errors_per_object: 2}")

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None: ...

    outcome = SlipsTester(slips).lines("json", ["{]}"] * 50 + ['{"n": 1}'])
    rest = max(outcome.errors, key=lambda failure: failure.resume_from)
    singles = min(outcome.errors, key=lambda failure: failure.resume_from)
    assert singles.positions == f"1-{rest.resume_from - 1}"
    assert rest.resume_from < 50
    assert "errors_per_object (2)" in rest.error_message
