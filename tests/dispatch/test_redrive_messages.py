"""What a message of the redrive queue holds, and so which function gets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.dispatch.redrive_messages import parse_message

from ..builders import s3_event, s3_record

HERE = "arn:aws:sns:eu-central-1:123456789012:slips"
DISPATCH, DEAD = f"{HERE}-dispatch", f"{HERE}-dead-letters"
NOTIFICATION = json.dumps(
    {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": "logs"}, "object": {"key": "a+b.json", "size": 3}},
            }
        ]
    }
)
BATCH = json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "KinesisBatchInfo": {"batchSize": 2}})


def envelope(topic: str, text: str) -> str:
    """A message of SNS, as it puts it into a queue."""
    return json.dumps(
        {"Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": text, "SigningCertURL": "https://c"}
    )


def event(topic: str, *texts: str) -> dict[str, Any]:
    """What a function got of SNS."""
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"TopicArn": topic, "Message": text}} for text in texts]}


def dead_letter(payload: object) -> str:
    """What Lambda says of an invocation that failed for good."""
    return json.dumps({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": payload})


def targets(text: str) -> list[tuple[str, str]]:
    return [(each.topic, each.record["Sns"]["Message"]) for each in parse_message(text)]


def test_what_sns_could_not_deliver_goes_to_the_function_of_its_topic() -> None:
    assert targets(envelope(DISPATCH, NOTIFICATION)) == [(DISPATCH, NOTIFICATION)]
    assert targets(envelope(DEAD, BATCH)) == [(DEAD, BATCH)]


def test_it_is_a_record_as_lambda_gets_it() -> None:
    """Chalice reads these members."""
    (undelivered,) = parse_message(envelope(DISPATCH, NOTIFICATION))
    message = undelivered.record["Sns"]
    assert (undelivered.record["EventSource"], message["Type"], message["MessageId"]) == (
        "aws:sns", "Notification", "1",
    )  # fmt: skip
    assert (message["Subject"], message["MessageAttributes"], message["SigningCertUrl"]) == (None, {}, "https://c")


def test_a_dead_letter_that_report_failed_on_goes_to_report() -> None:
    assert targets(dead_letter(event(DEAD, BATCH))) == [(DEAD, BATCH)]


def test_a_notification_that_first_dispatch_and_then_report_failed_on_goes_to_dispatch() -> None:
    """There the object comes into its lane; report would make an error item of it."""
    lost = dead_letter(event(DISPATCH, NOTIFICATION))
    assert targets(dead_letter(event(DEAD, lost))) == [(DISPATCH, NOTIFICATION)]
    assert targets(envelope(DEAD, lost)) == [(DISPATCH, NOTIFICATION)]


def test_each_record_of_an_event_counts() -> None:
    both = dead_letter(event(DEAD, dead_letter(event(DISPATCH, NOTIFICATION, "other")), BATCH))
    assert targets(both) == [(DISPATCH, NOTIFICATION), (DISPATCH, "other"), (DEAD, BATCH)]


def test_a_dead_letter_whose_event_is_not_of_sns_goes_to_report_as_it_is() -> None:
    """It makes an error item of whatever it is."""
    strange = dead_letter({"Records": [{"s3": {}}]})
    assert targets(dead_letter(event(DEAD, strange))) == [(DEAD, strange)]


def test_the_event_itself_is_understood() -> None:
    assert targets(json.dumps(event(DISPATCH, NOTIFICATION))) == [(DISPATCH, NOTIFICATION)]


@pytest.mark.parametrize(
    "text",
    [
        "", "no JSON", "[1]", "{}", "[" * 100_000,
        '{"Type": "Notification", "TopicArn": "slips", "Message": "x"}',
        '{"Type": "Notification", "TopicArn": 3, "Message": "x"}',
        envelope("arn:aws:sns:eu-central-1", "x"),
        envelope(f"{DISPATCH}\x1b[2J", "x"), envelope(f"{HERE} x", "x"),
        envelope("arn:aws:sqs:eu-central-1:123456789012:slips", "x"),
        dead_letter({"Records": []}), dead_letter("text"), dead_letter({"Records": [1]}),
        dead_letter({"Records": [*event(DEAD, BATCH)["Records"], {"body": "x"}]}),
    ],
)  # fmt: skip
def test_anything_else_is_not_understood_and_no_part_of_it(text: str) -> None:
    assert parse_message(text) == []


def test_a_letter_in_a_letter_in_a_letter_ends_somewhere() -> None:
    text = NOTIFICATION
    for _ in range(50):
        text = dead_letter(event(DEAD, text))
        if len(text) > 1_000_000:
            break
    assert parse_message(text)


RESTORED = json.dumps(s3_event(s3_record("k", eventName="ObjectRestore:Completed")))


@pytest.mark.parametrize(
    ("text", "is_one"), [(NOTIFICATION, True), (RESTORED, True), (BATCH, False), ("no JSON", False)]
)
def test_a_notification_of_s3_is_for_dispatch(text: str, is_one: bool) -> None:
    (undelivered,) = parse_message(envelope(DISPATCH, text))
    assert undelivered.is_notification is is_one


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Type", "TopicArn", "Message", "Records", "Sns", "requestPayload"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_message_ends_the_command(document: object) -> None:
    parse_message(json.dumps(document))
