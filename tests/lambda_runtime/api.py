"""The Lambda Runtime API for one process.

As in the AWS Lambda Developer Guide, "Using the Lambda runtime API":

    GET  /2018-06-01/runtime/invocation/next            blocks until there is an event
    POST /2018-06-01/runtime/invocation/{id}/response
    POST /2018-06-01/runtime/invocation/{id}/error
    POST /2018-06-01/runtime/init/error
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

BASE = "/2018-06-01/runtime"


class Invocation(NamedTuple):
    """An event on its way to the function. `deadline` is in seconds since the epoch."""

    request_id: str
    event: bytes
    deadline: float


class Ready(NamedTuple):
    """The runtime is loaded, and asks for an event."""


class Answered(NamedTuple):
    """The function returned."""

    request_id: str
    result: Any


class Failed(NamedTuple):
    """The function raised: `{"errorType", "errorMessage", "stackTrace"}`. No request_id: it could not be loaded."""

    request_id: str
    error: dict[str, Any]


class Exited(NamedTuple):
    """The process ended; `returncode` as `subprocess` gives it."""

    returncode: int


News = Ready | Answered | Failed | Exited


class RuntimeApi:
    """A server that hands out what is `offer`ed, and puts what the runtime does into `news`."""

    def __init__(self, function_arn: str) -> None:
        self.function_arn = function_arn
        self.news: SimpleQueue[News] = SimpleQueue()
        self._offered: SimpleQueue[Invocation | None] = SimpleQueue()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """For AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def offer(self, invocation: Invocation) -> None:
        """Answer the runtime's present or next request with it."""
        self._offered.put(invocation)

    def next(self) -> Invocation | None:
        """Wait for an invocation; None when the server is closed."""
        self.news.put(Ready())
        return self._offered.get()

    def close(self) -> None:
        """Stop the server, and release the runtime that waits for it."""
        self._offered.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Requests)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the broken connection of a killed process."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # An answer is two writes: without this it takes 40 ms.
    server: _Server

    def do_GET(self) -> None:
        invocation = self.server.api.next() if self.path == f"{BASE}/invocation/next" else None
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.api.function_arn,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        }
        self._answer(200, invocation.event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.path.removeprefix(BASE).split("/"):
            case ["", "invocation", request_id, "response"]:
                news: News = Answered(request_id, json.loads(body))
            case ["", "invocation", request_id, "error"]:
                news = Failed(request_id, json.loads(body))
            case ["", "init", "error"]:
                news = Failed("", json.loads(body))
            case _:
                self._answer(404, b"{}", {})
                return
        # Before the answer: after it the runtime asks for the next event, and that must not be in `news` first.
        self.server.api.news.put(news)
        self._answer(202, b'{"status": "OK"}', {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: a line for each request would drown the function's own log."""
