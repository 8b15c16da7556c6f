from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import utc
from chalicelib.dispatch import dispatch
from chalicelib.errors import StoreError
from chalicelib.model import Failure
from chalicelib.report import report

from .builders import TIME, config, ref, s3_event, s3_record, sns
from .doubles import KeptErrors, KeptLanes

NOW = 1_800_000_000.0


def reported(*messages: object) -> list[Failure]:
    errors = KeptErrors()
    report(sns(*messages), errors, lambda: NOW)
    return errors.failures


def undelivered(payload: object, **fields: Any) -> dict[str, Any]:
    """What Lambda sends of an asynchronous call that it gave up."""
    return {
        "version": "1.0",
        "timestamp": TIME,
        "requestContext": {"requestId": "q", "functionArn": "arn:…:dispatch", "condition": "RetriesExhausted"},
        "requestPayload": payload,
        "responsePayload": {
            "errorType": "StoreError",
            "errorMessage": "table down",
            "stackTrace": ["  File a\n", "b\n"],
        },
        **fields,
    }


BATCH = {
    "shardId": "shardId-000000000007",
    "startSequenceNumber": "495",
    "endSequenceNumber": "498",
    "approximateArrivalOfFirstRecord": "2026-01-31T11:00:00.000Z",
    "approximateArrivalOfLastRecord": "2026-01-31T11:00:01.000Z",
    "batchSize": 4,
    "streamArn": "arn:aws:kinesis:eu-central-1:1:stream/slips-fast",
}
LOST = {"requestContext": {"condition": "RetryAttemptsExhausted", "functionArn": "arn:f"}, "KinesisBatchInfo": BATCH}


def test_a_dead_letter_of_sns_is_an_error_item_an_object() -> None:
    failures = reported(s3_event(s3_record("a b"), s3_record("c")), s3_event(s3_record("d")))
    assert [each.object_key for each in failures] == ["a b", "c", "d"]
    assert {(each.stage, each.error_type, each.failed_at) for each in failures} == {
        ("dispatch", "DeadLetter", utc.iso(NOW))
    }
    assert failures[0].argument[0].ref == ref("a b", sequencer="0A", region="eu-central-1")


def test_a_failed_call_is_an_error_item_an_object_with_its_cause() -> None:
    failures = reported(undelivered(sns(s3_event(s3_record("a")), s3_event(s3_record("b")))))
    assert [each.object_key for each in failures] == ["a", "b"]
    assert {(each.error_type, each.error_message, each.traceback) for each in failures} == {
        ("StoreError", "table down", "  File a\nb\n")
    }


def test_a_call_of_s3_itself_that_failed_is_read_too() -> None:
    assert [each.object_key for each in reported(undelivered(s3_event(s3_record("a"))))] == ["a"]


@pytest.mark.parametrize("response", [None, "text", {}, {"stackTrace": "text"}])
def test_a_call_without_an_answer_names_the_condition(response: object) -> None:
    (failure,) = reported(undelivered(sns(s3_event(s3_record("a"))), responsePayload=response))
    assert (failure.error_type, failure.error_message) == ("RetriesExhausted", "RetriesExhausted")


@pytest.mark.parametrize("context", [None, {}])
def test_a_call_that_nothing_is_known_of_is_a_dead_letter(context: object) -> None:
    (failure,) = reported(undelivered(sns(s3_event(s3_record("a"))), requestContext=context, responsePayload=None))
    assert (failure.error_type, failure.error_message, failure.traceback) == ("DeadLetter", "Lambda gave up", "")


def test_the_error_item_is_the_one_that_dispatch_makes() -> None:
    errors = KeptErrors()
    event = sns(s3_event(s3_record("a")))
    dispatch(event, config(), KeptLanes(lambda item: True), errors, lambda: NOW)
    report(sns(undelivered(event)), errors, lambda: NOW)
    assert len(errors.failures) == 1


def test_the_error_items_are_counted() -> None:
    assert report(sns("x", s3_event(s3_record("a"), s3_record("b"))), KeptErrors(), lambda: NOW) == {"errors": 3}


def test_a_lost_batch_says_where_it_was() -> None:
    (failure,) = reported(LOST)
    assert (failure.stage, failure.error_type, failure.failed_count) == ("crash", "RetryAttemptsExhausted", 4)
    for part in ("shardId-000000000007", "495", "498", "stream/slips-fast"):
        assert part in failure.error_message
    assert json.loads(failure.sample) == LOST
    assert failure.event_time == BATCH["approximateArrivalOfFirstRecord"]


def test_a_lost_batch_that_is_told_twice_is_one_error_item() -> None:
    assert len(reported(LOST, LOST)) == 1
    assert len(reported(LOST, LOST | {"KinesisBatchInfo": BATCH | {"startSequenceNumber": "499"}})) == 2


def test_a_dead_letter_in_a_dead_letter_is_opened() -> None:
    inner = undelivered(sns(s3_event(s3_record("a"))))
    outer = undelivered(sns(inner, LOST), responsePayload={"errorType": "Timeout", "errorMessage": "t"})
    failures = reported(outer)
    assert [(each.object_key, each.error_type) for each in failures] == [
        ("a", "StoreError"),
        ("", "RetryAttemptsExhausted"),
    ]


@pytest.mark.parametrize(
    "message",
    [
        "text",
        "null",
        "[1, 2]",
        '{"an": "alarm"}',
        '{"KinesisBatchInfo": 7}',
        json.dumps(undelivered(None)),
        json.dumps(undelivered({"some": "event"})),
        json.dumps(undelivered(sns())),
        json.dumps(undelivered(sns({"Event": "s3:TestEvent"}))),
        '{"Records": [{"s3": 7, "eventName": "ObjectCreated:Put"}]}',
        "[" * 100_000,
    ],
)
def test_no_message_is_lost(message: str) -> None:
    (failure,) = reported(message)
    assert failure.stage == "dispatch"
    assert failure.sample
    assert failure.error_message


def test_the_sample_is_the_raw_message() -> None:
    (failure,) = reported("some text")
    assert failure.sample == "some text"
    assert "JSON" in failure.error_message


@pytest.mark.parametrize("event", [{}, {"Records": {"no": "list"}}, {"Records": [{"no": "Sns"}]}, None, [1]])
def test_an_event_of_another_kind_is_kept(event: object) -> None:
    errors = KeptErrors()
    assert report(event, errors, lambda: NOW) == {"errors": 1}
    assert errors.failures[0].sample in json.dumps(event)


def test_messages_that_differ_are_kept_apart() -> None:
    assert len(reported("x", "y", "x")) == 2


def test_aws_delivers_again_when_the_error_table_is_down() -> None:
    errors = KeptErrors()
    errors.down = True
    with pytest.raises(StoreError):
        report(sns("x"), errors, lambda: NOW)
