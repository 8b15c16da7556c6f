from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from slips.dispatch.dead_letters import Reporter, report
from slips.dispatch.dispatch import dispatch
from slips.engine.failures import FailureLog
from slips.errors import ReadError, StoreError
from slips.model import Books, Failure, utc
from slips.model.failures import name_failure
from slips.model.ports import FinishedWork, Ledger, Progress, Record
from slips.testing import MemoryLedger

from ..builders import TIME, config, item, ref, s3_event, s3_record, sns
from ..doubles import RecordingErrors, RecordingLanes

NOW = 1_800_000_000.0


class HeldRecords:
    """What a shard still holds, by sequence number."""

    def __init__(self, records: dict[int, bytes] | None = None) -> None:
        self.records = records or {}

    def between(self, stream_arn: str, shard_id: str, first: str, last: str) -> list[Record]:
        numbers = [number for number in sorted(self.records) if int(first) <= number <= int(last)]
        return [Record(str(number), self.records[number]) for number in numbers]


def reporter(
    errors: RecordingErrors, records: dict[int, bytes] | None = None, ledger: Ledger | None = None
) -> Reporter:
    return Reporter(errors, HeldRecords(records), ledger or MemoryLedger(), lambda: NOW)


def report_failures(
    *messages: object, records: dict[int, bytes] | None = None, ledger: Ledger | None = None
) -> list[Failure]:
    errors = RecordingErrors()
    report(sns(*messages), reporter(errors, records, ledger))
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
    failures = report_failures(s3_event(s3_record("a b"), s3_record("c")), s3_event(s3_record("d")))
    assert [failure.object_key for failure in failures] == ["a b", "c", "d"]
    assert {(failure.stage, failure.error_type, failure.failed_at) for failure in failures} == {
        ("dispatch", "DeadLetter", utc.iso(NOW))
    }
    assert failures[0].argument[0].ref == ref("a b", sequencer="0A", region="eu-central-1")


def test_a_failed_call_is_an_error_item_an_object_with_its_cause() -> None:
    failures = report_failures(undelivered(sns(s3_event(s3_record("a")), s3_event(s3_record("b")))))
    assert [failure.object_key for failure in failures] == ["a", "b"]
    assert {(failure.error_type, failure.error_message, failure.traceback) for failure in failures} == {
        ("StoreError", "table down", "  File a\nb\n")
    }


def test_a_call_of_s3_itself_that_failed_is_read_too() -> None:
    assert [failure.object_key for failure in report_failures(undelivered(s3_event(s3_record("a"))))] == ["a"]


RESTORED = s3_event(s3_record("a", eventName="ObjectRestore:Completed"))


@pytest.mark.parametrize("letter", [RESTORED, undelivered(sns(RESTORED)), undelivered(RESTORED)])
def test_that_an_object_can_be_read_again_is_an_error_item_where_nobody_took_it(letter: dict[str, Any]) -> None:
    (failure,) = report_failures(letter)
    why = "s3://logs/a can be read again, but its error items were not drained: "
    assert failure.error_message.startswith(why)
    assert json.loads(failure.sample) == RESTORED
    assert failure.argument == ()


@pytest.mark.parametrize("response", [None, "text", {}, {"stackTrace": "text"}])
def test_a_call_without_a_response_names_the_condition(response: object) -> None:
    (failure,) = report_failures(undelivered(sns(s3_event(s3_record("a"))), responsePayload=response))
    assert (failure.error_type, failure.error_message) == ("RetriesExhausted", "RetriesExhausted")


@pytest.mark.parametrize("context", [None, {}])
def test_a_call_without_context_and_response_is_a_dead_letter(context: object) -> None:
    (failure,) = report_failures(
        undelivered(sns(s3_event(s3_record("a"))), requestContext=context, responsePayload=None)
    )
    assert (failure.error_type, failure.error_message, failure.traceback) == ("DeadLetter", "Lambda gave up", "")


def test_the_error_item_is_the_one_that_dispatch_makes() -> None:
    errors = RecordingErrors()
    event = sns(s3_event(s3_record("a")))
    dispatch(event, config(), RecordingLanes(lambda item: True), errors, lambda: NOW, drain_restored=len)
    report(sns(undelivered(event)), reporter(errors))
    assert len(errors.failures) == 1


def test_the_error_items_are_counted() -> None:
    assert report(sns("x", s3_event(s3_record("a"), s3_record("b"))), reporter(RecordingErrors())) == {"errors": 3}


def test_a_lost_batch_is_one_error_item_that_says_where_it_was() -> None:
    (failure,) = report_failures(LOST)
    assert (failure.stage, failure.error_type, failure.failed_count) == ("crash", "RetryAttemptsExhausted", 4)
    for part in ("shardId-000000000007", "495", "498", "stream/slips-fast"):
        assert part in failure.error_message
    assert json.loads(failure.sample) == LOST
    assert failure.event_time == BATCH["approximateArrivalOfFirstRecord"]


def encoded(key: str, **fields: Any) -> bytes:
    return msgspec.json.encode(item(key, **fields))


def test_what_the_stream_still_holds_of_a_batch_becomes_error_items_of_its_objects() -> None:
    records = {495: encoded("a"), 496: encoded("b"), 497: encoded("c"), 498: encoded("d"), 499: encoded("next")}
    failures = report_failures(LOST, records=records)
    assert [failure.object_key for failure in failures] == ["a", "b", "c", "d"]
    assert {(failure.stage, failure.error_type, failure.resume_from) for failure in failures} == {
        ("crash", "RetryAttemptsExhausted", 1)
    }
    assert failures[0].argument == (item("a"),)


def test_a_work_item_that_is_done_is_left_out_and_one_that_was_begun_resumes() -> None:
    ledger = MemoryLedger()
    done, begun = item("a"), item("b")
    tokens = [progress.token for work in (done, begun) if (progress := ledger.begin(work))]
    ledger.finish([FinishedWork(done, Books(), "done", tokens[0])])
    ledger.checkpoint(begun, Progress(resume_from=70, token=tokens[1], chain="lines"))
    [failure] = report_failures(LOST | {"KinesisBatchInfo": BATCH | {"batchSize": 2}}, ledger=ledger, records={
        495: msgspec.json.encode(done), 496: msgspec.json.encode(begun),
    })  # fmt: skip
    assert (failure.object_key, failure.resume_from, failure.chain) == ("b", 70, "lines")
    assert failure.request_id == name_failure(begun, "lines", "", "", 70)


def test_an_error_item_says_which_records_of_a_batch_are_gone() -> None:
    *_, missing = report_failures(LOST, records={497: encoded("c"), 498: encoded("d")})
    assert (missing.failed_count, missing.argument) == (2, ())
    assert "2 of its 4 records are gone" in missing.error_message
    assert "2 of its records were still there, from 497 on" in missing.error_message


def test_a_drained_item_in_a_batch_keeps_its_id_its_function_and_its_positions() -> None:
    log = FailureLog(item("a", positions="3-4", processors=("f",)), "json", "fast", 0, chain="lines")
    log.fail_rest("read", ReadError("S3 is down"), 1)
    [first] = log.take(lambda: NOW)
    drained = encoded("a", error_id=first.request_id, positions="3-4", processors=("f",), chain="lines", attempt=2)
    [failure] = report_failures(LOST | {"KinesisBatchInfo": BATCH | {"batchSize": 1}}, records={495: drained})
    assert failure.request_id == first.request_id
    assert (failure.processor, failure.positions, failure.chain, failure.attempts) == ("f", "3-4", "lines", 3)


def test_an_object_for_other_functions_in_a_batch_is_an_error_item_of_its_own() -> None:
    """Under one id the last would replace the others, and their functions would lose the object."""
    parts: list[dict[str, Any]] = [
        {}, {"processors": ("f", "g")}, {"processors": ("h", "i")}, {"suspended": ("f",)}
    ]  # fmt: skip
    records = {495 + number: encoded("a", work_id=f"w{number}", **part) for number, part in enumerate(parts)}
    failures = report_failures(LOST, records=records)
    assert len({failure.request_id for failure in failures}) == 6
    assert [(failure.processor, failure.argument[0].suspended) for failure in failures] == [
        ("", ()), ("f", ()), ("g", ()), ("h", ()), ("i", ()), ("", ("f",)),
    ]  # fmt: skip


def test_a_record_that_is_not_a_work_item_is_kept_as_it_is() -> None:
    [failure] = report_failures(LOST | {"KinesisBatchInfo": BATCH | {"batchSize": 1}}, records={495: b"\xffnone"})
    assert failure.sample == "\\xffnone"


def test_a_lost_batch_that_is_reported_twice_is_one_error_item() -> None:
    assert len(report_failures(LOST, LOST)) == 1
    assert len(report_failures(LOST, LOST | {"KinesisBatchInfo": BATCH | {"startSequenceNumber": "499"}})) == 2


def test_a_dead_letter_in_a_dead_letter_is_opened() -> None:
    inner = undelivered(sns(s3_event(s3_record("a"))))
    outer = undelivered(sns(inner, LOST), responsePayload={"errorType": "Timeout", "errorMessage": "t"})
    failures = report_failures(outer)
    assert [(failure.object_key, failure.error_type) for failure in failures] == [
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
    (failure,) = report_failures(message)
    assert failure.stage == "dispatch"
    assert failure.sample
    assert failure.error_message


def test_the_sample_is_the_raw_message() -> None:
    (failure,) = report_failures("some text")
    assert failure.sample == "some text"
    assert "JSON" in failure.error_message


@pytest.mark.parametrize("event", [{}, {"Records": {"no": "list"}}, {"Records": [{"no": "Sns"}]}, None, [1]])
def test_an_event_of_another_kind_is_kept(event: object) -> None:
    errors = RecordingErrors()
    assert report(event, reporter(errors)) == {"errors": 1}
    assert errors.failures[0].sample in json.dumps(event)


def test_messages_that_differ_are_kept_apart() -> None:
    assert len(report_failures("x", "y", "x")) == 2


def test_aws_delivers_again_when_the_error_table_is_down() -> None:
    errors = RecordingErrors()
    errors.down = True
    with pytest.raises(StoreError):
        report(sns("x"), reporter(errors))
