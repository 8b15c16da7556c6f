"""What `slips explain` found, for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .terminal import escaped, one_line, size

if TYPE_CHECKING:
    from ...ledger.ledger import LedgerItem
    from ..develop.explain import Previewed, Routed


def print_explained(told: dict[str, Any]) -> None:
    """A paragraph each: the object, its way, its events, its books."""
    for line in _lines(told):
        click.echo(line)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    ref, found, seen = told["object"], told["routed"], told["preview"]
    about = "" if ref is None else f"  ({size(ref.size or 0)}, {ref.event_time})"
    yield f"object     {escaped('s3://' + told['bucket'] + '/' + told['key'])}{about}"
    yield from _way(found)
    yield from (f"fault      {escaped(fault)}" for fault in told["faults"])
    if seen is not None:
        yield from _events(seen)
    elif found.lane == "drop":
        yield "dropped    no event of it comes to any function"
    if told["books"] is not None:
        yield from _books(told["books"])


def _way(found: Routed) -> Iterator[str]:
    from ..develop.explain.routes import asked

    if found.lane:
        why = f"{found.rule.path}  ({asked(found.rule)})" if found.rule else "slips.yml has no `routing`"
        yield f"lane       {found.lane}  by {escaped(why)}"
    for rule in found.shadowed_rules:
        yield f"  shadowed {escaped(f'{rule.path}  ({asked(rule)}) → {rule.dest}')}"
    if found.mapping is not None:
        yield f"mapping    {escaped(f'{found.mapping.path}  ({asked(found.mapping)})')}"
        yield f"format     {escaped(' → '.join(found.mapping.chain))}"
    for mapping in found.shadowed_mappings:
        yield f"  shadowed {escaped(f'{mapping.path}  ({asked(mapping)}) → ' + ', '.join(mapping.chain))}"


def _events(seen: Previewed) -> Iterator[str]:
    yield f"container  {escaped(seen.container)}"
    yield f"functions  {', '.join(map(escaped, seen.functions)) or 'none takes this format: it is not read'}"
    yield f"events     the first {len(seen.events)}, of {seen.records} records read"
    for event in seen.events:
        at = f"{event.position}" if event.index is None else f"{event.position}.{event.index}"
        source = "" if event.time_source == "event" else f" ({event.time_source})"
        takers = ", ".join(map(escaped, event.functions)) or "nobody"
        yield f"  {at:>6}  {escaped(event.tag)}  {escaped(event.time)}{source}  → {takers}"
        yield f"          {one_line(event.message, 160)}"
    for failure in seen.failures:
        where = f"{failure.stage}/{failure.processor}" if failure.processor else failure.stage
        at = failure.positions or f"{failure.resume_from}-"
        yield f"  failed  {escaped(where)} at {at}: {one_line(f'{failure.error_type}: {failure.error_message}')}"
        if failure.sample:
            yield f"          {one_line(failure.sample, 160)}"


def _books(books: list[LedgerItem]) -> Iterator[str]:
    if not books:
        yield "books      none: it was not processed, or longer ago than ledger.ttl_days"
    for item in books:
        counts = item.books
        yield (
            f"books      {escaped(item.state)}  {escaped(item.begun_at)}  {counts.records} records, {counts.events} "
            f"events, {counts.unparsable} unparsable; lane {escaped(item.lane)}, version {escaped(item.version)}"
        )
        for name, of in counts.processors.items():
            shown = f"{of.delivered} delivered, {of.filtered} filtered, {of.quarantined} failed"
            yield f"             {escaped(name)}: {shown}"
