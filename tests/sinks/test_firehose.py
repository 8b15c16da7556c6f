"""Firehose takes parts of a batch, and its limits are kept before it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from slips import RetryLater, aws
from slips.aws.retry import Backoff
from slips.errors import EventFailed
from slips.sinks import Firehose
from slips.sinks.firehose import MOST_BYTES, MOST_RECORD_BYTES, MOST_RECORDS

from ..error_table import Time
from .documents import documents, failures


class FirehoseOfTheTest:
    """Answers as the test says: codes by the number of the record in the request; then it takes everything."""

    def __init__(self) -> None:
        self.answers: list[dict[int, str] | Exception] = []
        self.requests: list[list[bytes]] = []

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        assert DeliveryStreamName == "audit"
        self.requests.append([record["Data"] for record in Records])
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        results = [
            {"ErrorCode": answer[number], "ErrorMessage": "as planned"} if number in answer else {"RecordId": "r"}
            for number in range(len(Records))
        ]
        return {"FailedPutCount": len(answer), "RequestResponses": results}


@pytest.fixture
def firehose(monkeypatch: pytest.MonkeyPatch) -> FirehoseOfTheTest:
    client = FirehoseOfTheTest()
    monkeypatch.setattr(aws, "client", {"firehose": client}.__getitem__)
    return client


@pytest.fixture
def sink() -> Firehose:
    time = Time()
    return Firehose("audit", backoff=Backoff(patience=10, first=0.1, sleep=time.sleep, clock=time))


def test_documents_are_lines_of_json(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    assert failures(sink, documents({"a": 1}, {"b": "ü"})) == {}
    assert firehose.requests == [[b'{"a":1}\n', '{"b":"ü"}\n'.encode()]]


def test_what_is_throttled_is_sent_again_alone(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    firehose.answers = [{1: "ServiceUnavailableException"}, {0: "ServiceUnavailableException"}]
    assert failures(sink, documents(1, 2, 3)) == {}
    assert firehose.requests == [[b"1\n", b"2\n", b"3\n"], [b"2\n"], [b"2\n"]]


def test_what_is_throttled_for_long_waits(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    firehose.answers = [{1: "ServiceUnavailableException"}] + [{0: "ServiceUnavailableException"}] * 100
    [(position, cause)] = failures(sink, documents(1, 2, 3)).items()
    assert (position, type(cause), str(cause)) == (2, RetryLater, "ServiceUnavailableException: as planned")


def test_what_is_refused_for_good_fails_with_the_reason(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    firehose.answers = [{0: "InvalidArgumentException"}]
    [(position, cause)] = failures(sink, documents(1, 2)).items()
    assert (position, type(cause), str(cause)) == (1, EventFailed, "InvalidArgumentException: as planned")


def test_requests_are_within_the_limits(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    large = "x" * 900_000
    assert failures(sink, documents(*[large] * 9, *range(MOST_RECORDS + 1))) == {}
    assert sum(map(len, firehose.requests)) == 9 + MOST_RECORDS + 1
    for request in firehose.requests:
        assert len(request) <= MOST_RECORDS
        assert sum(map(len, request)) <= MOST_BYTES


def test_a_document_that_is_too_large_fails_and_its_neighbours_go(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    failed = failures(sink, documents(1, "x" * MOST_RECORD_BYTES, 3))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the document has 1,024,003 bytes, and the destination takes 1,024,000"
    }
    assert firehose.requests == [[b"1\n", b"3\n"]]


def test_a_stream_that_does_not_exist_fails_all_of_it(firehose: FirehoseOfTheTest, sink: Firehose) -> None:
    firehose.answers = [ValueError("no such stream")]
    with pytest.raises(ValueError, match="no such stream"):
        sink.send(documents(1, 2))


def test_its_policy_allows_what_it_calls(sink: Firehose) -> None:
    assert sink.statements() == [
        {
            "Effect": "Allow",
            "Action": ["firehose:PutRecordBatch"],
            "Resource": ["arn:*:firehose:*:*:deliverystream/audit"],
        }
    ]
