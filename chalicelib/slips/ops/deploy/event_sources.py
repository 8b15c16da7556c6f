"""The event source mappings of the lanes in the account: which there are, what they say, and changing them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, ignore_not_found
from .retry_conflicts import retry_conflicts
from .stage import DeploymentStage

PATIENCE = 300.0
"""Seconds until a mapping must have taken a change; Lambda says "minutes"."""
PAUSE = 2.0


def lane_event_source(stage: DeploymentStage, lane: str) -> dict[str, Any]:
    """The mapping that feeds the lane's function. Raises DeploymentError where there is none."""
    function = stage.function_name(f"process_{lane}")
    stream = stage.config.fast.stream if lane == "fast" else stage.config.slow.stream
    fed = [each for each in stream_event_sources(stream) if function_name(each) == function]
    if not fed:
        raise DeploymentError(
            f"the {lane} lane: nothing feeds the function {function} from the stream {stream} in "
            f"{aws.client('kinesis').meta.region_name}; run `slips deploy --stage {stage.name}` first, or look at "
            "AWS_REGION"
        )
    return fed[0]


def stream_event_sources(stream: str) -> list[dict[str, Any]]:
    """All mappings of a stream; none where there is no such stream. Raises DeploymentError."""
    found: list[Any] = []
    with explain_aws_errors(f"the stream {stream}"), ignore_not_found():
        arn = aws.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        found = [dict(each) for page in pages for each in page["EventSourceMappings"]]
    return found


def function_name(mapping: Mapping[str, Any]) -> str:
    """The name of the function that a mapping feeds."""
    return str(mapping["FunctionArn"].rpartition(":function:")[2])


def changed_settings(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is not as wanted: old and new by name. Lambda leaves out what is at its default."""
    return {
        name: (found.get(name, _DEFAULTS.get(name)), value)
        for name, value in wanted.items()
        if _plain(found.get(name), name) != value
    }


_DEFAULTS = {
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": -1,
    "FilterCriteria": {},
    "FunctionResponseTypes": [],
}


def _plain(value: Any, name: str) -> Any:
    if value is None:
        return _DEFAULTS.get(name)
    if isinstance(value, dict):  # Lambda answers with an empty OnSuccess, or an empty list of filters, too.
        return {kind: target for kind, target in value.items() if target}
    return value


def update_event_source(lane: str, mapping: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Change a mapping, and wait until it has taken the change. Raises DeploymentError."""
    client = aws.client("lambda")
    with explain_aws_errors(f"the {lane} lane"):
        _rest(client, lane, mapping["UUID"])  # Chalice has just made it, or changed it.
        retry_conflicts(lambda: client.update_event_source_mapping(UUID=mapping["UUID"], **wanted))
        _rest(client, lane, mapping["UUID"])


def _rest(client: Any, lane: str, mapping: str) -> None:
    end = time.monotonic() + PATIENCE
    while (state := client.get_event_source_mapping(UUID=mapping)["State"]).endswith(
        "ing"
    ):  # "Creating", "Updating", …
        if time.monotonic() > end:
            raise DeploymentError(f"the {lane} lane: its mapping is still {state}; call this again")
        time.sleep(PAUSE)
