"""Who asks OpenSearch, and how: users, API keys, roles of AWS, certificates; and no secret is shown."""

from __future__ import annotations

import hashlib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from slips import RetryLater, aws
from slips.engine.fault_kinds import passes_by_itself
from slips.errors import ConfigError
from slips.sinks import Document, OpenSearch, opensearch_http
from slips.sinks.opensearch_answers import MOST_CHARACTERS, describe_refusal, read_retry_after
from slips.sinks.opensearch_http import OpenSearchRefused, Secret
from slips.testing import make_meta

from ..error_table import Time
from .documents import documents
from .opensearch_server import OpenSearchOfTheTest, Reply, Request, serve

DOMAIN = "https://search-audit-logs-abc123.eu-west-1.es.amazonaws.com"
COLLECTION = "https://abc123.eu-west-1.aoss.amazonaws.com"


@pytest.fixture
def server() -> Iterator[OpenSearchOfTheTest]:
    with serve(OpenSearchOfTheTest()) as server:
        yield server


class SsmOfTheTest:
    """Gives its values in turn, the last one for ever."""

    def __init__(self, *values: str | Exception) -> None:
        self.values = list(values)

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, Any]:
        assert (Name, WithDecryption) == ("/search", True)
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(value, Exception):
            raise value
        return {"Parameter": {"Value": value}}


def test_a_user_is_named_with_the_secret(server: OpenSearchOfTheTest) -> None:
    OpenSearch(server.url, "logs", auth=("ada", "pässword")).send(documents({}))
    assert server.requests[0].headers["Authorization"] == "Basic " + b64encode("ada:pässword".encode()).decode()


def test_an_api_key_is_elasticsearchs(server: OpenSearchOfTheTest) -> None:
    OpenSearch(server.url, "logs", api_key="VnVhQ2ZHY0J==").send(documents({}))
    assert server.requests[0].headers["Authorization"] == "ApiKey VnVhQ2ZHY0J=="


def test_a_secret_is_fetched_by_its_reference(server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest("key-1\n")}.__getitem__)
    OpenSearch(server.url, "logs", api_key="ssm:/search").send(documents({}))
    assert server.requests[0].headers["Authorization"] == "ApiKey key-1"


def takes_only(key: str) -> Any:
    """Refuse every request without that key."""

    def answer(request: Request) -> Reply | None:
        return None if request.headers["Authorization"] == f"ApiKey {key}" else Reply(status=401, body=b"Unauthorized")

    return answer


def test_a_secret_that_was_rotated_is_fetched_again_and_used_at_once(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest("old", "new")}.__getitem__)
    monkeypatch.setattr("slips.aws.secret_arguments.PAUSE_SECONDS", 0)
    server.always = takes_only("new")
    OpenSearch(server.url, "logs", api_key="ssm:/search").send(documents({}))
    assert [request.headers["Authorization"] for request in server.requests] == ["ApiKey old", "ApiKey new"]


def test_a_secret_that_stays_wrong_is_tried_once_and_not_shown(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest("wrong-key")}.__getitem__)
    server.always = takes_only("right")
    sink = OpenSearch(server.url, "logs", api_key="ssm:/search")
    with pytest.raises(
        OpenSearchRefused, match=r"check the user and the secret of auth=, or the key of api_key=$"
    ) as fault:
        sink.send(documents({}))
    assert len(server.requests) == 1
    assert "wrong-key" not in repr(fault.value) + repr(sink) + sink.destination


def test_a_secret_is_read_again_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest("old", "new")}.__getitem__)
    time = Time()
    secret = Secret("ssm:/search", clock=time)
    read = []
    for seconds in (0, 599, 1):
        time.sleep(seconds)
        read.append(secret.read())
    assert read == ["old", "old", "new"]


def refusal_of_ssm(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as planned"}}, "GetParameter")


def test_a_secret_that_aws_does_not_give_now_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest(refusal_of_ssm("ThrottlingException"))}.__getitem__)
    with pytest.raises(RetryLater, match=r"^secret: ssm:/search cannot be fetched: ClientError"):
        Secret("ssm:/search").read()


def test_a_secret_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", {"ssm": SsmOfTheTest(refusal_of_ssm("ParameterNotFound"))}.__getitem__)
    with pytest.raises(ConfigError, match=r"^secret: ssm:/search cannot be fetched: ClientError") as fault:
        Secret("ssm:/search").read()
    assert not passes_by_itself(fault.value)


@pytest.mark.parametrize("key", ["two\nlines", "kéy"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(server: OpenSearchOfTheTest, key: str) -> None:
    with pytest.raises(OpenSearchRefused, match=r"the value of api_key= is not an API key$"):
        OpenSearch(server.url, "logs", api_key=key).send(documents({}))
    assert server.requests == []


def expected_signature(request: Request, url: str, service: str, region: str) -> str:
    """Sign what has arrived once more, for the time that it names."""
    headers = {name: value for name, value in request.headers.items() if name.lower() == "x-amz-content-sha256"}
    signed = AWSRequest("POST", url, headers=headers, data=request.body)
    signed.context["timestamp"] = request.headers["X-Amz-Date"]
    signed.headers["X-Amz-Date"] = request.headers["X-Amz-Date"]
    signed.headers["X-Amz-Security-Token"] = request.headers["X-Amz-Security-Token"]
    auth = SigV4Auth(Credentials("testing", "testing", "testing"), service, region)
    return str(auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed))


@pytest.mark.parametrize("compress", [True, False])
def test_what_aws_asks_is_signed(server: OpenSearchOfTheTest, compress: bool) -> None:
    OpenSearch(server.url, "logs", auth="aws", pipeline="a b", compress=compress).send(documents({}))
    [request] = server.requests
    header = request.headers["Authorization"]
    assert "/eu-central-1/es/aws4_request" in header
    assert request.headers["X-Amz-Content-SHA256"] == hashlib.sha256(request.body).hexdigest()
    signature = expected_signature(request, f"{server.url}/_bulk?pipeline=a%20b", "es", "eu-central-1")
    assert header.endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    ("url", "options", "service", "region", "action", "arn"),
    [
        (DOMAIN, {}, "es", "eu-west-1", "es:ESHttpPost", "arn:*:es:eu-west-1:*:domain/audit-logs/_bulk"),
        (
            "https://vpc-audit-abc123.aos.eu-west-1.on.aws", {}, "es", "eu-west-1",
            "es:ESHttpPost", "arn:*:es:eu-west-1:*:domain/audit/_bulk",
        ),
        (
            "https://search-a-b1.cn-north-1.es.amazonaws.com.cn", {}, "es", "cn-north-1",
            "es:ESHttpPost", "arn:*:es:cn-north-1:*:domain/a/_bulk",
        ),
        (
            "https://logs.example.com", {"region": "us-east-1"}, "es", "us-east-1",
            "es:ESHttpPost", "arn:*:es:us-east-1:*:domain/*/_bulk",
        ),
        ("https://logs.example.com", {}, "es", "eu-central-1", "es:ESHttpPost", "arn:*:es:*:*:domain/*/_bulk"),
        (COLLECTION, {}, "aoss", "eu-west-1", "aoss:APIAccessAll", "arn:*:aoss:eu-west-1:*:collection/abc123"),
    ],
)  # fmt: skip
def test_a_domain_names_service_and_region_and_its_policy(
    url: str, options: dict[str, Any], service: str, region: str, action: str, arn: str
) -> None:
    sink = OpenSearch(url, auth="aws", **options)
    assert sink.statements() == [{"Effect": "Allow", "Action": [action], "Resource": [arn]}]
    headers = sink._connection.credentials.sign(f"{url}/_bulk", b"")
    assert f"/{region}/{service}/aws4_request" in headers["Authorization"]


def test_nothing_of_iam_is_needed_for_a_user() -> None:
    assert OpenSearch(DOMAIN, auth=("ada", "x")).statements() == ()


@pytest.mark.parametrize(
    ("unset", "text"),
    [("AWS_DEFAULT_REGION", "AWS gives no region: give region=$"), ("AWS_ACCESS_KEY_ID", "AWS gives no credentials: ")],
)
def test_what_aws_does_not_give_is_said(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch, unset: str, text: str
) -> None:
    monkeypatch.delenv(unset)
    with pytest.raises(OpenSearchRefused, match=text):
        OpenSearch(server.url, "logs", auth="aws").send(documents({}))


def test_a_wrong_signature_says_what_to_do_without_the_headers_that_were_signed(server: OpenSearchOfTheTest) -> None:
    message = (
        "The request signature we calculated does not match.\n\nThe Canonical String was 'x-amz-security-token:abc"
    )
    server.always = lambda request: Reply(status=403, body={"message": message})
    with pytest.raises(OpenSearchRefused) as fault:
        OpenSearch(server.url, "logs", auth="aws").send(documents({}))
    assert str(fault.value) == (
        f"{server.url}/_bulk answers 403 (The request signature we calculated does not match.): allow the role of the "
        "function to write: es:ESHttpPost in IAM, and the domain's access policy or role mapping; a wrong region: give "
        "region="
    )


def test_a_collection_says_what_its_role_needs() -> None:
    assert (
        "aoss:APIAccessAll in IAM, and a data access policy" in OpenSearch(COLLECTION, auth="aws")._credentials.advice
    )


def test_a_certificate_that_cannot_be_verified_is_not_a_fault_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
        cause.verify_message = "self-signed certificate"
        raise urllib3.exceptions.SSLError(cause)

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", refuse)
    with pytest.raises(OpenSearchRefused, match=r"\(self-signed certificate\): name the file .* in ca_file=$") as fault:
        OpenSearch("https://search.example.com").send(documents({}))
    assert not passes_by_itself(fault.value)


def test_a_tls_connection_that_was_cut_is_a_fault_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*args: object, **options: object) -> None:
        raise urllib3.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", cut)
    sink = OpenSearch("https://search.example.com")
    with pytest.raises(ConnectionError) as fault:
        sink._connection.post(b"")
    assert passes_by_itself(fault.value)


def test_batches_are_sent_from_several_threads_at_once(server: OpenSearchOfTheTest) -> None:
    together = Barrier(4, timeout=10)
    server.always = lambda request: together.wait() and None
    sink = OpenSearch(server.url, "logs-{tag}")
    batches = [[Document(make_meta(position=10 * n + m, tag=f"t{n}"), {}) for m in range(9)] for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(sink.send, batches)) == [None] * 8
    assert len(server.held) == 72
    assert server.connections <= 4


def test_times_and_authority_reach_the_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def note(pool: urllib3.PoolManager, *args: object, timeout: urllib3.Timeout, **options: object) -> None:
        seen.update(connect=timeout.connect_timeout, answer=timeout.read_timeout, **pool.connection_pool_kw)
        raise urllib3.exceptions.ProtocolError("as planned")

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", note)
    (tmp_path / "ca.pem").touch()
    sinks = [
        OpenSearch("https://search.example.com"),
        OpenSearch("https://a.example.com", ca_file=str(tmp_path / "ca.pem"), connect_seconds=1, answer_seconds=60),
    ]
    got = []
    for sink in sinks:
        with pytest.raises(ConnectionError):
            sink._connection.post(b"")
        got.append((seen["connect"], seen["answer"], seen["ca_certs"], seen["maxsize"]))
    assert got == [(5, 30, None, 64), (1, 60, str(tmp_path / "ca.pem"), 64)]


def test_an_answer_without_an_end_is_not_read_to_its_end(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch_http, "MOST_ANSWER_BYTES", 100)
    server.always = lambda request: Reply(body=b"x" * 101)
    with pytest.raises(ConnectionError, match="the answer has more than 100 bytes"):
        OpenSearch(server.url, "logs")._connection.post(b'{"create":{}}\n{}\n')


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30), ("0", 0), ("999999999", 43200), ("Wed, 21 Oct 2015 07:28:10 GMT", 10),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0), ("soon", None), ("-5", None), ("", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert read_retry_after({"Retry-After": text}, now=lambda: 1445412480.0) == seconds


@pytest.mark.parametrize(
    ("body", "described"),
    [
        (b"", ("", "")),
        (b'{"Message":"User: arn:x is not authorized"}', ("", "User: arn:x is not authorized")),
        (b'{"error":"IndexMissing[x]","status":404}', ("", "IndexMissing[x]")),
        (b"<html><style>\na{}</style><h1>Too\nbusy</h1>", ("", "Too busy")),
        (b'{"error":{"type":"a"}}', ("a", "a")),
        (b"{}", ("", "")),
        (b"1 < 2, 3 > 2", ("", "1 < 2, 3 > 2")),
        (b"\xff" * 1000, ("", "\ufffd" * MOST_CHARACTERS)),
        (b"[1,2]", ("", "[1,2]")),
        (b"<style" * 1_000_000, ("", "<style" * (MOST_CHARACTERS // 6))),
    ],
    ids=range(10),
)
def test_an_error_is_told_in_its_own_words(body: bytes, described: tuple[str, str]) -> None:
    assert describe_refusal(body) == described


def test_a_cause_in_a_cause_is_the_one_that_is_told() -> None:
    causes = b'{"type":"c","reason":"d","caused_by":{"type":"e","reason":"f"}}'
    assert describe_refusal(b'{"error":{"type":"a","reason":"b","caused_by":%b}}' % causes) == ("a", "a: b: f")
    again = b'{"error":{"type":"a","reason":"no x","caused_by":{"type":"b","reason":"no x"}}}'
    assert describe_refusal(again) == ("a", "a: no x")
    silent = b'{"error":{"type":"a","reason":"b","caused_by":{"type":"c","reason":"d","caused_by":{"type":"e"}}}}'
    assert describe_refusal(silent) == ("a", "a: b: d")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "search.example.com"}, "is https://HOST"),
        ({"url": "ftp://search.example.com"}, "is https://HOST"),
        ({"url": "https://"}, "is https://HOST"),
        ({"url": "https://search.example.com/?x=1"}, "is https://HOST"),
        ({"url": "https://search.example.com/#x"}, "is https://HOST"),
        ({"url": "https://search.example.com:port"}, "[Pp]ort"),
        ({"url": "https://ada:hidden@search.example.com"}, 'write auth=\\("user", "ssm:/name"\\)'),
        ({"auth": ("ada", "hidden"), "api_key": "hidden"}, "auth= or api_key=, not both"),
        ({"auth": "hidden"}, 'auth of OpenSearch is "aws" or'),
        ({"auth": "ab"}, 'auth of OpenSearch is "aws" or'),
        ({"auth": ("ada", "")}, 'auth of OpenSearch is "aws" or'),
        ({"auth": ("hidden",)}, 'auth of OpenSearch is "aws" or'),
        ({"data_stream": True}, "a data stream rolls over by itself"),
        ({"index": "{host}"}, "{host} is not one of"),
        ({"size": 0}, "size is a number from 1 on, not 0"),
        ({"request_bytes": 0}, "request_bytes is a number from 1 on, not 0"),
        ({"connect_seconds": 0}, "connect_seconds is a number of seconds, not 0"),
        ({"answer_seconds": float("inf")}, "answer_seconds is a number of seconds, not inf"),
        ({"ca_file": "/nowhere"}, "there is no such file"),
    ],
)
def test_arguments_are_checked_at_once_and_no_secret_is_shown(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text) as fault:
        OpenSearch(**{"url": "https://search.example.com"} | options)
    assert "hidden" not in str(fault.value)


@pytest.mark.parametrize(
    ("url", "options", "destination"),
    [
        ("https://Search.example.com/", {}, "search.example.com"),
        ("https://search.example.com:9200", {"index": "audit-{time:%Y}"}, "search.example.com:9200/audit-{time:%Y}"),
    ],
)
def test_its_destination_is_host_and_index(url: str, options: dict[str, Any], destination: str) -> None:
    sink = OpenSearch(url, **options)
    assert (sink.kind, sink.destination) == ("opensearch", destination)


def test_its_arguments_bound_batches() -> None:
    sink = OpenSearch("https://search.example.com", size=7, concurrency=3)
    assert (sink.size, sink.concurrency) == (7, 3)
