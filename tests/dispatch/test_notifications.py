from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.dispatch.notifications import MAX_ENVELOPES, parse_notifications
from slips.model import ObjectRef
from slips.model.failures import SAMPLE_CHARACTERS

from ..builders import event_bridge, s3_event, s3_record, sns, sqs

TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs"}


def keys(event: object) -> list[str]:
    parsed = parse_notifications(event)
    assert not parsed.unreadable
    return [ref.key for ref in parsed.refs]


def test_every_record_of_every_message_is_taken() -> None:
    event = sns(s3_event(s3_record("a"), s3_record("b")), s3_event(s3_record("c")))
    assert keys(event) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(s3_event(s3_record("k")), id="S3"),
        pytest.param(sns(s3_event(s3_record("k"))), id="S3 in SNS"),
        pytest.param(sqs(s3_event(s3_record("k"))), id="S3 in SQS"),
        pytest.param(
            sqs({"Type": "Notification", "Message": json.dumps(s3_event(s3_record("k")))}), id="S3 in SNS in SQS"
        ),
        pytest.param(event_bridge("k"), id="EventBridge"),
        pytest.param(sns(event_bridge("k")), id="EventBridge in SNS"),
        pytest.param(sns(s3_event(s3_record("k", eventName="s3:ObjectCreated:Copy"))), id="with the older prefix"),
    ],
)
def test_an_object_is_found_in_any_envelope(event: dict[str, Any]) -> None:
    assert keys(event) == ["k"]


def test_every_field_of_s3_is_kept() -> None:
    record = s3_record("k", bucket="b", awsRegion="us-east-1", eventTime="2026-01-31T13:00:00.5+01:00")
    record["s3"]["object"]["versionId"] = "v1"
    (ref,) = parse_notifications(sns(s3_event(record))).refs
    assert (ref.bucket, ref.key, ref.size, ref.etag) == ("b", "k", 100, "e1")
    assert (ref.version_id, ref.sequencer, ref.region) == ("v1", "0A", "us-east-1")
    assert (ref.event_time, ref.event_name) == ("2026-01-31T12:00:00.500Z", "ObjectCreated:Put")


def test_a_missing_field_is_empty() -> None:
    (ref,) = parse_notifications(
        s3_event({"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}})
    ).refs
    assert ref == ObjectRef(bucket="b", key="k")


def test_every_field_of_event_bridge_is_kept() -> None:
    (ref,) = parse_notifications(event_bridge("k", "b")).refs
    assert (ref.bucket, ref.key, ref.size, ref.etag) == ("b", "k", 100, "e1")
    assert (ref.version_id, ref.sequencer, ref.region) == ("v1", "0A", "eu-central-1")
    assert (ref.event_time, ref.event_name) == ("2026-01-31T12:00:00.000Z", "ObjectCreated:Put")


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("a+b%2Bc%3D1.gz", "a b+c=1.gz"),
        ("%F0%9F%98%80", "😀"),
        ("..%2F..%2Fetc", "../../etc"),
        ("a%00b", "a\0b"),
        ("日本", "日本"),
    ],
)
def test_a_key_of_s3_is_decoded(encoded: str, key: str) -> None:
    assert keys(sns(s3_event(s3_record(encoded=encoded)))) == [key]


def test_a_key_of_event_bridge_stays_as_it_is() -> None:
    assert keys(event_bridge("a+b%3D1")) == ["a+b%3D1"]


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_key_comes_through(key: str) -> None:
    assert keys(sns(s3_event(s3_record(key)))) == [key]


def test_the_test_event_of_s3_leaves_nothing() -> None:
    assert keys(sns(TEST_EVENT)) == []


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "s3:ObjectRestore:Post", "LifecycleTransition"])
def test_only_created_objects_are_taken(name: str) -> None:
    assert keys(sns(s3_event(s3_record("a", eventName=name), s3_record("b")))) == ["b"]


@pytest.mark.parametrize(
    "event",
    [
        sns(s3_event(s3_record("k", eventName="s3:ObjectRestore:Completed"))),
        event_bridge("k", **{"detail-type": "Object Restore Completed"}),
    ],
)
def test_a_restored_object_is_told_from_a_created_one(event: dict[str, Any]) -> None:
    parsed = parse_notifications(event)
    assert [ref.key for ref in parsed.restored] == ["k"]
    assert (parsed.refs, parsed.unreadable) == ((), ())


def test_only_created_objects_of_event_bridge_are_taken() -> None:
    assert keys(event_bridge(**{"detail-type": "Object Deleted"})) == []


@pytest.mark.parametrize(
    "message",
    ["not json", "[1]", "null", '"text"', '{"some": "alarm"}', '{"Records": [{"cron": 1}]}', "[" * 100_000],
)
def test_what_is_not_a_notification_is_unreadable_and_the_others_are_parsed(message: str) -> None:
    parsed = parse_notifications(sns(message, s3_event(s3_record("b"))))
    assert [ref.key for ref in parsed.refs] == ["b"]
    assert len(parsed.unreadable) == 1
    assert parsed.unreadable[0].reason


def test_the_sample_is_the_message() -> None:
    (message,) = parse_notifications(sns("hello 😀")).unreadable
    assert message.sample == "hello 😀"


def test_a_sample_can_always_be_written_down() -> None:
    (message,) = parse_notifications(sns("a\ud800")).unreadable
    assert message.sample == "a\\ud800"


def test_an_event_that_is_not_json_is_unreadable_too() -> None:
    (message,) = parse_notifications({1, 2}).unreadable
    assert message.sample == "{1, 2}"


def test_the_sample_is_bounded_but_the_id_is_of_the_whole() -> None:
    one, other = parse_notifications(sns("x" * 300_000 + "1", "x" * 300_000 + "2")).unreadable
    assert len(one.sample) == SAMPLE_CHARACTERS
    assert one.id != other.id


def test_the_same_message_has_the_same_id() -> None:
    assert parse_notifications(sns("x")).unreadable == parse_notifications(sns("x")).unreadable


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(s3_record(encoded="a%FFb"), id="not UTF-8"),
        pytest.param(s3_record(encoded="a\ud800"), id="half a surrogate pair"),
        pytest.param(s3_record("a", bucket="b\ud800"), id="half a surrogate pair in the bucket"),
        pytest.param(s3_record(encoded=""), id="no key"),
        pytest.param(s3_record(bucket=""), id="no bucket"),
        pytest.param(s3_record(s3={"bucket": {"name": "logs"}}), id="no object"),
        pytest.param(s3_record(s3=None), id="nothing"),
        pytest.param(s3_record(awsRegion=7), id="of another type"),
    ],
)
def test_a_broken_record_is_unreadable_and_the_others_are_parsed(record: dict[str, Any]) -> None:
    parsed = parse_notifications(sns(s3_event(record, s3_record("b"))))
    assert [ref.key for ref in parsed.refs] == ["b"]
    (message,) = parsed.unreadable
    message.sample.encode()


def test_an_undecodable_key_stays_visible() -> None:
    (message,) = parse_notifications(sns(s3_event(s3_record(encoded="a%FFb")))).unreadable
    assert "a%FFb" in message.sample
    assert "UTF-8" in message.reason


def test_a_broken_key_of_event_bridge_is_unreadable() -> None:
    (message,) = parse_notifications(event_bridge("a\udcff")).unreadable
    assert "UTF-8" in message.reason


def test_an_unreadable_time_costs_no_object() -> None:
    (ref,) = parse_notifications(s3_event(s3_record("k", eventTime="yesterday"))).refs
    assert ref.event_time == ""


def test_envelopes_are_opened_up_to_a_depth() -> None:
    message: object = s3_event(s3_record("k"))
    for _ in range(MAX_ENVELOPES):
        message = {"Message": json.dumps(message)}
    assert keys(message) == ["k"]
    assert parse_notifications({"Message": json.dumps(message)}).unreadable


NAMES = ["Records", "Sns", "Message", "body", "s3", "eventName", "bucket", "object", "detail-type"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@given(JSON)
def test_nothing_raises(event: object) -> None:
    parse_notifications(event)
