"""`slips errors`: list what failed, group it by cause, or follow it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import click
import msgspec

from ...api.errors import to_json
from ...model import utc
from ...quarantine import ENDED, WAITING, ErrorRow, Filter, Quarantine
from .adoption import adopt_items
from .error_table import CauseList, ItemList
from .filters import FilterOptions, with_filters
from .parameters import command
from .target import TargetOptions, on_target
from .terminal import note, print_json, warn

PAGE = 500
POLL_SECONDS = 2.0
OVERLAP = 60.0
"""Seconds to look back from the newest item at each poll: workers' clocks differ, and the index lags behind the
table."""
GROUP_SECONDS = 60.0
COUNT_SECONDS = 5.0
"""How long to count what a list leaves out."""


@command()
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
    and cause. A terminal shows a table, with ids of 8 digits; in a pipe, a line has all of it.

    The exit code is 1 if there is anything but what waits to be tried again by itself.

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
    listed = ItemList(quarantine)
    for page in pages(quarantine, selected, limit):
        if as_json:
            for row in page:
                print_json(to_json(row))
        else:
            listed.print(page)
        count += len(page)
        failed += sum(row.state not in (WAITING, *ENDED) for row in page)
    if not count:
        note("no errors found")
    if count == limit:
        listing = quarantine.causes(selected, COUNT_SECONDS)
        total = sum(cause.count for cause in listing.causes)
        if total > limit:
            about = "" if listing.complete else "more than "
            warn(f"showing the newest {limit:,} of {about}{total:,}; -n {total} shows more, --group the causes")
    return failed > 0


def rows(quarantine: Quarantine, selected: Filter, limit: int) -> Iterator[ErrorRow]:
    """Yield the newest `limit` items."""
    return chain.from_iterable(pages(quarantine, selected, limit))


def pages(quarantine: Quarantine, selected: Filter, limit: int) -> Iterator[Sequence[ErrorRow]]:
    """Yield the newest `limit` items, page by page."""
    cursor = ""
    while limit > 0:
        page = quarantine.page(selected, min(limit, PAGE), cursor)
        yield page.items
        limit -= len(page.items)
        cursor = page.cursor
        if not cursor:
            return


def _show_causes(quarantine: Quarantine, selected: Filter, limit: int, *, follow: bool, as_json: bool) -> bool:
    printed: dict[str, int] = {}
    failed = False
    listed = CauseList()
    try:
        while True:
            listing = quarantine.causes(selected, GROUP_SECONDS)
            if not listing.complete:
                warn(f"counting stopped after {GROUP_SECONDS:.0f} s: only the newest errors are included")
            changed = [cause for cause in listing.causes[:limit] if printed.get(cause.fingerprint) != cause.count]
            if as_json:
                for cause in changed:
                    print_json(to_json(cause))
            else:
                listed.print(changed)
            if len(listing.causes) > limit and not (follow and printed):
                warn(f"showing {limit:,} of {len(listing.causes):,} causes; -n {len(listing.causes)} shows all")
            printed |= {cause.fingerprint: cause.count for cause in listing.causes[:limit]}
            failed = failed or any(cause.count > cause.waiting for cause in listing.causes)
            if not follow:
                if not listing.causes:
                    note("no errors found")
                return failed
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return failed


def _show_followed(quarantine: Quarantine, selected: Filter, limit: int, *, as_json: bool) -> bool:
    any_failed = False
    listed = ItemList(quarantine, one_by_one=True)
    try:
        for row in follow_errors(quarantine, selected, limit):
            any_failed = True
            if as_json:
                print_json(to_json(row))
            else:
                listed.print([row])
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
