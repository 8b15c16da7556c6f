"""Whether CloudFormation refuses to delete the stack: no change set says so, and a new stack is not protected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ... import aws
from ..aws_errors import explain_aws_errors
from .account_resources import find_stack
from .setting_change import SettingChange
from .stage import DeploymentStage


def protection_changes(stage: DeploymentStage) -> Iterator[SettingChange]:
    """Yield the change of the stack's protection, if slips.yml wants another one. Raises DeploymentError."""
    stack, new = stage.config.stack_name, stage.config.termination_protection
    old = bool((find_stack(stack) or {}).get("EnableTerminationProtection"))
    if new is not None and new != old:
        yield SettingChange(f"stack {stack}: termination protection", old, new, partial(_protect, stack, enabled=new))


def _protect(stack: str, *, enabled: bool) -> None:
    with explain_aws_errors(f"the stack {stack}: termination protection"):
        aws.client("cloudformation").update_termination_protection(StackName=stack, EnableTerminationProtection=enabled)
