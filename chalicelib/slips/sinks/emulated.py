"""What sinks of AWS create in the emulated account of `slips run`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import aws


def create_once(create: Callable[..., Any], **request: Any) -> None:
    """Create something, unless it exists."""
    from botocore.exceptions import ClientError

    try:
        create(**request)
    except ClientError as fault:
        code = str(fault.response.get("Error", {}).get("Code", ""))
        if not any(word in code for word in ("AlreadyExists", "AlreadyOwned", "ResourceInUse", "QueueNameExists")):
            raise


def place() -> dict[str, Any]:
    """Where a bucket is to be: in the client's region."""
    region = aws.client("s3").meta.region_name
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
