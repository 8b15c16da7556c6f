"""The proxy passes on what a request says, and nothing else."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from .proxy import FaultProxy, _partial
from .storms import GET, TOKEN, Outage


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


def test_an_outage_is_from_one_request_of_its_operation_to_another() -> None:
    outages = [Outage(GET, "slowdown", 2, 3), Outage(TOKEN, "throttled", 1, 1)]
    with FaultProxy("http://127.0.0.1:1", 1, 0.0, ("", 0), outages) as proxy:
        assert [proxy.fault("s3", GET) for _ in range(4)] == ["", "slowdown", "slowdown", ""]
        assert [proxy.fault("ssm", TOKEN) for _ in range(2)] == ["throttled", ""]
        assert proxy.fault("s3", "s3 PUT") == ""
        assert proxy.injected == {"s3 slowdown": 2, "ssm throttled": 1}


def test_a_share_of_what_the_tables_are_asked_is_throttled() -> None:
    with FaultProxy("http://127.0.0.1:1", 1, 0.0, ("", 0), tables=0.1) as proxy:
        kinds = [proxy.fault("dynamodb", "UpdateItem") for _ in range(1000)]
        assert {*kinds} == {"", "throttled"}
        assert 60 < kinds.count("throttled") < 140
        assert {proxy.fault("kinesis", "PutRecords") for _ in range(100)} == {""}
        proxy.heal()
        assert {proxy.fault("dynamodb", "UpdateItem") for _ in range(100)} == {""}


@pytest.mark.parametrize(("kind", "status"), [("slowdown", 503), ("throttled", 400)])
def test_what_is_refused_does_not_reach_aws(upstream: Upstream, kind: Any, status: int) -> None:
    with FaultProxy(
        f"http://127.0.0.1:{upstream.server_port}", 1, 0.0, ("", 0), [Outage("PutRecords", kind, 1, 1)]
    ) as proxy:
        connection = HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
        connection.request("POST", "/", b"0", {"X-Amz-Target": "Kinesis_20131202.PutRecords"})
        assert connection.getresponse().status == status
        connection.close()
    assert upstream.bodies == []


@pytest.mark.parametrize(("kind", "reaches"), [("silent", 0), ("stuck", 1)])
def test_silence_lasts_until_the_client_gives_up(upstream: Upstream, kind: Any, reaches: int) -> None:
    with FaultProxy(
        f"http://127.0.0.1:{upstream.server_port}", 1, 0.0, ("", 0), [Outage("PutRecords", kind, 1, 1)]
    ) as proxy:
        connection = HTTPConnection(urlsplit(proxy.url).netloc, timeout=0.3)
        connection.request("POST", "/", b"0", {"X-Amz-Target": "Kinesis_20131202.PutRecords"})
        with pytest.raises(TimeoutError):
            connection.getresponse().read()
        connection.close()
        post(proxy, "PutRecords", b"0")
    assert len(upstream.bodies) == reaches + 1


def test_of_many_statements_every_other_one_is_refused() -> None:
    body, amend = _partial("BatchExecuteStatement", {"Statements": [{"Statement": each} for each in "abc"]})
    assert json.loads(body) == {"Statements": [{"Statement": "b"}]}
    assert amend is not None
    codes = [each.get("Error", {}).get("Code") for each in amend({"Responses": [{"TableName": "t"}]})["Responses"]]
    assert codes == ["ThrottlingError", None, "ThrottlingError"]
