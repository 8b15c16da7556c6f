"""A repair repairs: what was counted by another chain, what is beyond the end, and one bad event among many."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from slips.errors import Killed
from slips.model import Books, work_item
from slips.quarantine import ErrorItem

from .test_any_item import deliver_all, listed
from .world import CHAINS, FUNCTIONS, Change, Deliver, Drain, Land, Process, World, in_one_thread

LINES, MULTILINE, TEXT = CHAINS


def books(made: World, work_id: str) -> Books:
    return made._ledger(Process(made, {}, 0)).get(work_id).books


@pytest.mark.parametrize("chain", [MULTILINE, TEXT])
@pytest.mark.parametrize("knows_chains", [True, False])
def test_positions_of_another_chain_run_the_whole_object_again(chain: Any, knows_chains: bool) -> None:
    """Lines 4 and 5 are the tail of a stack trace: a mapping that joins them is the repair."""
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3", "~4", "~5", "6"]))
        made.break_record("~4")
        made.break_record("~5")
        deliver_all(made)
        [failed] = listed(made)
        assert (failed.positions, failed.chain) == ("4-5", "s3-lines joined")
        made.take(Change("repair"))
        made.take(Change("chain", chain))
        [report] = made.drain(Drain(knows_chains=knows_chains))
        assert report.drained == 1
        counting = made._compile(chain).counting(made._limits.max_line_bytes)
        why = f"positions were counted by `s3-lines joined`, and are now by `{counting}`"
        assert report.whole == ({why: 1} if knows_chains else {})
        work_id = json.loads(made.kinesis.records[0].data)["work_id"]
        deliver_all(made)
        assert {made.delivered[function, "~5.1"] for function in FUNCTIONS} == {1}
        assert {made.delivered[function, "6.1"] for function in FUNCTIONS} == {2}
        assert books(made, work_id).note == f"{why}: the whole object was read again"
        assert listed(made) == []


def test_a_drain_runs_an_object_once_for_all_items_that_another_chain_counted() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3"]))
        for number in "13":
            made.fail("plain", number)
            made.take(Deliver(1, {3 if number == "1" else 2: "dies"}))
        deliver_all(made)
        assert sorted(item.positions for item in listed(made)) == ["1", "1,3", "3"] or len(listed(made)) > 1
        made.take(Change("repair"))
        made.take(Change("chain", MULTILINE))
        before = made.delivered["plain", "2.1"]
        made.take(Drain())
        deliver_all(made)
        assert made.delivered["plain", "2.1"] == before + 1
        assert listed(made) == []


def test_drained_items_of_one_object_that_another_chain_counted_all_run() -> None:
    """They are read together where they name positions; the engine alone knows that these mean nothing now."""
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3"]))
        made.fail("plain", "1")
        made.fail("batched", "3")
        deliver_all(made)
        assert len(listed(made)) == 2
        made.take(Change("repair"))
        made.take(Change("chain", MULTILINE))
        made.take(Drain(knows_chains=False))
        deliver_all(made)
        assert made.delivered["plain", "1.1"] == 1
        assert made.delivered["batched", "3.1"] == 1
        assert listed(made) == []


def test_a_continued_object_begins_again_under_another_chain() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "~3", "4"]))
        made.take(Deliver(1, seconds_left=[100.0, 100.0, 1.0, 1.0, 1.0]))
        assert json.loads(made.kinesis.records[0].data)["resume_from"] > 1
        made.take(Change("chain", MULTILINE))
        deliver_all(made)
        made.end()
        assert made.delivered["plain", "~3.1"] >= 1


def test_a_checkpoint_of_another_chain_is_none() -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "~3", "4"]))
        made.take(Deliver(1, {3: "dies"}))  # Two checkpoints, and the end.
        made.take(Change("chain", TEXT))
        made.take(Deliver(1))
        assert {made.delivered[function, "~3.1"] for function in FUNCTIONS} >= {1}
        made.end()


@pytest.mark.parametrize(
    ("narrowed", "message"),
    [
        ({"resume_from": 99}, "record 99 of 5"),
        ({"positions": "99"}, "record 99 of 5"),
        ({"positions": "2,4-7"}, "record 7 of 5"),
        ({"positions": "5.3"}, "record 5 holds 2 events, counted from 0: there is no 5.3"),
    ],
)
def test_a_position_beyond_the_end_is_an_error(narrowed: dict[str, Any], message: str) -> None:
    with in_one_thread():
        made = World()
        ref = msgspec.structs.replace(made.objects.put("logs", "logs/x", b"1.x\n2.x\n3.x\n4.x\n5.x;6.x"), size=None)
        item = msgspec.structs.replace(work_item(ref, "slips-fast"), processors=("plain",), **narrowed)
        made.kinesis.put_records([{"Data": msgspec.json.encode(item)}])
        deliver_all(made)
        [failed] = listed(made)
        assert message in failed.error_message
        assert (failed.stage, failed.error_type, failed.processor) == ("read", "OutOfRange", "plain")
        assert {"resume_from": failed.resume_from, "positions": failed.positions}.items() & narrowed.items() or (
            failed.positions in ("6-7", "5.3")
        )
        assert made.delivered["plain", "2.x"] == (narrowed.get("positions") == "2,4-7")


@pytest.mark.parametrize("position", [1, 6])
def test_an_object_that_is_continued_at_its_very_end_is_done(position: int) -> None:
    with in_one_thread():
        made = World()
        ref = msgspec.structs.replace(made.objects.put("logs", "logs/x", b"1.x\n2.x\n3.x\n4.x\n5.x"), size=None)
        item = msgspec.structs.replace(work_item(ref, "slips-fast"), resume_from=position)
        made.kinesis.put_records([{"Data": msgspec.json.encode(item)}])
        deliver_all(made)
        assert listed(made) == []


def test_an_object_without_records_holds_no_position() -> None:
    with in_one_thread():
        made = World()
        ref = msgspec.structs.replace(made.objects.put("logs", "logs/x", b""), size=None)
        for item in (
            work_item(ref, "slips-fast"),
            msgspec.structs.replace(work_item(ref, "s"), work_id="w", positions="1"),
        ):
            made.kinesis.put_records([{"Data": msgspec.json.encode(item)}])
        deliver_all(made)
        [failed] = listed(made)
        assert failed.error_message == "record 1 of 0: the object holds no more"


def big(made: World, count: int, prefix: str = "") -> None:
    made.take(Land([str(number) for number in range(1, count + 1)]))


@pytest.mark.parametrize("function", ["batched", "buffered"])
def test_one_poisonous_event_is_at_last_alone(function: str) -> None:
    with in_one_thread(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.steps.world.BATCH", 500)
        made = World()
        big(made, 1200)
        made.fail(function, "17")
        made.take(Deliver(1, commits_often=False))
        attempts = 1
        while (failed := listed(made)) and failed[0].attempts < 3:
            made.take(Drain())
            deliver_all(made)
            attempts += 1
        [poison] = failed
        assert (poison.positions, poison.processor, poison.state) == ("17", function, "parked")
        assert attempts == 3
        assert f"'{function}', '17.1'" in poison.error_message
        assert sum(made.delivered[function, f"{number}.1"] > 0 for number in range(1, 1201)) == 1199


def test_batches_of_a_drained_item_are_a_tenth_as_large_each_time() -> None:
    with in_one_thread(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.steps.world.BATCH", 50)
        made = World()
        big(made, 100)
        made.fail("batched", "17")
        deliver_all(made)
        for positions in ("1-50", "16-20", "17"):
            [failed] = listed(made)
            assert failed.positions == positions
            made.take(Drain())
            deliver_all(made)


def test_failed_calls_and_not_their_events_count_against_errors_per_object() -> None:
    with in_one_thread(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.steps.world.BATCH", 50)
        made = World(errors_per_object=1)
        big(made, 300)
        made.fail("batched", "17")
        deliver_all(made)
        [failed] = listed(made)
        assert (failed.positions, failed.failed_count) == ("1-50", 50)
        made.fail("batched", "130")
        big(made, 300)
        deliver_all(made)
        rest = [item for item in listed(made) if item.resume_from]
        assert [item.resume_from for item in rest] == [151]


def test_a_destination_that_is_down_ends_a_drain_in_pieces_soon() -> None:
    """Each piece is a call: more of them than errors_per_object are not tried."""
    with in_one_thread(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.steps.world.BATCH", 500)
        made = World(errors_per_object=3)
        big(made, 200)
        for number in range(1, 201):
            made.fail("buffered", str(number))
        made.take(Deliver(1, commits_often=False))
        for _ in range(2):
            made.take(Drain())
            made.flushes = 0
            made.take(Deliver(10, commits_often=False))
            assert made.flushes < 100
        made.end()


@pytest.mark.parametrize("fault", [asyncio.CancelledError(), SystemExit(3), GeneratorExit(), BaseException("panic")])
@pytest.mark.parametrize("where", ["plain", "batched", "flush", "setup", "parser"])
def test_what_is_no_exception_costs_an_event_as_one_does(fault: BaseException, where: str) -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3"]))
        made.raises = {where: fault}
        made.take(Deliver(1))
        assert made.kinesis.records == []
        failed = listed(made)
        assert {item.error_type for item in failed} <= {type(fault).__name__, "SetupFailed"}
        assert failed
        assert made.delivered["plain", "3.1"] == (where != "setup")
        made.raises = {}
        made.end()


@pytest.mark.parametrize("end", [KeyboardInterrupt, Killed])
def test_what_ends_a_process_costs_nothing(end: type[BaseException]) -> None:
    with in_one_thread():
        made = World()
        made.take(Land(["1", "2", "3"]))
        made.raises = {"plain": end()}
        with pytest.raises(end):
            made.deliver(Deliver(1))
        assert len(made.kinesis.records) == 1
        assert listed(made) == []


def test_an_id_is_written_again_only_by_the_same_failure() -> None:
    """The second half of a drained rest fails at its beginning: what the first half left stands beside it."""
    with in_one_thread():
        made = World(errors_per_object=1)
        made.take(Land([str(number) for number in range(1, 8)]))
        for number in "123":
            made.fail("plain", number)
        deliver_all(made)
        made.take(Change("repair"))
        made.fail("plain", "4")
        before: dict[str, ErrorItem] = {item.request_id: item for item in listed(made)}
        made.take(Drain())
        made.take(Deliver(1, seconds_left=[100.0, 100.0, 100.0, 1.0, 1.0, 1.0]))
        made.take(Change("setup fails", True))
        deliver_all(made)
        for item in listed(made):
            same = before.get(item.request_id, item)
            assert (item.positions, item.resume_from, item.processor) == (
                same.positions,
                same.resume_from,
                same.processor,
            )
        made.end()
