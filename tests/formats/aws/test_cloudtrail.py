"""CloudTrail."""

from __future__ import annotations

import json
from typing import Any

from tests.each_case import each_case

from ..reading import one, read
from ..rows import NOON, at, broken_records, check_refused, page

EVENT: dict[str, Any] = {
    "eventType": "AwsConsoleSignIn",
    "eventName": "ConsoleLogin",
    "userIdentity": {"arn": "arn:aws:iam::123456789012:user/liz"},
    "sourceIPAddress": "192.0.2.41",
    "eventTime": NOON,
}


@each_case(
    "row",
    [
        *at("cloudtrail", "aws.cloudtrail.AwsApiCall", {"eventType": "AwsApiCall", "eventTime": "2026-03-01 12:00:00"}),
        *at("cloudtrail", "aws.cloudtrail.unknown", {}, time=None),
        *at("cloudtrail-insight", "aws.cloudtrail_insight", {"eventTime": NOON}, {"Records": [{"eventTime": NOON}]}),
        *at("cloudtrail-digest", "aws.cloudtrail_digest", {"digestEndTime": NOON, "logFiles": [{"eventTime": 1}]}),
        *at("cloudtrail-lake", "aws.cloudtrail_lake", {"eventData": {"eventTime": NOON}, "eventTime": "2026-03-02"}),
        *at("cloudtrail-lake", "aws.cloudtrail_lake", {"eventTime": NOON, "eventData": "{}"}),
    ],
    ids=str,
)
def test_tags_and_times(row: Any) -> None:
    row.check()


def test_a_trails_file_is_its_records() -> None:
    times = ["2026-03-01T12:00:00.000000+00:00", None]
    assert page("cloudtrail", "Records", {"eventTime": NOON}, {}) == times
    assert page("cloudtrail", "records", {"eventTime": NOON}, {}) == times


def test_the_description_is_a_sentence_of_who_did_what() -> None:
    text = "AwsConsoleSignIn ConsoleLogin by arn:aws:iam::123456789012:user/liz on 192.0.2.41"
    (event,) = read("cloudtrail", json.dumps(EVENT).encode())
    assert event["description"] == text


@each_case("identity", [b"null", b'"liz"', b"{}", b"[1]"])
def test_what_is_missing_is_none_in_the_description(identity: bytes) -> None:
    event = one("cloudtrail", b'{"eventName":"ConsoleLogin","userIdentity":%s}' % identity)
    assert event["description"] == "None ConsoleLogin by None on None"


@each_case(
    ("format", "broken"),
    broken_records({
        "cloudtrail": "eventTime", "cloudtrail-insight": "eventTime", "cloudtrail-digest": "digestEndTime",
        "cloudtrail-lake": "eventData.eventTime",
    }),
)  # fmt: skip
def test_a_broken_record_is_refused(format: str, broken: Any) -> None:
    check_refused(format, broken)


def test_an_event_that_eventbridge_announces_is_taken_out_of_its_envelope() -> None:
    record = {"eventVersion": "1.10", "eventTime": "2026-03-01T12:00:00Z", "eventType": "AwsApiCall", "eventName": "A"}
    announced = {"detail-type": "AWS API Call via CloudTrail", "time": "2026-03-01T12:00:09Z", "detail": record}
    reading = one("cloudtrail", json.dumps(announced).encode())
    assert reading.event == {**record, "description": "AwsApiCall A by None on None"}
    assert (reading.tag, reading.time) == ("aws.cloudtrail.AwsApiCall", "2026-03-01T12:00:00.000000+00:00")
