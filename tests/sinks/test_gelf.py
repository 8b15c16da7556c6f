"""Graylog gets GELF 1.1: over HTTP each message is confirmed, over TCP the end of the connection says it was read."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from slips import RetryLater
from slips.engine.fault_kinds import passes_by_itself
from slips.sinks import Document, Gelf
from slips.sinks.gelf_message import MOST_VALUE_BYTES, make_message
from slips.sinks.http_answers import HttpRefused
from slips.testing import make_meta

from .documents import documents, failures
from .http_server import Destination, Reply, Request, patience


def event(body: object, **meta: Any) -> Document:
    return Document(make_meta(**{"message": "m", "timestamp": 1.5, "tag": "t", "bucket": "logs", **meta}), body)


def fields(body: object) -> dict[str, Any]:
    message = make_message(event(body), "h", 6)
    own = ("version", "host", "short_message", "timestamp", "level", "_event_id", "_tag")
    return {name: value for name, value in message.items() if name not in own}


def test_a_message_says_when_and_what(server: Destination) -> None:
    document = event({"user": "ada"}, message="ada logged in\n")
    server.usual = Reply(202)
    assert failures(Gelf(server.url, backoff=patience()), [document]) == {}
    [request] = server.requests
    assert (request.path, request.headers["Content-Encoding"]) == ("/gelf", "gzip")
    assert json.loads(request.body) == {
        "version": "1.1",
        "host": "logs",
        "short_message": "ada logged in",
        "timestamp": 1.5,
        "level": 6,
        "_event_id": document.meta.event_id,
        "_user": "ada",
        "_tag": "t",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"a": 1, "b": 1.5, "c": "x"}, {"_a": 1, "_b": 1.5, "_c": "x"}),
        ({"a": None, "b": True, "c": [1, {"d": 2}]}, {"_b": "true", "_c": '[1,{"d":2}]'}),
        ({"a": {"b": {"c": 1}, "d": 2}, "e": {}}, {"_a.b.c": 1, "_a.d": 2, "_e": "{}"}),
        ({"a": 2**63 - 1, "b": 2**63, "c": float("inf")}, {"_a": 2**63 - 1, "_b": str(2**63), "_c": "inf"}),
        ({"id": 1, "": 2, "event_id": 4624}, {"_id_": 1, "__": 2, "_event_id_": 4624}),
        ({"a b": 1, "a/b": 2, "a_b": 3, "ä-b.c": 4}, {"_a_b": 1, "_a_b_": 2, "_a_b__": 3, "__-b.c": 4}),
        ({7: "x"}, {"_7": "x"}),
        ("a line", {"full_message": "a line"}),
        ([1, 2], {"full_message": "[1,2]"}),
        ({"a": "ü" * MOST_VALUE_BYTES}, {"_a": "ü" * (MOST_VALUE_BYTES // 2)}),
    ],
)
def test_fields_are_what_gelf_takes(body: object, expected: dict[str, Any]) -> None:
    assert fields(body) == expected


def test_what_graylog_needs_is_never_empty() -> None:
    message = make_message(event({}, message=" \n"), " ", 6)
    assert (message["short_message"], message["host"]) == ("-", "-")


def test_a_tag_of_the_event_goes_before_that_of_meta() -> None:
    assert make_message(event({"tag": "own"}), "h", 6)["_tag"] == "own"


def test_fields_without_end_fail_alone(server: Destination) -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    failed = failures(Gelf(server.url, backoff=patience()), documents({"a": 1}, endless))
    assert list(failed) == [2]
    assert str(failed[2]).startswith("the document cannot be written as JSON")


def test_the_host_may_be_a_text_or_a_function(server: Destination) -> None:
    for host in ("web-1", lambda meta, body: body["host"]):
        failed = failures(Gelf(server.url, host=host, level=4, backoff=patience()), documents({"host": "web-1"}))
        assert failed == {}
    assert [json.loads(request.body)["host"] for request in server.requests] == ["web-1", "web-1"]
    failed = failures(Gelf(server.url, host=lambda meta, body: body["no"], backoff=patience()), documents({}))
    assert repr(failed[1]) == "KeyError('no')"


def test_over_http_each_message_is_confirmed(server: Destination) -> None:
    def answer(request: Request) -> Reply:
        if b'"_n":2' in request.body:
            return Reply(413)
        return Reply(400, "bad") if b'"_n":3' in request.body else Reply(202)

    server.answer = answer
    failed = failures(Gelf(server.url, backoff=patience()), documents(*({"n": n} for n in range(1, 5))))
    assert [str(cause).partition("answers ")[2] for cause in failed.values()] == [
        "413: Request Entity Too Large; raise max_chunk_size of the GELF HTTP input",
        "400: bad",
    ]
    assert len(server.requests) == 4
    assert server.connections == 1


def test_over_http_the_rest_waits_where_graylog_takes_nothing(server: Destination) -> None:
    server.replies = [Reply(202)] + [Reply(503)] * 2
    failed = failures(Gelf(server.url, backoff=patience()), documents(1, 2, 3))
    assert {position: type(cause) for position, cause in failed.items()} == dict.fromkeys((2, 3), RetryLater)


class Input:
    """A GELF TCP input: reads messages to the end, then ends the connection itself. `resets` breaks it off instead,
    `ends` ends it after the first bytes, and `stalls` neither reads nor ends it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.tls = tls
        self.batches: list[list[bytes]] = []
        self.resets = self.stalls = self.ends = False
        self.is_closing = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with suppress(OSError), connection:
                    self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        if self.ends:
            connection.recv(65536)
        elif self.stalls:
            self.is_closing.wait(30)
        elif self.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.tls:
            # Without the client's close_notify, reading raises.
            with self.tls.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as wrapped:
                self.read(wrapped)
                wrapped.unwrap()
        else:
            self.read(connection)

    def read(self, connection: socket.socket) -> None:
        data = b""
        while part := connection.recv(65536):
            data += part
        *messages, rest = data.split(b"\0")
        assert rest == b"", "each message ends in a zero byte"
        self.batches.append(messages)

    def close(self) -> None:
        self.is_closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


@pytest.fixture
def tcp() -> Iterator[Input]:
    gelf = Input()
    yield gelf
    gelf.close()


@pytest.fixture
def tls_tcp(tls: ssl.SSLContext) -> Iterator[Input]:
    gelf = Input(tls)
    yield gelf
    gelf.close()


def test_over_tcp_messages_end_in_a_zero_byte(tcp: Input) -> None:
    sink = Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}")
    assert failures(sink, documents({"a": "x\0y"}, {"b": 2})) == {}
    assert failures(sink, documents({"c": 3})) == {}
    first, second = tcp.batches
    assert [json.loads(message).get("_a") for message in first] == ["x\0y", None]
    assert [json.loads(message)["_c"] for message in second] == [3]
    assert sink.destination == f"127.0.0.1:{tcp.port}"
    assert sink.statements() == ()


def test_over_tcp_a_message_that_is_too_large_fails_alone(tcp: Input) -> None:
    sink = Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}", most_bytes=1000, host=lambda meta, body: body["host"])
    failed = failures(sink, documents({"host": "h", "a": "x" * 1000}, {"host": "h"}, {}))
    assert sorted(failed) == [1, 3]
    assert str(failed[1]).endswith("and the destination takes 1,000")
    assert repr(failed[3]) == "KeyError('host')"
    assert [len(batch) for batch in tcp.batches] == [1]


def test_over_tcp_nothing_is_sent_of_a_batch_that_failed(tcp: Input) -> None:
    assert failures(Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}", most_bytes=1), documents(1)).keys() == {1}
    assert tcp.batches == []


def test_over_tls_a_certificate_of_ones_own_is_trusted_where_it_is_named(tls_tcp: Input, certificate: Path) -> None:
    url = f"gelf+tls://127.0.0.1:{tls_tcp.port}"
    assert failures(Gelf(url, ca_file=str(certificate)), documents(1, 2)) == {}
    assert [len(batch) for batch in tls_tcp.batches] == [2]
    with pytest.raises(HttpRefused, match="is not trusted"):
        Gelf(url).send(documents(1))


@pytest.mark.parametrize("how", ["resets", "ends"])
def test_over_tls_a_handshake_that_is_broken_off_waits(tcp: Input, how: str) -> None:
    setattr(tcp, how, True)
    with pytest.raises(ConnectionError) as caught:
        Gelf(f"gelf+tls://127.0.0.1:{tcp.port}").send(documents(1))
    assert passes_by_itself(caught.value)


def test_a_connection_that_is_broken_off_waits(tcp: Input) -> None:
    tcp.resets = True
    with pytest.raises(ConnectionError, match=rf"^127\.0\.0\.1:{tcp.port} cannot be reached, or broke") as caught:
        Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}").send(documents("x" * 100_000))
    assert passes_by_itself(caught.value)


def test_who_does_not_read_to_the_end_waits(tcp: Input) -> None:
    tcp.stalls = True
    sink = Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}", answer_seconds=0.05, connect_seconds=20)
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"in 0\.05 seconds; .*use waits_for_close=False$"):
        sink.send(documents(1))
    assert time.monotonic() - begun < 15


def test_without_waiting_a_batch_counts_when_it_is_sent(tcp: Input) -> None:
    tcp.stalls = True
    sink = Gelf(f"gelf+tcp://127.0.0.1:{tcp.port}", answer_seconds=0.05, waits_for_close=False)
    assert failures(sink, documents(1)) == {}


def test_an_input_that_does_not_listen_waits() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionError, match="refused"):
            Gelf(f"gelf+tcp://127.0.0.1:{nobody.getsockname()[1]}").send(documents(1))


def test_an_input_that_cannot_be_reached_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        assert (address, timeout) == (("graylog", 12201), 3)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(ConnectionError, match=r"^graylog:12201 cannot be reached, .*: no connection in 3 seconds$"):
        Gelf("gelf+tcp://graylog", connect_seconds=3).send(documents(1))


@pytest.mark.parametrize("url", ["gelf+tcp://graylog", "https://graylog"])
def test_batches_are_as_large_and_as_many_as_is_said(url: str) -> None:
    sink = Gelf(url, size=7, concurrency=3)
    assert (sink.size, sink.concurrency) == (7, 3)
    assert Gelf(url).concurrency == (4 if "tcp" in url else 8)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"url": "graylog:12201"}, "a URL is written as https://host/path"),
        ({"url": "gelf+udp://graylog:12201"}, "a URL is written as https://host/path"),
        ({"url": "gelf+tcp://"}, r"^a URL of GELF over TCP is gelf\+tcp://host:12201 or gelf\+tls://host:12201$"),
        ({"url": "gelf+tcp://graylog/gelf"}, r"^a URL of GELF over TCP is gelf\+tcp://host:12201"),
        ({"url": "gelf+tcp://graylog:port"}, "a host or a port that is not valid"),
        ({"url": "gelf+tcp://graylog", "headers": {"a": "b"}}, "headers and gzip are for GELF over HTTP"),
        ({"url": "gelf+tcp://graylog", "gzip": True}, "headers and gzip are for GELF over HTTP"),
        ({"url": "gelf+tls://graylog", "ca_file": "no.pem"}, "ca_file names a file of PEM certificates"),
        ({"level": 8}, "level is a level of syslog"),
    ],
)
def test_arguments_are_checked_at_once(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Gelf(**{"url": "https://graylog", **arguments})


def test_the_usual_port_is_that_of_gelf() -> None:
    assert Gelf("gelf+tcp://graylog").destination == "graylog:12201"
    assert Gelf("gelf+tcp://graylog", name="lab").destination == "lab"
