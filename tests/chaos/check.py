"""Checks what must be true after a run, whatever happened in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from slips.ledger.counters import PREFIX
from slips.model import Books

from .plan import FUNCTIONS
from .world import World


class Verdict(msgspec.Struct):
    """What became of the planted events, counted by event and function; `faults` has a line for each fault."""

    planted: int
    delivered: int
    duplicated: int
    lost: int
    faults: list[str]


def verdict(world: World, errors: list[Any]) -> Verdict:
    """Compare the run with its plan. `errors` are the error items that remain after the last drain."""
    counts = Counter(world.folder.joinpath("delivered").read_text().split("\n"))
    del counts[""]
    expected = [
        f"{function} {name}" for planted in world.plan.objects for name in planted.ids for function in FUNCTIONS
    ]
    missing = [each for each in expected if not counts[each]]
    again = {each: count - 1 for each, count in counts.items() if count > 1}
    faults = [f"lost: {each}" for each in missing[:5]]
    faults += [f"left in the ErrorTable: {error['stage']} {error['error_message']}" for error in errors[:5]]
    faults += [f"delivered, but never planted: {each}" for each in list(counts.keys() - set(expected))[:5]]
    faults += _too_often(again, sum(world.deaths.values()) + len(world.plan.flush_fails))
    faults += _books(world)
    return Verdict(
        planted=len(expected),
        delivered=len(expected) - len(missing),
        duplicated=sum(again.values()),
        lost=len(missing),
        faults=faults,
    )


def _too_often(again: dict[str, int], reasons: int) -> list[str]:
    """Return the events that came more often than deaths of invocations and failed flushes explain."""
    return [f"{each} came {count + 1} times, {reasons} reasons" for each, count in again.items() if count > reasons][:5]


def _books(world: World) -> list[str]:
    """Return a line for each work that did not end, or whose books do not balance."""
    pages = world.client("dynamodb").get_paginator("scan").paginate(TableName=world.config.ledger_table)
    faults = []
    works = (item for page in pages for item in page["Items"] if not item["work_id"]["S"].startswith(PREFIX))
    for item in works:
        name, state = item["object_key"]["S"], item["state"]["S"]
        if state not in ("done", "failed"):
            faults.append(f"the work on {name} is {state} at the end")
        books = msgspec.json.decode(item.get("books", {}).get("S", "{}"), type=Books)
        if books.imbalance():
            faults.append(f"the books of {name} do not balance: {books.imbalance()}")
    return faults[:5]
