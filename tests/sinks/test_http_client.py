"""A destination is trusted by its certificate, and asked by one connection after another."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from slips.engine.fault_kinds import passes_by_itself
from slips.sinks import Http
from slips.sinks.http_answers import HttpRefused, shorten
from slips.sinks.http_client import HttpClient

from .documents import documents, failures
from .http_server import Destination, Reply, patience, serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Destination]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as server:
        yield server


def test_a_certificate_of_ones_own_authority_is_trusted_where_it_is_named(
    tls_server: Destination, certificate: Path
) -> None:
    assert failures(Http(tls_server.url, ca_file=str(certificate), backoff=patience()), documents(1)) == {}
    assert tls_server.lines == [[b"1"]]


def test_a_certificate_that_is_not_trusted_is_said_and_does_not_wait(tls_server: Destination) -> None:
    with pytest.raises(HttpRefused, match=r"is not trusted \(self.signed certificate\).*ca_file$") as caught:
        Http(tls_server.url, backoff=patience()).send(documents(1))
    assert not passes_by_itself(caught.value)
    assert tls_server.requests == []


def test_tls_to_a_port_without_it_is_said(server: Destination) -> None:
    with pytest.raises(HttpRefused, match="does not speak TLS; check the port, or write http://"):
        Http(server.url.replace("http://", "https://"), backoff=patience()).send(documents(1))


def test_a_ca_file_without_certificates_is_said(server: Destination, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    sink = Http(server.url, ca_file=str(tmp_path / "ca.pem"), backoff=patience())
    with pytest.raises(HttpRefused, match=r"holds no PEM certificates"):
        sink.send(documents(1))


def test_threads_share_the_connections(server: Destination) -> None:
    client = HttpClient(server.url, backoff=patience())
    together = threading.Barrier(2)

    def reply_to(request: object) -> Reply:
        together.wait(10)
        return Reply()

    server.reply_to = reply_to  # type: ignore[method-assign]
    for _ in range(2):
        threads = [threading.Thread(target=client.send, args=("POST", b"x")) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.connections == 2


def test_a_proxy_of_the_environment_is_not_asked(server: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:hunter2@127.0.0.1:9")
    assert HttpClient(server.url, backoff=patience()).send("POST", b"x").status == 200


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ('{"a":\n  1}', '{"a": 1}'),
        ("<html><TITLE lang=en>No\nway</TITLE><p>x</html>", "No way"),
        ("<?xml version='1.0'?><Error><Code>Denied</Code><style>p {}</style></Error>", "Denied"),
        ("a\x00\x1b[31mb", "a [31mb"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_an_answer_becomes_one_short_line(text: str, short: str) -> None:
    assert shorten(text) == short
