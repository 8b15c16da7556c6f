"""What AWS refuses, in one sentence that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from ..errors import DeploymentError, SlipsError

T = TypeVar("T")

_NOT_FOUND = (
    "ResourceNotFoundException", "ResourceNotFound", "NoSuchEntity", "NotFound", "NotFoundException",
    "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
)  # fmt: skip
"""The codes by which the services of AWS say that a resource does not exist."""


class _Explanation(NamedTuple):
    """Error codes of AWS or exception classes of botocore: what they mean, and what to do. Empty: AWS says it itself.

    `what` may hold {operation}, {code} and {message}."""

    names: tuple[str, ...]
    what: str
    advice: str


_EXPLANATIONS = (
    _Explanation(
        (
            "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
            "AuthorizationErrorException",
            "403",  # The response to HeadBucket has no body.
        ),
        "these credentials may not call {operation} ({message})", "ask for that permission, or use others",
    ),
    _Explanation(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
        "the credentials have expired", "log in again (aws sso login), then call the command again",
    ),
    _Explanation(
        (
            "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
            "InvalidSignatureException", "IncompleteSignature", "AuthFailure",
        ),
        "AWS does not know these credentials ({code})", "look at AWS_PROFILE and AWS_ACCESS_KEY_ID",
    ),
    _Explanation(
        ("ResourceNotFoundException",),
        "", "is the stack deployed, in this region (AWS_REGION) and under this name (-s)?",
    ),
    _Explanation(("NoSuchBucket",), "", "is the name right, and the region (AWS_REGION)?"),
    _Explanation(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
        "there are no AWS credentials", "log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID",
    ),
    _Explanation(("NoRegionError",), "no region is set", "set AWS_REGION, or `region` in the AWS profile"),
    _Explanation(
        ("EndpointConnectionError", "InvalidRegionError", "ConnectTimeoutError"),
        "the endpoint does not answer ({message})", "look at AWS_REGION and at the network",
    ),
    _Explanation(
        ("ProfileNotFound", "TokenRetrievalError", "SSOError"),
        "{message}", "log in (aws sso login), or set AWS_PROFILE to one of `aws configure list-profiles`",
    ),
)  # fmt: skip


@contextmanager
def explain_aws_errors(doing: str) -> Iterator[None]:
    """Raise DeploymentError, `doing: what AWS refused; what to do`, for whatever boto3 raises inside."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (ClientError, BotoCoreError, ResponseParserError) as error:
        raise DeploymentError(f"{doing}: {_explain(error)}") from error
    except ValueError as error:  # A region or endpoint that makes no URL.
        if "nvalid endpoint" not in str(error):
            raise
        raise DeploymentError(f"{doing}: {error}; look at AWS_REGION and AWS_ENDPOINT_URL") from error


@contextmanager
def with_state(state: str) -> Iterator[None]:
    """Add to a DeploymentError what exists by now, and what does not."""
    try:
        yield
    except DeploymentError as error:
        raise DeploymentError(f"{error}; {state}") from error


@contextmanager
def ignore_not_found() -> Iterator[None]:
    """Suppress the error of a resource that does not exist."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error_code(error) not in _NOT_FOUND:
            raise


def look_up(what: str, call: Callable[..., T], **arguments: str) -> T | None:
    """Return what AWS says of a resource, None where it does not exist. Raises DeploymentError."""
    result = None
    with explain_aws_errors(what), ignore_not_found():
        result = call(**arguments)
    return result


def describe_error(error: BaseException) -> str:
    """Describe what SLIPS, AWS or the file system raised, with advice where AWS is the cause; empty for all else, whose
    traceback is needed."""
    if _is_aws(error):
        return _explain(error)
    if isinstance(error, OSError):
        # click ends quietly when the reader of a pipe is gone.
        return "" if error.errno == errno.EPIPE else _describe_os_error(error)
    if not isinstance(error, SlipsError):
        return ""
    # A DeploymentError holds the advice already.
    advice = "" if isinstance(error, DeploymentError) else _find(error.__cause__).advice
    return f"{str(error).rstrip('.')}; {advice}" if advice else str(error)


def error_code(error: Any) -> str:
    """The error code of a ClientError."""
    return str(error.response.get("Error", {}).get("Code", ""))


def single_line(text: str) -> str:
    """The text without line ends and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _is_aws(error: BaseException | None) -> bool:
    return error is not None and type(error).__module__.partition(".")[0] in ("botocore", "boto3")


def _find(error: BaseException | None) -> _Explanation:
    names = {error_code(error)} if hasattr(error, "response") else {kind.__name__ for kind in type(error).__mro__}
    return next((row for row in _EXPLANATIONS if names & {*row.names}), _Explanation((), "", ""))


def _explain(error: Any) -> str:
    code = operation = ""
    message, default = str(error), "{message}"
    if hasattr(error, "response"):
        code, operation, default = error_code(error), error.operation_name, "{operation} was refused: {code}: {message}"
        message = error.response.get("Error", {}).get("Message") or message
    what, advice = _find(error)[1:]
    text = (what or default).format(operation=operation, code=code, message=single_line(message))
    return f"{text}; {advice}" if advice else text


def _describe_os_error(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
