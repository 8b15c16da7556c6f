"""Answers of AWS, over HTTP, that are none: nothing is taken for delivered, and all of it waits."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from slips import RetryLater, aws
from slips.aws import clients
from slips.sinks import Firehose, KinesisStream, Sns, Sqs

from .aws_services import patience
from .documents import documents, failures

HTML = b"<html><body>502 Bad Gateway</body></html>"


class FaultyService(BaseHTTPRequestHandler):
    """It reads each request to its end, and answers as `answer` says."""

    answer: ClassVar[str] = ""
    requests: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.requests.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        if self.answer == "cut":
            return
        status, body, length = {
            "HTML 502": (502, HTML, len(HTML)),
            "garbage": (200, b"\x00\xff<{", 4),
            "text": (200, b"taken", 5),
            "empty": (200, b"{}", 2),
            "truncated": (200, b'{"Records": [', 4000),
        }[self.answer]
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FaultyService]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FaultyService)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(clients, "ATTEMPTS", 0)  # botocore would sleep between them.
    monkeypatch.setattr(FaultyService, "requests", [])
    aws.reset()
    yield FaultyService
    aws.reset()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("answer", ["cut", "HTML 502", "garbage", "text", "empty", "truncated"])
@pytest.mark.parametrize(
    "sink",
    [
        Firehose("audit", backoff=patience()),
        KinesisStream("audit", backoff=patience()),
        Sqs("https://sqs.eu-central-1.amazonaws.com/123456789012/audit", backoff=patience()),
        Sns("arn:aws:sns:eu-central-1:123456789012:audit", backoff=patience()),
    ],
    ids=lambda sink: sink.kind,
)
def test_an_answer_that_is_none_lets_all_of_it_wait(
    monkeypatch: pytest.MonkeyPatch, faulty: type[FaultyService], sink: Any, answer: str
) -> None:
    monkeypatch.setattr(faulty, "answer", answer)
    failed = failures(sink, documents(1, 2))
    assert {position: type(cause) for position, cause in failed.items()} == {1: RetryLater, 2: RetryLater}
    assert faulty.requests
