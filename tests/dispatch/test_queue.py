"""A batch of an SQS queue: what Lambda is told of it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from chalice import Chalice
from chalice.test import Client

from slips import Slips
from slips.dispatch import dispatch as dispatching
from slips.dispatch.queue import REPORTS_FAILURES, dispatch_batch
from slips.errors import StoreError

from ..builders import event_bridge, s3_event, s3_record, sns


def batch(*keys: str, bodies: tuple[object, ...] = ()) -> dict[str, Any]:
    """The SQS event of these keys; each message is named by its key."""
    bodies = bodies or tuple(s3_event(s3_record(key)) for key in keys)
    return {
        "Records": [
            {"messageId": key, "receiptHandle": "r", "eventSource": "aws:sqs", "body": json.dumps(body)}
            for key, body in zip(keys, bodies, strict=True)
        ]
    }


class Dispatch:
    """Fails for a batch that holds one of these keys, and counts one for each message of another."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.calls: list[list[str]] = []

    def __call__(self, event: Any) -> dict[str, int]:
        keys = [record.get("messageId", "") for record in event["Records"]]
        self.calls.append(keys)
        if any(key in self.broken for key in keys):
            raise StoreError("the ErrorTable says no")
        return {"fast": len(keys), "slow": 0}


@pytest.fixture(params=(True, False), ids=("marked", "unmarked"))
def is_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setenv(REPORTS_FAILURES, "1" if request.param else "")
    return bool(request.param)


def test_a_batch_is_dispatched_at_once(is_marked: bool) -> None:
    dispatch = Dispatch()
    answer = dispatch_batch(batch("a", "b"), dispatch)
    assert dispatch.calls == [["a", "b"]]
    assert answer == {"fast": 2, "slow": 0} | ({"batchItemFailures": []} if is_marked else {})


def test_without_the_mark_a_failure_is_that_of_the_whole_batch() -> None:
    """Lambda would take a partial answer for the success of all."""
    dispatch = Dispatch("b")
    with pytest.raises(StoreError):
        dispatch_batch(batch("a", "b"), dispatch)
    assert dispatch.calls == [["a", "b"]]


def test_with_the_mark_only_what_failed_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REPORTS_FAILURES, "1")
    answer = dispatch_batch(batch("a", "b", "c"), Dispatch("b"))
    assert answer == {"fast": 2, "slow": 0, "batchItemFailures": [{"itemIdentifier": "b"}]}


@pytest.mark.parametrize("keys", [("a",), ("a", "b")])
def test_a_batch_of_which_nothing_is_dispatched_is_an_error_of_the_function(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    monkeypatch.setenv(REPORTS_FAILURES, "1")
    with pytest.raises(StoreError):
        dispatch_batch(batch(*keys), Dispatch(*keys))


def test_what_redrive_sends_is_never_answered_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REPORTS_FAILURES, "1")
    with pytest.raises(StoreError):
        dispatch_batch(sns("one", "two"), Dispatch(""))
    assert dispatch_batch(sns("one"), Dispatch()) == {"fast": 1, "slow": 0}


@pytest.fixture
def client(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """app.py with the queue and a rule; `dispatch` returns what it finds."""
    (tmp_path / "slips.yml").write_text("stack_name: test\n")
    app = Chalice("test")
    slips = Slips(app, tmp_path / "slips.yml")
    app.on_sqs_message(queue="q", name="dispatch_queue")(slips.dispatch_queue)
    app.on_cw_event({"source": ["aws.s3"]}, name="dispatch_events")(slips.dispatch)
    monkeypatch.setattr(Slips, "lanes", None)
    monkeypatch.setattr(Slips, "quarantine", SimpleNamespace(take_causes=list))
    monkeypatch.setattr(Slips, "retries", None)

    def dispatch(event: object, *_: Any, **__: Any) -> dict[str, Any]:
        return {"keys": [ref.key for ref in dispatching.parse_notifications(event).refs]}

    monkeypatch.setattr(dispatching, "dispatch", dispatch)
    with Client(app) as client:
        yield client


SNS_BODY = {"Type": "Notification", "TopicArn": "t", "Message": json.dumps(s3_event(s3_record("of sns")))}


def test_chalice_hands_the_envelopes_of_a_queue_to_dispatch(client: Any) -> None:
    bodies = (SNS_BODY, event_bridge("of a rule"), s3_event(s3_record("of s3")))
    answer = client.lambda_.invoke("dispatch_queue", batch("1", "2", "3", bodies=bodies)).payload
    assert answer == {"keys": ["of sns", "of a rule", "of s3"]}


def test_lambda_gets_the_failures_alone(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REPORTS_FAILURES, "1")
    answer = client.lambda_.invoke("dispatch_queue", batch("1", bodies=(SNS_BODY,))).payload
    assert answer == {"batchItemFailures": []}


def test_a_rule_calls_dispatch_as_a_topic_does(client: Any) -> None:
    event = event_bridge("of a rule") | {"account": "1", "id": "1", "resources": []}
    assert client.lambda_.invoke("dispatch_events", event).payload == {"keys": ["of a rule"]}
