"""A test sees each event as the function got it, and hears of a function that changes the event of another."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest
from chalice.app import Chalice

from slips import Meta, Slips
from slips.testing import SlipsTester

EVENT = {"n": 1, "numbers": [1], "actor": {"id": "ada"}}


class Actor(msgspec.Struct):
    id: str


class Typed(msgspec.Struct):
    numbers: list[int]
    actor: Actor


def change(meta: Meta, event: dict[str, Any]) -> None:
    event["numbers"].append(2)
    event["actor"]["id"] = None


def change_batch(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
    for meta, event in batch:
        change(meta, event)
    batch.clear()


def look(meta: Meta, event: dict[str, Any]) -> None: ...


@pytest.fixture
def slips(tmp_path: Any) -> Slips:
    (tmp_path / "slips.yml").write_text("stack_name: logs\n")
    return Slips(Chalice(app_name="logs"), tmp_path / "slips.yml")


def test_an_event_is_recorded_as_the_function_got_it(slips: Slips) -> None:
    slips.on_format("json")(change)
    outcome = SlipsTester(slips).lines("json", [EVENT])
    [(meta, event)] = outcome.events["change"]
    assert event == EVENT
    assert (meta.position, meta.format) == (1, "json")
    outcome.check()  # No other function takes the event, so it does no harm.


def test_a_batch_is_recorded_as_the_function_got_it(slips: Slips) -> None:
    slips.on_format("json", batch=5)(change_batch)
    outcome = SlipsTester(slips).lines("json", [EVENT, EVENT])
    assert [event for _, event in outcome.events["change_batch"]] == [EVENT, EVENT]


def test_a_struct_is_recorded_as_the_function_got_it(slips: Slips) -> None:
    @slips.on_format("json", type=Typed)
    def change_struct(meta: Meta, typed: Typed) -> None:
        typed.numbers.append(2)
        typed.actor.id = ""

    outcome = SlipsTester(slips).lines("json", [EVENT])
    assert outcome.events["change_struct"][0][1] == Typed([1], Actor("ada"))


def test_what_meta_works_out_later_is_of_the_event_as_it_was(slips: Slips) -> None:
    @slips.on_format("json")
    def change_message(meta: Meta, event: dict[str, Any]) -> None:
        event["message"] = "changed"

    outcome = SlipsTester(slips).lines("json", [{"message": "as it was"}])
    assert outcome.events["change_message"][0][0].message == "as it was"


@pytest.mark.parametrize("batch", [None, 5])
def test_a_changed_event_that_another_function_gets_fails_the_check(slips: Slips, batch: int | None) -> None:
    """Another function gets it in the test as it does in production: changed."""
    slips.on_format("json")(change)
    call: Any = (lambda pairs: None) if batch else look
    call.__name__ = "look"
    slips.on_format("json", batch=batch)(call)  # type: ignore[call-overload]
    outcome = SlipsTester(slips).lines("json", [{**EVENT, "numbers": []}, EVENT])
    assert outcome.events["look"][1][1]["numbers"] == [1, 2]
    assert outcome.changed == {("change", "look"): 1}
    with pytest.raises(AssertionError, match="look got the event at 1 as change had changed it"):
        outcome.check()


def test_a_changed_event_that_another_functions_where_sees_fails_the_check(slips: Slips) -> None:
    slips.on_format("json")(change)
    slips.on_format("json", where=lambda meta, event: event["actor"]["id"])(look)
    outcome = SlipsTester(slips).lines("json", [EVENT])
    assert outcome.events["look"] == []
    with pytest.raises(AssertionError, match="look got"):
        outcome.check()


def test_a_change_by_a_function_that_then_raises_counts(slips: Slips) -> None:
    @slips.on_format("json")
    def change_and_raise(meta: Meta, event: dict[str, Any]) -> None:
        change(meta, event)
        raise ValueError("late")

    slips.on_format("json")(look)
    assert SlipsTester(slips).lines("json", [EVENT]).changed == {("change_and_raise", "look"): 1}


def test_functions_that_change_copies_or_nothing_pass_the_check(slips: Slips) -> None:
    @slips.on_format("json")
    def copy_first(meta: Meta, event: dict[str, Any]) -> None:
        event = {**event, "numbers": [*event["numbers"], 2]}

    slips.on_format("json")(look)
    slips.on_format("json")(change)  # The last one: nobody gets the event after it.
    SlipsTester(slips).lines("json", [EVENT, EVENT]).check()


@pytest.mark.parametrize("value", [threading.Lock, object])
def test_an_event_that_cannot_be_copied_or_compared_is_recorded_itself(slips: Slips, value: Any) -> None:
    @slips.format("odd")
    def parse(record: str) -> dict[str, Any]:
        return {"value": value()}

    slips.on_format("odd")(look)
    slips.on_tag("odd")(lambda meta, event: None)
    outcome = SlipsTester(slips).content(["lines", "odd"], b"x\n")
    outcome.check()
    assert "value" in outcome.events["look"][0][1]
