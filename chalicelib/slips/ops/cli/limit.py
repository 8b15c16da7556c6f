"""`slips limit`: a running lane, slower or faster."""

from __future__ import annotations

import json

import click
import msgspec

from ...config import Config, LaneConfig
from ...errors import DeploymentError
from ...model import Lane
from ..deploy.event_sources import EventSource, lane_event_source, stream_event_sources
from ..deploy.lane_limits import read_limits, write_limits
from ..deploy.packaged import resolve_names
from ..deploy.stack_ownership import check_stack_owned
from ..table import TableColumn, is_drawn, print_rows
from .parameters import command
from .target import load_stage, on_stage

_COLUMNS = (
    TableColumn("setting", style="name"), TableColumn("value", align="right"), TableColumn("new", align="right"),
)  # fmt: skip


@command()
@on_stage
@click.argument("lane", type=click.Choice(["fast", "slow"]))
@click.option("-b", "--batch-size", type=click.IntRange(1, 10_000), help="Objects per invocation.")
@click.option("-d", "--delay", type=click.FloatRange(0, 900), help="Seconds to pause after each batch.")
@click.option("-w", "--window", type=click.IntRange(0, 300), help="Seconds to wait for a full batch.")
@click.option("-p", "--parallelization", type=click.IntRange(1, 10), help="Concurrent invocations per shard.")
@click.option("-s", "--stack-name", help="The stack, instead of slips.yml and --stage.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def limit(
    stage: str | None, config: str | None, lane: Lane, stack_name: str | None, as_json: bool, **options: float | None
) -> None:
    """Change the speed of a running lane, and print old and new values. Without options, print the current ones.

    The change holds until the next deployment: to keep it, write it into slips.yml. A delay costs nothing while batches
    are not full, because Lambda collects them for that time. If they are full, the function sleeps, and you pay for it.

    \b
    slips limit slow
    slips limit slow --delay 30 --batch-size 1
    """
    if stage is not None and stack_name:
        raise click.UsageError("--stage and -s each name a deployment; give one of them")
    lane_config, source = _find_in_stack(stack_name, lane) if stack_name else _find_in_stage(stage, config, lane)
    old = read_limits(lane_config, source)
    new = msgspec.structs.replace(old, **{name: value for name, value in options.items() if value is not None})
    if new != old:
        write_limits(lane_config, source, old, new)
    values = msgspec.structs.asdict(new)
    if as_json:
        click.echo(json.dumps(values))
        return
    before = msgspec.structs.asdict(old)
    if is_drawn():
        changed = ((name, f"{before[name]:g}", f"{value:g}" if new != old else "") for name, value in values.items())
        print_rows(_COLUMNS, changed)
        return
    for name, value in before.items():
        click.echo(f"{name}: {value:g} -> {values[name]:g}" if new != old else f"{name}: {value:g}")


def _find_in_stage(stage_name: str | None, config: str | None, lane: Lane) -> tuple[LaneConfig, EventSource]:
    stage = resolve_names(load_stage(stage_name, config))
    check_stack_owned(stage.config.stack_name)
    return stage.config.lane(lane), lane_event_source(stage, lane)


def _find_in_stack(stack_name: str, lane: Lane) -> tuple[LaneConfig, EventSource]:
    """Find the lane by the name of the stack's stream, whose only reader is the lane's function."""
    check_stack_owned(stack_name)
    lane_config = Config.for_stack(stack_name).lane(lane)
    if sources := stream_event_sources(lane_config.stream):
        return lane_config, sources[0]
    raise DeploymentError(f"the {lane} lane: nothing reads the stream {lane_config.stream}; is the stack {stack_name}?")
