"""`slips limit`: a running lane, slower or faster."""

from __future__ import annotations

import json
from typing import Any

import click
import msgspec

from ...config import Config, LaneConfig
from ...errors import DeploymentError
from ...model import Lane
from ..aws_errors import with_state
from ..deploy.event_sources import function_name, lane_event_source, stream_event_sources, update_event_source
from ..deploy.lambda_settings import batching_window as gathering
from ..deploy.lane_limits import read_limits, write_limits
from ..deploy.packaged import resolve_names
from ..deploy.stage import DeploymentStage
from .provision import load_stage, on_stage


@click.command()
@on_stage
@click.argument("lane", type=click.Choice(["fast", "slow"]))
@click.option("-b", "--batch-size", type=click.IntRange(1, 10_000), help="Objects an invocation gets at once.")
@click.option("-d", "--delay", type=click.FloatRange(0, 900), help="Seconds to hold back after each batch.")
@click.option("-w", "--window", type=click.IntRange(0, 300), help="Seconds to wait for a full batch.")
@click.option("-p", "--parallelization", type=click.IntRange(1, 10), help="Invocations at once a shard.")
@click.option("-s", "--stack-name", help="The stack, instead of slips.yml and --stage.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def limit(
    stage: str, config: str | None, lane: Lane, stack_name: str | None, as_json: bool, **asked: float | None
) -> None:
    """Change how fast a running lane goes, and print old and new; without options, print how fast it goes.

    It holds until the next deployment: write into slips.yml what shall stay. A delay costs nothing where batches are
    not full, since Lambda gathers them so long; where they are full, the function sleeps, which is billed.

    \b
    slips limit slow
    slips limit slow --delay 30 --batch-size 1
    """
    known, mapping = (
        _of_stack(stack_name, lane) if stack_name else _of_stage(resolve_names(load_stage(stage, config)), lane)
    )
    present = _present(known, mapping)
    wanted = {**present, **{name: value for name, value in asked.items() if value is not None}}
    if wanted != present:
        _apply(known, mapping, present, wanted)
    if as_json:
        click.echo(json.dumps(wanted))
        return
    for name, old in present.items():
        click.echo(f"{name}: {old:g} -> {wanted[name]:g}" if wanted != present else f"{name}: {old:g}")


def _of_stage(stage: DeploymentStage, lane: Lane) -> tuple[LaneConfig, dict[str, Any]]:
    return stage.config.lane(lane), lane_event_source(stage, lane)


def _of_stack(stack_name: str, lane: Lane) -> tuple[LaneConfig, dict[str, Any]]:
    """By the name of the stack's stream, whose only reader the lane's function is."""
    known = Config.for_stack(stack_name).lane(lane)
    found = stream_event_sources(known.stream)
    if not found:
        raise DeploymentError(f"the {lane} lane: nothing reads the stream {known.stream}; is the stack {stack_name}?")
    return known, found[0]


def _present(known: LaneConfig, mapping: dict[str, Any]) -> dict[str, Any]:
    """What the lane does now: Lambda's settings, and what its function was told."""
    told = read_limits(function_name(mapping), known)
    gathered = mapping.get("MaximumBatchingWindowInSeconds") or 0
    # What is gathered for the delay's sake is no window of its own: that is the one of slips.yml, or else none.
    windows = {gathering(msgspec.structs.replace(told, batch_window=each)): each for each in (0, known.batch_window)}
    own = windows.get(gathered, gathered)
    return {
        "delay": told.delay,
        "batch_size": mapping["BatchSize"],
        "window": own,
        "parallelization": mapping.get("ParallelizationFactor") or 1,
    }


def _apply(known: LaneConfig, mapping: dict[str, Any], present: dict[str, Any], wanted: dict[str, Any]) -> None:
    limited = msgspec.structs.replace(
        known, delay=float(wanted["delay"]), batch_window=wanted["window"], batch_size=wanted["batch_size"]
    )
    function, stands = function_name(mapping), "nothing was changed"
    if (wanted["delay"], wanted["batch_size"]) != (present["delay"], present["batch_size"]):
        write_limits(function, known, limited)
        stands = f"the function {function} knows delay and batch size already, its event source mapping does not"
    settings = {
        "BatchSize": wanted["batch_size"],
        "MaximumBatchingWindowInSeconds": gathering(limited),
        "ParallelizationFactor": wanted["parallelization"],
    }
    with with_state(stands):
        update_event_source(known.name, mapping, settings)
