"""The stored bytes of an S3 object, in order, even where the connection breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import AccessDenied, ObjectChanged, ObjectMissing, ReadError
from ..model import ObjectRef
from .access import S3Access

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

CHUNK, CAREFUL = 512 * 1024, 16 * 1024
"""Bytes read from the socket at a time; few after a break, which costs those that are incomplete."""
ATTEMPTS = 6
"""Connections in a row without a byte after which the object counts as unreadable."""


class S3Objects:
    """A reader of objects with one GET each. After a break, another GET asks for the rest.

    Every GET names the version (or, without one, the etag), so that an overwritten object is noticed, and never
    read half old, half new.
    """

    def __init__(self, access: S3Access, sleep: Callable[[float], None] = time.sleep) -> None:
        self._access = access
        self._sleep = sleep

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """Yield chunks of at most CHUNK bytes. Raises ReadError (ObjectMissing, AccessDenied, ObjectChanged) where they
        end early."""
        offset, failures, etag = 0, 0, ref.etag
        length: int | None = None
        while length is None or offset < length:
            before = offset
            try:
                response = self._get(ref, etag, offset)
                length = offset + response["ContentLength"] if length is None else length
                etag = response["ETag"].strip('"')
                for chunk in _chunks(response["Body"], CAREFUL if failures else CHUNK):
                    offset += len(chunk)
                    yield chunk
            except _broken_connection() as fault:
                failures = 1 if offset > before else failures + 1
                if failures >= ATTEMPTS:
                    raise ReadError(f"{_name(ref)}: the connection broke {failures} times: {fault}") from fault
                self._sleep(min(0.1 * 2**failures, 5.0))
                continue
            if offset < (length or 0):  # The connection was closed properly, but too early.
                failures += 1
                if failures >= ATTEMPTS:
                    raise ReadError(f"{_name(ref)}: only {offset} of {length} bytes came")

    def _get(self, ref: ObjectRef, etag: str, offset: int) -> GetObjectOutputTypeDef:
        from botocore.exceptions import BotoCoreError, ClientError

        request: dict[str, Any] = {**self._access.object_parameters(ref.bucket), "Key": ref.key}
        if ref.version_id and ref.version_id != "null":
            request["VersionId"] = ref.version_id
        if etag:
            request["IfMatch"] = f'"{etag}"'
        if offset:
            request["Range"] = f"bytes={offset}-"
        try:
            return self._access.client(ref.bucket).get_object(**request)
        except ClientError as fault:
            raise _to_read_error(ref, fault.response) from fault
        except _broken_connection():
            raise
        except BotoCoreError as fault:
            raise ReadError(f"{_name(ref)}: the request to S3 failed: {fault}") from fault


def _chunks(body: StreamingBody, size: int) -> Iterator[bytes]:
    try:
        while chunk := body.read(size):
            yield chunk
    finally:
        body.close()


def _broken_connection() -> tuple[type[Exception], ...]:
    """Return the exceptions of a broken connection. Imported late: a client has loaded botocore by then."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError
    from urllib3.exceptions import HTTPError

    return HTTPClientError, IncompleteReadError, HTTPError, ConnectionError


def _to_read_error(ref: ObjectRef, response: Any) -> ReadError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    name = _name(ref)
    if code in ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404") or status == 404:
        return ObjectMissing(f"{name}: the object is gone ({code}): deleted, expired, or never there in this version")
    if code == "PreconditionFailed" or status == 412:
        return ObjectChanged(
            f"{name}: overwritten since its notification (etag {ref.etag}); the new version has its own"
        )
    if code == "InvalidRange" or status == 416:
        return ObjectChanged(f"{name}: shorter than it was when reading began")
    if status == 403 and code == "InvalidObjectState":
        return ReadError(f"{name}: archived (Glacier); restore it, then drain this error")
    if status in (401, 403):
        return AccessDenied(
            f"{name}: {code or 'access denied'}: check the function's role, the bucket's policy and KMS key, and "
            "`buckets` of slips.yml"
        )
    return ReadError(f"{name}: S3 answered {status} {code}: {response.get('Error', {}).get('Message', '')}")


def _name(ref: ObjectRef) -> str:
    return f"s3://{ref.bucket}/{ref.key}"
