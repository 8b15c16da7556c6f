"""The summary of a run: a table for a person, or a line of JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ...quarantine import WAITING, Filter, Quarantine
from ..output import escaped, one_line, table_console
from .tally import Tally

LONGEST_CAUSE = 100
"""The characters of a cause in the table, at most."""


def count_items(quarantine: Quarantine) -> tuple[int, int]:
    """Count the error items, and those that wait to be tried again by themselves."""
    states: Counter[bool] = Counter()
    cursor = ""
    while True:
        page = quarantine.page(Filter(), 500, cursor)
        states.update(row.state == WAITING for row in page.items)
        cursor = page.cursor
        if not cursor:
            return states[False], states[True]


def as_json(tally: Tally, quarantine: Quarantine) -> str:
    """Return the summary as a line of JSON."""
    counts: dict[str, Any] = {name: tally[name] for name in ("objects", "events", "delivered")}
    errors, waiting = count_items(quarantine)
    counts |= {"errors": errors, "waiting": waiting, "by_format": dict(sorted(tally.by_format.items()))}
    counts |= {"bytes": tally["bytes"], "dropped": tally["dropped"], "seconds": round(tally.seconds, 3)}
    return json.dumps(counts)


def print_table(tally: Tally, quarantine: Quarantine) -> None:
    """Print objects, bytes, events by format, errors by cause, and events per second."""
    from rich.table import Table

    console = table_console()
    events = Table("format", "events", box=None, pad_edge=False, title=None)
    for name, count in sorted(tally.by_format.items()):
        events.add_row(escaped(name), str(count))
    console.print(
        f"\n{tally['objects']} objects, {tally['bytes']:,} bytes, {tally['events']:,} events, "
        f"{tally['delivered']:,} deliveries, {tally['events'] / tally.seconds:,.0f} events/s"
    )
    console.print(events)
    causes = quarantine.causes(Filter()).causes
    if causes:
        waits = any(cause.waiting for cause in causes)
        columns = ("errors", *(("waiting",) if waits else ()), "events", "stage", "function", "cause")
        failed = Table(*columns, box=None, pad_edge=False)
        for cause in causes:
            text = one_line(f"{cause.error_type}: {cause.error_message}", LONGEST_CAUSE)
            counts = (cause.count - cause.waiting, *((cause.waiting,) if waits else ()), cause.failed_count)
            failed.add_row(*map(str, counts), cause.stage, escaped(cause.processor), text)
        console.print(failed)
    else:
        console.print("no errors")
