"""What S3, and what speaks like it, has answered: whether it is what was asked, and what an error means."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from ..errors import AccessDenied, CorruptObject, ObjectArchived, ObjectChanged, ObjectMissing, ReadError
from ..model import ObjectRef

PARTIAL_CONTENT: Final = 206
MOST_WORDS: Final = 500
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Version(msgspec.Struct):
    """An object as its answers describe it; None for what they do not say. `length` is in bytes."""

    etag: str
    length: int | None = None
    written: datetime | None = None

    def check(self, ref: ObjectRef, response: Any, offset: int) -> int:
        """Compare the answer to a request for the bytes from `offset` on with those before, and return how many bytes
        it begins too early: without support of ranges, the whole object comes. Raises ObjectChanged for another
        version, CorruptObject for other bytes than were asked for."""
        start, total = _place(response, offset)
        if start not in (0, offset):
            raise CorruptObject(
                f"{name_of(ref)}: S3 was asked for the bytes from {offset} on, and answered with those from {start} on"
            )
        etag, written = str(response.get("ETag") or "").removeprefix("W/").strip('"'), response.get("LastModified")
        is_other = self.etag and etag and etag != self.etag
        if is_other or (not (self.etag and etag) and self.written and written and written != self.written):
            raise ObjectChanged(f"{name_of(ref)}: overwritten while it was read, or since its notification")
        if self.length is not None and total is not None and total != self.length:
            raise CorruptObject(
                f"{name_of(ref)}: S3 says that the object has {total} bytes, and before that it had {self.length}"
            )
        self.etag, self.written = self.etag or etag, self.written or written
        self.length = total if self.length is None else self.length
        return offset - start


def _place(response: Any, offset: int) -> tuple[int, int | None]:
    """Return where the body begins in the object, and how many bytes that has."""
    if found := _RANGE.match(str(response.get("ContentRange") or "")):
        return int(found[1]), int(found[2]) if found[2].isdigit() else None
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", PARTIAL_CONTENT)
    start = offset if status == PARTIAL_CONTENT else 0
    length = response.get("ContentLength")
    return start, None if length is None else start + int(length)


def status_of(fault: Exception) -> int:
    """Return the HTTP status that a fault came with; 0 without one."""
    response = getattr(fault, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def explain(ref: ObjectRef, fault: Exception) -> ReadError | None:
    """Return what S3 says for good as a ReadError; None where it is not S3 that failed."""
    from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError

    match fault:
        case ClientError():
            return _to_read_error(ref, fault.response)
        case FlexibleChecksumError():
            return CorruptObject(f"{name_of(ref)}: what came is not what S3 stores: {fault}")
        case BotoCoreError():
            return ReadError(f"{name_of(ref)}: the request to S3 failed: {fault}")
    return None


def _to_read_error(ref: ObjectRef, response: Any) -> ReadError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    name = name_of(ref)
    if code == "NoSuchBucket":
        return ReadError(
            f"{name}: there is no bucket of that name: deleted, or in another account of the same partition"
        )
    if code in ("NoSuchKey", "NoSuchVersion", "404") or status == 404:
        return ObjectMissing(f"{name}: the object is gone ({code}): deleted, expired, or never there in this version")
    if code == "PreconditionFailed" or status == 412:
        return ObjectChanged(
            f"{name}: overwritten since its notification (etag {ref.etag}); the new version has its own"
        )
    if code == "InvalidRange" or status == 416:
        return ObjectChanged(f"{name}: shorter than it was when reading began")
    if status == 403 and code == "InvalidObjectState":
        return ObjectArchived(
            f"{name}: archived (Glacier); restore it: this error is drained by itself as soon as the bucket notifies "
            "SLIPS of s3:ObjectRestore:Completed"
        )
    if status in (401, 403):
        return AccessDenied(
            f"{name}: {code or 'access denied'}: {_message_of(response)}check the function's role, the bucket's policy "
            "and KMS key, and `buckets` of slips.yml"
        )
    return ReadError(f"{name}: {_describe_response(response)}")


def describe(fault: Exception) -> str:
    """Return what S3 has said, or what happened to the connection."""
    response = getattr(fault, "response", None)
    return _describe_response(response) if isinstance(response, dict) else str(fault) or type(fault).__name__


def _describe_response(response: Any) -> str:
    status, error = response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""), response.get("Error", {})
    return f"S3 answered {status} {error.get('Code', '')}: {error.get('Message', '')}"


def _message_of(response: Any) -> str:
    """Return S3's own words, which name the role, the action and the key; no secret is in them."""
    message = str(response.get("Error", {}).get("Message") or "").strip().rstrip(".")
    return f"{message[:MOST_WORDS]}; " if message else ""


def name_of(ref: ObjectRef) -> str:
    return f"s3://{ref.bucket}/{ref.key}"
