"""Datadog takes logs with 202, cuts what is too long, and drops what is too old: both fail before that."""

from __future__ import annotations

import json

import pytest

from slips import RetryLater
from slips.sinks import DatadogLogs, Document
from slips.sinks.datadog import MOST_BYTES, MOST_LOG_BYTES, MOST_LOGS
from slips.sinks.http_answers import HttpRefused
from slips.testing import make_meta

from ..error_table import NOW, Time
from .documents import failures
from .http_server import Destination, Reply, patience


@pytest.fixture
def sink(server: Destination) -> DatadogLogs:
    server.usual = Reply(202, "{}")
    return DatadogLogs(
        url=f"{server.url}/api/v2/logs", api_key="k-1234", service="audit", tags={"env": "prod", "team": "red"},
        backoff=patience(), now=Time(),
    )  # fmt: skip


def logs(*bodies: object, age: float = 60.0) -> list[Document]:
    return [
        Document(make_meta({"n": n}, format="cloudtrail", timestamp=NOW - age, position=n), body)
        for n, body in enumerate(bodies, 1)
    ]


def test_logs_are_an_array(server: Destination, sink: DatadogLogs) -> None:
    batch = logs({"a": 1}, "text")
    assert failures(sink, batch) == {}
    [request] = server.requests
    assert (request.path, request.headers["DD-API-KEY"]) == ("/api/v2/logs", "k-1234")
    assert request.headers["Content-Encoding"] == "gzip"
    first, second = json.loads(request.body)
    assert first == {
        "message": '{"a":1}',
        "timestamp": round((NOW - 60) * 1000),
        "ddsource": "cloudtrail",
        "service": "audit",
        "ddtags": "env:prod,team:red",
        "event_id": batch[0].meta.event_id,
    }
    assert second["message"] == "text"


def test_requests_are_within_the_limits(server: Destination, sink: DatadogLogs) -> None:
    assert failures(sink, logs(*["x" * 900_000] * 7, *range(MOST_LOGS + 1))) == {}
    bodies = [json.loads(request.body) for request in server.requests]
    assert sum(map(len, bodies)) == 7 + MOST_LOGS + 1
    assert max(map(len, bodies)) <= MOST_LOGS
    assert max(len(request.body) for request in server.requests) <= MOST_BYTES


def test_a_log_that_datadog_would_cut_fails(server: Destination, sink: DatadogLogs) -> None:
    failed = failures(sink, logs(1, "x" * MOST_LOG_BYTES))
    assert list(failed) == [2]
    assert str(failed[2]).endswith("bytes, and the destination takes 1,000,000")


def test_an_event_that_datadog_would_drop_fails(server: Destination, sink: DatadogLogs) -> None:
    batch = [*logs(1, age=18 * 3600), *logs(1, 2, age=18 * 3600 + 1)[1:]]
    failed = failures(sink, batch)
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the event is 18.0 hours old, and Datadog keeps none older than 18.0 hours"
    }


def test_too_many_requests_wait(server: Destination, sink: DatadogLogs) -> None:
    server.usual = Reply(429, '{"errors":[{"status":"429","title":"Too Many Requests"}]}')
    with pytest.raises(RetryLater, match="Too Many Requests"):
        sink.send(logs(1))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(403, '{"errors":["Forbidden"]}'), "check the API key, and that it is of this site"),
        (Reply(200, "hello"), "answers 200, and Datadog 202; check the site, or url="),
    ],
)
def test_what_is_not_of_a_log_is_said_for_all(server: Destination, sink: DatadogLogs, reply: Reply, text: str) -> None:
    server.usual = reply
    with pytest.raises(HttpRefused) as caught:
        sink.send(logs(1, 2))
    assert text in str(caught.value)


def test_the_site_is_a_host() -> None:
    sink = DatadogLogs(site="datadoghq.eu", api_key="ssm:/dd")
    assert sink.destination == "http-intake.logs.datadoghq.eu"
    assert [statement["Action"] for statement in sink.statements()] == [["ssm:GetParameter"]]
    for site in ("eu", "https://datadoghq.eu"):
        with pytest.raises(ValueError, match=r"^site is the name of a Datadog site, such as datadoghq\.eu"):
            DatadogLogs(site=site, api_key="k")
