"""Real samples with the times that they must be read with. They are not part of the project: the tests
that read them run where the folder is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def _folder() -> Path:
    """Return `SLIPS_CORPUS`, else the folder next to the checkout, or next to that of a worktree."""
    named = os.environ.get("SLIPS_CORPUS")
    candidates = [parent / "shared" / "corpus" for parent in (CHECKOUT.parent, CHECKOUT.parent.parent)]
    return Path(named) if named else next((path for path in candidates if path.is_dir()), candidates[0])


FOLDER = _folder()
MANIFEST = FOLDER / "MANIFEST.jsonl"
needed = pytest.mark.skipif(not MANIFEST.is_file(), reason="no folder of real samples here; SLIPS_CORPUS names one")


def samples() -> list[dict[str, Any]]:
    """Return the rows of the manifest: file, format, events, times (ISO 8601, or None where it is not known)."""
    return [json.loads(line) for line in MANIFEST.read_text().splitlines()] if MANIFEST.is_file() else []


def seconds(text: str) -> float:
    """Return seconds since the epoch of a time in the manifest; its fraction may have nine digits."""
    bare, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(bare)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)


def faults(row: dict[str, Any], events: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the lines that `slips parse` printed of a sample."""
    if len(events) != row["events"]:
        yield f"{len(events)} of {row['events']} events"
        return
    for number, (event, time) in enumerate(zip(events, row["times"], strict=True), 1):
        if time and abs(event["timestamp"] - seconds(time)) >= 0.001:
            yield f"event {number}: time {event['timestamp']}, not {time}"
