"""`slips errors`: list what failed, group it by cause, or follow it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from ...api.errors import to_json
from ...model import utc
from ...quarantine import ENDED, WAITING, ErrorRow, Filter, Quarantine
from ..output import escaped, one_line
from .adoption import adopt_items
from .filters import FilterOptions, with_filters
from .target import TargetOptions, on_target
from .terminal import print_json, warn

if TYPE_CHECKING:
    from ...model import WorkItem
    from ...quarantine.listing import Cause

PAGE = 500
POLL_SECONDS = 2.0
OVERLAP = 60.0
"""Seconds to look back from the newest item at each poll: workers' clocks differ, and the index lags behind the
table."""
GROUP_SECONDS = 60.0
COUNT_SECONDS = 5.0
"""How long to count what a list leaves out."""


@click.command()
@on_target
@click.option(
    "-n", "--limit", default=100, show_default=True, type=click.IntRange(1), help="At most this many items (or causes)."
)
@with_filters
@click.option("--group", is_flag=True, help="Group by cause, the most frequent first.")
@click.option("--follow", is_flag=True, help="Keep printing new errors until Ctrl-C, the newest last.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per item (or cause).")
def errors(
    target: TargetOptions, limit: int, group: bool, follow: bool, as_json: bool,
    filters: FilterOptions,
) -> None:  # fmt: skip
    """List what failed, newest first: time of the object, id, bucket, key, size, stage and function, number of events,
    and cause. The exit code is 1 if there is anything but what waits to be tried again by itself.

    \b
    slips errors --bucket example-logs --group
    slips errors --follow --since 2026-01-31T12:00:00Z
    """
    if follow and "until" in filters.values:
        raise click.UsageError("--follow never ends; leave out --until")
    to = target.open()
    quarantine = to.quarantine
    adopt_items(quarantine, to.config)
    selected = Filter(**filters.resolve(quarantine))
    if group:
        any_failed = _show_causes(quarantine, selected, limit, follow=follow, as_json=as_json)
    elif follow:
        any_failed = _show_followed(quarantine, selected, limit, as_json=as_json)
    else:
        any_failed = _show_rows(quarantine, selected, limit, as_json=as_json)
    if any_failed:
        raise SystemExit(1)


def _show_rows(quarantine: Quarantine, selected: Filter, limit: int, *, as_json: bool) -> bool:
    count = failed = 0
    for row in rows(quarantine, selected, limit):
        _show(quarantine, row, as_json=as_json)
        count += 1
        failed += row.state not in (WAITING, *ENDED)
    if count == limit:
        listing = quarantine.causes(selected, COUNT_SECONDS)
        total = sum(cause.count for cause in listing.causes)
        if total > limit:
            about = "" if listing.complete else "more than "
            warn(f"showing the newest {limit:,} of {about}{total:,}; -n {total} shows more, --group the causes")
    return failed > 0


def rows(quarantine: Quarantine, selected: Filter, limit: int) -> Iterator[ErrorRow]:
    """Yield the newest `limit` items."""
    cursor = ""
    while limit > 0:
        page = quarantine.page(selected, min(limit, PAGE), cursor)
        yield from page.items
        limit -= len(page.items)
        cursor = page.cursor
        if not cursor:
            return


def _show(quarantine: Quarantine, row: ErrorRow, *, as_json: bool) -> None:
    if as_json:
        print_json(to_json(row))
        return
    for line in lines(row, quarantine):
        click.echo(line)


def lines(row: ErrorRow, quarantine: Quarantine) -> Iterator[str]:
    """Yield a line per work item: the columns of the class-based SLIPS, then the new ones."""
    where = f"{row.stage}/{row.processor}" if row.processor else row.stage
    cause = f"{row.failed_count}x  {row.error_type}: {row.error_message}"
    new = f"{escaped(where)}  {one_line(cause)}" + ("" if row.state == "open" else f"  [{_state(row)}]")
    if row.work_items == 1:
        yield f"{_columns(row.event_time, row, row.request_id)}  {new}"
        return
    for item in quarantine.get(row.request_id).argument or (row,):
        yield f"{_columns(item.event_time, item, row.request_id)}  {new}"


def _state(row: ErrorRow) -> str:
    return f"waiting, next try {utc.iso(row.retry_at)}" if row.retry_at else escaped(row.state)


def _columns(event_time: str, item: ErrorRow | WorkItem, request_id: str) -> str:
    size = "unknown" if item.object_size is None else item.object_size
    of = f"{escaped(item.bucket_name):16} {escaped(item.object_key)} ({size} byte)"
    return f"{escaped(event_time)}:  {escaped(request_id)}  {of}"


def _show_causes(quarantine: Quarantine, selected: Filter, limit: int, *, follow: bool, as_json: bool) -> bool:
    printed: dict[str, int] = {}
    failed = False
    try:
        while True:
            listing = quarantine.causes(selected, GROUP_SECONDS)
            if not listing.complete:
                warn(f"counting stopped after {GROUP_SECONDS:.0f} s: only the newest errors are included")
            for cause in listing.causes[:limit]:
                if printed.get(cause.fingerprint) != cause.count:
                    print_json(to_json(cause)) if as_json else click.echo(_cause(cause))
            if len(listing.causes) > limit and not (follow and printed):
                warn(f"showing {limit:,} of {len(listing.causes):,} causes; -n {len(listing.causes)} shows all")
            printed |= {cause.fingerprint: cause.count for cause in listing.causes[:limit]}
            failed = failed or any(cause.count > cause.waiting for cause in listing.causes)
            if not follow:
                return failed
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return failed


def _cause(cause: Cause) -> str:
    where = f"{cause.stage}/{cause.processor}" if cause.processor else cause.stage
    next_try = f", next try {utc.iso(cause.retry_at)}" if cause.retry_at else ""
    waits = f"  [{cause.waiting} waiting{next_try}]" if cause.waiting else ""
    return (
        f"{escaped(cause.fingerprint)}  {_items(cause.count)}  {cause.failed_count:8} failed  "
        f"{escaped(cause.first_seen)} … {escaped(cause.last_seen)}  {escaped(cause.format)}  {escaped(where)}  "
        f"{one_line(f'{cause.error_type}: {cause.error_message}')}{waits}"
    )


def _items(count: int) -> str:
    return f"{count:6} item " if count == 1 else f"{count:6} items"


def _show_followed(quarantine: Quarantine, selected: Filter, limit: int, *, as_json: bool) -> bool:
    any_failed = False
    try:
        for row in follow_errors(quarantine, selected, limit):
            any_failed = True
            _show(quarantine, row, as_json=as_json)
    except KeyboardInterrupt:
        pass
    return any_failed


def follow_errors(
    quarantine: Quarantine, selected: Filter, limit: int, *,
    clock: utc.Clock = time.time, sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ErrorRow]:  # fmt: skip
    """Yield the newest `limit` items, oldest first, and then each new one. An item that fails again is yielded
    again."""
    newest = quarantine.newest_time()
    recent = {_key(row) for row in rows(quarantine, _since(selected, newest, clock), 1_000_000)}
    yield from reversed(list(rows(quarantine, selected, limit)))
    while True:
        sleep(POLL_SECONDS)
        # Read before the items, so that none falls between two windows. Drained items do not move it back.
        after, newest = newest, max(newest, quarantine.newest_time())
        new = list(rows(quarantine, _since(selected, after, clock), 1_000_000))
        yield from (row for row in reversed(new) if _key(row) not in recent)
        # An item that left the window cannot come back into it.
        recent = {_key(row) for row in new}


def _key(row: ErrorRow) -> tuple[str, str]:
    return row.request_id, row.sorted_at


def _since(selected: Filter, newest: str, clock: utc.Clock) -> Filter:
    """Begin OVERLAP before the newest item. A clock that is ahead, this machine's or a writer's, must hide nothing: so
    neither counts alone."""
    if not newest:
        return selected
    since = utc.normalize(selected.since) if selected.since else ""
    window = utc.iso(min(utc.epoch(newest), clock()) - OVERLAP)
    return msgspec.structs.replace(selected, since=max(since, window))
