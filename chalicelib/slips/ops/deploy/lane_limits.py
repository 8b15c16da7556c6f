"""What a lane's running function was told of its delay by `slips limit`."""

from __future__ import annotations

from typing import Any

import msgspec

from ... import aws
from ...config import LaneConfig
from ...errors import DeploymentError
from ...lanes.throttle import BATCH_SIZE, DELAY
from ..aws_errors import explain_aws_errors, ignore_not_found
from .retry_conflicts import retry_conflicts


def read_limits(function: str, lane: LaneConfig) -> LaneConfig:
    """The lane as its function sees it. Raises DeploymentError."""
    variables = _variables(function)
    return msgspec.structs.replace(
        lane,
        delay=float(variables.get(DELAY, lane.delay)),
        batch_size=int(variables.get(BATCH_SIZE, lane.batch_size)),
    )


def write_limits(function: str, known: LaneConfig, lane: LaneConfig) -> None:
    """Tell the function of another delay and batch size than those `known` from slips.yml. Raises DeploymentError."""
    variables = {name: value for name, value in _variables(function).items() if name not in (DELAY, BATCH_SIZE)}
    if lane.delay != known.delay:
        variables[DELAY] = f"{lane.delay:g}"
    if lane.batch_size != known.batch_size:
        variables[BATCH_SIZE] = str(lane.batch_size)
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}"):
        wanted = {"FunctionName": function, "Environment": {"Variables": variables}}
        retry_conflicts(lambda: client.update_function_configuration(**wanted))
        client.get_waiter("function_updated_v2").wait(FunctionName=function)


def _variables(function: str) -> dict[str, str]:
    found: Any = {}
    with explain_aws_errors(f"the function {function}"), ignore_not_found():
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    if not found:
        raise DeploymentError(f"the function {function} is not there; run `slips deploy` first")
    return dict(found.get("Environment", {}).get("Variables", {}))
