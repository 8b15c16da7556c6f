"""How long the oldest message of a queue has waited, as CloudWatch says it, or not."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from slips import aws
from slips.dispatch.queue_age import ATTEMPT_SECONDS, CACHE_SECONDS, RETRY_SECONDS, QueueAge
from slips.runtime import Runtime

from ..builders import config
from ..doubles import StillClock

NOW = 1_770_000_000.0


class Metrics:
    """CloudWatch: what it measured, by the second at which a minute began; or the fault that it raises."""

    def __init__(self) -> None:
        self.ages: dict[float, float] = {}
        self.fault: Exception | None = None
        self.requests: list[dict[str, Any]] = []

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        if self.fault:
            raise self.fault
        return {
            "Datapoints": [
                {"Timestamp": datetime.fromtimestamp(at, UTC), "Maximum": age} for at, age in self.ages.items()
            ]
        }


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def age(metrics: Metrics, clock: StillClock) -> QueueAge:
    return QueueAge("slips-redrive", lambda: metrics, clock)


def denied(code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not authorized"}}, "GetMetricStatistics")


def test_it_is_that_of_the_newest_minute_and_grows_with_time(
    age: QueueAge, metrics: Metrics, clock: StillClock
) -> None:
    metrics.ages = {NOW - 120: 4000.0, NOW - 60: 3600.0, NOW - 180: 5000.0}
    assert age.read() == 3600.0
    clock.now += 30
    assert age.read() == 3630.0


def test_it_is_that_of_this_queue_alone(age: QueueAge, metrics: Metrics) -> None:
    age.read()
    [request] = metrics.requests
    assert (request["Namespace"], request["MetricName"]) == ("AWS/SQS", "ApproximateAgeOfOldestMessage")
    assert request["Dimensions"] == [{"Name": "QueueName", "Value": "slips-redrive"}]
    assert (request["EndTime"], request["EndTime"] - request["StartTime"]) == (NOW, 900)


def test_a_minute_in_which_the_queue_was_empty_tells_nothing(age: QueueAge, metrics: Metrics) -> None:
    assert age.read() is None
    metrics.ages = {NOW - 120: 4000.0, NOW - 60: 0.0}
    assert QueueAge("slips-redrive", lambda: metrics, StillClock(NOW)).read() is None


def test_it_is_never_less_than_nothing(age: QueueAge, metrics: Metrics) -> None:
    """Clocks differ."""
    metrics.ages = {NOW: 1.0}
    assert age.read() == 0.0


def test_cloudwatch_is_asked_once_a_minute(age: QueueAge, metrics: Metrics, clock: StillClock) -> None:
    age.read()
    metrics.ages = {NOW - 60: 5.0}
    clock.now += CACHE_SECONDS - 1
    assert (age.read(), len(metrics.requests)) == (None, 1)
    clock.now += 1
    assert (age.read(), len(metrics.requests)) == (65.0, 2)


@pytest.mark.parametrize("fault", [denied(), denied("Throttling"), ConnectTimeoutError(endpoint_url="u")], ids=repr)
def test_where_cloudwatch_says_nothing_it_is_not_known_and_the_log_says_so_once(
    age: QueueAge, metrics: Metrics, clock: StillClock, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    metrics.ages, metrics.fault = {NOW - 60: 5.0}, fault
    for _ in range(3):
        assert age.read() is None
        clock.now += RETRY_SECONDS / 2
    assert len(metrics.requests) == 2
    [line] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert line.getMessage().startswith("the age of what is in the queue slips-redrive is not known: ")
    metrics.fault = None
    clock.now += RETRY_SECONDS
    assert age.read() is not None


def test_a_role_that_may_not_ask_is_told_what_to_allow(
    age: QueueAge, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    metrics.fault = denied()
    age.read()
    assert "allow cloudwatch:GetMetricStatistics" in caplog.text


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url := f"http://127.0.0.1:{server.getsockname()[1]}")
        aws.reset()
        yield url
    aws.reset()


def test_who_asks_waits_only_for_one_short_attempt(silent: str) -> None:
    begun = time.monotonic()
    assert QueueAge("q", lambda: aws.client("cloudwatch", attempt_seconds=0.2)).read() is None
    assert time.monotonic() - begun < 10


def test_the_runtime_asks_in_such_an_attempt(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make: Callable[..., Any] = aws.client
    asked: list[float] = []

    def client(name: str, attempt_seconds: float = 0) -> Any:
        asked.append(attempt_seconds)
        return make(name, attempt_seconds=0.2)

    queue = Runtime(config()).redrive_queue
    monkeypatch.setattr(aws, "client", client)
    assert queue.read_age() is None
    assert asked == [ATTEMPT_SECONDS]
