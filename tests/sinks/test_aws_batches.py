"""Services of AWS take parts of a batch, or nothing, or say nothing: what was taken is not sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.parsers import ResponseParserError

from slips import EventsFailed, RetryLater
from slips.aws.retry import Backoff
from slips.errors import EventFailed, SlipsError
from slips.sinks import Firehose, KinesisStream, Sink, Sns, Sqs
from slips.sinks.aws_batches import EntryRefusal, put_all, refusals_by_id, refusals_in_order
from slips.sinks.base import Encoded, encode_all, pieces

from ..error_table import Time
from .aws_services import SERVER, ServiceOfTheTest, patience, refusal, service
from .documents import documents, failures

__all__ = ["service"]

SINKS = pytest.mark.parametrize(
    "sink",
    [
        Firehose("audit", backoff=patience()),
        KinesisStream("audit", backoff=patience()),
        Sqs("audit", backoff=patience()),
        Sns("arn:aws:sns:eu-central-1:123456789012:audit", backoff=patience()),
    ],
    ids=lambda sink: sink.kind,
)
BY_ID = [Sqs("audit", backoff=patience()), Sns("arn:aws:sns:eu-central-1:123456789012:audit", backoff=patience())]


def causes(sink: Sink, count: int) -> dict[int, tuple[type, str]]:
    return {
        position: (type(cause), str(cause))
        for position, cause in failures(sink, documents(*range(1, count + 1))).items()
    }


@SINKS
def test_a_batch_that_is_taken_is_sent_once(service: ServiceOfTheTest, sink: Sink) -> None:
    assert causes(sink, 3) == {}
    assert [len(request) for request in service.requests] == [3]


@SINKS
def test_what_is_throttled_is_sent_again_alone(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [{1: "ThrottlingException"}, {0: "ServiceUnavailableException"}]
    assert causes(sink, 3) == {}
    assert [len(request) for request in service.requests] == [3, 1, 1]


@SINKS
def test_what_is_throttled_for_long_waits(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [{1: "ThrottlingException"}] + [{0: "ThrottlingException"}] * 100
    assert causes(sink, 3) == {2: (RetryLater, "ThrottlingException: as planned")}


@SINKS
def test_what_is_refused_for_good_fails_with_the_reason(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [{0: "InvalidParameterValue", 2: "ThrottlingException"}]
    assert causes(sink, 3) == {1: (EventFailed, "InvalidParameterValue: as planned")}
    assert [len(request) for request in service.requests] == [3, 1]


@pytest.mark.parametrize("sink", BY_ID, ids=lambda sink: sink.kind)
def test_where_a_request_is_refused_in_vain_those_before_are_not_sent_again(
    service: ServiceOfTheTest, sink: Sink
) -> None:
    service.answers = [{}, refusal("AccessDeniedException")]
    assert {*causes(sink, 33)} == {*range(11, 34)}
    assert [len(request) for request in service.requests] == [10, 10]


@pytest.mark.parametrize("sink", BY_ID, ids=lambda sink: sink.kind)
def test_where_a_later_request_is_refused_only_its_bad_document_fails(service: ServiceOfTheTest, sink: Sink) -> None:
    bad = refusal("InvalidMessageContents")
    service.answers = [{}, bad, {}, bad, bad, {}]
    assert {position: kind for position, (kind, _) in causes(sink, 14).items()} == {13: EventFailed}
    assert [len(request) for request in service.requests] == [10, 4, 2, 2, 1, 1]


@pytest.mark.parametrize("sink", BY_ID, ids=lambda sink: sink.kind)
def test_what_is_no_fault_of_the_sender_is_sent_again(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [{2: SERVER + "SomethingNew"}]
    assert causes(sink, 3) == {}
    assert [len(request) for request in service.requests] == [3, 1]


@SINKS
def test_what_the_answer_does_not_mention_is_sent_again(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [None]
    assert causes(sink, 3) == {}
    assert [len(request) for request in service.requests] == [3, 3]


@SINKS
def test_what_no_answer_mentions_waits(service: ServiceOfTheTest, sink: Sink) -> None:
    service.answers = [None] * 100
    later = (RetryLater, "NoAnswer: the answer does not say whether it was taken")
    assert causes(sink, 2) == {1: later, 2: later}


@SINKS
@pytest.mark.parametrize(
    "fault",
    [refusal("ThrottlingException"), refusal("502", 502), ConnectionError("cut"), ResponseParserError("no XML")],
    ids=lambda fault: type(fault).__name__,
)
def test_where_the_service_does_not_answer_all_that_is_left_waits(
    service: ServiceOfTheTest, sink: Sink, fault: Exception
) -> None:
    service.answers = [{1: "ThrottlingException"}, fault]
    assert causes(sink, 3) == {2: (RetryLater, str(fault))}


@SINKS
@pytest.mark.parametrize(
    "code",
    [
        *("ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NotFound"),
        *("AccessDenied", "AccessDeniedException", "AuthorizationError", "KMSAccessDeniedException", "KmsDisabled"),
    ],
)
def test_what_is_missing_fails_all_of_it_and_says_what_to_look_at(
    service: ServiceOfTheTest, sink: Sink, code: str
) -> None:
    service.answers = [refusal(code, 403)]
    with pytest.raises(SlipsError) as caught:
        sink.send(documents(1, 2))
    assert not isinstance(caught.value, EventsFailed)
    assert str(caught.value) == (
        f"{sink.kind} audit: An error occurred ({code}) when calling the Call operation: as planned; it must "
        f"exist in the region of the functions, and their role must be allowed "
        f"{' and '.join(sink.statements()[0]['Action'])}, and the use of its key if it is encrypted"
    )


@SINKS
@pytest.mark.parametrize("fault", [ValueError("a bug"), refusal("InvalidParameterValue")], ids=["bug", "document"])
def test_what_may_be_about_one_document_is_raised_so_that_it_is_looked_for(
    service: ServiceOfTheTest, sink: Sink, fault: Exception
) -> None:
    service.answers = [fault]
    with pytest.raises(type(fault)) as caught:
        sink.send(documents(1, 2))
    assert caught.value is fault


@SINKS
def test_a_document_that_json_cannot_hold_fails_and_its_neighbours_go(service: ServiceOfTheTest, sink: Sink) -> None:
    [(position, cause)] = failures(sink, documents(1, "\ud800", 3)).items()
    assert position == 2
    assert str(cause).startswith("the document cannot be written as JSON")
    assert [len(request) for request in service.requests] == [2]


@SINKS
def test_a_batch_of_nothing_sends_nothing(service: ServiceOfTheTest, sink: Sink) -> None:
    sink.send([])
    assert service.requests == []


@SINKS
def test_the_default_size_of_a_batch_is_one_request(service: ServiceOfTheTest, sink: Sink) -> None:
    assert causes(sink, sink.size) == {}
    assert [len(request) for request in service.requests] == [sink.size]


@pytest.mark.parametrize(
    ("kind", "place", "name", "at_once"),
    [
        (Firehose, "audit", "firehose audit", 4),
        (KinesisStream, "audit", "kinesis audit", 4),
        (Sqs, "audit", "sqs audit", 8),
        (Sns, "arn:aws:sns:eu-central-1:123456789012:audit", "sns audit", 8),
    ],
)
def test_its_name_and_how_many_requests_are_under_way_at_once(kind: Any, place: str, name: str, at_once: int) -> None:
    sink = kind(place)
    assert f"{sink.kind} {sink.destination}" == name
    assert sink.concurrency == at_once
    assert kind(place, concurrency="adaptive").concurrency == "adaptive"


class Puts:
    """What put_all calls: it answers as the test says."""

    def __init__(self, *answers: dict[int, EntryRefusal] | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[list[Any]] = []

    def __call__(self, entries: Sequence[Encoded]) -> dict[int, EntryRefusal]:
        self.requests.append([entry.body for entry in entries])
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer


THROTTLED = EntryRefusal("ThrottlingException", "slow down")


def requests_of(*bodies: Any, most: int) -> list[list[Encoded]]:
    failed: dict[Any, BaseException | str] = {}
    return list(pieces(encode_all(documents(*bodies), failed, most_bytes=100), most=most, most_bytes=1000))


def by_position(failed: dict[Any, BaseException]) -> dict[int, str]:
    return {meta.position: f"{type(cause).__name__}: {cause}" for meta, cause in failed.items()}


def test_a_request_that_is_refused_in_part_does_not_keep_the_next_one_back() -> None:
    put = Puts({0: EntryRefusal("Bad", "no")}, {1: THROTTLED})
    failed = put_all(requests_of(1, 2, 3, 4, most=2), put, patience())
    assert by_position(failed) == {1: "EventFailed: Bad: no"}
    assert put.requests == [[1, 2], [3, 4], [4]]


def test_a_batch_of_many_requests_is_throttled_for_as_long_as_one() -> None:
    time = Time(0)
    put = Puts(*[{0: THROTTLED}] * 1000)
    failed = put_all(requests_of(*range(20), most=1), put, Backoff(patience=10, sleep=time.sleep, clock=time))
    assert set(by_position(failed).values()) == {"RetryLater: ThrottlingException: slow down"}
    assert len(failed) == 20
    assert time() <= 10


def test_after_no_answer_the_requests_that_are_left_wait_unsent() -> None:
    put = Puts({}, ConnectionError("cut"))
    failed = put_all(requests_of(*range(6), most=2), put, patience())
    assert by_position(failed) == dict.fromkeys((3, 4, 5, 6), "RetryLater: cut")
    assert len(put.requests) == 2


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.BatchRequestTooLong", "BatchRequestTooLongException"])
def test_a_request_that_is_too_long_for_the_queue_goes_in_halves(code: str) -> None:
    put = Puts(refusal(code), refusal(code), {}, refusal(code), {})
    failed = put_all(requests_of(1, 2, 3, 4, most=4), put, patience())
    assert put.requests == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]
    assert by_position(failed) == {
        2: f"EventFailed: An error occurred ({code}) when calling the Call operation: as planned"
    }


def test_results_in_order() -> None:
    results = [{"RecordId": "a"}, {"ErrorCode": "Bad", "ErrorMessage": None}, {"RecordId": "b", "ErrorCode": ""}]
    assert refusals_in_order(results, 3) == {1: EntryRefusal("Bad", "")}
    assert refusals_in_order(results, 5).keys() == {1, 3, 4}
    assert refusals_in_order(results, 5)[4].passes


def test_results_by_id() -> None:
    answer = {
        "Successful": [{"Id": "2"}],
        "Failed": [{"Id": "0", "Code": "Bad", "SenderFault": True}, {"Id": "3", "Code": "Own", "SenderFault": False}],
    }
    refused = refusals_by_id(answer, 4)
    assert {number: (each.code, each.passes) for number, each in refused.items()} == {
        0: ("Bad", False),
        1: ("NoAnswer", True),
        3: ("Own", True),
    }
