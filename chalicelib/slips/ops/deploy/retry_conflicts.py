"""Calls of Lambda's API just after a deployment, while functions, event sources and roles are still changing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..aws_errors import error_code
from ..polling import retry

PATIENCE = 60.0
"""Seconds; IAM says that a changed role may need some until all of AWS knows it."""

T = TypeVar("T")


def retry_conflicts(call: Callable[[], T]) -> T:
    """Call until no other change is in its way. Raises ClientError."""
    return retry(call, _is_conflict, seconds=PATIENCE)


def _is_conflict(error: Any) -> bool:
    """Whether another change is under way, or a role's policy, which Lambda checks, is not known everywhere yet."""
    code = error_code(error)
    return code in ("ResourceConflictException", "ResourceInUseException") or (
        code == "InvalidParameterValueException" and "role" in str(error)
    )
