"""The events of a CloudFormation stack, said as they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, single_line
from ..polling import poll

PATIENCE = 3600.0
"""Seconds until a stack must be done; a table's index may take half an hour."""

_SUCCEEDED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")


def follow(stack: str, old_events: set[str], say: Callable[[str], None], name: str = "") -> None:
    """Say the stack's events, except the old ones, until its change ends. Raises DeploymentError where it fails.

    `name` is the stack's name where `stack` is its id: a deleted stack is found only by its id."""
    reasons: list[str] = []
    has_begun = False  # For a moment the state may still be that of before.

    def look() -> str:
        nonlocal has_begun
        # In this order: a state that was read before the first event came could be that of before.
        has_begun |= _say_new(stack, old_events, reasons, say)
        return read_status(stack)

    def is_done(status: str) -> bool:
        return (has_begun or status == "DELETE_COMPLETE") and not status.endswith("_IN_PROGRESS")

    status = poll(look, is_done, seconds=PATIENCE)
    if not is_done(status):
        raise DeploymentError(f"the stack {name or stack} is still {status} after an hour; look in the console")
    _say_new(stack, old_events, reasons, say)
    if status not in _SUCCEEDED:
        raise DeploymentError(_failure(name or stack, status, reasons))


def _say_new(stack: str, old_events: set[str], reasons: list[str], say: Callable[[str], None]) -> bool:
    """Say the events that came since the last time, and note why anything failed; whether there were any."""
    new = [event for event in list_events(stack) if event["EventId"] not in old_events]
    for event in new:
        old_events.add(event["EventId"])
        say(f"{event['ResourceStatus']:20} {event['ResourceType']:26} {event['LogicalResourceId']}")
        if event["ResourceStatus"].endswith("_FAILED"):
            reasons.append(f"{event['LogicalResourceId']}: {single_line(event.get('ResourceStatusReason', ''))}")
    return bool(new)


def _failure(stack: str, status: str, reasons: list[str]) -> str:
    # The first failure is the cause; the others were cancelled by it.
    reason = reasons[0] if reasons else "its events say why"
    state = {
        "UPDATE_ROLLBACK_COMPLETE": "it is as it was before",
        "ROLLBACK_COMPLETE": "only its name is left: `slips destroy` removes that",
    }.get(status, "see its events in the console")
    return f"the stack {stack} is {status}: {reason}; {state}"


def read_status(stack: str) -> str:
    """The status of a stack that exists, or is found by its id. Raises DeploymentError."""
    with explain_aws_errors(f"the stack {stack}"):
        return str(aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def list_events(stack: str) -> list[Any]:
    """The events of a stack, oldest first. Raises DeploymentError."""
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]][::-1]
