"""Three hours without the destination: what docs/scale.md says about it, and that nothing is lost, late or rung."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ..error_table import NOW
from ..waiting_world import WaitingWorld

HOURS = 3
OBJECTS = 10
"""A minute, one of each format."""
PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def count_writes(world: WaitingWorld, table: str) -> dict[str, int]:
    """Count the items that were put, updated and deleted in a table."""
    counts = {"put": 0, "update": 0, "delete": 0, "query": 0}
    for name, request in zip(world.dynamodb.calls, world.dynamodb.requests, strict=True):
        asked: Any = request.get("RequestItems", {request.get("TableName"): [None]})
        if name == "batch_write_item":
            counts["put"] += len(asked.get(world.tables[table], ()))
        elif name == "batch_execute_statement":
            texts = [each["Statement"] for each in request["Statements"]]
            counts["update"] += sum(f'"{world.tables[table]}"' in text for text in texts)
        elif world.tables[table] in asked:
            kind = name.removesuffix("_item")
            counts[kind] = counts.get(kind, 0) + 1
    return counts


@pytest.mark.slow
def test_an_outage_of_three_hours() -> None:
    world = WaitingWorld("sends", "other", formats=OBJECTS)
    sends, other = world.destinations["sends"], world.destinations["other"]
    sends.down_until = NOW + HOURS * 3600

    def land() -> None:
        for number in range(OBJECTS):
            world.land(2, f"f{number}/")

    latest = 0.0
    for _ in range(HOURS * 60):
        before, at = len(world.landed), world.time.now
        world.minute(land)
        latest = max(latest, *(other.at[event] - at for event in world.landed[before:]))
    assert (latest, world.rung) == (0.0, 0)
    assert {item.state for item in world.items()} == {"waiting"}
    errors, ledger = count_writes(world, "errors"), count_writes(world, "ledger")
    rows = {
        "calls to the destination meanwhile": sends.calls,
        "items that wait at the end": len(world.items()),
        "writes to the ErrorTable: items": errors["put"],
        "writes to the ErrorTable: claims, works and notes": errors["update"],
        "writes to the ErrorTable: items that were tried, deleted": errors["delete"],
        "queries of its index: 48 a minute, three of each partition": errors["query"],
        "writes to the ledger": ledger["update"],
        "minutes until all is delivered once the destination is back": world.until_nothing_waits(60),
    }
    assert sends.taken == other.taken == dict.fromkeys(world.landed, 1)
    assert world.rung == 0
    lines = "\n".join(f"| {name} | {count:,} |" for name, count in rows.items())
    shown = re.search(
        r"<!-- outage -->\n\n.*\n\| --- \| ---: \|\n(.*?)\n\n<!-- end of outage -->", PAGE.read_text(), re.S
    )
    assert shown, "docs/scale.md has no table of an outage"
    assert shown[1] == lines, f"write these rows into docs/scale.md:\n{lines}"
