"""What AWS refuses, as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import DeploymentError

_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "403",  # HeadBucket's answer has no body that could say more.
)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_UNKNOWN = (
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "InvalidSignatureException", "IncompleteSignature", "AuthFailure",
)  # fmt: skip


@contextmanager
def explain_aws_errors(doing: str) -> Iterator[None]:
    """Raise DeploymentError, `doing: what AWS said; what to do`, for whatever boto3 raises inside."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as fault:
        raise DeploymentError(f"{doing}: {_refused(fault)}") from fault
    except (BotoCoreError, ResponseParserError) as fault:
        raise DeploymentError(f"{doing}: {_unreached(fault)}") from fault
    except ValueError as fault:  # A region or endpoint that makes no URL.
        if "nvalid endpoint" not in str(fault):
            raise
        raise DeploymentError(f"{doing}: {fault}; look at AWS_REGION and AWS_ENDPOINT_URL") from fault


@contextmanager
def with_state(stands: str) -> Iterator[None]:
    """Add to a DeploymentError what stands already, and what does not."""
    try:
        yield
    except DeploymentError as fault:
        raise DeploymentError(f"{fault}; {stands}") from fault


@contextmanager
def ignore_not_found() -> Iterator[None]:
    """Pass over what AWS does not know."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as fault:
        if error_code(fault) not in ("ResourceNotFoundException", "NoSuchEntity", "NotFound"):
            raise


def error_code(fault: Any) -> str:
    """The error code of a ClientError."""
    return str(fault.response.get("Error", {}).get("Code", ""))


def _refused(fault: Any) -> str:
    code, said = error_code(fault), single_line(fault.response.get("Error", {}).get("Message", "") or str(fault))
    if code in _DENIED:
        return f"these credentials may not call {fault.operation_name} ({said}); ask for that right, or use others"
    if code in _EXPIRED:
        return "the credentials have expired; log in again (aws sso login), then call the command again"
    if code in _UNKNOWN:
        return f"AWS does not know these credentials ({code}); look at AWS_PROFILE and AWS_ACCESS_KEY_ID"
    return f"{fault.operation_name} was refused: {code}: {said}"


def _unreached(fault: Exception) -> str:
    from botocore import exceptions as known

    if isinstance(fault, known.NoCredentialsError | known.PartialCredentialsError | known.CredentialRetrievalError):
        return "there are no AWS credentials; log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
    if isinstance(fault, known.NoRegionError):
        return "no region is set; set AWS_REGION, or `region` in the AWS profile"
    if isinstance(fault, known.EndpointConnectionError | known.InvalidRegionError | known.ConnectTimeoutError):
        return f"no such endpoint answers ({single_line(str(fault))}); look at AWS_REGION and at the network"
    if isinstance(fault, known.ProfileNotFound | known.TokenRetrievalError | known.SSOError):
        return f"{single_line(str(fault))}; log in (aws sso login), or set AWS_PROFILE"
    return single_line(str(fault))


def single_line(text: str) -> str:
    """The text without line ends and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
