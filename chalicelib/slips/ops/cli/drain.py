"""`slips drain`: put what failed back into its lane; with --watch, a few items first."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import click
import msgspec

from ...drain import DrainReport, DrainRequest, drain
from ...drain.request import CLAIMED, NEWER, PARKED
from ...ledger.audit import ActResult
from ...model import utc
from ...wording import plural
from ..output import escaped, one_line
from ..target import Target
from .adoption import adopt_items
from .audit import audited
from .canary import WatchedDrain, drain_watched
from .filters import FilterOptions, with_filters
from .ids import find_item_ids
from .parameters import command
from .target import TargetOptions, on_target
from .terminal import print_json, progress, warn

SLICE_SECONDS = 10.0
"""A drain works in slices of this length, to show its progress."""
CANARY = 10


@command("drain")
@on_target
@click.option("--id", "ids", multiple=True, metavar="ID",
              help="Drain this item, even if parked (8 digits of its id, or more). Repeatable.")  # fmt: skip
@click.option(
    "--parked",
    is_flag=True,
    help="Drain parked items, which failed too often: short for --state parked.",
)
@with_filters
@click.option(
    "--limit", type=click.IntRange(1), help=f"At most this many items; with --watch, the size of the canary ({CANARY})."
)
@click.option("--watch", is_flag=True, help="Drain --limit items, show how many failed again, and ask before the rest.")
@click.option("--yes", is_flag=True, help="With --watch, drain the rest without asking if nothing failed again.")
@click.option(
    "--wait", default=600, show_default=True, type=click.IntRange(1), help="Watch for at most this many seconds."
)
@click.option("--dry-run", is_flag=True, help="Only count the items.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def drain_errors(
    target: TargetOptions, ids: tuple[str, ...], parked: bool,
    limit: int | None, watch: bool, yes: bool, wait: int, dry_run: bool, as_json: bool, filters: FilterOptions,
) -> None:  # fmt: skip
    """Put what failed back into its lane: only the failed events, for only the functions that failed.

    The exit code is 1 if an item could not be drained or, with --watch, failed again.

    \b
    slips errors --group
    slips drain --fingerprint 0c5b9f2a7d114e01 --limit 10 --watch
    """
    if watch and dry_run:
        raise click.UsageError("--dry-run puts nothing into a lane, so there is nothing to --watch")
    if parked:
        filters = filters.parked()
    if ids and filters.values:
        raise click.UsageError("--id names the items, also parked ones; leave out the filters")
    to = target.open()
    adopt_items(to.quarantine, to.config)
    ids = find_item_ids(to.quarantine, ids)
    request = DrainRequest(ids=ids, limit=limit, dry_run=dry_run, **filters.resolve(to.quarantine))
    begun: list[DrainReport] = []
    try:
        with nullcontext(("", ActResult())) if dry_run else audited(to, "drain", request) as (drain_id, result):
            drain_part = partial(drain_in_slices, to, begun=begun, drain_id=drain_id)
            try:
                if watch:
                    canary = msgspec.structs.replace(request, limit=limit or CANARY)
                    watched = drain_watched(to, canary, drain_part, ask=_sure(yes=yes), wait=wait)
                    _show_watched(watched, as_json=as_json)
                    failed = watched.is_bad
                else:
                    total = drain_part(request)
                    _show(total, as_json=as_json)
                    failed = bool(total.failed)
            finally:
                result.items = sum(report.drained for report in begun)
                result.refused = sum(len(report.failed) for report in begun)
    except KeyboardInterrupt:
        count = sum(report.drained for report in begun)
        warn(f"stopped: drained {plural(count, 'item')}, now in progress; run again for the rest, some in 5 minutes")
        raise SystemExit(1) from None
    if failed:
        raise SystemExit(1)


def drain_in_slices(
    to: Target, request: DrainRequest, begun: list[DrainReport], drain_id: str = ""
) -> DrainReport:  # fmt: skip
    """Drain the request slice by slice, as the drain of this id. `begun` gets the counts, so that they survive
    Ctrl-C."""
    total = DrainReport(dry_run=request.dry_run)
    begun.append(total)
    with progress("draining") as show:
        while True:
            report = drain(
                request, to.quarantine, to.lanes, to.config, time.time() + SLICE_SECONDS, counting=to.counting,
                drain_id=drain_id,
            )  # fmt: skip
            total.add(report)
            show(total.drained, total.drained + report.remaining if request.limit is None else request.limit)
            rest = None if request.limit is None else request.limit - report.drained
            if not report.cursor or rest == 0:
                return total
            request = msgspec.structs.replace(request, cursor=report.cursor, limit=rest)


def _sure(*, yes: bool) -> Callable[[str, bool], bool]:
    def ask(question: str, good: bool) -> bool:
        # --yes was given before the canary had a result.
        if yes:
            return good
        try:
            return click.confirm(question, err=True)
        except click.Abort:  # No terminal, or Ctrl-C. The outcome of the canary is still to be shown.
            click.echo(err=True)
            return False

    return ask


def _show(total: DrainReport, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(total))
    else:
        click.echo(f"{'would drain' if total.dry_run else 'drained'}: {total.drained}, remaining: {total.remaining}")
    _show_failed(total)


_LEFT = {
    PARKED: "parked: they failed too often; after a look at the cause, --parked drains them",
    CLAIMED: "claimed: another drain has them, for five minutes at most; run this command again for what it leaves",
    NEWER: "in a state that a later version of SLIPS wrote: drain them with that version, or each with --id",
}


def _show_failed(total: DrainReport) -> None:
    if total.waiting:
        which = "its next try, at" if total.waiting == 1 else "their next try, the first at"
        is_waiting = plural(total.waiting, "waits", "wait") if total.dry_run else f"{total.waiting:,} waited"
        click.echo(f"of these, {is_waiting} for {which} {utc.iso(total.retry_at)}", err=True)
    for reason, count in total.left.items():
        click.echo(f"left: {count:,} {_LEFT.get(reason, reason)}", err=True)
    for reason, count in total.whole.items():
        click.echo(f"{plural(count, 'work item')} for the whole object: {one_line(reason)}", err=True)
    for request_id, reason in total.failed.items():
        click.echo(f"stays: {escaped(request_id)}: {one_line(reason)}", err=True)


def _show_watched(result: WatchedDrain, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(result))
    else:
        click.echo(f"drained: {result.total.drained}, remaining: {result.total.remaining}")
        if result.outcome is not None and result.went_on:
            click.echo(result.outcome_line("all"))
    sys.stdout.flush()
    _show_failed(result.total)
