"""Who is at work: a work item that comes in several records is done once, and nobody is taken for dead who is not."""

from __future__ import annotations

import json
from typing import Any

from slips.ledger.items import LedgerItem

from .test_any_item import deliver_all, listed
from .world import FUNCTIONS, Call, Deliver, During, Land, Process, World, in_one_thread


def world(records: int = 1) -> World:
    made = World()
    made.take(Land(["1", "2", "3"]))
    [first] = made.kinesis.records
    for _ in range(records - 1):
        made.kinesis.put_records([{"Data": first.data}])
    return made


def books(made: World) -> LedgerItem:
    [key] = made.dynamodb._tables[made.tables["ledger"]].items
    return made._ledger(Process(made, {}, 0)).get(key)


def test_one_work_item_in_four_workers_at_once_is_done_once() -> None:
    with in_one_thread():
        made = world(records=4)
        others = [made.kinesis.records.pop() for _ in range(3)]

        def deliver_others() -> None:
            """The three other records, each by a worker of its own, while the first is at work."""
            mine = made.kinesis.records
            for other in others:
                made.kinesis.records = [other]
                made.take(Deliver(1))
                mine += made.kinesis.records
            made.kinesis.records = mine

        made.take(Deliver(1, {2: During(Call(deliver_others), is_before=True)}))
        assert books(made).attempts == 0  # A checkpoint, or the end, counts attempts anew.
        waiting = [json.loads(record.data) for record in made.kinesis.records]
        assert [item["not_before"] > 0 for item in waiting] == [True] * 3
        deliver_all(made)
        assert listed(made) == []
        assert {made.delivered[function, f"{number}.1"] for function in FUNCTIONS for number in "123"} == {1}
        assert books(made).state == "done"


def test_a_record_whose_work_is_held_hops_once_in_thirty_seconds_at_most() -> None:
    with in_one_thread():
        made = world(records=2)
        made.take(Deliver(1, {2: "dies before"}))
        made.kinesis.records.pop(0)  # Lambda gave up on it, and nobody knows.
        begun, hops = made.time.now, 0
        while not listed(made) and books(made).state == "started":
            number = made.kinesis.records[0].sequence_number
            made.take(Deliver(1))
            hops += [record.sequence_number for record in made.kinesis.records] not in ([number], [])
            assert hops <= 1 + (made.time.now - begun) / 30
        # Then its holder counts as dead: budgets here are of 100 seconds.
        assert 90 <= made.time.now - begun <= 140
        assert {made.delivered[function, "3.1"] for function in FUNCTIONS} == {1}
        assert listed(made) == []


def test_a_record_waits_for_its_holder_only_where_nothing_else_is_to_be_done() -> None:
    with in_one_thread():
        made = world(records=2)
        made.take(Deliver(1, {2: "dies before"}))
        made.kinesis.records.pop(0)
        made.take(Land(["1"]))
        begun = made.time.now
        made.take(Deliver(2))
        assert made.time.now == begun
        assert made.delivered["plain", "1.2"] == 1
        assert [json.loads(record.data)["object_key"] for record in made.kinesis.records] == ["logs/1"]


def test_the_record_of_a_killed_invocation_begins_again_at_once_and_counts() -> None:
    with in_one_thread():
        made = world()
        for attempt in (1, 2):
            begun = made.time.now
            made.take(Deliver(1, {2: "dies before"}))
            assert (books(made).attempts, made.time.now) == (attempt, begun)
        made.take(Deliver(1))
        assert made.delivered["plain", "3.1"] >= 1
        assert listed(made) == []


def test_work_that_is_held_is_never_taken_for_done() -> None:
    """The holder dies after the other record was handed back."""
    with in_one_thread():
        made = world(records=2)
        made.take(Deliver(1, {2: "dies before"}))
        made.kinesis.records.pop(0)
        made.take(Deliver(1))
        [waiting] = made.kinesis.records
        assert json.loads(waiting.data)["not_before"] > made.time.now
        made.time.now += 1000
        made.take(Deliver(1))
        assert {made.delivered[function, "3.1"] for function in FUNCTIONS} == {1}


def test_a_continuation_is_held_up_by_nobody() -> None:
    with in_one_thread():
        made = world()
        made.take(Deliver(1, seconds_left=[100.0, 100.0, 1.0, 1.0, 1.0, 1.0]))
        [rest] = [json.loads(record.data) for record in made.kinesis.records]
        assert rest["resume_from"] > 1
        begun: Any = made.time.now
        made.take(Deliver(1))
        assert (made.kinesis.records, made.time.now) == ([], begun)
