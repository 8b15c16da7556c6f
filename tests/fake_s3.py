"""An S3 in memory that fails as a test says, on a clock that only waiting moves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from slips.aws.retry import Backoff
from slips.model import ObjectRef

from .error_table import Time

URL = "https://logs.s3.amazonaws.com"
MOST = 2_000
"""Requests after which a reader counts as one that asks for ever."""


class FakeS3:
    """Clients of one S3: `contents` by key. Before each answer it calls `fail(number of the request, key)`, which may
    raise. From byte `silent_from` on it says nothing, for as long as a client listens."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.contents: dict[str, bytes] = {}
        self.fail: Callable[[int, str], None] = lambda number, key: None
        self.silent_from: int | None = None
        self.requests: list[dict[str, Any]] = []
        self.silences: list[float] = []
        """How long the clients, and reads at the end of an invocation, were willing to wait."""

    def put(self, key: str, content: bytes) -> ObjectRef:
        """Store an object."""
        self.contents[key] = content
        return ObjectRef(bucket="logs", key=key, size=len(content), etag="e1", sequencer="01")

    def __call__(self, name: str, role_arn: str = "", attempt_seconds: float = 0) -> Any:
        assert (name, role_arn) == ("s3", "")
        return _Client(self, attempt_seconds)


class _Client:
    def __init__(self, s3: FakeS3, silence: float) -> None:
        self._s3, self._silence = s3, silence

    def get_object(self, **request: Any) -> Any:
        s3, key = self._s3, request["Key"]
        s3.requests.append(request)
        assert len(s3.requests) < MOST, "it keeps asking"
        s3.silences.append(self._silence)
        s3.fail(len(s3.requests), key)
        match = re.fullmatch(r"bytes=(\d+)-", request.get("Range", ""))
        start = int(match.group(1)) if match else 0
        if s3.silent_from is not None and start >= s3.silent_from:
            s3.time.sleep(self._silence)
            raise ReadTimeoutError(endpoint_url=URL)
        content = s3.contents[key]
        return {
            "ContentLength": len(content) - start, "ETag": '"e1"', "Body": _Body(s3, content, start, self._silence)
        }  # fmt: skip


class _Body:
    def __init__(self, s3: FakeS3, content: bytes, start: int, silence: float) -> None:
        self._s3, self._content, self._at, self._silence = s3, content, start, silence

    def set_socket_timeout(self, seconds: float) -> None:
        assert self._at < len(self._content), "behind the last byte there is no socket"
        self._silence = seconds
        self._s3.silences.append(seconds)

    def read(self, size: int) -> bytes:
        end = self._at + size
        if self._s3.silent_from is not None:
            end = min(end, self._s3.silent_from)
            if self._at >= end:
                self._s3.time.sleep(self._silence)
                raise ReadTimeoutError(endpoint_url=URL)
        chunk = self._content[self._at : end]
        self._at += len(chunk)
        return chunk

    def close(self) -> None: ...


def refused(
    code: str = "SlowDown", status: int = 503, message: str = "Please reduce your request rate."
) -> ClientError:
    """Return what botocore raises where S3 refuses a request."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


def unreachable() -> ConnectTimeoutError:
    """Return what botocore raises where nothing answers at all."""
    return ConnectTimeoutError(endpoint_url=URL)


def patient(time: Time) -> Backoff:
    """Return the patience of production on that clock."""
    return Backoff(patience=30.0, first=0.1, sleep=time.sleep, clock=time, jitter=lambda: 1.0)
