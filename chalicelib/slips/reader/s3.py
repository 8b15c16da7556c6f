"""The stored bytes of an S3 object, in order, however often the connection breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import AccessDenied, ObjectChanged, ObjectMissing, ReadError
from ..model import ObjectRef

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

CHUNK, CAREFUL = 512 * 1024, 16 * 1024
"""Bytes asked of the socket at a time. What a break catches inside of them is asked for again: so few after one."""
ATTEMPTS = 6
"""Connections in a row that may give nothing before the object counts as unreadable."""


class S3Objects:
    """Reads objects with one GET each; after a break it asks for the rest, from the byte it had come to.

    Every GET names the version (or, without one, the etag), so that an object which was overwritten is noticed and
    never read half old, half new.
    """

    def __init__(self, client: S3Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """Chunks of at most CHUNK bytes. Raises ReadError (ObjectMissing, AccessDenied, ObjectChanged) where they end
        early."""
        offset, failures, etag = 0, 0, ref.etag
        length: int | None = None
        while length is None or offset < length:
            before = offset
            try:
                answer = self._get(ref, etag, offset)
                length = offset + answer["ContentLength"] if length is None else length
                etag = answer["ETag"].strip('"')
                for chunk in _chunks(answer["Body"], CAREFUL if failures else CHUNK):
                    offset += len(chunk)
                    yield chunk
            except _interruptions() as fault:
                failures = 1 if offset > before else failures + 1
                if failures >= ATTEMPTS:
                    raise ReadError(f"{_name(ref)}: the connection broke {failures} times: {fault}") from fault
                self._sleep(min(0.1 * 2**failures, 5.0))
                continue
            if offset < (length or 0):  # The connection was closed in good order, too early.
                failures += 1
                if failures >= ATTEMPTS:
                    raise ReadError(f"{_name(ref)}: {offset} of {length} bytes came")

    def _get(self, ref: ObjectRef, etag: str, offset: int) -> GetObjectOutputTypeDef:
        from botocore.exceptions import BotoCoreError

        asked: dict[str, Any] = {"Bucket": ref.bucket, "Key": ref.key}
        if ref.version_id and ref.version_id != "null":
            asked["VersionId"] = ref.version_id
        if etag:
            asked["IfMatch"] = f'"{etag}"'
        if offset:
            asked["Range"] = f"bytes={offset}-"
        try:
            return self._client.get_object(**asked)
        except self._client.exceptions.ClientError as fault:
            raise _read_error(ref, fault.response) from fault
        except _interruptions():
            raise
        except BotoCoreError as fault:
            raise ReadError(f"{_name(ref)}: S3 cannot be asked: {fault}") from fault


def _chunks(body: StreamingBody, size: int) -> Iterator[bytes]:
    try:
        while chunk := body.read(size):
            yield chunk
    finally:
        body.close()


def _interruptions() -> tuple[type[Exception], ...]:
    """What a broken connection raises. Imported late: botocore is there once a client is."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError
    from urllib3.exceptions import HTTPError

    return HTTPClientError, IncompleteReadError, HTTPError, ConnectionError


def _read_error(ref: ObjectRef, answer: Any) -> ReadError:
    code = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    name = _name(ref)
    if code in ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404") or status == 404:
        return ObjectMissing(f"{name}: the object is gone ({code}): deleted, expired, or never there in this version")
    if code == "PreconditionFailed" or status == 412:
        return ObjectChanged(f"{name}: overwritten since its notification (etag {ref.etag}); the new one has its own")
    if code == "InvalidRange" or status == 416:
        return ObjectChanged(f"{name}: shorter than it was when reading began")
    if status == 403 and code == "InvalidObjectState":
        return ReadError(f"{name}: archived (Glacier); restore it, then drain this error")
    if status in (401, 403):
        return AccessDenied(f"{name}: {code or 'access denied'}: the function's role, the bucket's policy or its key")
    return ReadError(f"{name}: S3 answered {status} {code}: {answer.get('Error', {}).get('Message', '')}")


def _name(ref: ObjectRef) -> str:
    return f"s3://{ref.bucket}/{ref.key}"
