"""Who may use the embedded AWS: programs of this machine, and no page in a browser."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from slips import aws
from slips.ops.run.embedded import EmbeddedAws


def signed(service: str, **headers: str) -> dict[str, str]:
    """Return headers with any signature: moto verifies none."""
    scope = f"Credential=x/20260301/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0", **headers}


READ = signed("s3")
SCAN = signed("dynamodb", **{"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"})


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as up:
        aws.client("s3").create_bucket(Bucket="logs")
        aws.client("s3").put_object(Bucket="logs", Key="in/a", Body=b"secret")
        yield up


def ask(
    embedded: EmbeddedAws, method: str, path: str, headers: dict[str, str], body: bytes = b"", host: str | None = None
) -> tuple[int, bytes, str | None]:
    """Return status, body, and the origin that may read them."""
    port = urlsplit(embedded.endpoint).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    hosts = [f"127.0.0.1:{port}"] if host is None else host.replace("PORT", str(port)).split()
    lines = [*(("Host", each) for each in hosts), *headers.items(), ("Content-Length", str(len(body)))]
    for name, value in lines:
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.status, answer.read(), answer.getheader("Access-Control-Allow-Origin")
    connection.close()
    return content


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"Origin": "http://evil.example"}, None),
        ({"Origin": "null"}, None),
        ({"Origin": "http://127.0.0.1:8000"}, None),
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Sec-Fetch-Site": "same-site"}, None),
        # Nobody's page is served here: an object of the bucket, opened as a page, would be one.
        ({"Sec-Fetch-Site": "same-origin"}, None),
        ({}, "evil.example"),
        ({}, "evil.example:PORT"),
        ({}, "127.0.0.1.evil.example:PORT"),
        ({}, "127.0.0.1"),
        ({}, "127.0.0.1:1"),
        ({}, "logs.localhost:PORT"),
        ({}, ""),
        ({}, "127.0.0.1:PORT evil.example"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "more", "body"),
    [
        ("GET", "/logs/in/a", READ, b""),
        ("PUT", "/logs/in/planted", READ, b"x"),
        ("OPTIONS", "/logs/in/planted", {"Access-Control-Request-Method": "PUT"}, b""),
        ("POST", "/", SCAN, b'{"TableName": "slips-errors"}'),
    ],
)
def test_what_is_not_a_program_of_this_machine_is_refused(
    embedded: EmbeddedAws, method: str, path: str, more: dict[str, str], body: bytes, headers: dict[str, str],
    host: str | None,
) -> None:  # fmt: skip
    status, content, readable_by = ask(embedded, method, path, {**more, **headers}, body, host)
    assert (status, readable_by) == (403, None)
    assert b"secret" not in content
    assert [each["Key"] for each in aws.client("s3").list_objects_v2(Bucket="logs")["Contents"]] == ["in/a"]


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}])
def test_a_program_and_a_typed_address_pass(embedded: EmbeddedAws, host: str, headers: dict[str, str]) -> None:
    assert ask(embedded, "GET", "/logs/in/a", {**READ, **headers}, host=host)[:2] == (200, b"secret")


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/reset", "/%6doto-api/reset", "//moto-api/data.json"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_motos_own_pages_are_off(embedded: EmbeddedAws, method: str, path: str) -> None:
    assert ask(embedded, method, path, {})[0] == 404
    assert aws.client("s3").list_objects_v2(Bucket="logs")["KeyCount"] == 1
