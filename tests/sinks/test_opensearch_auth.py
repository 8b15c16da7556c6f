"""Who asks OpenSearch, and how: users, API keys, roles of AWS, certificates; and no secret is shown."""

from __future__ import annotations

import hashlib
import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from slips.aws.retry import Backoff
from slips.sinks import Document, OpenSearch, secrets
from slips.sinks.http_answers import HttpRefused
from slips.sinks.opensearch_answers import describe_refusal
from slips.sinks.opensearch_auth import AwsRole
from slips.testing import make_meta

from .documents import documents
from .http_server import serve
from .opensearch_server import OpenSearchOfTheTest, Reply, Request

DOMAIN = "https://search-audit-logs-abc123.eu-west-1.es.amazonaws.com"
COLLECTION = "https://abc123.eu-west-1.aoss.amazonaws.com"


@pytest.fixture
def server() -> Iterator[OpenSearchOfTheTest]:
    with serve(OpenSearchOfTheTest()) as server:
        yield server


def basic(user: str, secret: str) -> str:
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode()


def test_a_user_is_named_with_the_secret(server: OpenSearchOfTheTest) -> None:
    OpenSearch(server.url, "logs", auth=("ada", "pässword")).send(documents({}))
    assert server.bulks[0].headers["Authorization"] == basic("ada", "pässword")


def test_an_api_key_is_elasticsearchs(server: OpenSearchOfTheTest) -> None:
    OpenSearch(server.url, "logs", api_key="VnVhQ2ZHY0J==").send(documents({}))
    assert server.bulks[0].headers["Authorization"] == "ApiKey VnVhQ2ZHY0J=="


BY_REFERENCE: list[tuple[dict[str, Any], Callable[[str], str], str]] = [
    ({"api_key": "ssm:/search"}, lambda secret: f"ApiKey {secret}", "check the key of api_key="),
    ({"auth": ("ada", "ssm:/search")}, partial(basic, "ada"), "check the user and the secret of auth="),
]


def echo_unless(allowed: str) -> Callable[[Request], Reply | None]:
    """Refuse every request of others, in the words of what they sent."""

    def answer(request: Request) -> Reply | None:
        sent = request.headers["Authorization"]
        return None if sent == allowed else Reply(status=401, body=f"not {sent}".encode())

    return answer


@pytest.mark.parametrize(("options", "header", "advice"), BY_REFERENCE, ids=["key", "user"])
def test_a_secret_that_was_rotated_is_fetched_again_and_used_at_once(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any], header: Callable[[str], str], advice: str,
) -> None:  # fmt: skip
    stored = {"ssm:/search": "old-key\n"}
    monkeypatch.setattr(secrets, "resolve", lambda value: stored.get(value, value))
    monkeypatch.setattr(secrets, "expire", lambda reference: stored.update({reference: "new-key\n"}))
    server.always = echo_unless(header("new-key"))
    OpenSearch(server.url, "logs", **options).send(documents({}))
    assert [request.headers["Authorization"] for request in server.bulks] == [header("old-key"), header("new-key")]


@pytest.mark.parametrize(("options", "header", "advice"), BY_REFERENCE, ids=["key", "user"])
def test_a_secret_that_stays_wrong_is_tried_once_and_not_shown(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any], header: Callable[[str], str], advice: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(secrets, "resolve", lambda value: "wrong-key" if value == "ssm:/search" else value)
    server.always = echo_unless(header("right-key"))
    sink = OpenSearch(server.url, "logs", **options)
    with pytest.raises(HttpRefused) as fault:
        sink.send(documents({}))
    assert len(server.bulks) == 1
    scheme = header("").split()[0]
    assert str(fault.value) == f"{sink.destination.removesuffix('/logs')} answers 401: not {scheme} «secret»; {advice}"
    assert "wrong-key" not in repr(sink) + sink.destination


@pytest.mark.parametrize("options", [options for options, _, _ in BY_REFERENCE], ids=["key", "user"])
def test_a_secret_by_reference_is_the_functions_to_fetch(options: dict[str, Any]) -> None:
    assert OpenSearch(DOMAIN, **options).statements() == [
        {"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": ["arn:*:ssm:*:*:parameter/search"]}
    ]


@pytest.mark.parametrize("options", [{}, {"auth": ("ada", "text")}, {"api_key": "text"}])
def test_nothing_of_iam_is_needed_for_a_secret_in_the_code(options: dict[str, Any]) -> None:
    assert OpenSearch(DOMAIN, **options).statements() == []


def expected_signature(request: Request, url: str, service: str, region: str) -> str:
    """Sign what has arrived once more, for the time that it names."""
    headers = {name: value for name, value in request.headers.items() if name.lower() == "x-amz-content-sha256"}
    signed = AWSRequest("POST", url, headers=headers, data=request.body)
    signed.context["timestamp"] = request.headers["X-Amz-Date"]
    signed.headers["X-Amz-Date"] = request.headers["X-Amz-Date"]
    signed.headers["X-Amz-Security-Token"] = request.headers["X-Amz-Security-Token"]
    auth = SigV4Auth(Credentials("testing", "testing", "testing"), service, region)
    return str(auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed))


@pytest.mark.parametrize("gzip", [True, False])
def test_what_aws_asks_is_signed(server: OpenSearchOfTheTest, gzip: bool) -> None:
    OpenSearch(server.url, "logs", auth="aws", pipeline="a b", gzip=gzip).send(documents({}))
    [request] = server.bulks
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
    headers = AwsRole(f"{url}/_bulk", **options).sign("", b"")
    assert f"/{region}/{service}/aws4_request" in headers["Authorization"]


@pytest.mark.parametrize(
    ("unset", "text"),
    [("AWS_DEFAULT_REGION", "AWS gives no region: give region=$"), ("AWS_ACCESS_KEY_ID", "AWS gives no credentials: ")],
)
def test_what_aws_does_not_give_is_said(
    server: OpenSearchOfTheTest, monkeypatch: pytest.MonkeyPatch, unset: str, text: str
) -> None:
    monkeypatch.delenv(unset)
    with pytest.raises(HttpRefused, match=text):
        OpenSearch(server.url, "logs", auth="aws").send(documents({}))


def test_a_wrong_signature_says_what_to_do_without_the_headers_that_were_signed(server: OpenSearchOfTheTest) -> None:
    message = (
        "The request signature we calculated does not match.\n\nThe Canonical String was 'x-amz-security-token:abc"
    )
    server.always = lambda request: Reply(status=403, body={"message": message})
    sink = OpenSearch(server.url, "logs", auth="aws")
    with pytest.raises(HttpRefused) as fault:
        sink.send(documents({}))
    assert str(fault.value).partition(" ")[2] == (
        "answers 403: The request signature we calculated does not match; allow the role of the function to write: "
        "es:ESHttpPost in IAM, and the domain's access policy or role mapping; a wrong region: give region="
    )


def test_a_collection_says_what_its_role_needs() -> None:
    assert "aoss:APIAccessAll in IAM, and a data access policy" in AwsRole(COLLECTION).advice


def test_batches_are_sent_from_several_threads_at_once(server: OpenSearchOfTheTest) -> None:
    together = Barrier(4, timeout=10)
    server.always = lambda request: together.wait() and None
    sink = OpenSearch(server.url, "logs-{tag}")
    batches = [[Document(make_meta(position=10 * n + m, tag=f"t{n}"), {}) for m in range(9)] for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(sink.send, batches)) == [None] * 8
    assert len(server.held) == 72
    assert server.connections <= 4


def test_certificates_are_those_of_the_file(tls: ssl.SSLContext, certificate: Path) -> None:
    with serve(OpenSearchOfTheTest(), tls) as server:
        OpenSearch(server.url, "logs", ca_file=str(certificate)).send(documents({}))
        assert len(server.held) == 1


def test_a_long_answer_is_read_to_its_end(server: OpenSearchOfTheTest) -> None:
    server.always = lambda request: Reply({n: {"status": 201, "result": "x" * 1000} for n in range(1000)})
    OpenSearch(server.url, "logs", backoff=Backoff(patience=0)).send(documents(*[{}] * 1000))
    assert len(server.bulks) == 1


@pytest.mark.parametrize(
    ("body", "described"),
    [
        ("", ("", "")),
        ('{"Message":"User: arn:x is not authorized"}', ("", "User: arn:x is not authorized")),
        ('{"message":"No.\\n\\nThe Canonical String"}', ("", "No.")),
        ("No.\n\nThe Canonical String", ("", "No.")),
        ('{"error":"IndexMissing[x]","status":404}', ("", "IndexMissing[x]")),
        ("<html>\n\n<h1>Too busy</h1>", ("", "<html>\n\n<h1>Too busy</h1>")),
        ("[1,2]", ("", "[1,2]")),
    ],
)
def test_an_error_is_told_in_its_own_words(body: str, described: tuple[str, str]) -> None:
    assert describe_refusal(body) == described


def test_a_cause_in_a_cause_is_the_one_that_is_told() -> None:
    cause = {"type": "c", "reason": "d", "caused_by": {"type": "e", "reason": "f"}}
    error = {"type": "a", "reason": "b", "caused_by": cause}
    assert describe_refusal(json.dumps({"error": error})) == ("a", "a: b: f")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "search.example.com"}, "is https://HOST"),
        ({"url": "ssm:/search/url"}, "is https://HOST.*, and no reference$"),
        ({"url": "ftp://search.example.com"}, "is https://HOST"),
        ({"url": "https://"}, "a URL is written as https://host/path"),
        ({"url": "https://search.example.com/?x=1"}, "is https://HOST"),
        ({"url": "https://search.example.com:port"}, "a host or a port that is not valid"),
        ({"url": "https://ada:hidden@search.example.com"}, 'write auth=\\("user", "ssm:/name"\\)'),
        ({"auth": ("ada", "hidden"), "api_key": "hidden"}, "auth= or api_key=, not both"),
        ({"auth": "hidden"}, 'auth of OpenSearch is "aws" or'),
        ({"auth": ("ada", "")}, 'auth of OpenSearch is "aws" or'),
        ({"auth": ("hidden",)}, 'auth of OpenSearch is "aws" or'),
        ({"data_stream": True}, "a data stream rolls over on its own"),
        ({"index": "{host}"}, "{host} is not one of"),
        ({"size": 0}, "size is a number from 1 on, not 0"),
        ({"most_bytes": 0}, "most_bytes is a number from 1 on, not 0"),
        ({"api_key": "two\nlines"}, "the header Authorization needs a text in one line"),
        ({"connect_seconds": 0}, "are numbers of seconds from 0 to 900, not 0"),
        ({"answer_seconds": float("inf")}, "are numbers of seconds from 0 to 900, not inf"),
        ({"ca_file": "/nowhere"}, "'/nowhere' is not a file"),
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
