"""`slips backfill`: queue objects that exist already."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from ...wording import plural
from ..output import escaped
from .parameters import RATE, TIME, command
from .target import TargetOptions, on_project
from .terminal import duration, note, print_json, progress, size, warn

if TYPE_CHECKING:
    from ...decorators import Slips
    from ..backfill import Plan, State, StateFile
    from ..target import Target


@command()
@on_project
@click.argument("what", metavar="s3://BUCKET/PREFIX")
@click.option("--since", type=TIME, help="Only objects written at this time or later (UTC).")
@click.option(
    "--until",
    type=TIME,
    help="Only objects written before this time.  [default: now, except new objects not yet in the ledger]",
)
@click.option("--function", default="", metavar="NAME", help="Deliver to this function only.")
@click.option("--lane", type=click.Choice(["slow", "fast", "routed"]), default="slow", show_default=True,
              help="slow keeps the fast lane free for new objects; routed follows slips.yml.")  # fmt: skip
@click.option(
    "--rate",
    type=RATE,
    default="100/s",
    show_default=True,
    help="At most N objects per second (N/s) or minute (N/min).",
)
@click.option("--again", is_flag=True, help="Include objects that are done: your functions get their events again.")
@click.option("--dry-run", is_flag=True, help="Only count the objects.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--state", "state_path", type=click.Path(dir_okay=False, path_type=Path),
              help="The file that keeps the progress.  [default: .slips/backfill-….json]")  # fmt: skip
@click.option("--restart", is_flag=True, help="Ignore the progress of an earlier call.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan and the counts as JSON.")
def backfill(
    target: TargetOptions, what: str, since: float | None, until: float | None, function: str,
    lane: Literal["slow", "fast", "routed"], rate: float, again: bool, dry_run: bool, yes: bool,
    state_path: Path | None, restart: bool, as_json: bool,
) -> None:  # fmt: skip
    """Queue objects that already exist: those from before SLIPS, or all of them for a new function.

    It first shows the number of objects, their size, the time and the approximate cost, and asks for confirmation.
    Objects that a function has already processed are skipped for it. Objects that were begun and lost are continued.
    After Ctrl-C, run the same command again to continue.

    \b
    slips backfill s3://example-logs/AWSLogs/ --since 2026-01-01 --dry-run
    slips backfill s3://example-logs/AWSLogs/ --function index_console_logins --rate 500/s
    """
    from ..backfill import Request, StateFile
    from ..develop.explain.place import parts
    from ..develop.project import load_project

    bucket, prefix = parts(what if what.count("/") > 2 or "://" not in what else f"{what}/")
    if since is not None and until is not None and since >= until:
        raise click.UsageError("--since must be before --until")
    to = target.open()
    slips = load_project(to.path).slips
    slips.check()
    _check_function(slips, function)
    request = Request(
        stack=to.config.stack_name, bucket=bucket, prefix=prefix, since=since, until=until, function=function,
        lane=lane, again=again,
    )  # fmt: skip
    file = StateFile(request, state_path)
    with file.locked():
        if restart:
            file.path.unlink(missing_ok=True)
        _Backfill(to, slips, file, rate, as_json=as_json).run(dry_run=dry_run, yes=yes)


def _check_function(slips: Slips, name: str) -> None:
    names = [function.name for function in slips.functions.events]
    if name and name not in names:
        raise click.UsageError(f"--function: app.py has no function {name}; choose one of {', '.join(names)}")


class _Backfill:
    """A call of the command."""

    def __init__(self, to: Target, slips: Slips, file: StateFile, rate: float, *, as_json: bool) -> None:
        from ..backfill import Selection, stalled_before

        self._to = to
        self._file = file
        self._rate = rate
        self._as_json = as_json
        self._state = file.load()
        self._selection = Selection(self._state, slips, to.ledger, to.s3_access, stalled_before(to.config, time.time()))

    def run(self, *, dry_run: bool, yes: bool) -> None:
        if self._state.is_begun:
            queued = plural(self._state.queued, "object")
            warn(f"continuing after {escaped(self._state.after)}: {queued} queued before")
        plan = self._plan()
        if not self._as_json:
            print_plan(plan)
        if dry_run or (plan.is_exact and not plan.count):
            self._show(plan)
            if not dry_run:
                self._file.remove()
            return
        if not yes:
            click.confirm(f"queue {plural(plan.count, 'object')}?", abort=True, err=True)
        self._queue(plan)
        self._file.remove()
        self._show(plan, done=True)

    def _plan(self) -> Plan:
        from ..backfill import pages, plan

        with progress("counting") as show:
            return plan(pages(self._state, self._to.s3_access), self._selection, self._rate, show)

    def _queue(self, plan: Plan) -> None:
        from ..backfill import Pacer, pages, queue

        state = self._state
        state.expected = state.queued + plan.count
        try:
            with progress("queueing") as show:
                show(state.queued, state.expected)
                queue(
                    pages(state, self._to.s3_access), self._selection, self._to.lanes, state, Pacer(self._rate),
                    save=self._file.save, show=lambda now: show(now.queued, max(now.expected, now.queued)),
                )  # fmt: skip
        except KeyboardInterrupt:
            place = f"after {escaped(state.after)}" if state.is_begun else "at the beginning"
            warn(f"stopped {place}: {plural(state.queued, 'object')} queued; run the same command again to continue")
            raise SystemExit(1) from None

    def _show(self, plan: Plan, *, done: bool = False) -> None:
        state = self._state
        if self._as_json:
            print_json({"plan": as_json(plan), **counts(state)})
        elif done:
            click.echo(f"queued: {plural(state.queued, 'object')}, {size(state.size)}; skipped: {state.skipped:,}")
            note("`slips errors --follow` shows what fails")


def counts(state: State) -> dict[str, int]:
    """Return the counts so far."""
    return {"queued": state.queued, "bytes": state.size, "skipped": state.skipped}


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON, with its time and cost."""
    total: dict[str, Any] = msgspec.to_builtins(plan)
    cost = {**msgspec.to_builtins(plan.cost), "total": plan.cost.total}
    return {**total, "seconds": plan.seconds, "cost_usd": {name: round(value, 4) for name, value in cost.items()}}


def print_plan(plan: Plan) -> None:
    """Print the plan for a person."""
    from ..backfill.selection import REASONS

    about = "" if plan.is_exact else "about "
    click.echo(f"to queue: {about}{plural(plan.count, 'object')}, {size(plan.size)}, of {plan.listed:,} listed")
    if plan.stalled:
        click.echo(
            f"of these, stalled: {about}{plan.stalled:,}: begun, and not finished for longer than a lane keeps its "
            "records; they continue at their checkpoint"
        )
    for reason, count in sorted(plan.skipped.items()):
        click.echo(f"skipped: {about}{count:,}: {REASONS[reason]}")
    if plan.count:
        cost = plan.cost
        click.echo(f"time: {duration(plan.seconds)} to queue them at {plan.rate:g}/s")
        click.echo(
            f"cost: about ${cost.total:,.2f} (Lambda {cost.aws_lambda:,.2f}, S3 {cost.s3:,.2f}, "
            f"DynamoDB {cost.dynamodb:,.2f}, Kinesis {cost.kinesis:,.2f}; list prices of us-east-1, "
            "512 MB functions at 10 MB/s)"
        )
