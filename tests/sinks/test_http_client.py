"""A destination is trusted by its certificate, and asked by one connection after another."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from urllib3.exceptions import ProtocolError

from slips.engine.fault_kinds import passes_by_itself
from slips.sinks import Http
from slips.sinks.http_answers import MOST_ANSWER_BYTES, HttpRefused, read_answer, shorten
from slips.sinks.http_client import HttpClient

from .documents import documents, failures
from .http_server import Destination, Reply, patience, serve


@pytest.fixture
def tls_server(tls: ssl.SSLContext) -> Iterator[Destination]:
    with serve(Destination(), tls) as server:
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
    with pytest.raises(HttpRefused, match="does not speak TLS; check the port, or write a URL without TLS"):
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


def test_a_connection_that_is_not_made_in_time_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def create_connection(address: tuple[str, int], timeout: float, **options: object) -> socket.socket:
        assert (address, timeout) == (("logs.example.com", 80), 3)
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib3.util.connection.create_connection", create_connection)
    client = HttpClient("http://logs.example.com/in", connect_seconds=3, backoff=patience())
    with pytest.raises(TimeoutError, match=r"^logs\.example\.com cannot be reached: no connection in 3 seconds$"):
        client.send("POST", b"x")


class Stub:
    """A response that breaks off, or is longer than anybody reads."""

    status, headers = 200, {"A": "b"}
    is_closed = False

    def __init__(self, data: bytes | None) -> None:
        self._data = data

    def read(self, amount: int) -> bytes:
        if self._data is None:
            raise ProtocolError("broken")
        return self._data[:amount]

    def close(self) -> None:
        self.is_closed = True


def test_an_answer_is_closed_whatever_it_is() -> None:
    long, broken = Stub(b"x" * 1_000_000), Stub(None)
    answer = read_answer(cast(Any, long), MOST_ANSWER_BYTES)
    assert (answer.status, answer.headers, len(answer.text)) == (200, {"a": "b"}, MOST_ANSWER_BYTES)
    with pytest.raises(ProtocolError):
        read_answer(cast(Any, broken), MOST_ANSWER_BYTES)
    assert long.is_closed
    assert broken.is_closed


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ('{"a":\n  1}', '{"a": 1}'),
        ("<html><TITLE lang=en>No\nway</TITLE><p>x</html>", "No way"),
        ("<?xml version='1.0'?><Error><Code>Denied</Code><style>p {}</style></Error>", "Denied"),
        ("a\x00\x1b[31mb", "a [31mb"),
        ("x" * 400, "x" * 300 + "…"),
        pytest.param("<p>Busy</p>" + " " * 4096 + "<title>No</title>", "Busy", id="beyond what is looked at"),
    ],
)
def test_an_answer_becomes_one_short_line(text: str, short: str) -> None:
    assert shorten(text) == short
