"""Restoring what somebody deleted or changed by hand: out of the stack, and into it again as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ... import aws
from ...config import Config
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, with_state
from .account import AwsAccount
from .change_set import Say, propose, stack_status
from .manual_changes import ManualChange, find_manual_changes
from .stack_ownership import is_stack_foreign
from .tags import owned_tags


def list_manual_changes(stack: str, account: AwsAccount) -> tuple[ManualChange, ...]:
    """List what is not as the stack made it; nothing where there is no stack, or one that SLIPS did not create. Raises
    DeploymentError."""
    if is_stack_foreign(stack):
        return ()
    return tuple(find_manual_changes(deployed_template(stack)["Resources"], account))


def deployed_template(stack: str) -> dict[str, Any]:
    """The template that the stack has now; one without resources where there is no stack, or a template in YAML, as
    SLIPS writes none. Raises DeploymentError."""
    if stack_status(stack) in ("", "REVIEW_IN_PROGRESS"):
        return {"Resources": {}}
    with explain_aws_errors(f"the stack {stack}"):
        body: Any = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    try:
        return dict(json.loads(body)) if isinstance(body, str) else dict(body)
    except ValueError:
        return {"Resources": {}}


def restore(config: Config, changes: Iterable[ManualChange], say: Say) -> None:
    """Take the resources out of the stack, with those that refer to them, and create all of them again. CloudFormation
    deletes what is gone without an error, and creates nothing that it believes to have. Raises DeploymentError."""
    stack, tags = config.stack_name, owned_tags(config)
    template = deployed_template(stack)
    resources = template["Resources"]
    removed = _with_dependents(resources, {change.logical for change in changes})
    rest = {logical: resource for logical, resource in resources.items() if logical not in removed}
    if not rest:
        raise DeploymentError(
            f"the stack {stack}: all that it made was deleted by hand; run `slips destroy`, then `slips deploy`"
        )
    _update(stack, {**template, "Resources": rest}, tags, say)
    with with_state("run this command again: it creates what is missing"):
        _update(stack, template, tags, say)


def _update(stack: str, template: dict[str, Any], tags: Mapping[str, str], say: Say) -> None:
    if change_set := propose(stack, template, tags):
        change_set.execute(say)


def _with_dependents(resources: dict[str, Any], logical_ids: set[str]) -> set[str]:
    """The resources, and those that refer to one of them, or to one of these."""
    dependents = {
        logical
        for logical, resource in resources.items()
        if logical not in logical_ids and not logical_ids.isdisjoint(_references(resource))
    }
    return _with_dependents(resources, logical_ids | dependents) if dependents else logical_ids


def _references(value: Any) -> set[str]:
    """The logical ids that a template's value names."""
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    names = {value.get("Ref"), *_listed(value.get("Fn::GetAtt"))[:1], *_listed(value.get("DependsOn"))}
    names |= {*re.findall(r"\$\{(\w+)", str(value.get("Fn::Sub", "")))}
    return {name for name in names if isinstance(name, str)}.union(*map(_references, value.values()))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
