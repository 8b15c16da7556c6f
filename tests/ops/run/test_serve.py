"""The REST API on this machine: the app is asked for at every request."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

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
        (("Content-Length", "10485761"), 413, "longer than 10485760 bytes"),
    ],
)
def test_a_body_that_would_be_taken_for_none_is_refused(
    api: ApiServer, header: tuple[str, str], status: int, says: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    connection.putrequest("GET", "/name")
    connection.putheader(*header)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, says in json.load(answer)["Message"]) == (status, True)
    connection.close()


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
