"""A server on the loopback that answers to bulk requests as OpenSearch does, or as a test says."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

CREATED = {"status": 201, "result": "created"}
THERE = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "document already exists"}}


def refuse(status: int, type: str, reason: str = "as planned", **more: Any) -> dict[str, Any]:
    """Return the result of a document that was refused."""
    return {"status": status, "error": {"type": type, "reason": reason, **more}}


class Request(NamedTuple):
    """A request, its lines decoded."""

    path: str
    headers: dict[str, str]
    body: bytes
    actions: list[dict[str, str]]
    documents: list[Any]


@dataclass
class Reply:
    """An answer that a test plans: `results` by the number of the document in the request, or `status` and `body` for
    the whole. `claims` bytes are announced; with `cuts`, the documents are taken, and nothing is answered."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    body: bytes | dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    claims: int = 0
    cuts: bool = False


class OpenSearchOfTheTest:
    """What the server was asked, what it holds (by index and id), and what it will answer; then it takes everything."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.always: Callable[[Request], Reply | None] = lambda request: None
        self.requests: list[Request] = []
        self.held: dict[tuple[str, str], Any] = {}
        self.connections = 0
        self.url = ""

    def sent(self) -> list[list[Any]]:
        """Return the documents of each request."""
        return [request.documents for request in self.requests]

    def answer(self, request: Request) -> Reply:
        """Take a request. Returns what to answer."""
        self.requests.append(request)
        reply = (self.replies.pop(0) if self.replies else None) or self.always(request) or Reply()
        if reply.body is None:
            results = [self._take(number, request, reply.results) for number in range(len(request.documents))]
            errors = any(result["status"] > 201 for result in results)
            body = {"took": 1, "errors": errors, "items": [{"create": result} for result in results]}
            return replace(reply, body=body)
        return reply

    def _take(self, number: int, request: Request, planned: dict[int, dict[str, Any]]) -> dict[str, Any]:
        if number in planned:
            return planned[number]
        action = request.actions[number]
        key = action["_index"], action.get("_id", f"made-{len(self.held)}")
        if key in self.held:
            return THERE
        self.held[key] = request.documents[number]
        return CREATED


def read_lines(body: bytes) -> tuple[list[dict[str, str]], list[Any]]:
    """Return actions and documents of a bulk request."""
    assert body.endswith(b"\n")
    lines = [json.loads(line) for line in body.splitlines()]
    return [line["create"] for line in lines[::2]], lines[1::2]


@contextmanager
def serve(server: OpenSearchOfTheTest) -> Iterator[OpenSearchOfTheTest]:
    """Serve it, in threads."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        wbufsize = -1  # Head and body in one packet: else the client's system delays each answer by 40 ms.

        def setup(self) -> None:
            server.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            reply = server.answer(Request(self.path, dict(self.headers.items()), body, *read_lines(plain)))
            if reply.cuts:
                self.close_connection = True
                return
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(reply.claims or len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = bool(reply.claims)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def positions(requests: Sequence[Request]) -> list[list[int]]:
    """Return the member `n` of each document, by request."""
    return [[document["n"] for document in request.documents] for request in requests]
