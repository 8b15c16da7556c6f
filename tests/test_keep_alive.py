"""The server of the emulated AWS answers each request of a connection, and takes none that is cut off."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

from .keep_alive import KeepAliveHandler


@contextmanager
def serve(taken: list[bytes]) -> Iterator[int]:
    """Serve what keeps the bodies and returns them; the value is the port."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        taken.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [taken[-1]]

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAliveHandler)
    server.log = lambda *_: None  # type: ignore[assignment,method-assign]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


def test_a_connection_stays_open_whatever_a_request_sends() -> None:
    taken: list[bytes] = []
    with serve(taken) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.connect()
        opened = connection.sock
        for body in (b"first", None, iter([b"in ", b"parts"]), b"last"):
            connection.request("PUT", "/", body=body)
            assert connection.getresponse().read() == taken[-1]
            assert connection.sock is opened
        connection.close()
    assert taken == [b"first", b"", b"in parts", b"last"]


def test_a_request_that_is_cut_off_is_not_taken() -> None:
    taken: list[bytes] = []
    with serve(taken) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert taken == []
