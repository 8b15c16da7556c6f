"""`slips limit`: a running lane, slower or faster."""

from __future__ import annotations

import json
from typing import Any

import click
import msgspec

from ...config import LaneConfig
from ..hold_back import change_function, function_settings
from ..mappings import change, lane_mapping
from ..stage import Stage
from ..tuning import window as gathering
from .provision import chosen, on_stage


@click.command()
@on_stage
@click.argument("lane", type=click.Choice(["fast", "slow"]))
@click.option("-b", "--batch-size", type=click.IntRange(1, 10_000), help="Objects an invocation gets at once.")
@click.option("-d", "--delay", type=click.FloatRange(0, 900), help="Seconds to hold back after each batch.")
@click.option("-w", "--window", type=click.IntRange(0, 300), help="Seconds to wait for a full batch.")
@click.option("-p", "--parallelization", type=click.IntRange(1, 10), help="Invocations at once a shard.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("-s", "--stack-name", hidden=True)
def limit(
    stage: str, config: str | None, lane: str, as_json: bool, stack_name: str | None, **asked: float | None
) -> None:
    """Change how fast a running lane goes, and print old and new; without options, print how fast it goes.

    It holds until the next deployment: write into slips.yml what shall stay. A delay costs nothing where batches are
    not full, since Lambda gathers them so long; where they are full, the function sleeps, which is billed.

    \b
    slips limit slow
    slips limit slow --delay 30 --batch-size 1
    """
    if stack_name:
        click.echo("-s/--stack-name means nothing here any more: --stage names the deployment", err=True)
    found = chosen(stage, config)
    mapping = lane_mapping(found, lane)
    present = _present(found, found.config.lane("fast" if lane == "fast" else "slow"), mapping)
    wanted = {**present, **{name: value for name, value in asked.items() if value is not None}}
    if wanted != present:
        _apply(found, lane, mapping, present, wanted)
    if as_json:
        click.echo(json.dumps(wanted))
        return
    for name, old in present.items():
        click.echo(
            f"{name}: {_plain(old)} -> {_plain(wanted[name])}" if wanted != present else f"{name}: {_plain(old)}"
        )


def _present(stage: Stage, lane: LaneConfig, mapping: dict[str, Any]) -> dict[str, Any]:
    """What the lane does now: Lambda's settings, and what its function was told."""
    told = function_settings(stage, lane)
    gathered = mapping.get("MaximumBatchingWindowInSeconds") or 0
    # What is gathered for the delay's sake is no window of its own.
    own = 0 if gathered == gathering(msgspec.structs.replace(lane, delay=told.delay, batch_window=0)) else gathered
    return {
        "delay": told.delay,
        "batch_size": mapping["BatchSize"],
        "window": own,
        "parallelization": mapping.get("ParallelizationFactor") or 1,
    }


def _apply(stage: Stage, lane: str, mapping: dict[str, Any], present: dict[str, Any], wanted: dict[str, Any]) -> None:
    known = stage.config.lane("fast" if lane == "fast" else "slow")
    limited = msgspec.structs.replace(
        known, delay=float(wanted["delay"]), batch_window=wanted["window"], batch_size=wanted["batch_size"]
    )
    if (wanted["delay"], wanted["batch_size"]) != (present["delay"], present["batch_size"]):
        change_function(stage, limited)
    settings = {
        "BatchSize": wanted["batch_size"],
        "MaximumBatchingWindowInSeconds": gathering(limited),
        "ParallelizationFactor": wanted["parallelization"],
    }
    change(lane, mapping, settings)


def _plain(value: float) -> str:
    return f"{value:g}"
