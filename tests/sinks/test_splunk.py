"""An HTTP Event Collector answers with codes: what is of an event fails it, what is of the token is a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips import RetryLater
from slips.sinks import Document, SplunkHec
from slips.sinks.http_answers import HttpRefused
from slips.sinks.splunk import MOST_BYTES
from slips.testing import make_meta

from .documents import documents, failures
from .http_server import Destination, Reply, patience


def says(status: int, code: int, text: str, **more: Any) -> Reply:
    return Reply(status, json.dumps({"text": text, "code": code, **more}))


SUCCESS = says(200, 0, "Success")


@pytest.fixture
def sink(server: Destination) -> SplunkHec:
    server.usual = SUCCESS
    return SplunkHec(server.url, token="t-1234", index="audit", sourcetype="aws", backoff=patience())


def decode_all(text: str) -> list[Any]:
    """Events stand one behind the other."""
    events, at = [], 0
    while at < len(text):
        event, at = json.JSONDecoder().raw_decode(text, at)
        events.append(event)
    return events


def test_events_are_sent_one_behind_the_other(server: Destination, sink: SplunkHec) -> None:
    meta = make_meta(timestamp=1.5, bucket="logs", key="a/b.gz")
    batch = [Document(meta, {"a": 1}), *documents("text")]
    assert failures(sink, batch) == {}
    [request] = server.requests
    assert (request.path, request.headers["Authorization"]) == ("/services/collector/event", "Splunk t-1234")
    first, second = decode_all(request.body.decode())
    assert first == {
        "time": 1.5,
        "source": "s3://logs/a/b.gz",
        "index": "audit",
        "sourcetype": "aws",
        "event": {"a": 1},
        "fields": {"event_id": meta.event_id},
    }
    assert second["event"] == "text"


def test_what_is_not_said_is_left_to_the_token(server: Destination) -> None:
    server.usual = SUCCESS
    sink = SplunkHec(f"{server.url}/proxy/hec", token="t-1234", backoff=patience())
    assert failures(sink, documents(1)) == {}
    [request] = server.requests
    assert request.path == "/proxy/hec"
    assert json.loads(request.body).keys() == {"time", "source", "event", "fields"}


def test_a_server_that_is_busy_is_asked_later(server: Destination, sink: SplunkHec) -> None:
    server.usual = says(503, 9, "Server is busy")
    with pytest.raises(RetryLater, match=r'answers 503: {"text": "Server is busy", "code": 9}'):
        sink.send(documents(1, 2))
    assert len(server.requests) == 1


def test_an_event_that_is_refused_fails_with_the_reason(server: Destination, sink: SplunkHec) -> None:
    server.usual = says(400, 13, "Event field cannot be blank", **{"invalid-event-number": 0})
    assert "Event field cannot be blank" in str(failures(sink, documents(""))[1])
    with pytest.raises(HttpRefused, match="cannot be blank"):
        sink.send(documents("", 2))


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (says(400, 7, "Incorrect index"), "allow the index to the token, or name another one with index="),
        (says(400, 10, "Data channel is missing"), "turn indexer acknowledgment off for the token"),
        (says(403, 4, "Invalid token"), "check the token of the HTTP Event Collector"),
        (says(403, 1, "Token disabled"), "and that it is enabled"),
        (Reply(404, "not found"), "check the URL: the collector answers at"),
        (Reply(200, "<title>Splunk login</title>"), "but not as an HTTP Event Collector does; check the URL"),
        (Reply(200, "[]"), "but not as an HTTP Event Collector does; check the URL"),
        (Reply(200, '{"text": "Succ'), "but not as an HTTP Event Collector does; check the URL"),
    ],
)
def test_what_is_not_of_an_event_is_said_for_all(
    server: Destination, sink: SplunkHec, reply: Reply, advice: str
) -> None:
    server.usual = reply
    with pytest.raises(HttpRefused) as caught:
        sink.send(documents(1))
    assert advice in str(caught.value)
    assert "t-1234" not in str(caught.value)


def test_a_time_that_cannot_be_read_gives_way_to_that_of_the_object(server: Destination, sink: SplunkHec) -> None:
    broken = Document(make_meta({"eventTime": "soon"}, format="cloudtrail", position=7), 1)
    assert failures(sink, [broken, *documents(2)]) == {}
    assert len(server.requests) == 1


def test_requests_are_within_the_limit(server: Destination, sink: SplunkHec) -> None:
    assert failures(sink, documents(*["x" * 400_000] * 5, "x" * MOST_BYTES)).keys() == {6}
    assert [len(request.body) < MOST_BYTES for request in server.requests] == [True] * 3
