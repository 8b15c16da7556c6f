"""A destination on the loopback that answers as a test says, and keeps what it was sent."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, TypeVar

from slips.aws.retry import Backoff

from ..error_table import Time


class Reply(NamedTuple):
    """What the server answers. `length` is what Content-Length says; `cuts` closes the connection at
    once, after these bytes."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = {}
    length: int | None = None
    cuts: bytes | None = None


CUT = Reply(cuts=b"")
HTML_502 = Reply(
    502,
    "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>",
    {"Content-Type": "text/html"},
)


class Request(NamedTuple):
    """What the server was sent; `body` is inflated, `raw` is not."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def lines(self) -> list[bytes]:
        """The lines of its body."""
        return self.body.splitlines()


class Destination(ThreadingHTTPServer):
    """Answers in turn what `replies` holds, then `usual`. `answer` decides by the request instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.usual = Reply()
        self.answer: Callable[[Request], Reply | None] = lambda request: None
        self.connections = 0
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        """Count connections."""
        self.connections += 1
        return super().get_request()

    def reply_to(self, request: Request) -> Reply:
        """Take a request, and choose its answer."""
        with self.lock:
            self.requests.append(request)
            return self.answer(request) or (self.replies.pop(0) if self.replies else self.usual)

    def handle_error(self, request: object, client_address: object) -> None:
        """Write nothing where a client goes away."""

    @property
    def lines(self) -> list[list[bytes]]:
        """The lines of each request."""
        return [request.lines for request in self.requests]


AnyDestination = TypeVar("AnyDestination", bound=Destination)


class _Handler(BaseHTTPRequestHandler):
    server: Destination
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Head and body in one packet: else the client's system delays each answer by 40 ms.

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.decompress(raw) if self.headers["Content-Encoding"] == "gzip" else raw
        reply = self.server.reply_to(Request(self.command, self.path, dict(self.headers), body, raw))
        if reply.cuts is not None:
            self.wfile.write(reply.cuts)
            self.close_connection = True
            return
        data = reply.body.encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if reply.length is None else reply.length))
        self.end_headers()
        self.wfile.write(data)
        if reply.length is not None:
            self.close_connection = True

    do_PUT = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Write no line for each request."""


@contextmanager
def serve(server: AnyDestination, tls: ssl.SSLContext | None = None) -> Iterator[AnyDestination]:
    """Run a destination."""
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.url = server.url.replace("http://", "https://")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def patience(seconds: float = 10.0, time: Time | None = None) -> Backoff:
    """Patience that takes no time."""
    time = time or Time()
    return Backoff(patience=seconds, first=0.2, sleep=time.sleep, clock=time)
