"""Kinesis: partition keys, and its limits, which count them. What it takes in part: test_aws_batches.py."""

from __future__ import annotations

import pytest

from slips.config.settings import MIB
from slips.errors import RegistrationError
from slips.sinks import KinesisStream
from slips.sinks.kinesis import MOST_BYTES, MOST_RAISED_BYTES, MOST_RECORDS

from ..builders import config
from .aws_services import ServiceOfTheTest, patience, service
from .documents import documents, failures

__all__ = ["service"]

ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/audit"


@pytest.fixture
def sink() -> KinesisStream:
    return KinesisStream("audit", backoff=patience())


def test_a_record_is_json_under_the_id_of_its_event(service: ServiceOfTheTest, sink: KinesisStream) -> None:
    batch = documents({"a": 1}, {"b": "ü"})
    assert failures(sink, batch) == {}
    assert service.requests == [
        [
            {"Data": b'{"a":1}', "PartitionKey": batch[0].meta.event_id},
            {"Data": '{"b":"ü"}'.encode(), "PartitionKey": batch[1].meta.event_id},
        ]
    ]
    assert service.arguments == [{"StreamName": "audit"}]


def test_a_stream_by_its_arn(service: ServiceOfTheTest) -> None:
    sink = KinesisStream(ARN)
    sink.send(documents(1))
    assert service.arguments == [{"StreamARN": ARN}]
    assert sink.destination == "audit"


def test_a_partition_key_of_the_users(service: ServiceOfTheTest) -> None:
    sink = KinesisStream("audit", partition_key="src")
    failed = failures(sink, documents({"src": "10.0.0.1"}, {}, {"src": "10.0.0.2"}))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "partition_key: the document has no field 'src'"
    }
    assert [record["PartitionKey"] for record in service.requests[0]] == ["10.0.0.1", "10.0.0.2"]


def test_requests_are_within_the_limits(service: ServiceOfTheTest, sink: KinesisStream) -> None:
    large = "x" * 900_000
    long_keys = KinesisStream("audit", partition_key=lambda meta, document: "ü" * 256)
    for each, bodies in ((sink, [large] * 9), (sink, range(MOST_RECORDS + 1)), (long_keys, ["x" * 12_000] * 500)):
        service.requests.clear()
        assert failures(each, documents(*bodies)) == {}
        assert sum(map(len, service.requests)) == len(bodies)
        assert len(service.requests) == 2
        for request in service.requests:
            assert len(request) <= MOST_RECORDS
            assert sum(len(record["Data"]) + len(record["PartitionKey"].encode()) for record in request) <= MOST_BYTES


def test_the_partition_key_counts(service: ServiceOfTheTest) -> None:
    sink = KinesisStream("audit", partition_key=lambda meta, document: "ü" * 10)
    failed = failures(sink, documents("x" * (MIB - 22), "x" * (MIB - 21), "x" * MIB))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the document and its partition key have 1,048,577 bytes, and the stream takes 1,048,576",
        3: "the document has 1,048,578 bytes, and the destination takes 1,048,576",
    }
    assert [len(request) for request in service.requests] == [1]


def test_a_stream_whose_limit_was_raised_takes_larger_records(service: ServiceOfTheTest) -> None:
    sink = KinesisStream("audit", most_record_bytes=MOST_RAISED_BYTES)
    assert failures(sink, documents(1, "x" * (MOST_RAISED_BYTES - 34), 3)) == {}
    assert [len(request) for request in service.requests] == [1, 1, 1]


@pytest.mark.parametrize(
    "stream", ["", "a b", "x" * 129, ARN.replace("kinesis", "firehose"), ARN.replace("stream/", ""), None, "audit\n"]
)
def test_what_is_no_stream_is_said_at_once(stream: object) -> None:
    with pytest.raises(RegistrationError, match="write the name of a stream, or its ARN"):
        KinesisStream(stream)  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [MIB - 1, MOST_RAISED_BYTES + 1, "1 MiB", 1048576.0])
def test_a_limit_that_no_stream_has_is_said_at_once(most: object) -> None:
    with pytest.raises(RegistrationError, match="most_record_bytes is a number of bytes from 1,048,576 to 10,485,760"):
        KinesisStream("audit", most_record_bytes=most)  # type: ignore[arg-type]


def test_a_key_that_is_none_is_said_at_once() -> None:
    with pytest.raises(RegistrationError, match="KinesisStream: partition_key is a field"):
        KinesisStream("audit", partition_key=7)  # type: ignore[arg-type]


@pytest.mark.parametrize(("stream", "resource"), [("audit", "arn:*:kinesis:*:*:stream/audit"), (ARN, ARN)])
def test_its_policy_allows_what_it_calls(stream: str, resource: str) -> None:
    assert KinesisStream(stream).statements() == [
        {"Effect": "Allow", "Action": ["kinesis:PutRecords"], "Resource": [resource]}
    ]


@pytest.mark.parametrize("stream", ["slips-fast", "arn:aws:kinesis:eu-west-1:123456789012:stream/slips-slow"])
def test_a_lane_of_the_deployment_is_refused_at_import(stream: str) -> None:
    KinesisStream("slips-fastest").check(config())
    with pytest.raises(RegistrationError, match="is a lane of this deployment"):
        KinesisStream(stream).check(config())
