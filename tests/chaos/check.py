"""Checks what must be true after a run, whatever happened in it."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from slips.model import Books
from slips.model.work_items import RESERVED_PREFIX

from .archive import Row
from .objects import deliveries
from .plan import TIMEOUT
from .versions import LATER, REFUSED
from .world import World


class Verdict(msgspec.Struct):
    """What became of the planted events, counted by event and function. What the version before had delivered counts
    among them. `staying` counts the items that only a later version can read; `faults` has a line for each fault."""

    planted: int
    delivered: int
    duplicated: int
    lost: int
    staying: int
    faults: list[str]


def verdict(world: World, errors: list[Any]) -> Verdict:
    """Compare the run with its plan. `errors` are the error items that remain after the last drain."""
    counts = Counter(world.folder.joinpath("delivered").read_text().split("\n"))
    del counts[""]
    rows = world.archive.read(world.folder / "archive")
    counts.update(f"sent {name}" for row in rows for name in row.ids)
    objects = [*world.plan.objects, *(other.planted for other in world.plan.others if not other.is_staying)]
    expected = deliveries(name for planted in objects for name in planted.ids)
    missing = [each for each in expected if not counts[each]]
    repeating = {*deliveries(name for planted in objects if planted.repeats for name in planted.ids)}
    again = {each: count - 1 for each, count in counts.items() if count > 1}
    staying, faults = _staying(world)
    faults += [f"lost: {each}" for each in missing[:5]]
    left = [error for error in errors if error["request_id"] not in staying]
    faults += [f"left in the ErrorTable: {error['stage']} {error['error_message']}" for error in left[:5]]
    faults += [f"delivered, but never planted: {each}" for each in list(counts.keys() - set(expected))[:5]]
    once = {each: count for each, count in again.items() if each not in repeating}
    flushes = sum(last - first + 1 for name, first, last in world.plan.storms.down if name == "flush")
    faults += _too_often(once, world.interrupted + len(world.plan.flush_fails) + flushes)
    faults += [*_shared_ids(rows)][:5]
    faults += [*_books(world)][:5]
    faults += [*_attempts(world)][:5]
    faults += [*_unknown_fields(world)]
    return Verdict(
        planted=len(expected),
        delivered=len(expected) - len(missing),
        duplicated=sum(again.values()),
        lost=len(missing),
        staying=len(staying),
        faults=faults,
    )


def healed_by_itself(world: World) -> list[str]:
    """Return a line for each item that is left, though what made it has passed by itself: only what functions, parsers
    and crashes made is for a person."""
    of_others, others = world.plan.others, {other.planted.key for other in world.plan.others}
    staying, _ = _staying(world)
    planted = {error["request_id"]["S"] for other in of_others for error in other.items("").errors}
    faults = []
    for item in world.account.error_items():
        values = {name: str(next(iter(value.values()))) for name, value in item.items()}
        key, state = values.get("object_key", ""), values.get("state", "")
        told = f"{state} {values.get('stage', '')} {values.get('error_type', '')} {values.get('error_message', '')}"
        is_mine = key not in others and values["request_id"] not in staying | planted
        if is_mine and (state == "waiting" or not _is_for_a_person(values)):
            faults.append(f"not healed by itself: {key}: {told}")
    return faults[:5]


def _is_for_a_person(item: dict[str, str]) -> bool:
    return item.get("stage") == "crash" or "as planned" in item.get("error_message", "")


def _too_often(again: dict[str, int], reasons: int) -> list[str]:
    """Return the events that came more often than deaths of invocations and failed flushes explain."""
    return [f"{each} came {count + 1} times, {reasons} reasons" for each, count in again.items() if count > reasons][:5]


def _shared_ids(rows: list[Row]) -> Iterator[str]:
    """Yield a line for each event_id that two different events have: a destination that knows ids would lose one."""
    by_id: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        by_id.setdefault(row.event_id, set()).add(row.ids)
    for event_id, events in by_id.items():
        if len(events) > 1:
            yield f"{len(events)} different events have the event_id {event_id}"


def _staying(world: World) -> tuple[set[str], list[str]]:
    """Return the ids of the items that only a later version can read, and a line for each that is not there, whole."""
    table = {item["request_id"]["S"]: item for item in world.account.error_items()}
    by_sample = {item.get("sample", {}).get("S"): request_id for request_id, item in table.items()}
    staying, faults = set(), []
    for other in world.plan.others:
        items = other.items(world.config.fast.stream)
        if not other.is_staying:
            continue
        for record in items.records:
            request_id = by_sample.get(b64encode(record).decode())
            staying.add(request_id or "")
            faults += [] if request_id else [f"{other.kind}: the record is in no error item"]
        for error in items.errors:
            request_id = error["request_id"]["S"]
            staying.add(request_id)
            found = table.get(request_id, {})
            changed = [name for name, value in error.items() if found.get(name) != value and name not in REFUSED]
            faults += [f"{other.kind}: it is no longer the same in {', '.join(changed)}"] if changed else []
    return staying, faults


def _books(world: World) -> Iterator[str]:
    """Yield a line for each work that did not end, or whose books do not balance."""
    for item in _works(world):
        name, state = item["object_key"]["S"], item["state"]["S"]
        if state not in ("done", "failed"):
            yield f"the work on {name} is {state} at the end"
        books = msgspec.json.decode(item.get("books", {}).get("S", "{}"), type=Books)
        if books.imbalance():
            yield f"the books of {name} do not balance: {books.imbalance()}"


def _attempts(world: World) -> Iterator[str]:
    """Yield a line for each attempt that was counted though no invocation died: such as where another record of the
    same work came, while the first was at work on it. And lines for work that is held for too long, and for records
    that waited though no other lane had their work."""
    ledger = [item for other in world.plan.others for item in other.items("").ledger]
    before = {item["work_id"]["S"]: int(item.get("attempts", {"N": "0"})["N"]) for item in ledger}
    for item in _works(world):
        seconds = int(item.get("held_until", {"N": "0"})["N"]) - time.time()
        if seconds > TIMEOUT + 2:
            yield f"{item['object_key']['S']} is held for {seconds:.0f} s, longer than a function may run"
    if world.crashed and world.interrupted + sum(before.values()) < world.plan.max_attempts:
        yield f"{world.crashed} objects were given up as crashes, after {world.interrupted} deaths"
    # Where the answer to an update is lost, botocore sends it again, and it counts twice; and what cannot be written
    # hands no work back.
    if world.plan.faults or world.plan.down[0] or world.plan.storms.tables:
        return
    # What comes back into the lane for want of time, or since on_setup failed for the record of a killed invocation, is
    # another record, and waits for the deadline of the first.
    is_alone = not (world.plan.twins or world.continued or world.plan.deadline < TIMEOUT)
    is_alone = is_alone and not (world.interrupted and any(name == "setup" for name, _, _ in world.plan.storms.down))
    if waits := world.count_waits() if is_alone else 0:
        yield f"{waits} times a record waited, though no other lane had its work"
    for item in _works(world):
        attempts = int(item["attempts"]["N"]) - before.get(item["work_id"]["S"], 0)
        if attempts > world.interrupted + 1:
            yield f"{attempts} attempts at {item['object_key']['S']}, {world.interrupted} deaths"


def _works(world: World) -> list[dict[str, Any]]:
    """The ledger's items of works; those that a later version began are its own."""
    items = world.account.ledger_items()
    return [item for item in items if not item["work_id"]["S"].startswith(RESERVED_PREFIX) and "v" not in item]


def _unknown_fields(world: World) -> Iterator[str]:
    """Yield a line for each object whose work items have lost fields that only a later version knows."""
    named = {other.planted.key for other in world.plan.others if other.kind == "later fields"}
    if not named:
        return
    works = [json.loads(record) for record in world.account.records()]
    for key in named:
        about = [work for work in works if work["object_key"] == key]
        if len(about) < 2:
            yield f"{key}: nothing of it was drained"
        elif not all(work.items() >= LATER.items() for work in about):
            yield f"{key}: a work item has lost fields of a later version"
