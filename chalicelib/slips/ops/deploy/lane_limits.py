"""How fast a running lane goes: read and changed by `slips limit`, until the next deployment."""

from __future__ import annotations

from typing import Any

import msgspec

from ... import aws
from ...config import LaneConfig
from ...errors import DeploymentError
from ...lanes.throttle import BATCH_SIZE, DELAY
from ..aws_errors import explain_aws_errors, with_state
from .account_resources import find_function
from .event_sources import EventSource, function_name, update_event_source
from .lambda_settings import batching_window
from .retry_conflicts import retry_conflicts


class LaneLimits(msgspec.Struct, frozen=True):
    """How fast a lane goes, under the names of `slips limit`."""

    delay: float
    """Seconds."""
    batch_size: int
    window: int
    """Seconds."""
    parallelization: int


def read_limits(lane: LaneConfig, source: EventSource) -> LaneLimits:
    """Read the limits of the running lane; `lane` is what slips.yml says. Raises DeploymentError."""
    running = read_function_limits(function_name(source), lane)
    seconds = source.get("MaximumBatchingWindowInSeconds") or 0
    # Lambda's window may be that of the delay: then the lane's own window is that of slips.yml, or 0.
    windows = {
        batching_window(msgspec.structs.replace(running, batch_window=window)): window
        for window in (0, lane.batch_window)
    }
    return LaneLimits(
        delay=running.delay,
        batch_size=source["BatchSize"],
        window=windows.get(seconds, seconds),
        parallelization=source.get("ParallelizationFactor") or 1,
    )


def write_limits(lane: LaneConfig, source: EventSource, old: LaneLimits, new: LaneLimits) -> None:
    """Change the limits of the running lane; `lane` is what slips.yml says. Raises DeploymentError."""
    limited = msgspec.structs.replace(lane, delay=new.delay, batch_window=new.window, batch_size=new.batch_size)
    function, state = function_name(source), "nothing was changed"
    if (new.delay, new.batch_size) != (old.delay, old.batch_size):
        _write_function_limits(function, lane, limited)
        state = f"the function {function} already has the new delay and batch size, its event source does not"
    settings = {
        "BatchSize": new.batch_size,
        "MaximumBatchingWindowInSeconds": batching_window(limited),
        "ParallelizationFactor": new.parallelization,
    }
    with with_state(state):
        update_event_source(lane.name, source, settings)


def read_function_limits(function: str, lane: LaneConfig) -> LaneConfig:
    """Return the lane with the delay and batch size that its function has. Raises DeploymentError."""
    variables = _variables(function)
    return msgspec.structs.replace(
        lane,
        delay=float(variables.get(DELAY, lane.delay)),
        batch_size=int(variables.get(BATCH_SIZE, lane.batch_size)),
    )


def _write_function_limits(function: str, lane: LaneConfig, limited: LaneConfig) -> None:
    """Set the variables of delay and batch size, where they are not those of slips.yml."""
    variables = {name: value for name, value in _variables(function).items() if name not in (DELAY, BATCH_SIZE)}
    if limited.delay != lane.delay:
        variables[DELAY] = f"{limited.delay:g}"
    if limited.batch_size != lane.batch_size:
        variables[BATCH_SIZE] = str(limited.batch_size)
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}"):
        settings: Any = {"FunctionName": function, "Environment": {"Variables": variables}}
        retry_conflicts(lambda: client.update_function_configuration(**settings))
        client.get_waiter("function_updated_v2").wait(FunctionName=function)


def _variables(function: str) -> dict[str, str]:
    configuration = find_function(function)
    if configuration is None:
        raise DeploymentError(f"the function {function} does not exist; run `slips deploy` first")
    return dict(configuration.get("Environment", {}).get("Variables", {}))
