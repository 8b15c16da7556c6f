from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from slips.config.settings import Mapping, Rule
from slips.drain.requeue import plan_requeue
from slips.engine.failures import FailureLog
from slips.errors import NotificationError, ReadError, RouteError
from slips.model import Failure, Lane, WorkItem
from slips.model.work_items import encode_work_item
from slips.quarantine import UNKNOWN, ErrorItem

from ..builders import TIME, config, event_bridge, item, legacy_item, s3_event, s3_record, sns


def error(**fields: Any) -> ErrorItem:
    """What a function failed on, record 3 of an object."""
    values: dict[str, Any] = {"argument": (item(),), "stage": "process", "lane": "fast", "first_seen": TIME}
    return ErrorItem(**({"request_id": "r1"} | values | fields))


def only(plan: list[tuple[Lane, WorkItem]]) -> WorkItem:
    ((_, work),) = plan
    return work


def lanes(plan: list[tuple[Lane, WorkItem]]) -> list[str]:
    return [lane for lane, _ in plan]


def test_only_what_failed_runs_again_for_the_function_that_failed() -> None:
    work = only(plan_requeue(error(positions="3-7", processor="watch_logins", attempts=2), config()))
    assert (work.positions, work.processors, work.resume_from) == ("3-7", ("watch_logins",), 1)
    assert (work.attempt, work.error_id, work.first_failed) == (2, "r1", TIME)
    assert work.ref == item().ref


def test_the_history_of_failures_travels_with_it_up_to_a_bound() -> None:
    again = error(failed_at=TIME, error_type="KeyError", error_message="'user'")
    assert only(plan_requeue(again, config())).history == (f"{TIME} KeyError: 'user'",)
    old = tuple(f"{number}" for number in range(5))
    work = only(plan_requeue(error(argument=(item(history=old),), error_message="x" * 9999), config()))
    assert work.history[:4] == old[1:]
    assert len(work.history) == 5
    assert len(work.history[-1]) == 200


def test_the_rest_of_an_object_runs_from_where_it_failed() -> None:
    work = only(plan_requeue(error(resume_from=101), config()))
    assert (work.positions, work.processors, work.resume_from) == ("", (), 101)


def test_a_narrowed_item_that_failed_as_a_whole_stays_narrowed() -> None:
    narrowed = item(positions="3-9", processors=("f",), resume_from=3)
    work = only(plan_requeue(error(argument=(narrowed,)), config()))
    assert (work.positions, work.processors, work.resume_from) == ("3-9", ("f",), 3)


def test_the_rest_of_a_narrowed_item_stays_narrowed() -> None:
    narrowed = item(positions="3-9", processors=("f",))
    work = only(plan_requeue(error(argument=(narrowed,), resume_from=5), config()))
    assert (work.positions, work.processors, work.resume_from) == ("3-9", ("f",), 5)


def test_the_work_is_new_to_the_ledger() -> None:
    first, again = item(), only(plan_requeue(error(), config()))
    assert again.work_id
    assert again.work_id != first.work_id


def test_a_drain_that_is_repeated_makes_the_same_work() -> None:
    assert plan_requeue(error(), config()) == plan_requeue(error(), config())


@pytest.mark.parametrize("other", [{"request_id": "r2"}, {"attempts": 2}, {"argument": (item("b"),)}], ids=str)
def test_another_error_or_attempt_or_object_is_other_work(other: dict[str, Any]) -> None:
    assert only(plan_requeue(error(**other), config())).work_id != only(plan_requeue(error(), config())).work_id


@pytest.mark.parametrize(
    "other",
    [
        {"positions": "3"},
        {"positions": "", "resume_from": 3},
        {"positions": "", "resume_from": 4},
        {"positions": "", "argument": (item(positions="4"),)},
        {"positions": "", "argument": (item(resume_from=5),)},
        {"chain": "s3-csv"},
        {"processor": "g"},
        {"processor": "", "argument": (item(processors=("g", "h")),)},
    ],
    ids=str,
)
def test_other_events_or_functions_are_other_work(other: dict[str, Any]) -> None:
    """Under an id that was there before, too: the ledger would call it done, and it would be lost."""
    values = {"positions": "3-4", "chain": "s3-lines", "processor": "f"}
    assert (
        only(plan_requeue(error(**values | other), config())).work_id
        != only(plan_requeue(error(**values), config())).work_id
    )


def test_the_same_error_recorded_once_more_is_other_work() -> None:
    """By a zombie, after the work of its first drain ended: the ledger would call it done, and it would be lost."""
    later = error(failed_at="2026-01-31T13:00:00.000Z")
    assert only(plan_requeue(later, config())).work_id != only(plan_requeue(error(), config())).work_id


def test_objects_of_one_error_item_have_error_items_of_their_own_when_they_fail_again() -> None:
    plan = plan_requeue(error(argument=(item("a"), item("b"))), config())
    assert [(work.object_key, work.error_id) for _, work in plan] == [("a", "r1"), ("b", "r1")]
    assert len({fail_again(work).request_id for _, work in plan} | {"r1"}) == 3


@pytest.mark.parametrize(
    "work",
    [
        item(),
        item(resume_from=7, chain="s3-lines"),
        item(positions="3-4", chain="s3-lines"),
        item(positions="3-4", chain="s3-lines", processors=("f",)),
    ],
    ids=["the whole", "the rest", "positions", "positions of a function"],
)
def test_what_fails_again_as_before_keeps_its_id_and_its_age(work: WorkItem) -> None:
    first = fail_again(work)
    recorded = msgspec.structs.asdict(first) | {"lane": "fast", "first_seen": TIME}
    known = {name: value for name, value in recorded.items() if name in ErrorItem.__struct_fields__}
    again = fail_again(only(plan_requeue(ErrorItem(**known), config())))
    assert (again.request_id, again.attempts) == (first.request_id, 2)
    assert again.argument[0].first_failed == TIME


def fail_again(work: WorkItem) -> Failure:
    """What the engine makes of work of which nothing can be read."""
    log = FailureLog(work, "json", "fast", 0, chain="s3-lines")
    log.fail_rest("read", ReadError("S3 is down"), work.resume_from)
    [failure] = log.take(lambda: 0.0)
    return failure


@pytest.mark.parametrize(("lane", "stream"), [("fast", "slips-slow"), ("slow", "slips-fast")])
def test_it_goes_back_into_the_lane_it_was_in(lane: str, stream: str) -> None:
    elsewhere = config(routing=(Rule(dest="drop"),))
    assert lanes(plan_requeue(error(lane=lane, argument=(item(stream=stream),)), elsewhere)) == [lane]


def test_another_part_of_the_same_object_is_other_work() -> None:
    part = error(argument=(item(work_id="part"),))
    assert only(plan_requeue(part, config())).work_id != only(plan_requeue(error(), config())).work_id


def test_objects_of_the_class_based_slips_are_work_of_their_own() -> None:
    one, other = plan_requeue(legacy("slips-fast", "a"), config()), plan_requeue(legacy("slips-fast", "b"), config())
    assert only(one).work_id != only(other).work_id


def legacy(stream: str, key: str = "a") -> ErrorItem:
    work = msgspec.convert(legacy_item(key, stream), WorkItem)
    return ErrorItem(request_id="r1", argument=(work,), lane=UNKNOWN, stage=UNKNOWN)


@pytest.mark.parametrize(("stream", "lane"), [("slips-fast", "fast"), ("slips-slow", "slow")])
def test_an_item_of_the_class_based_slips_goes_into_the_stream_it_names(stream: str, lane: str) -> None:
    plan = plan_requeue(legacy(stream), config(routing=(Rule(dest="drop"),)))
    assert lanes(plan) == [lane]
    assert only(plan).processors == ()
    assert only(plan).first_failed == ""
    assert only(plan).work_id


def test_an_item_of_a_stream_that_is_not_a_lane_is_routed() -> None:
    assert lanes(plan_requeue(legacy("gone"), config(routing=(Rule(dest="slow"),)))) == ["slow"]
    with pytest.raises(RouteError):
        plan_requeue(legacy("gone"), config(routing=(Rule(dest="slow", prefix="x"),)))


@pytest.mark.parametrize("stage", ["route", "dispatch"])
def test_an_item_that_was_in_no_lane_goes_where_slips_yml_sends_it_now(stage: str) -> None:
    stray = error(stage=stage, lane="fast")
    assert lanes(plan_requeue(stray, config(routing=(Rule(dest="slow"),)))) == ["slow"]
    assert plan_requeue(stray, config(routing=(Rule(dest="drop"),))) == []


@pytest.mark.parametrize(
    "unfixed", [{"routing": (Rule(dest="fast", prefix="x"),)}, {"mappings": (Mapping(bucket="x", chain=("a",)),)}]
)
def test_an_item_that_still_has_no_route_goes_nowhere(unfixed: dict[str, Any]) -> None:
    with pytest.raises(RouteError):
        plan_requeue(error(stage="route"), config(**unfixed))


@pytest.mark.parametrize(
    ("sample", "lane", "why"),
    [
        ("", "", "neither an object nor the text of a message"),
        ("an alarm", "", "names no object: the message is not JSON"),
        ('{"an": "alarm"}', "", "names no object: the message is not a notification"),
        ("bm9uZQ==", "fast", "there is no work item"),
    ],
)
def test_an_item_that_names_no_object_goes_nowhere(sample: str, lane: str, why: str) -> None:
    with pytest.raises(NotificationError, match=why):
        plan_requeue(unread(sample, lane), config())


def test_an_item_that_this_version_cannot_read_goes_nowhere() -> None:
    with pytest.raises(NotificationError, match="of a later version"):
        plan_requeue(error(unreadable="of a later version"), config())


@pytest.mark.parametrize(
    "message",
    [
        s3_event(s3_record("a b")),
        s3_record("a b"),
        event_bridge("a b"),
        {"requestPayload": sns(s3_event(s3_record("a b")))},
        {"requestPayload": {"requestPayload": s3_event(s3_record("a b"))}},
    ],
)
def test_a_message_is_read_again_and_routed(message: dict[str, Any]) -> None:
    stray = unread(json.dumps(message))
    plan = plan_requeue(stray, config(routing=(Rule(dest="slow"),)))
    assert lanes(plan) == ["slow"]
    assert (only(plan).object_key, only(plan).error_id) == ("a b", "r1")
    assert plan_requeue(stray, config(routing=(Rule(dest="drop"),))) == []
    with pytest.raises(RouteError):
        plan_requeue(stray, config(routing=(Rule(dest="slow", prefix="x"),)))


def test_a_message_about_no_new_object_leaves_nothing_to_do() -> None:
    assert plan_requeue(unread(json.dumps({"Event": "s3:TestEvent"})), config()) == []


RESTORED = s3_record("a b", eventName="ObjectRestore:Completed")


@pytest.mark.parametrize("message", [s3_event(RESTORED), {"requestPayload": sns(s3_event(RESTORED))}])
def test_a_message_about_a_restored_object_says_what_to_drain(message: dict[str, Any]) -> None:
    with pytest.raises(NotificationError, match="s3://logs/a b can be read again: drain the error items"):
        plan_requeue(unread(json.dumps(message)), config())


@pytest.mark.parametrize("encode", [bytes.decode, lambda data: b64encode(data).decode()])
def test_a_record_of_a_lane_is_read_again_and_goes_back_into_that_lane(encode: Callable[[bytes], str]) -> None:
    record = encode(encode_work_item(item(work_id="w1", positions="3-7")))
    plan = plan_requeue(unread(record, "slow"), config())
    assert lanes(plan) == ["slow"]
    read = only(plan)
    assert (read.work_id, read.positions, read.error_id, read.attempt) == ("w1", "3-7", "r1", 1)
    assert len(read.history) == 1
    assert lanes(plan_requeue(unread(record), config(routing=(Rule(dest="slow"),)))) == ["slow"]


def unread(sample: str, lane: str = "") -> ErrorItem:
    return error(argument=(), stage="dispatch", lane=lane, sample=sample)
