"""What sinks of AWS create in the emulated account of `slips run`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..config.access import S3Access


def create_once(create: Callable[..., Any], **request: Any) -> None:
    """Create something, unless it exists."""
    from botocore.exceptions import ClientError

    try:
        create(**request)
    except ClientError as fault:
        code = str(fault.response.get("Error", {}).get("Code", ""))
        if not any(word in code for word in ("AlreadyExists", "AlreadyOwned", "ResourceInUse", "QueueNameExists")):
            raise


def create_bucket(name: str) -> None:
    """Create a bucket in the client's region, unless it exists."""
    access = S3Access({})
    client = access.client(name)
    region = client.meta.region_name
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    create_once(client.create_bucket, **access.bucket_parameters(name), **place)
