"""The proxy passes on what a request says, and nothing else."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from .proxy import FaultProxy


class Upstream(ThreadingHTTPServer):
    """An AWS that notes the bodies, and how many requests it had at once. A body says how many seconds it waits for a
    second request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.most = self.now = 0
        self.lock = threading.Lock()
        self.both = threading.Barrier(2)


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_POST(self) -> None:
        with self.server.lock:
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with suppress(threading.BrokenBarrierError):
            self.server.both.wait(float(body))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.now -= 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Write no line for each request."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[FaultProxy]:
    with FaultProxy(f"http://127.0.0.1:{upstream.server_port}", 1, 0.0, ("", 0)) as proxy:
        yield proxy


def post(proxy: FaultProxy, operation: str, body: bytes) -> None:
    connection = HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
    connection.request("POST", "/", body, {"X-Amz-Target": f"Kinesis_20131202.{operation}"})
    assert json.loads(connection.getresponse().read()) == {}
    connection.close()


def test_a_request_that_was_cut_off_takes_no_effect(proxy: FaultProxy, upstream: Upstream) -> None:
    """As of a function that is killed between head and body."""
    with socket.create_connection(("127.0.0.1", urlsplit(proxy.url).port or 0)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert upstream.bodies == []


@pytest.mark.parametrize(("operation", "seconds", "most"), [("PutRecords", b"0.2", 1), ("GetRecords", b"10", 2)])
def test_records_are_put_one_request_after_the_other(
    proxy: FaultProxy, upstream: Upstream, operation: str, seconds: bytes, most: int
) -> None:
    threads = [threading.Thread(target=post, args=(proxy, operation, seconds)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(upstream.bodies), upstream.most) == (2, most)
