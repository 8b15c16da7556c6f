"""Firehose: its limits are kept before it is asked. What it takes in part: test_aws_batches.py."""

from __future__ import annotations

import pytest

from slips.errors import RegistrationError
from slips.sinks import Firehose
from slips.sinks.firehose import MOST_BYTES, MOST_RECORD_BYTES, MOST_RECORDS

from .aws_services import ServiceOfTheTest, patience, service
from .documents import documents, failures

__all__ = ["service"]


@pytest.fixture
def sink() -> Firehose:
    return Firehose("audit", backoff=patience())


def test_documents_are_lines_of_json(service: ServiceOfTheTest, sink: Firehose) -> None:
    assert failures(sink, documents({"a": 1}, {"b": "ü"})) == {}
    assert service.requests == [[{"Data": b'{"a":1}\n'}, {"Data": '{"b":"ü"}\n'.encode()}]]
    assert service.arguments == [{"DeliveryStreamName": "audit"}]


def test_requests_are_within_the_limits(service: ServiceOfTheTest, sink: Firehose) -> None:
    large = "x" * 900_000
    assert failures(sink, documents(*[large] * 9, *range(MOST_RECORDS + 1))) == {}
    assert sum(map(len, service.requests)) == 9 + MOST_RECORDS + 1
    for request in service.requests:
        assert len(request) <= MOST_RECORDS
        assert sum(len(record["Data"]) for record in request) <= MOST_BYTES


def test_a_document_that_is_too_large_fails_and_its_neighbours_go(service: ServiceOfTheTest, sink: Firehose) -> None:
    failed = failures(sink, documents(1, "x" * MOST_RECORD_BYTES, 3))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the document has 1,024,003 bytes, and the destination takes 1,024,000"
    }
    assert service.requests == [[{"Data": b"1\n"}, {"Data": b"3\n"}]]


@pytest.mark.parametrize(
    "stream",
    ["", "a b", "x" * 65, "arn:aws:firehose:eu-central-1:123456789012:deliverystream/audit", None, b"audit", "audit\n"],
)
def test_what_is_no_name_of_a_stream_is_said_at_once(stream: object) -> None:
    with pytest.raises(RegistrationError, match="write the name of a delivery stream"):
        Firehose(stream)  # type: ignore[arg-type]


def test_its_policy_allows_what_it_calls(sink: Firehose) -> None:
    assert sink.statements() == [
        {
            "Effect": "Allow",
            "Action": ["firehose:PutRecordBatch"],
            "Resource": ["arn:*:firehose:*:*:deliverystream/audit"],
        }
    ]
