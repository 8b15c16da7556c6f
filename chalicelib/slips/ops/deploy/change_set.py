"""A CloudFormation change set: proposed, shown, and executed with its events as they come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, single_line
from ..polling import poll
from .account_resources import find_stack
from .contents import Contents
from .stack_events import follow, list_events
from .tags import tag_list

PATIENCE = 600.0
"""Seconds until CloudFormation must have computed a change set."""

LARGEST = 51_200
"""Bytes of a template in a request (CloudFormation User Guide, "Quotas")."""

Say = Callable[[str], None]
"""Takes a line about what is being done."""

_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_FAILED")


@dataclass(frozen=True)
class Change:
    """A line of a change set: `action` is Add, Modify, Remove or Import; `replaces` whether data could be lost."""

    action: str
    kind: str
    logical: str
    replaces: bool = False
    stays: bool = False
    """Whether what is removed or replaced stays in the account, out of the stack."""
    contents: Contents | None = None
    """What is in a stream, table, topic or queue that is removed or replaced."""

    @property
    def loses_data(self) -> bool:
        """Whether records, items or messages are deleted. A topic keeps none."""
        return bool(self.contents and not self.contents.is_empty and not self.stays and self.kind != "AWS::SNS::Topic")

    def __str__(self) -> str:
        return f"{self.action:7} {self.kind:26} {self.logical}{self._warning()}"

    def _warning(self) -> str:
        contents = f": {self.contents}" if self.contents else ""
        if self.replaces:
            return f"  REPLACED: the new one has none of its data{contents}"
        if not contents:
            return ""
        if self.stays:
            return f"  stays in the account, and its data{contents}"
        return f"  its {'subscriptions end' if self.kind == 'AWS::SNS::Topic' else 'data goes'}{contents}"


@dataclass(frozen=True)
class ChangeSet:
    """A proposal that CloudFormation holds."""

    stack: str
    id: str
    changes: tuple[Change, ...]
    is_new: bool

    def execute(self, say: Say) -> None:
        """Execute it, and say each step. Raises DeploymentError with the first reason when CloudFormation fails."""
        old_events = {event["EventId"] for event in list_events(self.stack)}
        with explain_aws_errors(f"the stack {self.stack}"):
            aws.client("cloudformation").execute_change_set(ChangeSetName=self.id, StackName=self.stack)
        follow(self.stack, old_events, say)

    def discard(self) -> None:
        """Delete it, and the stack too where only this change set would have created it."""
        cloudformation = aws.client("cloudformation")
        with explain_aws_errors(f"the stack {self.stack}"):
            cloudformation.delete_change_set(ChangeSetName=self.id, StackName=self.stack)
            if self.is_new:
                cloudformation.delete_stack(StackName=self.stack)


def stack_status(stack: str) -> str:
    """The status as CloudFormation names it; empty where there is no such stack. Raises DeploymentError."""
    description = find_stack(stack)
    return str(description["StackStatus"]) if description else ""


def propose(
    stack: str, template: dict[str, Any], tags: Mapping[str, str], imports: Sequence[Any] = ()
) -> ChangeSet | None:
    """Let CloudFormation compute what would change; None where nothing would.

    `tags` are those of the stack, which CloudFormation hands on to its resources. `imports` are the resources to take
    into the stack, as CloudFormation names them. Raises DeploymentError, also for a stack that takes no change."""
    status = stack_status(stack)
    check_updatable(stack, status)
    is_new = status in ("", "REVIEW_IN_PROGRESS")
    kind = "IMPORT" if imports else "CREATE" if is_new else "UPDATE"
    body = json.dumps(template, separators=(",", ":"))
    if len(body) > LARGEST:
        raise DeploymentError(
            f"the stack {stack}: its template has {len(body):,} bytes, and CloudFormation takes {LARGEST:,}; write "
            "fewer sns_topics into slips.yml: one topic may serve many buckets"
        )
    extra: Any = {"ResourcesToImport": imports} if imports else {}
    with explain_aws_errors(f"the stack {stack}"):
        response = aws.client("cloudformation").create_change_set(
            StackName=stack,
            ChangeSetName=f"slips-{time.time_ns()}",
            ChangeSetType=kind,  # type: ignore[arg-type]
            TemplateBody=body,
            Capabilities=["CAPABILITY_IAM"],
            Tags=tag_list(tags),  # type: ignore[arg-type]
            **extra,
        )
        return _wait_until_computed(stack, response["Id"], is_new=is_new)


def check_updatable(stack: str, status: str) -> None:
    """Raise DeploymentError, with the way out, where CloudFormation would refuse a change."""
    if status in _STUCK:
        raise DeploymentError(
            f"the stack {stack} is {status}: its creation or removal failed, and it cannot be changed; remove it "
            "with `slips destroy` (data stays), fix the reason that its events name, and run this command again"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise DeploymentError(
            f"the stack {stack} is {status}; run: aws cloudformation continue-update-rollback --stack-name {stack}"
        )
    if is_changing(status):
        raise DeploymentError(
            f"the stack {stack} is {status}: somebody else is changing it; wait, and run this command again"
        )


def is_changing(status: str) -> bool:
    """Whether somebody is changing the stack. A stack under review has only a change set that nobody executed."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _wait_until_computed(stack: str, change_set: str, *, is_new: bool) -> ChangeSet | None:
    def look() -> Any:
        return aws.client("cloudformation").describe_change_set(ChangeSetName=change_set, StackName=stack)

    response = poll(look, lambda response: response["Status"] in ("CREATE_COMPLETE", "FAILED"), seconds=PATIENCE)
    status, reason = response["Status"], response.get("StatusReason", "")
    if status == "CREATE_COMPLETE":
        return ChangeSet(stack, change_set, tuple(_list_changes(stack, change_set)), is_new)
    if status != "FAILED":
        raise DeploymentError(f"the stack {stack}: its change set is still {status}; look in the console")
    is_same = "didn't contain changes" in reason or "No updates are to be performed" in reason
    details = _validation_failures(stack, change_set) if "DescribeEvents" in reason else ""
    ChangeSet(stack, change_set, (), is_new).discard()
    if is_same:
        return None
    raise DeploymentError(
        f"the stack {stack}: CloudFormation refuses the template: {single_line(details or reason)}; nothing was changed"
    )


def _validation_failures(stack: str, change_set: str) -> str:
    """The reasons CloudFormation found before it tried anything, such as a name that is taken; the change set only says
    that there were some (CloudFormation API, DescribeEvents). Empty where there were none, or the call is refused."""
    from botocore.exceptions import ClientError

    client: Any = aws.client("cloudformation")
    try:
        response = client.describe_events(StackName=stack, ChangeSetName=change_set, Filters={"FailedEvents": True})
    except ClientError:
        return ""
    reasons = [event.get("ValidationStatusReason", "") for event in response.get("OperationEvents", ())]
    return "; ".join(dict.fromkeys(filter(None, reasons)))


def _list_changes(stack: str, change_set: str) -> Iterator[Change]:
    for change in _raw_changes(stack, change_set):
        replaces = change.get("Replacement") in ("True", "Conditional")
        yield Change(change["Action"], change["ResourceType"], change["LogicalResourceId"], replaces)


def _raw_changes(stack: str, change_set: str) -> Iterator[Any]:
    paginator = aws.client("cloudformation").get_paginator("describe_change_set")
    for page in paginator.paginate(ChangeSetName=change_set, StackName=stack):
        yield from (entry["ResourceChange"] for entry in page.get("Changes", ()))
