"""The event source mappings of the lanes: what exists in the account, what it says, and changing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, look_up
from ..polling import poll
from .retry_conflicts import retry_conflicts
from .stage import DeploymentStage

PATIENCE = 300.0
"""Seconds until an event source must have taken a change; Lambda says "minutes"."""

EventSource = Mapping[str, Any]
"""As Lambda describes it (AWS Lambda API, EventSourceMappingConfiguration)."""


def lane_event_source(stage: DeploymentStage, lane: str) -> EventSource:
    """The event source that feeds the lane's function. Raises DeploymentError where there is none."""
    function = stage.function_name(f"process_{lane}")
    stream = stage.config.fast.stream if lane == "fast" else stage.config.slow.stream
    for source in stream_event_sources(stream):
        if function_name(source) == function:
            return source
    raise DeploymentError(
        f"the {lane} lane: nothing feeds the function {function} from the stream {stream} in "
        f"{aws.client('kinesis').meta.region_name}; run `slips deploy --stage {stage.name}` first, or look at "
        "AWS_REGION"
    )


def stream_event_sources(stream: str) -> list[EventSource]:
    """All event sources of a stream; none where there is no such stream. Raises DeploymentError."""

    def list_sources() -> list[EventSource]:
        arn = aws.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        return [dict(source) for page in pages for source in page["EventSourceMappings"]]

    return look_up(f"the stream {stream}", list_sources) or []


def function_name(source: EventSource) -> str:
    """The name of the function that an event source feeds."""
    return str(source["FunctionArn"].rpartition(":function:")[2])


def changed_settings(source: EventSource, settings: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The settings that differ: old and new by name. Lambda leaves out those at their default."""
    return {
        name: (source.get(name, _DEFAULTS.get(name)), value)
        for name, value in settings.items()
        if _normalize(source.get(name), name) != value
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


def _normalize(value: Any, name: str) -> Any:
    if value is None:
        return _DEFAULTS.get(name)
    if isinstance(value, dict):  # Lambda also returns an empty OnSuccess, or an empty list of filters.
        return {kind: target for kind, target in value.items() if target}
    return value


def update_event_source(lane: str, source: EventSource, settings: Mapping[str, Any]) -> None:
    """Change settings of an event source, and wait until it has taken them. Raises DeploymentError."""
    client = aws.client("lambda")
    with explain_aws_errors(f"the {lane} lane"):
        _wait_until_settled(client, lane, source["UUID"])  # Chalice has just created or changed it.
        retry_conflicts(lambda: client.update_event_source_mapping(UUID=source["UUID"], **settings))
        _wait_until_settled(client, lane, source["UUID"])


def _wait_until_settled(client: Any, lane: str, uuid: str) -> None:
    def is_settled(state: str) -> bool:
        return not state.endswith("ing")  # "Creating", "Updating", …

    state = poll(lambda: str(client.get_event_source_mapping(UUID=uuid)["State"]), is_settled, seconds=PATIENCE)
    if not is_settled(state):
        raise DeploymentError(f"the {lane} lane: its event source is still {state}; run this command again")
