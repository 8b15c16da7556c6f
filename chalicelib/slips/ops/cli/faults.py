"""What AWS and the file system raise, as a line that says what to do."""

from __future__ import annotations

import errno

from ...errors import DeploymentError
from .terminal import block, escaped

_ADVICE = {
    "NoCredentialsError": "name a profile (AWS_PROFILE), log in, or use --local for the `slips run` of this folder",
    "PartialCredentialsError": "name a profile (AWS_PROFILE), or set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ProfileNotFound": "`aws configure list-profiles` lists those that there are",
    "NoRegionError": "set AWS_REGION",
    "ExpiredToken": "log in again",
    "ExpiredTokenException": "log in again",
    "UnrecognizedClientException": "the credentials are of no account; log in again",
    "InvalidAccessKeyId": "the credentials are of no account; log in again",
    "AccessDenied": "your credentials lack that permission",
    "AccessDeniedException": "your credentials lack that permission",
    "ResourceNotFoundException": "is the stack deployed, in this region (AWS_REGION) and of this name (-s)?",
    "NoSuchBucket": "is the name right, and the region (AWS_REGION)?",
}


def explain_fault(fault: BaseException) -> str:
    """The fault in a line, with advice; empty for what should not have happened: its traceback is wanted."""
    cause = fault.__cause__ if _is_aws(fault.__cause__) else fault
    if not _is_aws(cause) and not isinstance(fault, OSError):
        return ""
    if isinstance(fault, OSError) and not _is_aws(fault):
        # click ends quietly when whoever reads a pipe has gone.
        return "" if fault.errno == errno.EPIPE else _of_file(fault)
    advice = _advice(cause)
    return escaped(f"{str(fault).rstrip('.')}; {advice}" if advice else str(fault))


def describe_fault(fault: BaseException) -> str:
    """The text of an error of our own, with advice where AWS is behind it; a DeploymentError has said what to do."""
    return block(str(fault)) if isinstance(fault, DeploymentError) else explain_fault(fault) or block(str(fault))


def _of_file(fault: OSError) -> str:
    return escaped(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault))


def _is_aws(fault: BaseException | None) -> bool:
    return fault is not None and type(fault).__module__.partition(".")[0] in ("botocore", "boto3")


def _advice(fault: BaseException | None) -> str:
    answer = getattr(fault, "response", None) or {}
    code = answer.get("Error", {}).get("Code", "") or type(fault).__name__
    # A generated class (`ResourceNotFoundException`) and a plain ClientError say the same in their answer.
    return _ADVICE.get(code, "")
