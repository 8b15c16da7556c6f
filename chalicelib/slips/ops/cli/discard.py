"""`slips discard`: delete error items, whose events are then never processed."""

from __future__ import annotations

import time

import click
import msgspec

from ...quarantine import DiscardReport, DiscardRequest, Quarantine, SelectionWalk, discard
from ...wording import plural
from ..target import Target
from .adoption import adopt_items
from .audit import audited
from .filters import FilterOptions, with_filters
from .ids import find_item_id
from .parameters import command
from .target import TargetOptions, on_target
from .terminal import print_json, progress, warn

SLICE_SECONDS = 10.0
"""A discard works in slices of this length, to show its progress."""
COUNT_SECONDS = 20.0
"""How long the items are counted before the question."""


@command("discard")
@on_target
@click.option("--id", "ids", multiple=True, metavar="ID",
              help="Discard this item (8 digits of its id, or more). Repeatable.")  # fmt: skip
@with_filters
@click.option("--reason", required=True, metavar="TEXT", help="The reason, for the audit trail.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Only count the items.")
@click.option("--json", "as_json", is_flag=True, help="Print the count as JSON.")
def discard_errors(
    target: TargetOptions, ids: tuple[str, ...], reason: str, yes: bool, dry_run: bool, as_json: bool,
    filters: FilterOptions,
) -> None:  # fmt: skip
    """Delete error items: their events are never processed. Name them by --id, or by filters, which also match parked
    items.

    It counts the items and asks first. You cannot restore a discarded item. To process it instead, use `slips drain`.

    \b
    slips discard --fingerprint 0c5b9f2a --reason "test objects of last week"
    slips discard --id 4f6d2c81 --reason "not a log file" --yes
    """
    if not ids and not filters.values:
        raise click.UsageError("name items with --id, or filter them, as with --fingerprint; `slips errors` lists them")
    if ids and filters.values:
        raise click.UsageError("--id names the items; leave out the filters")
    to = target.open()
    adopt_items(to.quarantine, to.config)
    whole_ids = tuple(find_item_id(to.quarantine, each) for each in ids)
    request = DiscardRequest(ids=whole_ids, reason=reason, **filters.resolve(to.quarantine))
    count, is_all = _count(request, to.quarantine)
    if not dry_run and count and not yes:
        about = "" if is_all else "more than "
        click.confirm(f"discard {about}{plural(count, 'item')}? Their events are never processed", abort=True, err=True)
    report = DiscardReport(discarded=count) if dry_run or not count else _discard(request, to, count)
    if as_json:
        print_json({"discarded": report.discarded, "dry_run": dry_run})
    else:
        click.echo(f"{'would discard' if dry_run else 'discarded'}: {report.discarded}")


def _count(request: DiscardRequest, quarantine: Quarantine) -> tuple[int, bool]:
    """Count the items, and say whether these are all."""
    if request.ids:
        return len(set(request.ids)), True
    walk = SelectionWalk(request, quarantine, time.time() + COUNT_SECONDS, time.time)
    return walk.count_rest(COUNT_SECONDS), walk.at_end


def _discard(request: DiscardRequest, to: Target, count: int) -> DiscardReport:
    """Discard slice by slice. After Ctrl-C, say how far it came."""
    total = DiscardReport()
    try:
        with audited(to, "discard", request, request.reason) as (_, result), progress("discarding") as show:
            while True:
                report = discard(request, to.quarantine, time.time() + SLICE_SECONDS)
                total.discarded += report.discarded
                result.items = total.discarded
                show(total.discarded, max(count, total.discarded))
                if not report.cursor:
                    return total
                request = msgspec.structs.replace(request, cursor=report.cursor)
    except KeyboardInterrupt:
        warn(f"stopped: {plural(total.discarded, 'item')} or more were discarded; run it again for the rest")
        raise SystemExit(1) from None
