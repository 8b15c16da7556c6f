"""Tune: what Chalice cannot set, brought into the account; and, with nothing changed, what differs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ... import aws
from ...config import LaneConfig
from ..aws_errors import explain_aws_errors, ignore_not_found
from .account import AwsAccount
from .event_sources import changed_settings, lane_event_source, update_event_source
from .lambda_settings import LOG_DAYS, event_source_settings, invoke_settings, reserved_concurrency
from .retry_conflicts import retry_conflicts
from .stage import DeploymentStage


class SettingChange(NamedTuple):
    """Something that is not as slips.yml says: `apply` makes it so."""

    what: str
    old: Any
    new: Any
    apply: Callable[[], None]

    def __str__(self) -> str:
        return f"{self.what}: {_shown(self.old)} -> {_shown(self.new)}"


def setting_changes(stage: DeploymentStage, where: AwsAccount) -> Iterator[SettingChange]:
    """All that differs. Raises DeploymentError, also where the functions are not there."""
    for lane in (stage.config.fast, stage.config.slow):
        yield from _of_lane(stage, where, lane)
        yield from _of_concurrency(stage, lane)
    for name in stage.dispatchers:
        wanted = {**invoke_settings(), "DestinationConfig": failure_destination(stage, where)}
        yield from _of_invocations(stage.function_name(name), wanted)
    # A report that fails has no destination: its dead letter would come back to it for ever.
    yield from _of_invocations(stage.function_name("report"), invoke_settings())
    for name in stage.functions:
        yield from _of_log(stage, name)


def sync_settings(stage: DeploymentStage, where: AwsAccount, say: Callable[[str], None]) -> int:
    """Bring all of it into the account; the answer is how much was changed. Raises DeploymentError."""
    count = 0
    for setting in setting_changes(stage, where):
        setting.apply()
        say(str(setting))
        count += 1
    return count


def failure_destination(stage: DeploymentStage, where: AwsAccount) -> dict[str, Any]:
    """Where Lambda sends what it gives up on."""
    return {"OnFailure": {"Destination": where.arn("sns", stage.config.dead_letters)}}


def _of_lane(stage: DeploymentStage, where: AwsAccount, lane: LaneConfig) -> Iterator[SettingChange]:
    mapping = lane_event_source(stage, lane.name)
    wanted = {
        **event_source_settings(lane, _retention_hours(lane)),
        "DestinationConfig": failure_destination(stage, where),
        # Objects that a filter keeps out of the function would be lost without a word.
        "FilterCriteria": {},
        "FunctionResponseTypes": [],
    }
    different = changed_settings(mapping, wanted)
    changes = {name: new for name, (_, new) in different.items()}
    for number, (name, (old, new)) in enumerate(different.items()):
        # One request for all of them: each takes Lambda a minute.
        yield SettingChange(
            f"{lane.name} lane: {name}", old, new, _once(lane, mapping, changes) if not number else _nothing
        )


def _once(lane: LaneConfig, mapping: dict[str, Any], changes: dict[str, Any]) -> Callable[[], None]:
    return lambda: update_event_source(lane.name, mapping, changes)


def _nothing() -> None:
    """The request before has changed it."""


def _retention_hours(lane: LaneConfig) -> int:
    with explain_aws_errors(f"the {lane.name} lane"):
        found = aws.client("kinesis").describe_stream_summary(StreamName=lane.stream)
        return found["StreamDescriptionSummary"]["RetentionPeriodHours"]


def affordable_reservation(stage: DeploymentStage) -> int | None:
    """What is to be reserved for the slow lane, None where the account cannot spare it. Raises DeploymentError."""
    function, wanted = stage.function_name("process_slow"), reserved_concurrency(stage.config, stage.config.slow)
    return wanted if _is_room(function, wanted, _reserved_now(function)) else None


def _reserved_now(function: str) -> int | None:
    found: dict[str, int] = {}
    with explain_aws_errors(f"the function {function}"), ignore_not_found():
        found = aws.client("lambda").get_function_concurrency(FunctionName=function)
    return found.get("ReservedConcurrentExecutions")


def _of_concurrency(stage: DeploymentStage, lane: LaneConfig) -> Iterator[SettingChange]:
    function, wanted = stage.function_name(f"process_{lane.name}"), reserved_concurrency(stage.config, lane)
    found = _reserved_now(function)
    if found != wanted and not (stage.config.handler.concurrency is None and not _is_room(function, wanted, found)):
        yield SettingChange(f"{function}: reserved concurrency", found, wanted, lambda: _reserve(function, wanted))


# AWS Lambda Developer Guide, "Configuring reserved concurrency": so much must stay for all other functions.
_UNRESERVED = 100


def _is_room(function: str, wanted: int | None, found: int | None) -> bool:
    """Whether the account can spare it. A new account has ten invocations at once in all: there nothing is reserved,
    unless slips.yml asks for it by handler.concurrency."""
    with explain_aws_errors(f"the function {function}"):
        free = aws.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    return wanted is None or int(free) + (found or 0) - wanted >= _UNRESERVED


def _reserve(function: str, wanted: int | None) -> None:
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}: reserved concurrency"):
        if wanted is None:
            retry_conflicts(lambda: client.delete_function_concurrency(FunctionName=function))
        else:
            asked = {"FunctionName": function, "ReservedConcurrentExecutions": wanted}
            retry_conflicts(lambda: client.put_function_concurrency(**asked))


def _of_invocations(function: str, wanted: dict[str, Any]) -> Iterator[SettingChange]:
    found: dict[str, Any] = {}
    with explain_aws_errors(f"the function {function}"), ignore_not_found():
        found = aws.client("lambda").get_function_event_invoke_config(FunctionName=function)
    if "DestinationConfig" in found:  # Lambda answers with an empty OnSuccess, too.
        found["DestinationConfig"] = {kind: to for kind, to in found["DestinationConfig"].items() if to}
    if any(found.get(name) != value for name, value in wanted.items()):
        old = {name: found[name] for name in wanted if name in found}
        yield SettingChange(
            f"{function}: asynchronous invocation", old, wanted, lambda: _put_invocations(function, wanted)
        )


def _put_invocations(function: str, wanted: dict[str, Any]) -> None:
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}: asynchronous invocation"):
        retry_conflicts(lambda: client.put_function_event_invoke_config(FunctionName=function, **wanted))


def _of_log(stage: DeploymentStage, name: str) -> Iterator[SettingChange]:
    group = f"/aws/lambda/{stage.function_name(name)}"
    days = int(stage.settings.get("log_retention_in_days") or LOG_DAYS)
    client = aws.client("logs")
    with explain_aws_errors(f"the log group {group}"):
        groups = client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    found = next((each.get("retentionInDays") for each in groups if each["logGroupName"] == group), None)
    if found != days:
        there = any(each["logGroupName"] == group for each in groups)
        yield SettingChange(f"{group}: days kept", found, days, lambda: _keep(client, group, days, there=there))


def _keep(client: Any, group: str, days: int, *, there: bool) -> None:
    with explain_aws_errors(f"the log group {group}"):
        if not there:
            client.create_log_group(logGroupName=group)
        client.put_retention_policy(logGroupName=group, retentionInDays=days)


def _shown(value: Any) -> str:
    return "none" if value in (None, {}) else str(value)
