"""The settings that Chalice cannot set: what differs in the account, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ... import aws
from ...config import LaneConfig
from ...config.settings import RETRY
from ..aws_errors import explain_aws_errors, look_up
from .account import AwsAccount
from .api_stage import api_changes
from .chalice_config import wanted_reservations
from .event_sources import changed_settings, lane_event_source, update_event_source
from .lambda_settings import event_source_settings, invoke_settings, retry_invoke_settings
from .log_groups import log_group_changes
from .queue_settings import queue_changes
from .redrive_settings import redrive_changes, redrive_queue
from .retry_conflicts import retry_conflicts
from .setting_change import SettingChange
from .stage import DeploymentStage


def setting_changes(stage: DeploymentStage, account: AwsAccount) -> Iterator[SettingChange]:
    """Yield all settings that differ. Raises DeploymentError, also where a function does not exist."""
    for lane in (stage.config.fast, stage.config.slow):
        yield from _event_source_changes(stage, account, lane)
    yield from queue_changes(stage, account)
    yield from _concurrency_changes(stage)
    for name in stage.dispatchers:
        settings = {**invoke_settings(), "DestinationConfig": failure_destination(stage, account)}
        yield from _invoke_changes(stage.function_name(name), settings)
    # Not the topic of dead letters: that of a report would come back to it for ever.
    queue = {"OnFailure": {"Destination": redrive_queue(stage, account)}}
    yield from _invoke_changes(stage.function_name("report"), {**invoke_settings(), "DestinationConfig": queue})
    if stage.has_retry:
        yield from _invoke_changes(stage.function_name(RETRY), retry_invoke_settings())
    yield from redrive_changes(stage, account)
    yield from log_group_changes(stage)
    yield from api_changes(stage, account)


def sync_settings(stage: DeploymentStage, account: AwsAccount, say: Callable[[str], None]) -> int:
    """Change all settings that differ, and return how many did. Raises DeploymentError."""
    count = 0
    for change in setting_changes(stage, account):
        change.apply()
        say(str(change))
        count += 1
    return count


def failure_destination(stage: DeploymentStage, account: AwsAccount) -> dict[str, Any]:
    """The destination of what Lambda gives up on: the dead-letter topic."""
    return {"OnFailure": {"Destination": account.arn("sns", stage.config.dead_letters)}}


def _event_source_changes(stage: DeploymentStage, account: AwsAccount, lane: LaneConfig) -> Iterator[SettingChange]:
    source = lane_event_source(stage, lane.name)
    settings = {
        **event_source_settings(lane, _retention_hours(lane)),
        "DestinationConfig": failure_destination(stage, account),
        # Objects that a filter keeps out of the function would be lost silently.
        "FilterCriteria": {},
        "FunctionResponseTypes": [],
    }
    changes = changed_settings(source, settings)
    new_settings = {name: new for name, (_, new) in changes.items()}
    for number, (name, (old, new)) in enumerate(changes.items()):
        # One request for all of them: each takes Lambda a minute.
        apply = _nothing if number else lambda: update_event_source(lane.name, source, new_settings)
        yield SettingChange(f"{lane.name} lane: {name}", old, new, apply)


def _nothing() -> None:
    """The request of the first setting has changed this one."""


def _retention_hours(lane: LaneConfig) -> int:
    with explain_aws_errors(f"the {lane.name} lane"):
        response = aws.client("kinesis").describe_stream_summary(StreamName=lane.stream)
        return response["StreamDescriptionSummary"]["RetentionPeriodHours"]


def affordable_reservations(stage: DeploymentStage) -> list[str]:
    """List the functions for which the account can reserve concurrency. Raises DeploymentError."""
    return [name for name, _, new in _reservations(stage) if new is not None]


def _reservations(stage: DeploymentStage) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield the present reservation and the new one of each function. One for which the account has no room is left as
    it is, unless slips.yml asks for it: a new account has a concurrency of ten, and nothing is reserved there."""
    wanted = [(each, _present_reservation(stage.function_name(each.function))) for each in wanted_reservations(stage)]
    # Only what differs calls for the limits of the account, which not everybody may read.
    differs = any(old != each.concurrency for each, old in wanted)
    free = _free_concurrency(stage) if differs else _UNRESERVED
    for (function, new, is_asked), old in wanted:
        left = free + (old or 0) - (new or 0)
        if new is None or is_asked or left >= _UNRESERVED:
            free = left
            yield function, old, new


def _present_reservation(function: str) -> int | None:
    call = aws.client("lambda").get_function_concurrency
    response = look_up(f"the function {function}", call, FunctionName=function)
    return response and response.get("ReservedConcurrentExecutions")


def _concurrency_changes(stage: DeploymentStage) -> Iterator[SettingChange]:
    for name, old, new in _reservations(stage):
        if old != new:
            function = stage.function_name(name)
            yield SettingChange(f"{function}: reserved concurrency", old, new, partial(_reserve, function, new))


# AWS Lambda Developer Guide, "Configuring reserved concurrency": this many must stay for all other functions.
_UNRESERVED = 100


def _free_concurrency(stage: DeploymentStage) -> int:
    with explain_aws_errors(f"the functions of stage {stage.name}"):
        return int(aws.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"])


def _reserve(function: str, concurrency: int | None) -> None:
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}: reserved concurrency"):
        if concurrency is None:
            retry_conflicts(lambda: client.delete_function_concurrency(FunctionName=function))
        else:
            request = {"FunctionName": function, "ReservedConcurrentExecutions": concurrency}
            retry_conflicts(lambda: client.put_function_concurrency(**request))


def _invoke_changes(function: str, settings: dict[str, Any]) -> Iterator[SettingChange]:
    call = aws.client("lambda").get_function_event_invoke_config
    present: Any = look_up(f"the function {function}", call, FunctionName=function) or {}
    old = {name: present[name] for name in settings if name in present}
    if "DestinationConfig" in old:  # Lambda also returns an empty OnSuccess.
        old["DestinationConfig"] = {kind: target for kind, target in old["DestinationConfig"].items() if target}
    if old != settings:
        what = f"{function}: asynchronous invocation"
        yield SettingChange(what, old, settings, lambda: _put_invoke_settings(function, settings))


def _put_invoke_settings(function: str, settings: dict[str, Any]) -> None:
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}: asynchronous invocation"):
        retry_conflicts(lambda: client.put_function_event_invoke_config(FunctionName=function, **settings))
