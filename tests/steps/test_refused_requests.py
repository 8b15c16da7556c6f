"""Tables that refuse some requests: what they take is done, the rest comes again, and nothing is delivered twice."""

from __future__ import annotations

from typing import Any

import pytest

from slips.ledger.ledger import DynamoLedger
from slips.quarantine import Filter, Quarantine

from ..error_table import Ticking
from .refusals import EVENTS, OBJECTS, RefusedLane

EACH = pytest.mark.parametrize(
    ("buffers", "bisects"),
    [(False, True), (False, False), (True, True), (True, False)],
    ids=["bisecting", "whole", "flush bisecting", "flush whole"],
)
NO_PATIENCE = {"buffers": False, "bisects": False, "patience": 0.0}


def written(request: dict[str, Any]) -> str:
    """What a request writes: an update, or the item of a first beginning."""
    return str(request.get("UpdateExpression", "")) or (BEGIN if "Item" in request else "")


def refuse_work(lane: RefusedLane, number: int, what: str, *, times: int = 10**9) -> None:
    """Let the ledger refuse the requests of one object whose update holds `what`."""
    [work_id] = [item.work_id for item in lane.items if item.object_key == f"logs/{number}"]
    left = iter(range(times))

    def is_refused(name: str, request: dict[str, Any]) -> bool:
        is_meant = request.get("Key") == {"work_id": {"S": work_id}} and what in written(request)
        return is_meant and next(left, None) is not None

    lane.tables.refuses = is_refused


BEGIN, FINISH, CHECKPOINT, GIVE_BACK = "#token_name = :token_name", ", #books = ", "#resume_from", "REMOVE"


def ledger_of(lane: RefusedLane) -> DynamoLedger:
    client: Any = lane.tables.memory
    return DynamoLedger(client, lane.ledger_table, 30, lane.time)


def errors_of(lane: RefusedLane) -> list[Any]:
    client: Any = lane.tables.memory
    return [*Quarantine(client, lane.error_table, clock=lane.time).page(Filter(), 400).items]


def is_done_once(lane: RefusedLane) -> bool:
    """Whether each event was delivered once, and the books of each object say so."""
    books = ledger_of(lane).of_works([item.work_id for item in lane.items]).values()
    return (
        dict(lane.delivered) == dict.fromkeys(lane.expected, 1)
        and {(each.state, each.books.events, each.books.processors["take"].delivered) for each in books}
        == {("done", EVENTS, EVENTS)}
        and len(books) == len(lane.items)
        and errors_of(lane) == []
    )


@EACH
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.02, 0.1])
def test_a_tenth_of_the_requests_refused_costs_nothing(share: float, seed: int, buffers: bool, bisects: bool) -> None:
    """Without patience it took 130 invocations, and without bisecting it never ended."""
    lane = RefusedLane(buffers=buffers, bisects=bisects)
    lane.land()
    lane.refuse(share, seed)
    lane.run(most=10)
    assert lane.tables.refused > 1
    assert (lane.invocations, lane.raised) == (1, 0)
    assert is_done_once(lane)


@EACH
def test_without_any_patience_nothing_is_lost_either(buffers: bool, bisects: bool) -> None:
    lane = RefusedLane(buffers=buffers, bisects=bisects, patience=0.0)
    lane.land(10)
    lane.refuse(0.1, 1)
    lane.run()
    assert lane.expected == set(lane.delivered)
    assert errors_of(lane) == []


@pytest.mark.parametrize("buffers", [False, True])
def test_work_that_cannot_be_begun_comes_again_and_the_others_are_done(buffers: bool) -> None:
    lane = RefusedLane(**NO_PATIENCE | {"buffers": buffers})
    lane.land()
    refuse_work(lane, 40, BEGIN, times=1)
    lane.run(most=1)
    assert [item.object_key for item in lane.lanes.items] == ["logs/40"]
    assert sum(lane.delivered.values()) == (OBJECTS - 1) * EVENTS
    lane.run()
    assert (lane.invocations, lane.raised) == (2, 0)
    assert is_done_once(lane)


def test_the_rest_is_not_tried_after_a_second_work_that_cannot_be_begun() -> None:
    """Each costs the table's whole patience."""
    lane = RefusedLane(**NO_PATIENCE)
    lane.land()
    first_taken: list[str] = []

    def is_refused(name: str, request: dict[str, Any]) -> bool:
        """Take what the first ten works ask for."""
        key = request.get("Key", {}).get("work_id", {}).get("S", "")
        if BEGIN in written(request) and len(first_taken) < 10 and key not in first_taken:
            first_taken.append(key)
        return BEGIN in written(request) and key not in first_taken

    lane.tables.refuses = is_refused
    lane.run(most=1)
    assert lane.raised == 0
    assert sum(lane.delivered.values()) == 10 * EVENTS
    assert len(lane.lanes.items) == OBJECTS - 10
    lane.tables.refuses = lambda name, request: False
    lane.run()
    assert is_done_once(lane)


@pytest.mark.parametrize("buffers", [False, True])
def test_work_whose_end_is_refused_comes_again_and_none_of_its_events(buffers: bool) -> None:
    lane = RefusedLane(**NO_PATIENCE | {"buffers": buffers})
    lane.land(24)
    refuse_work(lane, 20, FINISH)
    lane.run(most=1)
    [rest] = lane.lanes.items
    assert (rest.object_key, rest.resume_from, lane.raised) == ("logs/20", EVENTS + 1, 0)
    lane.tables.refuses = lambda name, request: False
    lane.run()
    assert is_done_once(lane)


def test_a_drained_part_whose_end_is_refused_comes_again_and_none_of_its_events() -> None:
    lane = RefusedLane(**NO_PATIENCE)
    lane.land(2)
    lane.narrow(1, positions="1-2")
    refuse_work(lane, 1, FINISH)
    lane.run(most=1)
    lane.tables.refuses = lambda name, request: False
    lane.run()
    assert dict(lane.delivered) == {("logs/0", n): 1 for n in range(EVENTS)} | {("logs/1", n): 1 for n in range(2)}
    assert errors_of(lane) == []


def test_a_refused_checkpoint_continues_the_object_in_another_invocation() -> None:
    lane = RefusedLane(**NO_PATIENCE)
    lane.checkpoint_seconds, lane.clock = 5.0, Ticking()
    lane.land(3, events=20)
    refuse_work(lane, 1, CHECKPOINT, times=2)
    lane.run(most=1)
    continued = next(item for item in lane.lanes.items if item.object_key == "logs/1")
    assert continued.resume_from > 1
    assert continued.books is not None
    assert continued.books.events == continued.resume_from - 1
    assert lane.raised == 0
    lane.run()
    assert dict(lane.delivered) == dict.fromkeys(lane.expected, 1)
    [books] = [each.books for each in ledger_of(lane).of_object("logs", "logs/1")]
    assert (books.records, books.processors["take"].delivered) == (20, 20)


def test_a_checkpoint_that_is_taken_the_second_time_needs_no_books_in_the_lane() -> None:
    lane = RefusedLane(**NO_PATIENCE)
    lane.checkpoint_seconds, lane.clock = 5.0, Ticking()
    lane.land(3, events=20)
    refuse_work(lane, 1, CHECKPOINT, times=1)
    lane.run(most=1)
    continued = next(item for item in lane.lanes.items if item.object_key == "logs/1")
    assert (continued.resume_from > 1, continued.books) == (True, None)
    lane.run()
    assert dict(lane.delivered) == dict.fromkeys(lane.expected, 1)


def test_an_error_item_that_is_refused_brings_back_its_object_alone() -> None:
    lane = RefusedLane(**NO_PATIENCE)
    lane.land(5)
    lane.fails_on = {("logs/3", 1)}
    lane.tables.refuses = lambda name, request: name == "batch_write_item"
    lane.run(most=1)
    [again] = lane.lanes.items
    assert (again.object_key, again.resume_from, again.books) == ("logs/3", 1, None)
    assert lane.raised == 0
    lane.tables.refuses = lambda name, request: False
    lane.run()
    assert [(row.object_key, row.failed_count) for row in errors_of(lane)] == [("logs/3", 1)]
    assert lane.delivered["logs/3", 1] == 0
    assert all(lane.delivered[pair] == 1 for pair in lane.expected if pair[0] != "logs/3")


@EACH
def test_where_the_ledger_takes_nothing_the_batch_is_not_acknowledged(buffers: bool, bisects: bool) -> None:
    """Lambda holds it back; put into the lane, it would go round."""
    lane = RefusedLane(buffers=buffers, bisects=bisects, patience=0.0)
    lane.land(8)
    lane.refuse(1.0, 1)
    lane.run(most=20)
    assert (lane.raised, lane.lanes.items) == (20, [])
    lane.tables.refuses = lambda name, request: False
    lane.run(most=40)
    assert is_done_once(lane)


def test_an_object_that_the_tables_interrupt_is_never_taken_for_one_that_crashes() -> None:
    lane = RefusedLane(**NO_PATIENCE)
    lane.land(1)
    refuse_work(lane, 0, FINISH)
    lane.run(most=10)
    lane.tables.refuses = lambda name, request: False
    lane.run()
    assert errors_of(lane) == []
