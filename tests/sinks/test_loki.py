"""Loki gets streams of few labels, in the order of time, and says 400 for what is too old."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips import RetryLater
from slips.sinks import Document, Loki
from slips.sinks.http_answers import HttpRefused
from slips.testing import make_meta

from .documents import documents, failures
from .http_server import Destination, Reply, Request, patience


@pytest.fixture
def make_sink(server: Destination) -> Any:
    server.usual = Reply(204)
    return lambda **options: Loki(server.url, **{"backoff": patience(), "id_field": "", **options})


def event(body: object, timestamp: float, tag: str = "aws.cloudtrail", position: int = 1) -> Document:
    return Document(make_meta(format="cloudtrail", tag=tag, timestamp=timestamp, position=position), body)


def streams(server: Destination) -> list[Any]:
    return [json.loads(request.body)["streams"] for request in server.requests]


def test_streams_are_of_a_format_and_a_tag_in_the_order_of_time(server: Destination, make_sink: Any) -> None:
    batch = [event({"n": 2}, 10.25), event("one", 2.5), event({"n": 3}, 3, tag="aws.other")]
    assert failures(make_sink(labels={"app": "audit"}, tenant="red"), batch) == {}
    [request] = server.requests
    assert (request.path, request.headers["X-Scope-OrgID"]) == ("/loki/api/v1/push", "red")
    assert streams(server) == [
        [
            {
                "stream": {"app": "audit", "format": "cloudtrail", "tag": "aws.cloudtrail"},
                "values": [["2500000000", "one"], ["10250000000", '{"n":2}']],
            },
            {
                "stream": {"app": "audit", "format": "cloudtrail", "tag": "aws.other"},
                "values": [["3000000000", '{"n":3}']],
            },
        ]
    ]


def test_without_a_tenant_there_is_no_header(server: Destination, make_sink: Any) -> None:
    assert failures(make_sink(), documents(1)) == {}
    assert "X-Scope-OrgID" not in server.requests[0].headers


def test_a_label_may_be_a_function_and_may_be_left_out(server: Destination, make_sink: Any) -> None:
    sink = make_sink(labels={"account": lambda meta, body: body["account"], "tag": ""})
    failed = failures(sink, [event({"account": 7}, 1), event({}, 1, position=2)])
    assert {position: repr(cause) for position, cause in failed.items()} == {2: "KeyError('account')"}
    assert [stream["stream"] for [stream] in streams(server)] == [{"account": "7", "format": "cloudtrail"}]


def test_events_that_are_the_same_stay_two(server: Destination, make_sink: Any) -> None:
    batch = [event({"a": 1}, 1), event({"a": 1}, 1, position=2)]
    assert failures(make_sink(id_field="event_id"), batch) == {}
    [[stream]] = streams(server)
    assert [json.loads(line)["event_id"] for _, line in stream["values"]] == [each.meta.event_id for each in batch]


def test_a_line_that_is_too_long_fails_alone(server: Destination, make_sink: Any) -> None:
    failed = failures(make_sink(most_line_bytes=10), documents("x" * 10, "x" * 11))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the line has 11 bytes, and Loki takes 10"
    }


def test_a_tenant_over_its_limit_waits(server: Destination, make_sink: Any) -> None:
    server.usual = Reply(429, "ingestion rate limit exceeded for user red (limit: 4194304 bytes/sec)")
    with pytest.raises(RetryLater, match="ingestion rate limit exceeded for user red"):
        make_sink().send(documents(1))


def test_a_line_that_is_too_old_fails_for_good(server: Destination, make_sink: Any) -> None:
    def answer(request: Request) -> Reply | None:
        return Reply(400, "entry too far behind, oldest acceptable timestamp is: …") if b"old" in request.body else None

    server.answer = answer
    assert "entry too far behind" in str(failures(make_sink(), documents("old"))[1])
    with pytest.raises(HttpRefused):
        make_sink().send(documents("old", "new"))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(401, "no org id"), "no org id; check the credentials in headers=, and tenant="),
        (Reply(404, "404 page not found"), "check the URL: Loki takes logs at /loki/api/v1/push"),
        (Reply(200, "<title>Grafana</title>"), "answers 200, and Loki 204; check the URL"),
    ],
)
def test_what_is_not_of_a_line_is_said_for_all(server: Destination, make_sink: Any, reply: Reply, text: str) -> None:
    server.usual = reply
    with pytest.raises(HttpRefused) as caught:
        make_sink().send(documents(1, 2))
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({"a-b": "c"}, "a label has a name of letters, digits and _, not 'a-b'"),
        ({"a": 7}, r"the label a is a text, or a function of \(meta, document\)"),
        ({f"label_{number}": "x" for number in range(14)}, "Loki takes 15 labels, and these are 16"),
    ],
)
def test_labels_are_checked_at_once(labels: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Loki("https://loki:3100", labels=labels)


def test_a_url_that_is_a_reference_is_whole() -> None:
    assert Loki("ssm:/loki/url").destination == "ssm:/loki/url"
