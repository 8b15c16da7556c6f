"""GetObject without the client: what is sent is what botocore's client sends, and the answers mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import ClientError, FlexibleChecksumError
from botocore.session import Session

from slips import aws
from slips.reader.s3_requests import ObjectRequests

OURS_ALONE = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request", "connection", "user-agent"}
"""Headers that differ between two requests of botocore, or that its retries add; Powertools adds itself to the last."""
KEYS = [
    "a", "a b", "a+b", "a%20b", "a/b/c", "/a", "a//b", "a/../b", "./a", "ä/ü.gz", "a?b", "a#b", "a&b=c", "~a", "a'b",
    "a:b,c;d", "日本/log", "a\tb", "a*b", "(a)", "a$@!",
]  # fmt: skip


class Recorder(ThreadingHTTPServer):
    """A server that answers each GET with the next of `answers`, or with an object, and notes what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def do_GET(self) -> None:
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        object_ = (200, {"ETag": '"e"', "Last-Modified": "Sun, 01 Mar 2026 09:20:00 GMT"}, b"content")
        status, headers, body = self.server.answers.pop(0) if self.server.answers else object_
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder() as recorder:
        thread = Thread(target=recorder.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()


@pytest.fixture
def client(server: Recorder, fake_credentials: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    aws.reset()
    yield aws.client("s3", attempt_seconds=3.0)
    aws.reset()


def ready(client: Any) -> ObjectRequests:
    """Return requests that know how the bucket is called."""
    requests = ObjectRequests(client)
    requests.get(Bucket="logs", Key="first")["Body"].read()
    return requests


def is_ours(headers: dict[str, str]) -> bool:
    return "amz-sdk-request" not in headers


@pytest.mark.parametrize(
    "more",
    [
        {}, {"VersionId": "a+/b=c"}, {"IfMatch": '"e"'}, {"Range": "bytes=7-"}, {"ExpectedBucketOwner": "123456789012"},
        {"RequestPayer": "requester"},
        {"VersionId": "v", "IfMatch": '"e"', "Range": "bytes=7-", "ExpectedBucketOwner": "1"},
    ],
    ids=", ".join,
)  # fmt: skip
def test_it_is_sent_as_the_client_sends_it(server: Recorder, client: Any, more: dict[str, str]) -> None:
    requests = ready(client)
    server.requests.clear()
    for key in KEYS:
        client.get_object(Bucket="logs", Key=key, **more)["Body"].read()
        requests.get(Bucket="logs", Key=key, **more)["Body"].read()
        (path, theirs), (own_path, own) = server.requests[-2:]
        assert own_path == path
        assert not is_ours(theirs)
        assert is_ours(own)
        assert {name: own[name] for name in own if name not in OURS_ALONE} == {
            name: theirs[name] for name in theirs if name not in OURS_ALONE
        }
        assert own["user-agent"].startswith("Botocore/")
        assert signed(own) == signed(theirs) - OURS_ALONE


def signed(headers: dict[str, str]) -> set[str]:
    """The names of the headers that a signature holds for, without its date."""
    found = re.search(r"SignedHeaders=([^,]+)", headers["authorization"])
    assert found
    return set(found[1].split(";")) - {"x-amz-date"}


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"ETag": '"e"', "Last-Modified": "Sun, 01 Mar 2026 09:20:00 GMT"}, {"ETag": 'W/"e"'},
        {"Content-Range": "bytes 0-6/9", "ETag": '"e"'}, {"x-amz-checksum-crc32": "/sUwqQ=="},
    ],
    ids=", ".join,
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 206])
def test_an_answer_is_what_the_client_makes_of_it(
    server: Recorder, client: Any, headers: dict[str, str], status: int
) -> None:
    requests = ready(client)
    server.answers = [(status, headers, b"content")] * 2
    theirs, own = client.get_object(Bucket="logs", Key="k"), requests.get(Bucket="logs", Key="k")
    assert own["Body"].read() == theirs["Body"].read() == b"content"
    assert own["ResponseMetadata"]["HTTPStatusCode"] == theirs["ResponseMetadata"]["HTTPStatusCode"]
    for name in ("ContentLength", "ContentRange", "ETag", "LastModified"):
        assert own[name] == theirs.get(name), name
    assert is_ours(server.requests[-1][1])


@pytest.mark.parametrize("date", ["yesterday", "Sun, 99 Mar 2026 09:20:00 GMT"])
def test_a_date_that_is_none_is_absent(server: Recorder, client: Any, date: str) -> None:
    requests = ready(client)
    server.answers = [(200, {"Last-Modified": date}, b"content")]
    assert requests.get(Bucket="logs", Key="k")["LastModified"] is None


def test_a_wrong_checksum_is_refused(server: Recorder, client: Any) -> None:
    requests = ready(client)
    server.answers = [(200, {"x-amz-checksum-crc32": "AAAAAA=="}, b"content")]
    with pytest.raises(FlexibleChecksumError):
        requests.get(Bucket="logs", Key="k")["Body"].read()


ERROR = b"<Error><Code>%s</Code><Message>no, &amp; never</Message><Key>k</Key></Error>"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, ERROR % b"AccessDenied"), (404, ERROR % b"NoSuchKey"), (404, ERROR % b"NoSuchBucket"), (404, b""),
        (403, ERROR % b"InvalidObjectState"), (412, ERROR % b"PreconditionFailed"), (416, ERROR % b"InvalidRange"),
        (503, ERROR % b"SlowDown"), (500, b""), (502, b"<html>bad gateway</html>"), (503, b"\xff"), (304, b""),
    ],
)  # fmt: skip
def test_a_refusal_is_what_the_client_raises(server: Recorder, client: Any, status: int, body: bytes) -> None:
    requests = ready(client)
    faults = []
    for get in (client.get_object, requests.get):
        server.answers = [(status, {}, body)]
        with pytest.raises(ClientError) as raised:
            get(Bucket="logs", Key="k")
        faults.append(raised.value)
    theirs, own = faults
    assert type(own) is type(theirs)
    assert own.response["Error"] == theirs.response["Error"]
    assert own.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert is_ours(server.requests[-1][1])


@pytest.mark.parametrize("status", [301, 307, 400])
def test_a_bucket_that_is_elsewhere_is_asked_for_by_the_client(server: Recorder, client: Any, status: int) -> None:
    """The client knows how a bucket's region is found, and shows it with its next request."""
    requests = ready(client)
    server.answers = [(status, {}, ERROR % b"PermanentRedirect")]
    assert requests.get(Bucket="logs", Key="k")["Body"].read() == b"content"
    assert [is_ours(headers) for _, headers in server.requests] == [False, True, False]
    requests.get(Bucket="logs", Key="k")["Body"].read()
    assert is_ours(server.requests[-1][1])


def test_each_bucket_is_learned_for_itself(server: Recorder, client: Any) -> None:
    requests = ready(client)
    for _ in range(2):
        requests.get(Bucket="others", Key="k")["Body"].read()
    assert [is_ours(headers) for _, headers in server.requests] == [False, False, True]
    assert server.requests[-1][0] == "/others/k"


def test_what_x_ray_is_to_see_is_sent_by_the_client(
    server: Recorder, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = ready(client)
    for sampled in ("1", "0"):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled={sampled}")
        requests.get(Bucket="logs", Key="k")["Body"].read()
    assert [is_ours(headers) for _, headers in server.requests[1:]] == [False, True]


def test_credentials_are_those_of_the_moment(server: Recorder, fake_credentials: object) -> None:
    names = iter(["FIRST", "SECOND", "THIRD", "FOURTH"])
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()

    def refresh() -> dict[str, str]:
        """Return credentials that end so soon that botocore asks for others at each use."""
        return {"access_key": next(names), "secret_key": "s", "token": "t", "expiry_time": soon}

    session = Session()
    session._credentials = RefreshableCredentials.create_from_metadata(refresh(), refresh, "test")
    client = session.create_client("s3", region_name="eu-west-1", endpoint_url=server.url)
    requests = ready(client)
    requests.get(Bucket="logs", Key="k")["Body"].read()
    first, second = (headers["authorization"].partition("Credential=")[2] for _, headers in server.requests)
    assert first.partition("/")[0] != second.partition("/")[0]


@pytest.mark.parametrize("credentials", [None, Credentials("a", "b")])
def test_what_is_not_signed_by_sigv4_is_left_to_the_client(
    server: Recorder, fake_credentials: object, credentials: Credentials | None
) -> None:
    from botocore import UNSIGNED
    from botocore.config import Config

    session = Session()
    session._credentials = credentials
    version = UNSIGNED if credentials is None else "s3v4"
    client = session.create_client(
        "s3", region_name="eu-west-1", endpoint_url=server.url, config=Config(signature_version=version)
    )
    requests = ready(client)
    requests.get(Bucket="logs", Key="k")["Body"].read()
    assert is_ours(server.requests[-1][1]) == (credentials is not None)


def credentials_of_the_request(request: Any, **_: Any) -> None:
    request.context["signing"]["request_credentials"] = Credentials("other", "secret")


def another_url(request: Any, **_: Any) -> None:
    request.url = request.url.rpartition("/")[0] + "/elsewhere"


@pytest.mark.parametrize("changes", [credentials_of_the_request, another_url])
def test_what_others_change_in_a_request_is_left_to_the_client(server: Recorder, client: Any, changes: Any) -> None:
    client.meta.events.register_first("before-sign.s3.GetObject", changes)
    requests = ready(client)
    requests.get(Bucket="logs", Key="k")["Body"].read()
    assert [is_ours(headers) for _, headers in server.requests] == [False, False]


def test_a_client_without_the_connections_that_are_used_sends_all(server: Recorder, client: Any) -> None:
    """Lambda's runtime brings a botocore of its own."""
    connections = client._endpoint.http_session
    del client._endpoint.http_session
    requests = ObjectRequests(client)
    client._endpoint.http_session = connections
    for _ in range(2):
        requests.get(Bucket="logs", Key="k")["Body"].read()
    assert [is_ours(headers) for _, headers in server.requests] == [False, False]


def test_what_a_test_puts_in_place_of_aws_answers(client: Any) -> None:
    from moto import mock_aws

    with mock_aws():
        plain = Session().create_client("s3", region_name="us-east-1", endpoint_url="https://s3.amazonaws.com")
        plain.create_bucket(Bucket="logs")
        for key in ("first", "second"):
            plain.put_object(Bucket="logs", Key=key, Body=key.encode())
        requests = ready(plain)
        assert requests.get(Bucket="logs", Key="second")["Body"].read() == b"second"
