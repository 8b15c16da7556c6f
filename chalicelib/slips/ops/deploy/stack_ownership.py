"""Whose a CloudFormation stack is: SLIPS changes, limits and deletes only one that carries its tag."""

from __future__ import annotations

from ...errors import DeploymentError
from .account_resources import find_stack
from .tags import OWNER_TAG


def check_stack_owned(stack: str) -> None:
    """Raise DeploymentError where the stack exists, and neither SLIPS created it nor somebody let SLIPS adopt it."""
    if is_stack_foreign(stack):
        raise DeploymentError(
            f"the stack {stack} was not created by SLIPS: it has no tag {OWNER_TAG}; write another stack_name into "
            "slips.yml. If slips.yml should take over this stack, and everything else in it may be removed, `slips "
            "provision --adopt-stack` shows the changes. Nothing was changed"
        )


def is_stack_foreign(stack: str) -> bool:
    """Whether the stack exists without our tag. Raises DeploymentError."""
    description = find_stack(stack)
    # A stack under review holds nothing yet.
    if description is None or description["StackStatus"] == "REVIEW_IN_PROGRESS":
        return False
    return all((tag["Key"], tag["Value"]) != (OWNER_TAG, stack) for tag in description.get("Tags", ()))
