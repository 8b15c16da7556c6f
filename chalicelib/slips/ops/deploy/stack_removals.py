"""What a change set removes, with what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from .change_set import Change
from .contents import KINDS, describe_contents
from .existing_resources import stack_resources
from .restoration import deployed_template


def with_contents(stack: str, changes: Iterable[Change]) -> Iterator[Change]:
    """Add to each change that removes or replaces a stream, table, topic or queue what is in it, and whether it stays.
    Raises DeploymentError."""
    changes = list(changes)
    names: dict[str, str] = {}
    resources: dict[str, Any] = {}
    if any(_ends_data(change) for change in changes):
        names = {resource.logical: resource.name for resource in stack_resources(stack)}
        resources = deployed_template(stack)["Resources"]
    for change in changes:
        if not _ends_data(change):
            yield change
            continue
        policy = "UpdateReplacePolicy" if change.replaces else "DeletionPolicy"
        stays = resources.get(change.logical, {}).get(policy) == "Retain"
        yield replace(change, contents=describe_contents(change.kind, names[change.logical]), stays=stays)


def _ends_data(change: Change) -> bool:
    return change.kind in KINDS and (change.action == "Remove" or change.replaces)


def waiting_contents(stack: str) -> Iterator[str]:
    """Yield what waits in the streams, tables and queues of a stack. Raises DeploymentError."""
    for resource in stack_resources(stack):
        if resource.kind in KINDS and resource.kind != "AWS::SNS::Topic":
            contents = describe_contents(resource.kind, resource.name)
            if not contents.is_empty:
                yield f"{resource.name}: {contents}"
