"""`slips redrive`: send what neither `dispatch` nor `report` took to them again."""

from __future__ import annotations

import click
import msgspec

from ...errors import DeploymentError
from ...wording import plural
from ..output import one_line
from .parameters import command
from .target import TargetOptions, on_stack
from .terminal import print_json, progress, warn


@command()
@on_stack
@click.option("--dry-run", is_flag=True, help="Only count the messages, and say where the first 1,000 would go.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def redrive(target: TargetOptions, dry_run: bool, as_json: bool) -> None:
    """Send the notifications that wait in the queue STACK-redrive to dispatch and report again.

    Run it after you have fixed what broke these functions. A message is deleted once its function has taken it:
    dispatch when the objects are in their lanes, report when the error items are in the table. Messages that fail or
    are not understood stay in the queue; the command names them, and the exit code is then 1. After Ctrl-C, or if all
    calls fail, run it again.

    \b
    slips redrive --dry-run
    slips redrive
    """
    from ..deploy.account_resources import find_queue
    from ..redrive.receivers import Receivers
    from ..redrive.run import Redrive

    to = target.open()
    name = to.config.redrive_queue
    queue = find_queue(name)
    if queue is None:
        raise DeploymentError(f"there is no queue {name}; look at AWS_REGION, or run `slips deploy`, which creates it")
    depth = to.redrive_queue.read_depth() or 0
    run = Redrive(queue, Receivers(to.config, queue["QueueArn"]))
    try:
        with progress("sending") as show:
            report = run.look() if dry_run else run.run(depth, show)
    except KeyboardInterrupt:
        warn(f"stopped: sent {plural(run.sent.total(), 'message')}; run it again for the rest, some in 5 minutes")
        raise SystemExit(1) from None
    report.remaining = depth if dry_run else to.redrive_queue.read_depth() or 0
    if as_json:
        print_json(msgspec.to_builtins(report))
    else:
        sent = ", ".join(f"{function} {count}" for function, count in sorted(report.sent.items())) or "nothing"
        click.echo(f"{'would send' if dry_run else 'sent'}: {sent}; {'in the queue' if dry_run else 'remaining'}: "
                   f"{report.remaining}")  # fmt: skip
    for reason, count in {**report.failed, **report.not_understood}.items():
        click.echo(f"stays: {count}: {one_line(reason)}", err=True)
    if report.failed or report.not_understood:
        raise SystemExit(1)
