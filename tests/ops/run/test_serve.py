"""The REST API on this machine: the app is asked for at every request."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from chalice import Chalice

from slips.ops.run.serve import ApiServer


def make_app(name: str) -> Chalice:
    app = Chalice(app_name=name)
    meet = threading.Barrier(2)

    @app.route("/name")
    def name_of_it() -> dict[str, str]:
        return {"name": name}

    @app.route("/query")
    def query() -> dict[str, Any]:
        meet.wait(10)  # Both requests are under way.
        return dict(app.current_request.query_params)

    return app


class Apps:
    def __init__(self) -> None:
        self.present = make_app("first")


@pytest.fixture
def apps() -> Apps:
    return Apps()


@pytest.fixture
def api(apps: Apps) -> Iterator[ApiServer]:
    server = ApiServer(lambda: apps.present, 0)
    yield server
    server.stop()


def ask(connection: http.client.HTTPConnection, path: str) -> Any:
    connection.request("GET", path)
    return json.load(connection.getresponse())


def test_an_open_connection_gets_the_new_app_too(api: ApiServer, apps: Apps) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    assert ask(connection, "/name") == {"name": "first"}
    apps.present = make_app("second")
    assert ask(connection, "/name") == {"name": "second"}
    connection.close()


def test_requests_at_the_same_time_do_not_see_each_other(api: ApiServer) -> None:
    answers: dict[str, Any] = {}

    def request(number: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
        answers[number] = ask(connection, f"/query?n={number}")
        connection.close()

    threads = [threading.Thread(target=request, args=(number,)) for number in "12"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"1": {"n": "1"}, "2": {"n": "2"}}


def test_a_taken_port_is_left_for_another(api: ApiServer, apps: Apps) -> None:
    other = ApiServer(lambda: apps.present, api.port)
    try:
        assert other.moved
        assert not api.moved
        assert other.port != api.port
    finally:
        other.stop()


@pytest.mark.parametrize(
    ("header", "status", "says"),
    [
        (("Transfer-Encoding", "chunked"), 411, "a chunked body is not supported here"),
        (("Content-Length", "abc"), 400, "not a number of bytes"),
        (("Content-Length", "-5"), 400, "not a number of bytes"),
        (("Content-Length", "5, 5"), 400, "not a number of bytes"),
        (("Content-Length", "²"), 400, "not a number of bytes"),
        (("Content-Length", "10485761"), 413, "longer than 10485760 bytes"),
        (("Content-Length", "9" * 5000), 413, "longer than 10485760 bytes"),
    ],
)
def test_a_body_that_would_be_taken_for_none_is_refused(
    api: ApiServer, header: tuple[str, str], status: int, says: str
) -> None:
    answer = send(api, f"GET /name HTTP/1.1\r\nHost: x\r\n{header[0]}: {header[1]}\r\n\r\n")
    assert (answer.status, says in answer.message) == (status, True)


@pytest.mark.parametrize(
    ("lines", "status", "says"),
    [
        ("Content-Length: 0\r\nContent-Length: 44", 400, "the header Content-Length is given more than once"),
        ("Content-Length: 0\r\ncontent-length: 0", 400, "the header Content-Length is given more than once"),
        ("Content-Length: 44\r\nTransfer-Encoding: chunked", 411, "a chunked body is not supported here"),
        ("Transfer-Encoding: identity\r\nContent-Length: 44", 411, "a chunked body is not supported here"),
        ("Content-Length : 44", 400, "a header line has no name and colon"),
        ("no header\r\nOrigin: http://evil.example", 400, "a header line has no name and colon"),
        ("Host: 127.0.0.1", 400, "the header Host is given more than once"),
        ("Origin: http://x\r\nOrigin: http://evil.example", 400, "the header Origin is given more than once"),
        ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site", 400, "the header Sec-Fetch-Site is given"),
        ("Authorization: Bearer a\r\nAuthorization: Bearer b", 400, "the header Authorization is given"),
    ],
)
def test_a_request_that_two_readers_read_differently_is_refused(
    api: ApiServer, lines: str, status: int, says: str
) -> None:
    """What follows would be a body for one of them, and for the other a request that the first one never saw."""
    smuggled = "GET /name HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = send(api, f"POST /name HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n{smuggled}")
    assert (answer.status, says in answer.message, answer.rest) == (status, True, b""), answer


class Answer(NamedTuple):
    status: int
    message: str
    rest: bytes
    """What came after the response, until the server closed the connection."""


def send(api: ApiServer, request: str) -> Answer:
    """Send these bytes, as no client of ours would."""
    with socket.create_connection(("127.0.0.1", api.port), timeout=10) as connection:
        connection.sendall(request.encode("latin-1"))
        answers = connection.makefile("rb")
        status = int(answers.readline().split()[1])
        headers = http.client.parse_headers(answers)
        message = json.loads(answers.read(int(headers["Content-Length"])))["Message"]
        try:
            return Answer(status, message, answers.read())
        except ConnectionResetError:  # It closed without having read the body.
            return Answer(status, message, b"")


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "PUT"])
def test_a_method_that_no_route_takes_is_refused_as_json(api: ApiServer, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    connection.request(method, "/name")
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["Code"]) == (405, "MethodNotAllowedError")
    connection.close()


def test_a_client_that_goes_away_is_no_fault(api: ApiServer, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", api.port)) as gone:
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset, not an end.
        gone.sendall(b"GET /name HTTP/1.1\r\nHost: x\r\n")
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    assert ask(connection, "/name") == {"name": "first"}
    connection.close()
    api.stop()
    assert "Traceback" not in capfd.readouterr().err
