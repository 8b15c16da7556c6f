"""The event source of the queue of notifications, and the mark by which its function answers in part."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ... import aws
from ...config.settings import QUEUE_FUNCTION
from ...dispatch.queue import REPORTS_FAILURES
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors
from .account import AwsAccount
from .account_resources import find_function
from .event_sources import EventSource, changed_settings, function_name, update_event_source
from .retry_conflicts import retry_conflicts
from .setting_change import SettingChange
from .stage import DeploymentStage

RESPONSE_TYPES = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def queue_event_sources(queue: str) -> list[EventSource]:
    """All event sources of a queue, which its ARN names. Raises DeploymentError."""
    pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=queue)
    with explain_aws_errors(f"the queue {queue}"):
        return [dict(source) for page in pages for source in page["EventSourceMappings"]]


def queue_changes(stage: DeploymentStage, account: AwsAccount) -> Iterator[SettingChange]:
    """Yield what differs; the setting comes before the mark, without which the function answers for the whole batch.
    Raises DeploymentError where nothing reads the queue."""
    queue = stage.config.queue
    if queue is None:
        return
    function = stage.function_name(QUEUE_FUNCTION)
    sources = queue_event_sources(account.arn("sqs", queue.name))
    source = next((source for source in sources if function_name(source) == function), None)
    if source is None:
        raise DeploymentError(
            f"nothing feeds the function {function} from the queue {queue.name}; run: {stage.deploy_command}"
        )
    settings = RESPONSE_TYPES | {
        "BatchSize": queue.batch_size,
        "MaximumBatchingWindowInSeconds": queue.batch_window,
        # What a filter keeps out of the function is deleted.
        "FilterCriteria": {},
    }
    for name, (old, new) in changed_settings(source, settings).items():
        apply = partial(update_event_source, QUEUE_FUNCTION, source, {name: new})
        yield SettingChange(f"queue {queue.name}: {name}", old, new, apply)
    variables = _variables(function)
    if variables.get(REPORTS_FAILURES) != "1":
        mark = partial(_mark, function, variables)
        yield SettingChange(f"{function}: {REPORTS_FAILURES}", variables.get(REPORTS_FAILURES), "1", mark)


def _variables(function: str) -> dict[str, str]:
    return dict((find_function(function) or {}).get("Environment", {}).get("Variables", {}))


def _mark(function: str, variables: dict[str, str]) -> None:
    settings: Any = {"FunctionName": function, "Environment": {"Variables": variables | {REPORTS_FAILURES: "1"}}}
    client = aws.client("lambda")
    with explain_aws_errors(f"the function {function}"):
        retry_conflicts(lambda: client.update_function_configuration(**settings))
        client.get_waiter("function_updated_v2").wait(FunctionName=function)
