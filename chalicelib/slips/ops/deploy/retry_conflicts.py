"""Calls of Lambda's API just after a deployment: functions, mappings and roles are not at rest yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..aws_errors import error_code

PATIENCE = 60.0
"""Seconds; IAM says that a change of a role may take some until all of AWS knows it."""
PAUSE = 3.0

T = TypeVar("T")


def retry_conflicts(call: Callable[[], T]) -> T:
    """Call until it is not refused for what passes. Raises ClientError."""
    from botocore.exceptions import ClientError

    end = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except ClientError as fault:
            if not _passes(fault) or time.monotonic() > end:
                raise
            time.sleep(PAUSE)


def _passes(fault: Any) -> bool:
    """Another change is under way; or a role's policy, which Lambda looks at, is not everywhere yet."""
    code = error_code(fault)
    return code in ("ResourceConflictException", "ResourceInUseException") or (
        code == "InvalidParameterValueException" and "role" in str(fault)
    )
