"""A batch is a request, an answer confirms it, and what is refused costs those documents alone that it is about."""

from __future__ import annotations

import json
import logging
import re
import socket
from contextlib import suppress
from typing import Any

import pytest

from slips import RetryLater
from slips.engine.fault_kinds import passes_by_itself, says_unauthorized
from slips.sinks import Http
from slips.sinks.http_answers import HttpRefused

from ..error_table import NOW, Time
from .documents import documents, failures
from .http_server import CUT, HTML_502, Destination, Reply, Request, patience


def make_sink(server: Destination, path: str = "/in", **options: Any) -> Http:
    return Http(server.url + path, **{"backoff": patience(), "now": Time(), **options})


def texts(failed: dict[int, BaseException]) -> dict[int, str]:
    return {position: str(cause) for position, cause in failed.items()}


def test_a_batch_is_lines_of_json(server: Destination) -> None:
    assert failures(make_sink(server), documents({"a": 1}, {"b": "ü\n"})) == {}
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/in", '{"a":1}\n{"b":"ü\\n"}\n'.encode())
    assert (request.headers["Content-Type"], request.headers["Content-Encoding"]) == ("application/x-ndjson", "gzip")


def test_a_batch_is_an_array_of_json(server: Destination) -> None:
    sink = make_sink(server, body="json", gzip=False, method="PUT", headers={"X-Team": "red"})
    assert failures(sink, documents({"a": 1}, 2)) == {}
    [request] = server.requests
    assert (request.method, request.raw) == ("PUT", b'[{"a":1},2]')
    assert (request.headers["Content-Type"], request.headers["X-Team"]) == ("application/json", "red")
    assert "Content-Encoding" not in request.headers


def test_the_id_of_an_event_goes_into_its_document(server: Destination) -> None:
    batch = documents({"a": 1}, "text")
    assert failures(make_sink(server, id_field="_id"), batch) == {}
    assert server.lines == [
        [json.dumps({"a": 1, "_id": batch[0].meta.event_id}, separators=(",", ":")).encode(), b'"text"']
    ]
    assert batch[0].body == {"a": 1}, "the event is not the sink's to change"


def test_a_connection_serves_many_batches(server: Destination) -> None:
    sink = make_sink(server)
    for _ in range(3):
        assert failures(sink, documents(1)) == {}
    assert (len(server.requests), server.connections) == (3, 1)


def test_requests_are_within_the_limits(server: Destination) -> None:
    sink = make_sink(server, size=3, most_bytes=20, body="json")
    assert failures(sink, documents(*["x" * 6] * 4, *range(7))) == {}
    bodies = [json.loads(request.body) for request in server.requests]
    assert [len(body) for body in bodies] == [2, 2, 3, 3, 1]
    assert max(len(request.body) for request in server.requests) == 19


def test_a_document_that_is_too_large_fails_and_its_neighbours_go(server: Destination) -> None:
    sink = make_sink(server, most_bytes=10)
    assert texts(failures(sink, documents(1, "x" * 9, 3))) == {
        2: "the document has 11 bytes, and the destination takes 10"
    }
    assert server.lines == [[b"1", b"3"]]


def test_a_document_that_json_cannot_hold_fails_alone(server: Destination) -> None:
    [(position, cause)] = failures(make_sink(server), documents(1, "\ud800")).items()
    assert (position, str(cause)[:40]) == (2, "the document cannot be written as JSON: ")


@pytest.mark.parametrize("status", [408, 425, 500, 502, 504, 520])
def test_a_hiccup_is_sent_again(server: Destination, status: int) -> None:
    server.replies = [Reply(status), Reply(status), Reply(200)]
    assert failures(make_sink(server), documents(1, 2)) == {}
    assert server.lines == [[b"1", b"2"]] * 3


def test_a_hiccup_that_stays_waits(server: Destination) -> None:
    server.usual = HTML_502
    with pytest.raises(RetryLater, match=r"^127\.0\.0\.1:\d+ answers 502: 502 Bad Gateway$"):
        make_sink(server).send(documents(1, 2))
    assert 5 < len(server.requests) < 20


@pytest.mark.parametrize(
    ("status", "header", "after"),
    [
        (429, "7", 7.0),
        (503, "120", 120.0),
        (503, "Sun, 01 Feb 2026 00:01:30 GMT", 90.0),
        (503, "Sat, 31 Jan 2026 00:00:00 GMT", 0.0),
        (429, "999999999999999", 12 * 3600.0),
        (429, "-3", None),
        (429, "soon", None),
        (429, "²", None),
        (429, None, None),
    ],
)
def test_who_takes_nothing_now_says_when_to_come_again(
    server: Destination, status: int, header: str | None, after: float | None
) -> None:
    assert NOW == 1769904000.0, "Sun, 01 Feb 2026 00:00:00 GMT"
    server.usual = Reply(status, '{"error": "slow down"}', {"Retry-After": header} if header else {})
    with pytest.raises(RetryLater, match=f'answers {status}: {{"error": "slow down"}}') as caught:
        make_sink(server).send(documents(1))
    assert caught.value.after == after
    assert len(server.requests) == 1


@pytest.mark.parametrize("last", [CUT, Reply(200, "{", length=100)], ids=["no answer", "half an answer"])
def test_a_connection_that_is_cut_after_the_request_is_a_hiccup(server: Destination, last: Reply) -> None:
    server.replies = [last, last]
    assert failures(make_sink(server), documents(1)) == {}
    assert len(server.requests) == 3


def test_a_connection_that_is_always_cut_waits(server: Destination) -> None:
    server.usual = CUT
    with pytest.raises(ConnectionError, match=r"^127\.0\.0\.1:\d+ broke the connection: ") as caught:
        make_sink(server).send(documents(1))
    assert passes_by_itself(caught.value)


def test_a_destination_that_does_not_listen_waits() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sink = Http(f"http://127.0.0.1:{nobody.getsockname()[1]}/T0/B0/xyzzy-12345", backoff=patience())
        with pytest.raises(ConnectionError, match=r"cannot be reached: .*refused") as caught:
            sink.send(documents(1))
    assert passes_by_itself(caught.value)
    assert "xyzzy" not in str(caught.value)


def test_a_destination_that_does_not_answer_waits() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        sink = Http(f"http://127.0.0.1:{port}/", answer_seconds=0.05, backoff=patience(0))
        with pytest.raises(TimeoutError, match=f"^127.0.0.1:{port} has not answered in 0.05 seconds$") as caught:
            sink.send(documents(1))
    assert passes_by_itself(caught.value)


def test_what_speaks_no_http_waits(server: Destination) -> None:
    server.usual = Reply(cuts=b"220 mail.example.com ESMTP\r\n")
    with pytest.raises(ConnectionError, match=r"broke the connection: .*ESMTP"):
        make_sink(server).send(documents(1))


def test_a_long_answer_costs_the_connection_and_no_more(server: Destination) -> None:
    server.usual = Reply(200, "x" * 1_000_000)
    sink = make_sink(server)
    assert failures(sink, documents(1)) == failures(sink, documents(2)) == {}
    assert server.connections == 2


def test_a_request_that_is_too_large_is_split(server: Destination) -> None:
    server.answer = lambda request: Reply(413, "too large") if len(request.lines) > 2 or b"9" in request.body else None
    failed = failures(make_sink(server), documents(1, 2, 3, 9, 5))
    assert list(failed) == [4]
    assert str(failed[4]).endswith("answers 413: too large")
    assert [lines for lines in server.lines if len(lines) < 3 and b"9" not in lines] == [[b"1", b"2"], [b"3"], [b"5"]]


@pytest.mark.parametrize("status", [400, 422])
def test_a_document_that_is_refused_fails_with_the_reason(server: Destination, status: int) -> None:
    server.usual = Reply(status, "no\tsuch   field")
    failed = failures(make_sink(server), documents(1))
    assert list(failed) == [1]
    assert str(failed[1]).endswith(f"answers {status}: no such field")
    assert not passes_by_itself(failed[1])


def test_the_halves_of_a_batch_that_is_refused_are_left_to_the_outbox(server: Destination) -> None:
    server.usual = Reply(400, "bad")
    with pytest.raises(HttpRefused, match=r"answers 400: bad$"):
        make_sink(server).send(documents(1, 2))
    assert len(server.requests) == 1


def test_what_was_taken_is_not_sent_again_where_a_later_request_is_refused(server: Destination) -> None:
    server.answer = lambda request: Reply(400, "bad") if b"9" in request.body else None
    failed = failures(make_sink(server, size=2), documents(1, 2, 9, 4))
    assert list(failed) == [3]
    assert server.lines == [[b"1", b"2"], [b"9", b"4"], [b"9"], [b"4"]]


@pytest.mark.parametrize("reply", [Reply(429, "slow"), Reply(401, "who?"), CUT])
def test_what_was_taken_is_not_sent_again_where_a_later_request_fails(server: Destination, reply: Reply) -> None:
    server.replies = [Reply(200)] + [reply] * 50
    failed = failures(make_sink(server, size=2), documents(1, 2, 3, 4, 5))
    assert sorted(failed) == [3, 4, 5]
    assert {passes_by_itself(cause) for cause in failed.values()} == {reply.status != 401}
    assert {tuple(lines) for lines in server.lines[1:]} == {(b"3", b"4")}, "and what comes after it is not tried"


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(401, "who?"), "answers 401: who?; check the credentials of the sink"),
        (Reply(403), "answers 403: Forbidden; check the credentials of the sink, and what they are allowed to do"),
        (Reply(404, "<h1>Nothing\nhere</h1>"), "answers 404: Nothing here; check the URL of the sink"),
        (Reply(415), "answers 415: Unsupported Media Type; it does not take this kind of body; check `body`, and try"),
        (Reply(501, "no"), "answers 501: no"),
        (Reply(599), "answers 599: nothing"),
        (
            Reply(302, "", {"Location": "https://user:pw@other.example.com/login?token=1"}),
            "answers 302, a redirect to other.example.com, and a sink follows none; give it the URL that",
        ),
        (Reply(301, "", {"Location": "/in/"}), "answers 301, a redirect to another path, and a sink follows none"),
    ],
)  # fmt: skip
def test_what_somebody_has_to_change_is_said_in_a_sentence(server: Destination, reply: Reply, text: str) -> None:
    server.usual = reply
    with pytest.raises(HttpRefused if reply.status < 599 else RetryLater) as caught:
        make_sink(server).send(documents(1, 2))
    assert text in str(caught.value)
    assert "pw@" not in str(caught.value)
    assert says_unauthorized(caught.value) == (reply.status in (401, 403))


def test_an_answer_of_many_words_is_shortened(server: Destination) -> None:
    server.usual = Reply(400, "word " * 10_000)
    assert len(str(failures(make_sink(server), documents(1))[1])) < 400


def test_no_secret_is_in_an_error(server: Destination, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")  # `slips run`, in an earlier test, makes it silent.
    server.answer = lambda request: Reply(400, f"POST {request.path} by {request.headers['Authorization']} failed")
    sink = make_sink(server, "/services/T00/xyzzy-12345", headers={"Authorization": "Bearer plugh-67890"})
    text = str(failures(sink, documents(1))[1])
    assert "by Bearer «secret» failed" in text
    for shown in (text, repr(sink), sink.destination, sink.kind, caplog.text):
        assert "xyzzy" not in shown
        assert "plugh" not in shown
    assert '"POST «secret» HTTP/1.1" 400' in caplog.text


def test_headers_and_urls_may_be_references(server: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {"ssm:/url": f"{server.url}/in\n", "secretsmanager:in#token": " s3cret \n"}
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda value: stored.get(value, value))
    sink = Http("ssm:/url", headers={"Authorization": "Bearer secretsmanager:in#token"}, backoff=patience())
    assert failures(sink, documents(1)) == {}
    [request] = server.requests
    assert (request.path, request.headers["Authorization"]) == ("/in", "Bearer s3cret")
    assert sink.destination == "ssm:/url"
    assert [statement["Action"] for statement in sink.statements()] == [
        ["ssm:GetParameter"],
        ["secretsmanager:GetSecretValue"],
    ]


@pytest.mark.parametrize("value", ["two\nlines", "ſ"])
def test_a_secret_that_cannot_be_in_a_header_is_a_sentence(
    server: Destination, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda text: value if text == "ssm:/t" else text)
    with pytest.raises(HttpRefused, match=r"cannot be used: the header X-Key needs a text in one line$"):
        make_sink(server, headers={"X-Key": "ssm:/t"}).send(documents(1))


@pytest.mark.parametrize("is_rotated", [True, False])
def test_credentials_that_are_refused_are_fetched_again(
    server: Destination, monkeypatch: pytest.MonkeyPatch, is_rotated: bool
) -> None:
    tokens = {"ssm:/t": "old"}
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda value: tokens.get(value, value))
    new = "new" if is_rotated else "old"
    monkeypatch.setattr("slips.sinks.secrets.expire", lambda reference: tokens.update({reference: new}))

    def answer(request: Request) -> Reply:
        return Reply(200 if request.headers["X-Key"] == "new" else 403)

    server.answer = answer
    sink = make_sink(server, headers={"X-Key": "ssm:/t"})
    if is_rotated:
        sink.send(documents(1))
    else:
        with pytest.raises(HttpRefused):
            sink.send(documents(1))
    assert len(server.requests) == (2 if is_rotated else 1), "the same token is not tried twice"


@pytest.mark.parametrize("status", [200, 400, 404])
def test_credentials_that_are_not_refused_stay(
    server: Destination, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    expired: list[str] = []
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda value: value.removeprefix("ssm:"))
    monkeypatch.setattr("slips.sinks.secrets.expire", expired.append)
    server.usual = Reply(status)
    with suppress(HttpRefused):
        failures(make_sink(server, headers={"X-Key": "ssm:token"}), documents(1))
    assert (expired, len(server.requests)) == ([], 1)


def test_a_url_that_is_not_one_is_a_sentence_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda value: "hooks.example.com/xyzzy" if value else "")
    with pytest.raises(HttpRefused, match=r"^a secret of the sink ssm:/url cannot be used: a URL is written") as caught:
        Http("ssm:/url", backoff=patience()).send(documents(1))
    assert "xyzzy" not in str(caught.value)


def test_batches_are_as_many_as_is_said() -> None:
    assert Http("https://host", concurrency="adaptive", size=7).concurrency == "adaptive"
    assert (Http("https://host").concurrency, Http("https://host", size=7).size) == (4, 7)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"url": "logs.example.com"}, "a URL is written as https://host/path, or http://"),
        ({"url": "ftp://logs.example.com"}, "a URL is written as https://host/path, or http://"),
        ({"url": "https://:80/"}, "a URL is written as https://host/path, or http://"),
        ({"url": "https://host:port/"}, "a host or a port that is not valid"),
        ({"url": "https://[::1/"}, "a host or a port that is not valid"),
        ({"url": "https://host/a b"}, "without white space"),
        ({"url": "https://host/\r\nX: y"}, "without white space"),
        ({"url": "https://user:hunter2@host/"}, "in the header Authorization"),
        ({"url": "https://host/#part"}, "without #"),
        ({"body": "xml"}, 'body is "ndjson" or "json", not \'xml\''),
        ({"method": "GET"}, "method is one of POST, PUT, PATCH, not 'GET'"),
        ({"headers": {"a b": "c"}}, "a header has a name such as X-Api-Key, not 'a b'"),
        ({"headers": {"a": "c\r\nd: e"}}, "the header a needs a text in one line"),
        ({"headers": {"a": 7}}, "the header a needs a text in one line"),
        ({"size": 0}, "size is a number from 1 on, not 0"),
        ({"most_bytes": True}, "most_bytes is a number from 1 on, not True"),
        ({"connect_seconds": 0}, "numbers of seconds from 0 to 900, not 0"),
        ({"answer_seconds": None}, "numbers of seconds from 0 to 900, not None"),
        ({"ca_file": "no/such.pem"}, "ca_file names a file of PEM certificates, and 'no/such.pem' is not a file"),
    ],
)
def test_arguments_are_checked_at_once(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        Http(**{"url": "https://host/", **arguments})
    assert "hunter2" not in str(caught.value)
