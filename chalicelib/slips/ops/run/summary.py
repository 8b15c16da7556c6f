"""The summary of a run: a table for a person, or a line of JSON."""

from __future__ import annotations

import json
from typing import Any

from ...quarantine import Filter, Quarantine
from ..output import escaped, one_line, table_console
from .tally import Tally

LONGEST_CAUSE = 100
"""The characters of a cause in the table, at most."""


def open_errors(quarantine: Quarantine) -> int:
    """Count the error items."""
    count, cursor = 0, ""
    while True:
        page = quarantine.page(Filter(), 500, cursor)
        count, cursor = count + len(page.items), page.cursor
        if not cursor:
            return count


def as_json(tally: Tally, quarantine: Quarantine) -> str:
    """Return the summary as a line of JSON."""
    counts: dict[str, Any] = {name: tally[name] for name in ("objects", "events", "delivered")}
    counts |= {"errors": open_errors(quarantine), "by_format": dict(sorted(tally.by_format.items()))}
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
        failed = Table("errors", "events", "stage", "function", "cause", box=None, pad_edge=False)
        for cause in causes:
            text = one_line(f"{cause.error_type}: {cause.error_message}", LONGEST_CAUSE)
            failed.add_row(str(cause.count), str(cause.failed_count), cause.stage, escaped(cause.processor), text)
        console.print(failed)
    else:
        console.print("no errors")
