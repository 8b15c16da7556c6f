"""Messages of others than S3, as their documentation shows them, with keys and names of our own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.dispatch.notifications import parse_notifications

from ..builders import sns, sqs

CONFIG = {"notificationCreationTime": "2026-01-31T12:00:00.000Z", "recordVersion": "1.1"}
KEY = "AWSLogs/111122223333/a+b%3D=c/x.json.gz"
LAKE = {
    "source": "aws.s3",
    "time": "2026-01-31T12:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:s3:::logs"],
    "detail": {"bucket": {"name": "logs"}, "object": {"key": KEY, "size": 5, "etag": "e1"}, "requester": "lake"},
}


def config(kind: str, **fields: Any) -> dict[str, Any]:
    return {**CONFIG, "messageType": kind, **fields}


def places(event: object) -> list[tuple[str, str]]:
    parsed = parse_notifications(event)
    assert (parsed.unreadable, parsed.restored) == ((), ())
    return [(ref.bucket, ref.key) for ref in parsed.refs]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"s3Bucket": "logs", "s3ObjectKey": [KEY]}, id="CloudTrail"),
        pytest.param(
            config("ConfigurationHistoryDeliveryCompleted", s3Bucket="logs", s3ObjectKey=KEY), id="AWS Config"
        ),
        pytest.param(
            config(
                "OversizedConfigurationItemChangeNotification",
                s3DeliverySummary={"s3BucketLocation": f"logs/{KEY}", "errorCode": None},
            ),
            id="AWS Config, oversized",
        ),
        pytest.param(LAKE, id="Security Lake"),
        pytest.param(
            {"cid": "c", "timestamp": 1769860800000, "bucket": "logs", "files": [{"path": KEY, "size": 5}]},
            id="CrowdStrike",
        ),
    ],
)
def test_the_object_is_found_and_its_key_stays_as_it_is(message: dict[str, Any]) -> None:
    assert places(sns(message)) == places(sqs(message)) == [("logs", KEY)]


def test_all_objects_of_a_message_are_found() -> None:
    files = [{"path": "a", "size": 1}, {"path": "b", "size": 2}]
    assert places(sns({"s3Bucket": "logs", "s3ObjectKey": ["a", "b"]})) == [("logs", "a"), ("logs", "b")]
    assert [ref.size for ref in parse_notifications(sqs({"bucket": "logs", "files": files})).refs] == [1, 2]


def test_security_lake_says_as_much_as_event_bridge() -> None:
    [ref] = parse_notifications(sqs(LAKE)).refs
    assert (ref.size, ref.etag, ref.region, ref.event_time) == (5, "e1", "eu-west-1", "2026-01-31T12:00:00.000Z")
    assert ref.event_name == "ObjectCreated:Put"


@pytest.mark.parametrize(
    ("time", "event_time"),
    [
        ({"timestamp": 1769860800000}, "2026-01-31T12:00:00.000Z"),
        ({"timestamp": "2026-01-31T12:00:00Z"}, "2026-01-31T12:00:00.000Z"),
        ({"timestamp": 10**30}, ""),
        ({"timestamp": "yesterday"}, ""),
        ({"timestamp": None}, ""),
        ({}, ""),
    ],
)
def test_the_time_of_the_message_is_that_of_the_event(time: dict[str, Any], event_time: str) -> None:
    [ref] = parse_notifications(sqs({"bucket": "logs", "files": [{"path": "a"}], **time})).refs
    assert ref.event_time == event_time


def test_a_later_message_of_the_same_key_is_other_work_and_a_repeated_one_is_not() -> None:
    def work_id(time: int) -> str:
        [ref] = parse_notifications(sqs({"bucket": "logs", "files": [{"path": "a"}], "timestamp": time})).refs
        return ref.work_id

    assert work_id(1) == work_id(1) != work_id(2)


@pytest.mark.parametrize(
    "message",
    [
        "CloudTrail validation message.",
        config("ConfigurationItemChangeNotification", configurationItem={"resourceId": "i-1"}),
        config("ConfigurationSnapshotDeliveryStarted", configSnapshotId="1"),
        config("ComplianceChangeNotification"),
        {"s3Bucket": "logs", "s3ObjectKey": []},
    ],
)
def test_what_is_about_no_object_leaves_nothing(message: object) -> None:
    assert places(sns(message)) == []


@pytest.mark.parametrize(
    "message",
    [
        "CloudTrail validation",
        config("ConfigurationHistoryDeliveryFailed"),
        {"messageType": "an alarm"},
        {"s3Bucket": "logs", "s3ObjectKey": 7},
        {"s3Bucket": 7, "s3ObjectKey": "a"},
        {"s3Bucket": "logs", "s3ObjectKey": ""},
        {"s3Bucket": "", "s3ObjectKey": ["a"]},
        {"s3Bucket": "logs", "s3ObjectKey": [["a"]]},
        config("Oversized", s3DeliverySummary={"s3BucketLocation": "no-slash"}),
        {"bucket": "logs", "files": ["a"]},
        {"bucket": "logs", "files": [{"path": None}]},
        {"bucket": "logs", "files": [{"path": "a", "size": "large"}]},
        {"bucket": "logs", "files": [{"path": "a\ud800"}]},
        {"source": "aws.s3", "detail": {"object": {"key": "a"}}},
        {"source": "aws.ec2", "detail": {"bucket": {"name": "logs"}, "object": {"key": "a"}}},
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_text(message: object) -> None:
    parsed = parse_notifications(sns(message))
    assert (parsed.refs, len(parsed.unreadable)) == ((), 1)
    assert parsed.unreadable[0].reason


def test_a_broken_file_costs_no_other() -> None:
    parsed = parse_notifications(sqs({"bucket": "logs", "files": [{"path": "a"}, 7, {"path": "b"}]}))
    assert ([ref.key for ref in parsed.refs], len(parsed.unreadable)) == (["a", "b"], 1)


NAMES = [
    *("s3Bucket", "s3ObjectKey", "s3DeliverySummary", "s3BucketLocation", "messageType", "recordVersion", "bucket"),
    *("files", "path", "size", "timestamp", "notificationCreationTime", "source", "detail", "object"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("aws.s3"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@given(JSON)
def test_nothing_raises(message: object) -> None:
    parse_notifications({"Records": [{"body": "null"}, {"Sns": {"Message": "1"}}], "x": message})
    parse_notifications(message)
