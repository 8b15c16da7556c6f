"""An archive in S3: each row is in a file, the very same rows overwrite their file, and nothing reads what it wrote."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import msgspec
import pytest
from backports import zstd
from botocore.exceptions import ClientError, ConnectionClosedError

from slips import RetryLater, SlipsError, aws
from slips.config import Config, Mapping
from slips.config.settings import MIB
from slips.engine.fault_kinds import passes_by_itself
from slips.errors import EventFailed, RegistrationError
from slips.sinks import Document, S3Archive
from slips.sinks.archive_rows import LARGE

from .archived import NINE, S3OfTheTest, document
from .documents import failures

HOUR = "curated/format=json/year=2026/month=03/day=01/hour=09/"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> S3OfTheTest:
    client = S3OfTheTest()
    monkeypatch.setattr(aws, "client", lambda name, *_: {"s3": client}[name])
    return client


def archive(**arguments: Any) -> S3Archive:
    return S3Archive("s3://lake/curated/", **arguments)


def rows(content: bytes) -> list[Any]:
    return msgspec.json.Decoder().decode_lines(gzip.decompress(content))


def refused(code: str, message: str = "as planned.", status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


def test_rows_of_an_hour_share_a_file(s3: S3OfTheTest) -> None:
    batch = [document({"a": 1}, 1, key="x"), document({"a": 2}, 1, key="y"), document({"a": 3}, 2, time=NINE + 3600)]
    assert failures(archive(), batch) == {}
    nine, ten = s3.files.items()
    assert nine[0].startswith(HOUR)
    assert nine[0].endswith(".ndjson.gz")
    assert ten[0].startswith(HOUR.replace("hour=09", "hour=10"))
    assert [(row["event_id"], row["source_key"], row["a"]) for row in rows(nine[1])] == [
        (batch[0].meta.event_id, "x", 1), (batch[1].meta.event_id, "y", 2)
    ]  # fmt: skip
    assert [row["a"] for row in rows(ten[1])] == [3]


def test_each_kind_of_file_has_its_name_and_content_type(s3: S3OfTheTest) -> None:
    for kind in ("ndjson.gz", "ndjson.zst", "parquet"):
        assert failures(archive(format=kind), [document({"a": 1})]) == {}
    bodies = [request["Body"] for request in s3.requests]
    assert gzip.decompress(bodies[0]) == zstd.decompress(bodies[1])
    assert (bodies[2][:4], bodies[2][-4:]) == (b"PAR1", b"PAR1")
    assert [(request["Key"].partition(".")[2], request["ContentType"]) for request in s3.requests] == [
        ("ndjson.gz", "application/gzip"),
        ("ndjson.zst", "application/zstd"),
        ("parquet", "application/vnd.apache.parquet"),
    ]
    assert len({request["Key"].partition(".")[0] for request in s3.requests}) == 1


def test_the_same_batch_overwrites_itself(s3: S3OfTheTest) -> None:
    for _ in range(2):
        assert failures(archive(), [document({"a": 1}, 1), document({"a": 2}, 2, size=LARGE)]) == {}
    assert len(s3.requests) == 4
    assert len(s3.files) == 2
    assert s3.requests[0]["Body"][4:8] == bytes(4)  # gzip's time of writing


def test_other_rows_of_the_same_events_overwrite_nothing(s3: S3OfTheTest) -> None:
    # Two functions with one archive; or an event of which a function makes rows for several batches.
    for body in ({"whole": 1}, {"slim": 1}):
        assert failures(archive(), [document(body, size=LARGE)]) == {}
    assert len(s3.files) == 2


def test_a_large_object_has_files_of_its_own(s3: S3OfTheTest) -> None:
    batch = [
        document({}, 1, key="small"), document({}, 4, key="a", size=LARGE), document({}, 9, key="a", size=LARGE),
        document({}, 1, key="b", size=LARGE), document({}, 2, key="small"),
    ]  # fmt: skip
    assert failures(archive(), batch) == {}
    names = [key.removeprefix(HOUR) for key in s3.files]
    assert ["-4-9-" in name for name in names] == [False, True, False]
    assert ["-1-1-" in name for name in names] == [False, False, True]
    assert [[row["source_key"] for row in rows(content)] for content in s3.files.values()] == [
        ["small", "small"], ["a", "a"], ["b"]
    ]  # fmt: skip


def test_files_are_within_their_limits(s3: S3OfTheTest) -> None:
    text = "x" * 300_000
    sink = archive(file_rows=4, file_bytes=MIB)
    assert (sink.size, sink.most_bytes) == (4, MIB)
    batch = [document({"t": text if at <= 9 else ""}, at) for at in range(1, 20)]
    assert failures(sink, batch) == {}
    counts = [len(rows(content)) for content in s3.files.values()]
    assert counts == [3, 3, 4, 4, 4, 1]
    assert all(len(gzip.decompress(content)) <= MIB for content in s3.files.values())


def test_its_batches_are_large() -> None:
    assert (archive().size, archive().most_bytes) == (5_000, 32 * MIB)


def test_what_cannot_be_a_row_fails_alone(s3: S3OfTheTest) -> None:
    batch = [
        document({"ok": 1}, 1),
        document({"t": "x" * MIB}, 2),
        document({"t": "\ud800"}, 3),
        document({}, 5, time=1e12),
        document({"ok": 2}, 6),
    ]
    failed = failures(archive(file_bytes=MIB), batch)
    assert {position: type(cause) for position, cause in failed.items()} == {
        2: EventFailed, 3: EventFailed, 5: EventFailed
    }  # fmt: skip
    assert str(failed[2]).endswith("bytes, and the destination takes 1,048,576")
    [content] = s3.files.values()
    assert [row["ok"] for row in rows(content)] == [1, 2]


@pytest.mark.parametrize(
    "fault", [refused("SlowDown", status=503), ConnectionClosedError(endpoint_url="https://lake.s3")], ids=type
)
def test_what_passes_by_itself_is_raised_as_it_is(s3: S3OfTheTest, fault: Exception) -> None:
    s3.faults = [fault]
    with pytest.raises(type(fault)) as raised:
        archive().send([document({})])
    assert raised.value is fault
    assert passes_by_itself(raised.value)


@pytest.mark.parametrize("fault", [refused("SlowDown", status=503), refused("AccessDenied")], ids=["passes", "stays"])
def test_where_a_file_fails_the_rows_of_those_before_do_not_come_again(s3: S3OfTheTest, fault: Exception) -> None:
    s3.faults = [None, fault]
    batch = [document({}, 1), document({}, 2, time=NINE + 3600), document({}, 3, time=NINE + 7200)]
    failed = failures(archive(), batch)
    assert [*failed] == [2, 3]
    assert {passes_by_itself(cause) for cause in failed.values()} == {"SlowDown" in str(fault)}
    assert len(s3.files) == 1


def test_a_file_whose_answer_was_lost_is_overwritten(s3: S3OfTheTest) -> None:
    s3.takes, s3.faults = True, [ConnectionClosedError(endpoint_url="https://lake.s3")]
    with pytest.raises(ConnectionClosedError):
        archive().send([document({})])
    assert failures(archive(), [document({})]) == {}
    assert len(s3.requests) == 2
    assert len(s3.files) == 1


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("NoSuchBucket", "create the bucket, or correct its name in app.py"),
        ("AccessDenied", "allow s3:PutObject there, and kms:GenerateDataKey on the key that encrypts the bucket"),
        ("KMS.DisabledException", "correct the bucket, its policy or its key"),
    ],
)
def test_a_refusal_says_what_to_do(s3: S3OfTheTest, code: str, advice: str) -> None:
    s3.faults = [refused(code)]
    with pytest.raises(SlipsError) as raised:
        archive().send([document({})])
    assert str(raised.value) == f"s3://lake/curated/: S3 says {code}: as planned; {advice}"
    assert not passes_by_itself(raised.value)
    assert not isinstance(raised.value, RetryLater)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {}),
        ({"encryption": "AES256"}, {"ServerSideEncryption": "AES256"}),
        ({"encryption": "aws:kms"}, {"ServerSideEncryption": "aws:kms"}),
        ({"kms_key": KEY}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY}),
    ],
)
def test_encryption_is_that_of_the_arguments(s3: S3OfTheTest, arguments: Any, expected: dict[str, str]) -> None:
    assert failures(archive(**arguments), [document({})]) == {}
    [request] = s3.requests
    assert {name: value for name, value in request.items() if name.startswith(("Server", "SSE"))} == expected


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        ("s3://lake/curated/", "s3://lake/curated/"),
        ("s3://lake/a/b=c", "s3://lake/a/b=c/"),
        ("s3://lake", "s3://lake/"),
    ],
)
def test_a_target_is_a_folder(target: str, destination: str) -> None:
    sink = S3Archive(target)
    assert (sink.kind, sink.destination) == ("s3-archive", destination)


@pytest.mark.parametrize(
    "target", ["", "lake/curated/", "s3://", "s3:///a/", "s3://lake//", "s3://lake/a*/", "s3://lake/../", 7, None]
)
def test_a_target_that_is_not_one_is_refused(target: Any) -> None:
    with pytest.raises(RegistrationError, match='write the target as "s3://BUCKET/PREFIX/"'):
        S3Archive(target)


def test_a_prefix_leaves_room_for_the_names_of_files() -> None:
    S3Archive(f"s3://lake/{'a' * 511}/")
    with pytest.raises(RegistrationError, match="of at most 512"):
        S3Archive(f"s3://lake/{'a' * 512}/")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"format": "csv"}, "format is one of ndjson.gz, ndjson.zst, parquet, not 'csv'"),
        ({"format": []}, "format is one of ndjson.gz, ndjson.zst, parquet, not []"),
        ({"file_rows": 0}, "file_rows is a number from 1 to 20,000, not 0"),
        ({"file_rows": 20_001}, "file_rows is a number from 1 to 20,000, not 20001"),
        ({"file_rows": True}, "file_rows is a number from 1 to 20,000, not True"),
        ({"file_rows": "7"}, "file_rows is a number from 1 to 20,000, not '7'"),
        ({"file_bytes": 1}, "file_bytes is a number from 1,048,576 to 268,435,456, not 1"),
        ({"encryption": "rot13"}, 'encryption is "AES256" or "aws:kms", not \'rot13\''),
        ({"kms_key": "alias/lake"}, "write the ARN of a KMS key"),
        ({"kms_key": 7}, "write the ARN of a KMS key"),
        ({"kms_key": KEY, "encryption": "AES256"}, 'kms_key has no effect with encryption="AES256"'),
    ],
)
def test_an_argument_that_is_wrong_is_refused(arguments: Any, text: str) -> None:
    with pytest.raises(RegistrationError) as raised:
        archive(**arguments)
    assert str(raised.value).startswith(f"S3Archive: {text}")


def config(*mapped: tuple[str, str]) -> Config:
    mappings = tuple(
        Mapping(bucket=bucket, prefix=prefix, chain=("json",), path=f"bucket_mapping.{bucket}[0]")
        for bucket, prefix in mapped
    )
    return msgspec.structs.replace(Config.for_stack("slips"), mappings=mappings)


@pytest.mark.parametrize("prefix", ["", "cur", "curated", "curated/", "*/", "*"])
def test_a_target_below_a_mapped_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(RegistrationError) as raised:
        archive().check(config(("lake", "logs/"), ("lake", prefix)))
    assert str(raised.value) == (
        f'S3Archive("s3://lake/curated/") lies below the prefix "{prefix}" that bucket_mapping.lake[0] maps, so SLIPS '
        "would read its own files again and again: choose another prefix or bucket"
    )


@pytest.mark.parametrize(
    ("target", "prefix"),
    [("s3://lake/curated/", "curated/format=json/"), ("s3://lake/curated/", "*/*/logs/"), ("s3://lake/", "logs/")],
)
def test_a_target_above_a_mapped_prefix_is_refused(target: str, prefix: str) -> None:
    with pytest.raises(RegistrationError, match=rf'lies above the prefix "{re.escape(prefix)}"'):
        S3Archive(target).check(config(("lake", prefix)))


def test_a_target_beside_mapped_prefixes_is_taken() -> None:
    archive().check(
        config(
            ("lake", "logs/"), ("lake", "curated-2/"), ("lake", "logs/*/curated/"), ("other", "curated/"), ("other", "")
        )
    )
    archive().check(config())


def test_its_policy_allows_what_it_calls() -> None:
    put = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:*:s3:::lake/curated/*"]}
    assert archive().statements() == [put]
    use = {
        "Effect": "Allow",
        "Action": ["kms:GenerateDataKey"],
        "Resource": [KEY],
        "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com*"}},
    }
    assert archive(kms_key=KEY).statements() == [put, use]


@pytest.fixture
def bucket(aws_endpoint: str) -> Iterator[str]:
    """A bucket of the emulated AWS."""
    aws.reset()
    name = f"lake-{uuid4()}"
    boto3.client("s3", endpoint_url=aws_endpoint).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield name
    aws.reset()


def test_a_file_arrives_with_its_checksum(bucket: str) -> None:
    sink = S3Archive(f"s3://{bucket}/curated/", kms_key=KEY)
    batch: list[Document] = [document({"a": 1}, 1), document({"a": 2}, 2)]
    for _ in range(2):
        assert failures(sink, batch) == {}
    client = aws.client("s3")
    [file] = client.list_objects_v2(Bucket=bucket)["Contents"]
    answer = client.get_object(Bucket=bucket, Key=file["Key"], ChecksumMode="ENABLED")
    assert [row["a"] for row in rows(answer["Body"].read())] == [1, 2]
    assert answer["ContentType"] == "application/gzip"
    assert "ContentEncoding" not in answer
    assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"]) == ("aws:kms", KEY)
    assert answer["ChecksumCRC32"]


def test_a_bucket_that_does_not_exist_is_named(bucket: str) -> None:
    with pytest.raises(SlipsError, match=f"s3://{bucket}-2/: S3 says NoSuchBucket: .*; create the bucket"):
        S3Archive(f"s3://{bucket}-2").send([document({})])
