"""AWS clients, all made here: late, once, with timeouts; with AWS's standard retries, unless a loop of ours retries."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from .assumed_role import assume_role

if TYPE_CHECKING:
    from botocore.session import Session
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


_LOCK = Lock()
"""Thirty-two threads that read ahead need their first client at once: it is made once."""
_clients: dict[tuple[str, str, float], Any] = {}
_sessions: dict[str, Any] = {}
"""Those of clients without retries, by role: several with other timeouts, which need not fetch credentials each."""


@overload
def client(name: Literal["s3"], role_arn: str = "", attempt_seconds: float = 0) -> S3Client: ...
@overload
def client(name: Literal["sns"]) -> SNSClient: ...
@overload
def client(name: Literal["kinesis"]) -> KinesisClient: ...
@overload
def client(name: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(name: Literal["cloudformation"]) -> CloudFormationClient: ...
@overload
def client(name: str, role_arn: str = "", attempt_seconds: float = 0) -> Any: ...
def client(name: str, role_arn: str = "", attempt_seconds: float = 0) -> Any:
    """Return the client of a service, as boto3 would make it, without the methods that boto3 adds (`upload_file` of S3,
    for example). botocore finds region, endpoint and credentials; with `role_arn`, the credentials are those of that
    role. With `attempt_seconds`, the client sends each request once, and waits so long for an answer, and for each part
    of it: who asks for that has a retry loop."""
    key = name, role_arn, attempt_seconds
    known = _clients.get(key)
    if known is not None:
        return known
    with _LOCK:
        if key not in _clients:
            _clients[key] = _make_client(name, role_arn, attempt_seconds)
        return _clients[key]


def connect_seconds(attempt_seconds: float) -> float:
    """Return how long a client of such attempts waits for a connection."""
    return max(0.5, attempt_seconds / 5)


def _make_client(name: str, role_arn: str, attempt_seconds: float) -> Any:
    # botocore takes 250 ms of a cold start: pay when the first client is needed, not at import. boto3 would add 66
    # modules, s3transfer among them, of which nothing is used here.
    from botocore.config import Config

    attempts: Any = {"total_max_attempts": 1} if attempt_seconds else {"max_attempts": ATTEMPTS}
    attempts["mode"] = "standard"
    settings = Config(
        connect_timeout=connect_seconds(attempt_seconds) if attempt_seconds else CONNECT_SECONDS,
        read_timeout=attempt_seconds or READ_SECONDS,
        retries=attempts,
        max_pool_connections=POOL,
        # An emulator has no host name for each bucket.
        s3={"addressing_style": "path"} if os.environ.get("AWS_ENDPOINT_URL") else None,
    )
    session = (_sessions.get(role_arn) if attempt_seconds else None) or _make_session(role_arn, settings)
    if attempt_seconds:
        _sessions[role_arn] = session
    return session.create_client(name, config=settings)


def _make_session(role_arn: str, settings: Any) -> Session:
    import botocore.session

    return assume_role(role_arn, settings) if role_arn else botocore.session.get_session()


def reset() -> None:
    """Forget all clients, after a change of the environment they were made from."""
    with _LOCK:
        _clients.clear()
        _sessions.clear()
