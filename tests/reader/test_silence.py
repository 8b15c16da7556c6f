"""A server that takes every request and says nothing, or no more."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from slips import aws
from slips.aws.retry import Deadline
from slips.config.access import S3Access
from slips.errors import OutOfTime, Unavailable
from slips.model import ObjectRef
from slips.reader import s3
from slips.reader.s3 import S3Objects

from ..error_table import Time
from ..fake_s3 import patient

REF = ObjectRef(bucket="logs", key="a", size=10)
HEAD = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: "e1"\r\n\r\n'


class SilentServer:
    """Accepts connections, sends each what `says`, and holds it."""

    def __init__(self) -> None:
        self.says = b""
        self.connections: list[socket.socket] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self._is_over = Event()
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            connection, _ = self.socket.accept()
            self.connections.append(connection)
            if self.says:
                connection.recv(65536)
                connection.sendall(self.says)

    def close(self) -> None:
        self._is_over.set()
        socket.create_connection(self.socket.getsockname()).close()
        self._thread.join()
        for each in (self.socket, *self.connections):
            each.close()


@pytest.fixture
def server(fake_credentials: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentServer]:
    server = SilentServer()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.socket.getsockname()[1]}")
    monkeypatch.setattr(s3, "SILENCES", (0.03, 0.02))
    aws.reset()
    yield server
    aws.reset()
    server.close()


@pytest.mark.parametrize("says", [b"", HEAD, HEAD + b"0123"], ids=["nothing", "headers", "some bytes"])
def test_silence_is_noticed_and_the_object_is_unavailable(server: SilentServer, says: bytes) -> None:
    server.says = says
    begun = time.monotonic()
    pauses = Time(0.0)
    with pytest.raises(Unavailable, match=r"Read timeout on endpoint URL"):
        list(S3Objects(S3Access({}), backoff=patient(pauses)).open(REF))
    assert 5 < len(server.connections) < 20
    assert pauses.now > 20
    assert time.monotonic() - begun < 10


def test_a_body_is_listened_to_for_no_longer_than_the_invocation_lasts(
    server: SilentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "SILENCES", (30.0, 0.05))
    monkeypatch.setattr(s3, "CHUNK", 4)
    server.says = HEAD + b"0123"
    begun = time.monotonic()
    end = begun + 60
    deadline = Deadline()
    with deadline.during(lambda: end - time.monotonic()):
        chunks = S3Objects(S3Access({}), deadline, patient(Time(0.0))).open(REF)
        assert next(chunks) == b"0123"
        end = time.monotonic() + 0.1
        with pytest.raises(OutOfTime):
            next(chunks)
    assert time.monotonic() - begun < 10
