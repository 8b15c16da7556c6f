from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, ClassVar
from unittest.mock import ANY
from uuid import uuid4

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from slips.aws.retry import Backoff
from slips.config.settings import MIB, LaneConfig
from slips.errors import NotificationError, StoreError
from slips.lanes.kinesis import (
    MAX_BYTES,
    MAX_RECORD_BYTES,
    MAX_RECORDS,
    KinesisLanes,
    KinesisStreams,
    decode_record,
    split_chunks,
    to_entry,
)
from slips.model import WorkItem
from slips.model.ports import Record

from ..builders import item, kinesis_record, legacy_item, ref

FAST = LaneConfig(name="fast", stream="f")
SLOW = LaneConfig(name="slow", stream="s", stream_arn="arn:aws:kinesis:eu-central-1:1:stream/s")


class Time:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def backoff(self, **fields: Any) -> Backoff:
        return Backoff(sleep=self.sleep, clock=lambda: self.now, jitter=lambda: 1.0, **fields)


class Kinesis:
    """Answers each PutRecords as scripted: an exception, or the codes of entries by index; then accepts everything."""

    def __init__(self, *answers: Exception | dict[int, str]) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.accepted: list[WorkItem] = []

    def put_records(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        results = []
        for index, record in enumerate(request["Records"]):
            if index in answer:
                results.append({"ErrorCode": answer[index], "ErrorMessage": ""})
            else:
                results.append({"SequenceNumber": "1", "ShardId": "0"})
                self.accepted.append(msgspec.json.decode(record["Data"], type=WorkItem))
        return {"FailedRecordCount": len(answer), "Records": results}

    def keys(self) -> list[str]:
        return [each.object_key for each in self.accepted]


def lanes(client: Any, time: Time | None = None, **fields: Any) -> KinesisLanes:
    return KinesisLanes(client, FAST, SLOW, (time or Time()).backoff(**fields))


def fault(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutRecords")  # type: ignore[typeddict-item]


THROTTLED = "ProvisionedThroughputExceededException"


def test_items_go_into_the_stream_of_their_lane() -> None:
    kinesis = Kinesis()
    assert lanes(kinesis).enqueue("fast", [item("a"), item("b")]) == []
    assert kinesis.keys() == ["a", "b"]
    assert kinesis.requests == [{"StreamName": "f", "Records": ANY}]
    assert {each.dest_stream for each in kinesis.accepted} == {"f"}


def test_a_stream_with_an_arn_is_named_by_it() -> None:
    kinesis = Kinesis()
    lanes(kinesis).enqueue("slow", [item()])
    assert kinesis.requests[0]["StreamARN"] == SLOW.stream_arn
    assert "StreamName" not in kinesis.requests[0]
    assert kinesis.accepted[0].dest_stream == "s"


def test_items_of_one_object_go_to_one_shard() -> None:
    kinesis = Kinesis()
    lanes(kinesis).enqueue("fast", [item("a"), item("a", resume_from=9), item("b")])
    one, other, third = [record["PartitionKey"] for record in kinesis.requests[0]["Records"]]
    assert one == other != third


def test_only_the_entries_that_failed_are_sent_again() -> None:
    kinesis = Kinesis({1: THROTTLED, 3: "InternalFailure"}, {0: THROTTLED})
    assert lanes(kinesis).enqueue("fast", [item(key) for key in "abcde"]) == []
    assert [len(request["Records"]) for request in kinesis.requests] == [5, 2, 1]
    assert kinesis.keys() == ["a", "c", "e", "d", "b"]


def test_what_is_never_accepted_is_returned() -> None:
    kinesis = Kinesis(*[{0: THROTTLED}] * 1000)
    rejected = lanes(kinesis).enqueue("fast", [item("a"), item("b")])
    assert [each.object_key for each in rejected] == ["a"]
    assert rejected[0].dest_stream == "f"


def test_the_log_says_why_an_item_was_not_accepted(caplog: pytest.LogCaptureFixture) -> None:
    lanes(Kinesis(fault("ResourceNotFoundException"))).enqueue("fast", [item()])
    assert "ResourceNotFoundException" in caplog.text
    assert "1 of 1 work item" in caplog.text
    caplog.clear()
    lanes(Kinesis(*[{0: THROTTLED}] * 1000)).enqueue("fast", [item()])
    assert THROTTLED in caplog.text
    caplog.clear()
    lanes(Kinesis()).enqueue("fast", [item()])
    assert caplog.text == ""


def test_pauses_grow_up_to_a_cap_until_patience_runs_out() -> None:
    time = Time()
    lanes(Kinesis(*[{0: THROTTLED}] * 1000), time, first=1.0, cap=4.0, patience=15.0).enqueue("fast", [item()])
    assert time.slept == [1, 2, 4, 4, 4]


def test_jitter_shortens_pauses_but_never_to_nothing() -> None:
    time = Time()
    backoff = Backoff(sleep=time.sleep, clock=lambda: time.now, jitter=lambda: 0.0, first=1.0, patience=1.0)
    KinesisLanes(Kinesis({0: THROTTLED}), FAST, SLOW, backoff).enqueue("fast", [item()])  # type: ignore[arg-type]
    assert time.slept == [0.5]


def test_once_patience_has_run_out_each_chunk_still_has_one_attempt() -> None:
    kinesis = Kinesis(*[{0: THROTTLED}] * 3)
    rejected = lanes(kinesis, first=1.0, patience=1.0).enqueue("fast", [item(str(n)) for n in range(2 * MAX_RECORDS)])
    assert [len(request["Records"]) for request in kinesis.requests] == [500, 1, 500]
    assert len(rejected) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        fault(THROTTLED),
        fault("ThrottlingException"),
        fault("InternalFailure", 500),
        fault("Whatever", 503),
        EndpointConnectionError(endpoint_url="http://x"),
    ],
    ids=str,
)
def test_a_transient_error_of_the_whole_request_is_retried(refusal: Exception) -> None:
    kinesis = Kinesis(refusal)
    assert lanes(kinesis).enqueue("fast", [item("a"), item("b")]) == []
    assert kinesis.keys() == ["a", "b"]


@pytest.mark.parametrize("refusal", [fault("ResourceNotFoundException"), NoCredentialsError()], ids=str)
def test_a_permanent_error_is_not_retried_and_does_not_raise(refusal: Exception) -> None:
    kinesis = Kinesis(refusal)
    assert len(lanes(kinesis).enqueue("fast", [item("a"), item("b")])) == 2
    assert len(kinesis.requests) == 1


def test_a_chunk_that_fails_does_not_stop_the_next() -> None:
    kinesis = Kinesis(fault("ResourceNotFoundException"))
    rejected = lanes(kinesis).enqueue("fast", [item(str(n)) for n in range(MAX_RECORDS + 1)])
    assert len(rejected) == MAX_RECORDS
    assert kinesis.keys() == ["500"]


def test_a_request_holds_500_records_at_most() -> None:
    kinesis = Kinesis()
    lanes(kinesis).enqueue("fast", [item(str(n)) for n in range(1001)])
    assert [len(request["Records"]) for request in kinesis.requests] == [500, 500, 1]
    assert kinesis.keys() == [str(n) for n in range(1001)]


def sized(size: int) -> WorkItem:
    """A work item that is a record of exactly `size` bytes."""
    return item(positions="1" * (size - to_entry(item(positions="1"), "f").size + 1))


def test_a_request_holds_5_mib_at_most_partition_keys_counted() -> None:
    kinesis = Kinesis()
    lanes(kinesis).enqueue("fast", [sized(MIB)] * 5)
    lanes(kinesis).enqueue("fast", [sized(MIB)] * 5 + [sized(1000)])
    assert [len(request["Records"]) for request in kinesis.requests] == [5, 5, 1]
    assert sum(len(each["Data"]) + len(each["PartitionKey"]) for each in kinesis.requests[0]["Records"]) == MAX_BYTES


def test_an_item_over_1_mib_is_returned_and_the_others_go() -> None:
    kinesis = Kinesis()
    rejected = lanes(kinesis).enqueue("fast", [sized(MAX_RECORD_BYTES + 1), sized(MAX_RECORD_BYTES)])
    assert len(rejected) == 1
    assert len(kinesis.accepted) == 1


def test_nothing_makes_no_request() -> None:
    kinesis = Kinesis()
    assert lanes(kinesis).enqueue("fast", []) == []
    assert kinesis.requests == []
    assert list(split_chunks([])) == []


def test_a_work_item_comes_out_as_it_went_in() -> None:
    work = item(
        "a b/😀", positions="3-7,9.1", processors=("f",), attempt=1, error_id="e", resume_from=3, chain="s3-lines",
        suspended=("g",), split=10, not_before=7, raw_key="a+b", history=("h",), first_failed="2026",
        unknown={"new": 1},
    )  # fmt: skip
    assert decode_record(kinesis_record(to_entry(work, work.dest_stream).data)) == work


def test_a_work_item_knows_the_record_it_came_in_and_takes_the_name_into_no_other() -> None:
    record = kinesis_record(item()) | {"eventID": "shardId-000000000000:1"}
    work = decode_record(record)
    assert work == msgspec.structs.replace(item(), record_id="shardId-000000000000:1")
    assert to_entry(work, work.dest_stream).data == to_entry(item(), work.dest_stream).data


def test_an_item_that_an_earlier_version_continued_names_the_suspended_functions() -> None:
    work = decode_record(kinesis_record(legacy_item("a") | {"given_up": ["f"]}))
    assert work.suspended == ("f",)
    assert msgspec.json.decode(to_entry(work, "fast").data)["given_up"] == ["f"]


def test_an_item_of_the_class_based_slips_is_taken() -> None:
    work = decode_record(kinesis_record(legacy_item("a")))
    assert (work.object_key, work.resume_from, work.positions) == ("a", 1, "")
    assert work.work_id == ref("a").work_id


def test_fields_of_a_later_version_are_kept_and_written_again() -> None:
    work = decode_record(kinesis_record(legacy_item("a") | {"new": 1}))
    assert (work.object_key, work.unknown) == ("a", {"new": 1})
    assert msgspec.json.decode(to_entry(work, "fast").data)["new"] == 1


def test_a_work_item_of_a_later_shape_is_a_notification_error() -> None:
    with pytest.raises(NotificationError, match="by a later version"):
        decode_record(kinesis_record(legacy_item("a") | {"v": 2}))


@pytest.mark.parametrize(
    "record",
    [
        kinesis_record(b"garbage"),
        kinesis_record(b"\xff"),
        kinesis_record(b"[]"),
        kinesis_record(b"[" * 100_000),
        kinesis_record({"bucket_name": "b"}),
        kinesis_record({"bucket_name": 1, "object_key": "k"}),
        kinesis_record({"bucket_name": "", "object_key": "k"}),
        kinesis_record({"bucket_name": "b", "object_key": ""}),
        {"kinesis": {"data": "é"}},
        {"kinesis": {"data": b64encode(b"{").decode()}},
        {"Sns": {}},
        None,
    ],
)
def test_garbage_is_a_notification_error(record: object) -> None:
    with pytest.raises(NotificationError):
        decode_record(record)


def test_items_go_through_a_real_stream(aws_endpoint: str) -> None:
    client = boto3.client("kinesis", endpoint_url=aws_endpoint)
    name = f"lane-{uuid4().hex}"
    client.create_stream(StreamName=name, ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    arn = client.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
    fast, slow = LaneConfig(name="fast", stream=name), LaneConfig(name="slow", stream=name, stream_arn=arn)
    real = KinesisLanes(client, fast, slow)
    assert real.enqueue("fast", [item(str(n)) for n in range(501)]) == []
    assert real.enqueue("slow", [item("last")]) == []
    shard = client.get_shard_iterator(
        StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = client.get_records(ShardIterator=shard)["Records"]
    keys = [decode_record(kinesis_record(record["Data"])).object_key for record in records]
    assert keys == [*map(str, range(501)), "last"]


@pytest.fixture
def stream(aws_endpoint: str) -> Iterator[tuple[Any, str]]:
    """A client and the ARN of a stream of one shard."""
    client, name = boto3.client("kinesis"), f"abandoned-{uuid4().hex[:8]}"
    client.create_stream(StreamName=name, ShardCount=1)
    yield client, client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    client.delete_stream(StreamName=name)


SHARD = "shardId-000000000000"


def test_records_are_fetched_by_their_sequence_numbers(stream: tuple[Any, str]) -> None:
    client, arn = stream
    numbers = [
        client.put_record(StreamARN=arn, Data=b"%d" % number, PartitionKey="p")["SequenceNumber"] for number in range(5)
    ]
    records = KinesisStreams(client).between(arn, SHARD, numbers[1], numbers[3])
    assert records == [Record(numbers[number], b"%d" % number) for number in (1, 2, 3)]


def test_a_missing_stream_has_no_records(stream: tuple[Any, str]) -> None:
    client, arn = stream
    assert KinesisStreams(client).between(arn + "x", SHARD, "1", "2") == []


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetRecords"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1"),
    ],
)
def test_a_stream_that_does_not_answer_is_a_store_error(fault: Exception) -> None:
    class Down:
        def get_shard_iterator(self, **request: Any) -> Any:
            raise fault

    with pytest.raises(StoreError):
        KinesisStreams(Down()).between("arn:s", SHARD, "1", "2")  # type: ignore[arg-type]


def test_empty_pages_are_skipped_until_the_shard_is_read_to_its_end() -> None:
    class Behind:
        pages: ClassVar[list[Any]] = [
            {"Records": [], "MillisBehindLatest": 9, "NextShardIterator": "b"},
            {"Records": [{"SequenceNumber": "7", "Data": b"x"}], "MillisBehindLatest": 1, "NextShardIterator": "c"},
            {"Records": [], "MillisBehindLatest": 0, "NextShardIterator": "d"},
        ]

        def get_shard_iterator(self, **request: Any) -> Any:
            return {"ShardIterator": "a"}

        def get_records(self, **request: Any) -> Any:
            return self.pages.pop(0)

    assert KinesisStreams(Behind()).between("arn:s", SHARD, "6", "9") == [Record("7", b"x")]  # type: ignore[arg-type]
