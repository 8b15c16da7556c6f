"""AWS clients, all made here: late, once, with timeouts and AWS's standard retries."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

from .assumed_role import assume_role

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

CONNECT_SECONDS = 5
READ_SECONDS = 30
ATTEMPTS = 5
POOL = 32
"""Connections that a client keeps: objects are read ahead and items claimed in parallel."""


@overload
def client(name: Literal["s3"], role_arn: str = "") -> S3Client: ...
@overload
def client(name: Literal["sns"]) -> SNSClient: ...
@overload
def client(name: Literal["kinesis"]) -> KinesisClient: ...
@overload
def client(name: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(name: Literal["cloudformation"]) -> CloudFormationClient: ...
@overload
def client(name: str, role_arn: str = "") -> Any: ...
def client(name: str, role_arn: str = "") -> Any:
    """Return the boto3 client of a service. boto3 itself finds region, endpoint and credentials; with `role_arn`, the
    credentials are those of that role."""
    return _client(name, role_arn)


@cache
def _client(name: str, role_arn: str) -> Any:
    # boto3 takes 300 ms of a cold start: pay when the first client is needed, not at import.
    import boto3
    from botocore.config import Config

    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "max_attempts": ATTEMPTS},
        max_pool_connections=POOL,
        # An emulator has no host name for each bucket.
        s3={"addressing_style": "path"} if os.environ.get("AWS_ENDPOINT_URL") else None,
    )
    session = assume_role(role_arn, settings) if role_arn else boto3.session.Session()
    return session.client(name, config=settings)  # type: ignore[call-overload]


def reset() -> None:
    """Forget all clients, after a change of the environment they were made from."""
    _client.cache_clear()
