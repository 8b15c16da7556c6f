"""Reading an object from S3 over a network that breaks."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.config.access import S3Access
from slips.errors import (
    AccessDenied,
    CorruptObject,
    ObjectArchived,
    ObjectChanged,
    ObjectMissing,
    ReadError,
    Unavailable,
)
from slips.model import ObjectRef
from slips.reader.s3 import S3Objects
from slips.reader.s3_requests import ObjectRequests

from ..error_table import Time
from ..fake_s3 import patient

CONTENT = bytes(range(256)) * 8192
ETAG = "0123abcd"


class FaultyS3(ThreadingHTTPServer):
    """A server that answers GETs of one object; `faults` says what goes wrong with the next responses."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.clear()

    def clear(self) -> None:
        """Forget all requests and faults."""
        self.faults: list[Any] = []
        self.requests: list[dict[str, str]] = []
        self.etag = ETAG
        self.odd: frozenset[str] = frozenset()
        """What is odd about every answer."""


class _Handler(BaseHTTPRequestHandler):
    server: FaultyS3

    def do_GET(self) -> None:
        self.server.requests.append({**dict(self.headers.items()), "path": self.path})
        fault = self.server.faults.pop(0) if self.server.faults else None
        etag = self.headers.get("If-Match", "").strip('"')
        if "no conditions" not in self.server.odd and etag and etag != self.server.etag:
            self._refuse(412, "PreconditionFailed")
        elif isinstance(fault, tuple):
            self._refuse(*fault)
        else:
            self._send(fault)

    def _refuse(self, status: int, code: str, message: str = "no") -> None:
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, cut: int | None) -> None:
        odd = self.server.odd
        match = None if "no ranges" in odd else re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(match.group(1)) if match else 0
        start += 7 if match and "another range" in odd else 0
        end = min(start + 500_000, len(CONTENT)) if "parts" in odd else len(CONTENT)
        body = CONTENT[start:end]
        self.send_response(206 if match or "parts" in odd else 200)
        if "no length" not in odd:
            self.send_header("Content-Length", str(len(body) + (5 if "another length" in odd and match else 0)))
        if (match and "no content range" not in odd) or "parts" in odd:
            total = len(CONTENT) + (5 if "another length" in odd else 0)
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{total}")
        if "no etag" not in odd:
            self.send_header("ETag", f'{"W/" if "weak etag" in odd else ""}"{self.server.etag}"')
        if "checksum" in odd:
            self.send_header("x-amz-checksum-crc32", "AAAAAA==")
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            if "orderly" not in odd:
                # With SO_LINGER 0, close sends a reset in the middle of the body, and what was sent may not arrive.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module", params=["first", "later"])
def running(fake_credentials: object, request: pytest.FixtureRequest) -> Iterator[tuple[FaultyS3, S3Objects]]:
    """Start a server and its client, which takes longer than all requests of a test. The client itself sends the first
    request for a bucket, and those after it are sent without it."""
    with FaultyS3() as faulty, pytest.MonkeyPatch.context() as patch:
        thread = Thread(target=faulty.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{faulty.server_port}")
        aws.reset()
        objects = S3Objects(S3Access({}), backoff=patient(Time()))
        if request.param == "first":
            patch.setattr(ObjectRequests, "_learn", lambda *_, **__: None)
        else:
            list(objects.open(REF))
        yield faulty, objects
        aws.reset()
        faulty.shutdown()
        thread.join()


@pytest.fixture
def server(running: tuple[FaultyS3, S3Objects]) -> FaultyS3:
    """Return the server as it was when it started."""
    running[0].clear()
    return running[0]


@pytest.fixture
def objects(server: FaultyS3, running: tuple[FaultyS3, S3Objects]) -> S3Objects:
    """Return a reader of the server's object."""
    return running[1]


REF = ObjectRef(bucket="logs", key="a b/c+d.gz", etag=ETAG)


def test_an_object_comes_whole_in_one_request(server: FaultyS3, objects: S3Objects) -> None:
    assert b"".join(objects.open(REF)) == CONTENT
    assert len(server.requests) == 1


def test_a_reset_in_the_middle_resumes_at_the_byte(server: FaultyS3, objects: S3Objects) -> None:
    server.faults = [300_000, 1, None]
    assert b"".join(objects.open(REF)) == CONTENT
    ranges = [request.get("Range", "bytes=0-") for request in server.requests]
    assert ranges[0] == "bytes=0-"
    assert sorted(ranges, key=lambda text: int(re.findall(r"\d+", text)[0])) == ranges
    assert len(ranges) == 3


def test_every_request_names_the_etag(server: FaultyS3, objects: S3Objects) -> None:
    server.faults = [1000]
    b"".join(objects.open(REF))
    assert {request["If-Match"] for request in server.requests} == {f'"{ETAG}"'}


def test_a_version_is_requested_by_its_id(server: FaultyS3, objects: S3Objects) -> None:
    b"".join(objects.open(ObjectRef(bucket="logs", key="a", version_id="v7")))
    assert "versionId=v7" in server.requests[0]["path"]


def test_without_an_etag_the_first_response_fixes_it(server: FaultyS3, objects: S3Objects) -> None:
    server.faults = [600_000, 300_000]
    chunks = objects.open(ObjectRef(bucket="logs", key="a"))
    next(chunks)
    server.etag = "another"
    with pytest.raises(ObjectChanged):
        b"".join(chunks)


def test_an_overwritten_object_is_noticed(server: FaultyS3, objects: S3Objects) -> None:
    server.etag = "another"
    with pytest.raises(ObjectChanged, match=r"s3://logs/a b/c\+d.gz: overwritten"):
        b"".join(objects.open(REF))


@pytest.mark.parametrize(
    ("status", "code", "kind", "says"),
    [
        (404, "NoSuchKey", ObjectMissing, "is gone"),
        (404, "NoSuchVersion", ObjectMissing, "is gone"),
        (403, "AccessDenied", AccessDenied, "role"),
        (403, "InvalidObjectState", ObjectArchived, "Glacier"),
        (400, "InvalidArgument", ReadError, "400 InvalidArgument"),
    ],
)
def test_what_s3_refuses_is_explained(
    server: FaultyS3, objects: S3Objects, status: int, code: str, kind: type[ReadError], says: str
) -> None:
    server.faults = [(status, code)] * 10
    with pytest.raises(kind, match=says):
        b"".join(objects.open(REF))


def test_a_connection_that_never_yields_a_byte_is_an_error(server: FaultyS3, objects: S3Objects) -> None:
    server.faults = [0] * 100
    with pytest.raises(Unavailable, match=r"attempts in 2\d s without a byte"):
        b"".join(objects.open(REF))
    assert len(server.requests) < 20


@pytest.mark.parametrize("refusal", [(503, "SlowDown"), (500, "InternalError"), (400, "ExpiredToken")])
def test_each_request_is_sent_once_by_the_client_and_again_by_the_loop(
    server: FaultyS3, objects: S3Objects, refusal: tuple[int, str]
) -> None:
    server.faults = [refusal] * 3
    assert b"".join(objects.open(REF)) == CONTENT
    assert len(server.requests) == 4
    assert {request.get("amz-sdk-request", "attempt=1; max=1") for request in server.requests} == {"attempt=1; max=1"}


def test_breaks_with_progress_between_them_are_not_an_error(server: FaultyS3, objects: S3Objects) -> None:
    server.faults = [90_000] * 15
    assert b"".join(objects.open(REF)) == CONTENT


def test_an_empty_object_has_no_chunks(objects: S3Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.reader.test_s3.CONTENT", b"")
    assert list(objects.open(REF)) == []


@pytest.mark.parametrize(
    "odd",
    [
        ("no etag",),
        ("weak etag",),
        ("no content range",),
        ("no ranges",),
        (
            "no ranges",
            "no etag",
        ),
        ("parts",),
        (
            "no conditions",
            "no length",
        ),
    ],
    ids=", ".join,
)
@pytest.mark.parametrize("faults", [[], [300_000, 700_000]])
def test_answers_of_what_speaks_like_s3_are_read(
    server: FaultyS3, objects: S3Objects, odd: tuple[str, ...], faults: list[int]
) -> None:
    server.faults, server.odd = list(faults), frozenset(odd)
    assert b"".join(objects.open(REF)) == CONTENT
    server.faults = list(faults)
    assert b"".join(objects.open(ObjectRef(bucket="logs", key="a"))) == CONTENT


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        ("another range", r"S3 was asked for the bytes from \d+ on, and answered with those from \d+ on"),
        ("another length", "S3 says that the object has 2097157 bytes, and before that it had 2097152"),
    ],
)
def test_other_bytes_than_were_asked_for_are_named(server: FaultyS3, objects: S3Objects, odd: str, says: str) -> None:
    server.faults, server.odd = [900_000], frozenset({odd, "orderly"})
    with pytest.raises(CorruptObject, match=says):
        b"".join(objects.open(REF))


def test_a_wrong_checksum_is_named_behind_the_last_byte(server: FaultyS3, objects: S3Objects) -> None:
    server.odd = frozenset({"checksum"})
    chunks = []
    with pytest.raises(CorruptObject, match=r"s3://logs/a b/c\+d.gz: what came is not what S3 stores"):
        chunks += list(objects.open(REF))


@pytest.mark.parametrize("odd", [("no conditions",), ("no conditions", "no ranges")], ids=", ".join)
def test_another_version_is_noticed_though_conditions_are_ignored(
    server: FaultyS3, objects: S3Objects, odd: tuple[str, ...]
) -> None:
    server.faults, server.odd = [900_000], frozenset({*odd, "orderly"})
    chunks = objects.open(REF)
    next(chunks)
    server.etag = "another"
    with pytest.raises(ObjectChanged):
        b"".join(chunks)


def test_a_refusal_keeps_the_words_of_s3(server: FaultyS3, objects: S3Objects) -> None:
    words = "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:k"
    server.faults = [(403, "AccessDenied", words)]
    with pytest.raises(AccessDenied, match=r"AccessDenied: User: .* kms:Decrypt on resource: arn:aws:kms:k; check the"):
        b"".join(objects.open(REF))


class Written:
    """An S3 whose object has another etag than the notification says, and was written at that time."""

    def __init__(self, at: str) -> None:
        self.at = datetime.fromisoformat(at)
        self.requests: list[Any] = []

    def get_object(self, **request: str) -> dict[str, Any]:
        self.requests.append(request)
        if "IfMatch" in request:
            error: Any = {"Error": {"Code": "PreconditionFailed"}, "ResponseMetadata": {"HTTPStatusCode": 412}}
            raise ClientError(error, "GetObject")
        return {"ContentLength": 1, "ETag": '"e2"', "LastModified": self.at, "Body": BytesIO(b"1")}


@pytest.mark.parametrize(
    ("at", "kind"), [("2026-03-01T12:00:30Z", ObjectChanged), ("2026-03-01T11:59:58Z", ObjectChanged),
                     ("2026-03-01T11:50:00Z", ReadError)],
)  # fmt: skip
def test_only_what_was_written_since_is_superseded(at: str, kind: type[ReadError]) -> None:
    """A notification that names another etag than the object ever had is no news of a newer version: a person must see
    it, since no other notification comes."""
    client: Any = Written(at)
    ref = ObjectRef(bucket="b", key="k", size=1, etag="e1", event_time="2026-03-01T12:00:00Z")
    with pytest.raises(ReadError) as raised:
        list(S3Objects(S3Access({}, lambda *_: client)).open(ref))
    assert type(raised.value) is kind
    if kind is ReadError:
        assert "its etag is \"e2\", and the notification named 'e1'" in str(raised.value)
