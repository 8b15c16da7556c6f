"""The summary of a run: a table for a person, or a line of JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ...quarantine import WAITING, Filter, Quarantine
from ...wording import plural
from ..output import one_line
from ..table import TableColumn, print_rows
from .tally import Tally

if TYPE_CHECKING:
    from ...quarantine.listing import Cause

LONGEST_CAUSE = 100
"""The characters of a cause in the table, at most."""
_FORMATS = (TableColumn("format", style="name"), TableColumn("events"))
_CAUSES = (
    TableColumn("errors"),
    TableColumn("waiting", style="warning"),
    TableColumn("events"),
    TableColumn("stage"),
    TableColumn("function"),
    TableColumn("cause", rank=1, least=24, style="bad"),
)


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
    click.echo(
        f"\n{plural(tally['objects'], 'object')}, {plural(tally['bytes'], 'byte')}, "
        f"{plural(tally['events'], 'event')}, {plural(tally['delivered'], 'delivery', 'deliveries')}, "
        f"{tally['events'] / tally.seconds:,.0f} events/s"
    )
    print_rows(_FORMATS, ((name, str(count)) for name, count in sorted(tally.by_format.items())), headed=True)
    causes = sorted(
        quarantine.causes(Filter()).causes, key=lambda each: (-each.count, each.stage, each.processor, each.error_type)
    )
    print_rows(_CAUSES, map(_cells, causes), headed=True)
    if not causes:
        click.echo("no errors")


def _cells(cause: Cause) -> list[str]:
    waiting = str(cause.waiting) if cause.waiting else ""
    text = one_line(f"{cause.error_type}: {cause.error_message}", LONGEST_CAUSE)
    return [
        str(cause.count - cause.waiting), waiting, str(cause.failed_count), cause.stage, cause.processor, text,
    ]  # fmt: skip
