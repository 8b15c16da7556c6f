"""A CloudFormation change set: proposed, shown, and executed with its events as they come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors, single_line

PATIENCE = 3600.0
"""Seconds until a stack that does not come to an end is left to itself; a table's index may take half an hour."""
PAUSE = 2.0
"""Seconds between two looks at AWS."""

LARGEST = 51_200
"""Bytes of a template that stands in the request (CloudFormation User Guide, "Quotas")."""

Say = Callable[[str], None]

_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_FAILED")
_WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")


@dataclass(frozen=True)
class Change:
    """One line of a change set: `action` is Add, Modify, Remove or Import; `replaces` whether data could be lost."""

    action: str
    kind: str
    logical: str
    replaces: bool = False

    def __str__(self) -> str:
        replaced = "  REPLACED: its data does not come along" if self.replaces else ""
        return f"{self.action:7} {self.kind:26} {self.logical}{replaced}"


@dataclass(frozen=True)
class ChangeSet:
    """A proposal that CloudFormation holds."""

    stack: str
    id: str
    changes: tuple[Change, ...]
    is_new: bool

    def execute(self, say: Say) -> None:
        """Make it so, and tell each step. Raises DeploymentError with the first reason when CloudFormation fails."""
        cloudformation = aws.client("cloudformation")
        seen = {event["EventId"] for event in _events(self.stack)}
        with explain_aws_errors(f"the stack {self.stack}"):
            cloudformation.execute_change_set(ChangeSetName=self.id, StackName=self.stack)
        follow(self.stack, seen, say)

    def discard(self) -> None:
        """Forget it; a stack that was never made is forgotten too."""
        cloudformation = aws.client("cloudformation")
        with explain_aws_errors(f"the stack {self.stack}"):
            cloudformation.delete_change_set(ChangeSetName=self.id, StackName=self.stack)
            if self.is_new:
                cloudformation.delete_stack(StackName=self.stack)


def stack_status(stack: str) -> str:
    """As CloudFormation names it; empty where there is no such stack. Raises DeploymentError."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the stack {stack}"):
        try:
            found = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as fault:
            if error_code(fault) == "ValidationError" and "does not exist" in str(fault):
                return ""
            raise
    status = str(found[0]["StackStatus"]) if found else ""
    return "" if status == "DELETE_COMPLETE" else status


def propose(stack: str, template: dict[str, Any], imports: list[Any] | None = None) -> ChangeSet | None:
    """What would change; None where nothing would. `imports` are the resources to take into the stack, as
    CloudFormation names them. Raises DeploymentError, also for a stack that takes no change."""
    status = stack_status(stack)
    check_updatable(stack, status)
    is_new = status in ("", "REVIEW_IN_PROGRESS")
    kind = "IMPORT" if imports else "CREATE" if is_new else "UPDATE"
    cloudformation = aws.client("cloudformation")
    body = json.dumps(template, separators=(",", ":"))
    if len(body) > LARGEST:
        raise DeploymentError(
            f"the stack {stack}: its template has {len(body):,} bytes, and CloudFormation takes {LARGEST:,}; write "
            "fewer sns_topics into slips.yml: one topic may serve many buckets"
        )
    more: Any = {"ResourcesToImport": imports} if imports else {}
    with explain_aws_errors(f"the stack {stack}"):
        made = cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName=f"slips-{time.time_ns()}",
            ChangeSetType=kind,  # type: ignore[arg-type]
            TemplateBody=body,
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "slips:stack", "Value": stack}],
            **more,
        )
        return _ready(stack, made["Id"], is_new=is_new)


def check_updatable(stack: str, status: str) -> None:
    """Raises DeploymentError where CloudFormation would refuse, with the way out."""
    if status in _STUCK:
        raise DeploymentError(
            f"the stack {stack} is {status}: its creation or removal failed, and it takes no change; remove it with "
            f"`slips destroy` (data stays), mend the reason that its events name, and call this again"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise DeploymentError(
            f"the stack {stack} is {status}; run: aws cloudformation continue-update-rollback --stack-name {stack}"
        )
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise DeploymentError(f"the stack {stack} is {status}: somebody else changes it; wait, and call this again")


def _ready(stack: str, change_set: str, *, is_new: bool) -> ChangeSet | None:
    cloudformation = aws.client("cloudformation")
    end = time.monotonic() + PATIENCE
    while True:
        found = cloudformation.describe_change_set(ChangeSetName=change_set, StackName=stack)
        status, reason = found["Status"], found.get("StatusReason", "")
        if status == "CREATE_COMPLETE":
            return ChangeSet(stack, change_set, tuple(_changes(stack, change_set)), is_new)
        if status == "FAILED":
            is_same = "didn't contain changes" in reason or "No updates are to be performed" in reason
            reason = single_line(_validation(stack, change_set) if "DescribeEvents" in reason else "") or single_line(
                reason
            )
            ChangeSet(stack, change_set, (), is_new).discard()
            if is_same:
                return None
            raise DeploymentError(
                f"the stack {stack}: CloudFormation refuses the template: {reason}; nothing was changed"
            )
        if time.monotonic() > end:
            raise DeploymentError(f"the stack {stack}: its change set is still {status}; look in the console")
        time.sleep(PAUSE)


def _validation(stack: str, change_set: str) -> str:
    """What CloudFormation found before it tried anything, as that a name is taken; the change set only says that there
    was something (CloudFormation API, DescribeEvents). Empty where it found nothing, or may not be asked."""
    from botocore.exceptions import ClientError

    client: Any = aws.client("cloudformation")
    try:
        found = client.describe_events(StackName=stack, ChangeSetName=change_set, Filters={"FailedEvents": True})
    except ClientError:
        return ""
    reasons = [event.get("ValidationStatusReason", "") for event in found.get("OperationEvents", ())]
    return "; ".join(dict.fromkeys(filter(None, reasons)))


def _changes(stack: str, change_set: str) -> Iterator[Change]:
    pages = aws.client("cloudformation").get_paginator("describe_change_set")
    found = pages.paginate(ChangeSetName=change_set, StackName=stack)
    for entry in (entry for page in found for entry in page.get("Changes", ())):
        change = entry["ResourceChange"]
        replaces = change.get("Replacement") in ("True", "Conditional")
        yield Change(change["Action"], change["ResourceType"], change["LogicalResourceId"], replaces)


def follow(stack: str, seen: set[str], say: Say, name: str = "") -> None:
    """Tell the stack's events until it rests. Raises DeploymentError where that is not where it should be.

    `name` is the stack's own, where `stack` is its id: a deleted stack is found by id alone."""
    end = time.monotonic() + PATIENCE
    reasons: list[str] = []
    moved = False  # The state of before may still be told for a moment.
    while True:
        # In this order: a state that was read before the first event came could be that of before.
        moved |= _told(stack, seen, reasons, say)
        status = _status(stack)
        if (moved or status == "DELETE_COMPLETE") and not status.endswith("_IN_PROGRESS"):
            _told(stack, seen, reasons, say)
            break
        if time.monotonic() > end:
            raise DeploymentError(f"the stack {name or stack} is still {status} after an hour; look in the console")
        time.sleep(PAUSE)
    if status not in _WELL:
        raise DeploymentError(_failed(name or stack, status, reasons))


def _told(stack: str, seen: set[str], reasons: list[str], say: Say) -> bool:
    """Tell the events that came since the last time, and note why anything failed; whether there were any."""
    new = [event for event in _events(stack) if event["EventId"] not in seen]
    for event in new:
        seen.add(event["EventId"])
        say(f"{event['ResourceStatus']:20} {event['ResourceType']:26} {event['LogicalResourceId']}")
        if event["ResourceStatus"].endswith("_FAILED"):
            reasons.append(f"{event['LogicalResourceId']}: {single_line(event.get('ResourceStatusReason', ''))}")
    return bool(new)


def _failed(stack: str, status: str, reasons: list[str]) -> str:
    # The first failure is the cause; the others were cancelled by it.
    why = reasons[0] if reasons else "its events say why"
    stands = {
        "UPDATE_ROLLBACK_COMPLETE": "it stands as it was before",
        "ROLLBACK_COMPLETE": "nothing of it is left but its name: `slips destroy` removes that",
    }.get(status, "see its events in the console")
    return f"the stack {stack} is {status}: {why}; {stands}"


def _status(stack: str) -> str:
    with explain_aws_errors(f"the stack {stack}"):
        return str(aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def _events(stack: str) -> list[Any]:
    """Oldest first."""
    with explain_aws_errors(f"the stack {stack}"):
        pages = aws.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]][::-1]
