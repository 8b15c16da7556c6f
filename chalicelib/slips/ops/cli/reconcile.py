"""`slips reconcile`: compare what the buckets have with what the ledger has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from ...config.prefixes import literal_heads
from ...errors import DeploymentError
from ...wording import plural
from ..output import escaped
from ..table import TableColumn, is_drawn, print_rows
from .parameters import RATE, TIME, command
from .target import TargetOptions, on_project
from .terminal import print_json, progress, short_time, warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ..backfill import Finding, Pacer, Reconciliation
    from ..target import Target

_COLUMNS = (
    TableColumn("kind", style="warning"),
    TableColumn("written", rank=2, least=20, style="quiet"),
    TableColumn("object", rank=1, least=24, keeps="end"),
)


@command()
@on_project
@click.argument("what", metavar="[s3://BUCKET/PREFIX]", default="")
@click.option("--since", type=TIME, help="Only objects written at this time or later (UTC).  "
              "[default: since the stack exists, or as long as the ledger remembers]")  # fmt: skip
@click.option("--inventory", default="", metavar="s3://BUCKET/FOLDER",
              help="Read an S3 Inventory (CSV) in place of a listing: its folder, or a manifest.json.")  # fmt: skip
@click.option("--send", is_flag=True, help="Queue the missing and the unfinished objects.")
@click.option(
    "--rate", type=RATE, default="100/s", show_default=True, help="With --send: at most N objects per second."
)
@click.option("--show", default=100, show_default=True, type=click.IntRange(0), help="Print at most this many objects.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reconcile(
    target: TargetOptions, what: str, since: float | None, inventory: str, send: bool, rate: float,
    show: int, as_json: bool,
) -> None:  # fmt: skip
    """Compare the buckets with the ledger.

    It finds objects that the ledger does not know (missing), that were begun and not finished (unfinished), and that a
    function got twice (duplicate).

    It also compares the buckets' notifications, which another tool may have overwritten. Without an argument, it
    compares all mapped prefixes. It ignores objects in progress, and those of the last 15 minutes. Exit code 1: it
    found something.

    \b
    slips reconcile
    slips reconcile s3://example-logs/AWSLogs/ --since 2026-03-01 --send
    slips reconcile s3://example-logs --inventory s3://example-inventory/example-logs/daily/
    """
    from ..deploy.gaps import remembered_since
    from ..develop.explain.place import parts
    from ..develop.project import load_project

    if inventory and not what:
        raise click.UsageError("--inventory is of one bucket: name it, s3://BUCKET")
    if what:
        parts(what)  # Before AWS is asked.
    to = target.open()
    slips = load_project(to.path).slips
    slips.check()
    places = [parts(what)] if what else list(_mapped_places(to))
    run = _Reconcile(to, slips, remembered_since(to.config) if since is None else since, inventory, show)
    for bucket, prefix in places:
        run.compare(bucket, prefix, rate if send else 0)
    lines = list(_notification_lines(to, sorted({bucket for bucket, _ in places})))
    run.print(lines, as_json=as_json)
    if run.total.counts or lines:
        raise SystemExit(1)


def _mapped_places(to: Target) -> Iterator[tuple[str, str]]:
    for bucket in dict.fromkeys(mapping.bucket for mapping in to.config.mappings):
        for prefix in literal_heads(to.config.mappings, bucket):
            yield bucket, prefix


def _notification_lines(to: Target, buckets: list[str]) -> Iterator[str]:
    """Name the buckets that do not notify SLIPS of what is mapped. Where a topic is named by ARN, others may."""
    from ..deploy.account import current_account
    from ..deploy.gaps import unnotified_prefixes

    if any(topic.arn.startswith("arn:") for topic in to.config.topics):
        return
    account = current_account()
    for bucket in buckets:
        try:
            prefixes = unnotified_prefixes(to.config, account, bucket)
        except DeploymentError as fault:
            yield str(fault)
            continue
        if prefixes:
            names = ", ".join(prefix or "any prefix" for prefix in prefixes[:3]) + (", …" if len(prefixes) > 3 else "")
            yield (
                f"s3://{bucket} does not notify SLIPS of {names}: another tool may have overwritten its notifications; "
                f"run: slips provision --bucket-notifications {bucket}"
            )


class _Reconcile:
    """A call of the command."""

    def __init__(self, to: Target, slips: Slips, since: float, inventory: str, most: int) -> None:
        from ..backfill import Reconciliation, Request, Selection, State, stalled_before

        self.total: Reconciliation = Reconciliation()
        self.sent = 0
        self._to = to
        self._inventory = inventory
        self._most = most
        self._shown: list[Finding] = []
        self._state = State(request=Request(stack=to.config.stack_name, bucket="", since=since))
        before = stalled_before(to.config, time.time())
        # One for all places: it has threads.
        self._selection = Selection(self._state, slips, to.ledger, to.s3_access, before)

    def compare(self, bucket: str, prefix: str, rate: float) -> None:
        """Compare the objects below a prefix; with a rate, queue what is to be sent."""
        from ..backfill import Pacer, find_unreconciled, inventory_pages, pages
        from ..develop.explain.place import parts

        request = msgspec.structs.replace(self._state.request, bucket=bucket, prefix=prefix)
        state, access = msgspec.structs.replace(self._state, request=request), self._to.s3_access
        listed = inventory_pages(*parts(self._inventory), request, access) if self._inventory else pages(state, access)
        pacer = Pacer(rate or None)
        with progress("comparing") as show:
            for findings in find_unreconciled(listed, self._selection, self.total, show):
                self._shown += findings[: self._most - len(self._shown)]
                if rate:
                    self._send(findings, pacer)

    def _send(self, findings: list[Finding], pacer: Pacer) -> None:
        from ..backfill import put_candidates

        missing = [each.candidate for each in findings if each.kind != "duplicate"]
        for start in range(0, len(missing), pacer.chunk):
            # The ledger is asked again: what came meanwhile is not queued a second time.
            decided = self._selection.drop_done(missing[start : start + pacer.chunk])
            queued = [each for each in decided if not each.reason]
            pacer.wait(len(queued))
            put_candidates(queued, self._selection, self._to.lanes)
            self.sent += len(queued)

    def print(self, lines: list[str], *, as_json: bool) -> None:
        """Print what was found."""
        from ..backfill import KINDS

        total = self.total
        if as_json:
            objects = [
                {"kind": each.kind, "bucket": each.ref.bucket, "key": each.ref.key, "size": each.ref.size,
                 "written_at": each.ref.event_time} for each in self._shown
            ]  # fmt: skip
            print_json({
                "compared": total.compared, "in_progress": total.waiting, "counts": dict(total.counts),
                "sent": self.sent, "notifications": lines, "objects": objects,
            })  # fmt: skip
            return
        if is_drawn():
            rows = ((e.kind, short_time(e.ref.event_time), f"s3://{e.ref.bucket}/{e.ref.key}") for e in self._shown)
            print_rows(_COLUMNS, rows)
        else:
            for each in self._shown:
                click.echo(f"{each.kind}: s3://{each.ref.bucket}/{escaped(each.ref.key)} ({each.ref.event_time})")
        if (hidden := total.counts.total() - len(self._shown)) > 0:
            warn(f"and {hidden:,} more; --show {total.counts.total()} prints all")
        for line in lines:
            click.echo(line)
        for kind, count in total.counts.items():
            click.echo(f"{count:,} {kind}: {KINDS[kind]}")
        progressing = f", {total.waiting:,} in progress" if total.waiting else ""
        queued = f", {self.sent:,} queued" if self.sent else ""
        click.echo(f"{plural(total.compared, 'object')} compared{progressing}{queued}")
