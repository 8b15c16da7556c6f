"""A proxy on the loopback between the functions and the emulated AWS. It injects faults.

The seed, the operation and the number of earlier requests for it decide what happens to a request, so that a run can be
repeated, whatever the threads do.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from .storms import Outage

Amend = Callable[[dict[str, Any]], dict[str, Any]] | None

THROTTLED = {
    "": b'{"__type":"ProvisionedThroughputExceededException","message":"as planned"}',
    "ssm": b'{"__type":"ThrottlingException","message":"as planned"}',
}
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
SERVICES = {"Kinesis_20131202": "kinesis", "DynamoDB_20120810": "dynamodb", "AmazonSSM": "ssm", "": "s3"}
SILENCE = 60.0
"""Seconds for which it says nothing at most; clients give up before."""
KINDS: dict[str, tuple[str, ...]] = {
    "s3": ("500", "503", "reset", "lost", "delay"),
    "PutRecords": ("500", "throttled", "partial", "partial", "lost", "delay"),
    "BatchWriteItem": ("500", "throttled", "partial", "lost", "delay"),
    "BatchExecuteStatement": ("500", "throttled", "partial", "lost", "delay"),
    "": ("500", "throttled", "lost", "delay"),
}


class FaultProxy:
    """A proxy in front of `upstream`. A share of the requests fails, and `tables` is the share of DynamoDB's that are
    throttled; `down` is as in a Plan."""

    def __init__(
        self, upstream: str, seed: int, share: float, down: tuple[str, int], outages: Sequence[Outage] = (),
        tables: float = 0.0,
    ) -> None:  # fmt: skip
        self.share = share
        self.tables = tables
        self.outages = outages
        self.down, self.refusals = down
        self.injected: Counter[str] = Counter()
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._puts = threading.Lock()
        self._upstream = urlsplit(upstream).netloc
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def heal(self) -> None:
        """Inject no more faults."""
        self.share, self.tables, self.refusals, self.outages = 0.0, 0.0, 0, ()

    def fault(self, service: str, operation: str) -> str:
        """Return the fault to inject into this request; empty for none."""
        with self._lock:
            self._asked[operation] += 1
            number = self._asked[operation]
            dice = random.Random(f"{self._seed} {operation} {number}")
            kind = ""
            of_outages = [
                outage.kind
                for outage in self.outages
                if outage.operation == operation and outage.first <= number <= outage.last
            ]
            if of_outages:
                kind = of_outages[0]
            elif service == self.down and self.refusals > 0:
                self.refusals -= 1
                kind = "500"
            elif dice.random() < self.share:
                kind = dice.choice(KINDS.get(operation) or KINDS[service if service == "s3" else ""])
            elif service == "dynamodb" and dice.random() < self.tables:
                kind = "throttled"
            if kind:
                self.injected[f"{service} {kind}"] += 1
            return kind

    def forward(
        self, operation: str, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Any, bytes]:
        """Return what the emulated AWS answers: status, headers, body."""
        # Of two requests at once, the emulator would number records alike, and keep one.
        with self._puts if operation == "PutRecords" else nullcontext():
            return self._forward(method, path, headers, body)

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the broken connections of a killed function."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def _handle(self) -> None:
        proxy = self.server.proxy
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # Of a function that was killed meanwhile.
            self.close_connection = True
            return
        target = self.headers.get("X-Amz-Target", "")
        service = SERVICES[target.partition(".")[0]]
        operation = target.rpartition(".")[2] or f"s3 {self.command}"
        kind = proxy.fault(service, operation)
        if kind == "delay":
            time.sleep(0.03)
        elif kind in ("500", "503"):
            self._answer(int(kind), {}, b"" if service == "s3" else b'{"__type":"InternalFailure"}')
            return
        elif kind == "slowdown":
            self._answer(503, {}, SLOW_DOWN)
            return
        elif kind == "silent":
            self._be_silent()
            return
        elif kind == "throttled":
            self._answer(400, {}, THROTTLED.get(service, THROTTLED[""]))
            return
        amend: Amend = None
        if kind == "partial":
            body, amend = _partial(operation, json.loads(body))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        headers["Content-Length"] = str(len(body))
        status, response_headers, content = proxy.forward(operation, self.command, self.path, headers, body)
        if kind == "lost":  # The request took effect, but its answer is lost.
            self._reset()
            return
        if amend is not None and status == 200:
            content = json.dumps(amend(json.loads(content))).encode()
        if kind == "reset" and self.command == "GET" and len(content) > 1:
            self._answer(status, dict(response_headers.items()), content, cut=len(content) // 2)
            return
        if kind == "stuck" and len(content) > 1:
            self._answer(status, dict(response_headers.items()), content, cut=len(content) // 2, is_silent=True)
            return
        self._answer(status, dict(response_headers.items()), content)

    def _answer(
        self, status: int, headers: dict[str, str], content: bytes, cut: int | None = None, *, is_silent: bool = False
    ) -> None:
        self.send_response(status)
        dropped = ("content-length", "transfer-encoding", "connection", "date", "server")
        for name, value in headers.items():
            if name.lower() not in dropped:
                self.send_header(name, value)
        length = headers.get("Content-Length", str(len(content))) if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if cut is None else content[:cut])
        if is_silent:
            self.wfile.flush()
            self._be_silent()
        elif cut is not None:
            self._reset()

    def _be_silent(self) -> None:
        """Say nothing until the client gives up."""
        self.connection.settimeout(SILENCE)
        with suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def _reset(self) -> None:
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line for each request."""


def _partial(operation: str, request: dict[str, Any]) -> tuple[bytes, Amend]:
    """Return the request without every other entry, and a function that puts the refusals into its answer."""
    if operation == "PutRecords":
        entries_sent = request["Records"][1::2] or request["Records"]
        refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "as planned"}
        count = len(request["Records"])
        request["Records"] = entries_sent

        def refuse(answer: dict[str, Any]) -> dict[str, Any]:
            accepted = iter(answer["Records"])
            if len(entries_sent) == count:
                return answer
            records = [refused if at % 2 == 0 else next(accepted) for at in range(count)]
            return {**answer, "Records": records, "FailedRecordCount": count - len(entries_sent)}

        return json.dumps(request).encode(), refuse
    if operation == "BatchExecuteStatement":
        return _partial_statements(request)
    [(table, entries)] = request["RequestItems"].items()
    request["RequestItems"] = {table: entries[1::2] or entries}
    unprocessed = entries[::2] if entries[1::2] else []
    return json.dumps(request).encode(), lambda answer: {
        **answer,
        "UnprocessedItems": {table: unprocessed} if unprocessed else {},
    }


def _partial_statements(request: dict[str, Any]) -> tuple[bytes, Amend]:
    statements = request["Statements"]
    request["Statements"] = statements[1::2] or statements
    refused = {"Error": {"Code": "ThrottlingError", "Message": "as planned"}}

    def refuse(answer: dict[str, Any]) -> dict[str, Any]:
        taken = iter(answer["Responses"])
        return {**answer, "Responses": [refused if at % 2 == 0 else next(taken) for at in range(len(statements))]}

    return json.dumps(request).encode(), refuse if statements[1:] else None
