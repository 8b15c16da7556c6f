"""SQS and SNS: batches of ten messages, groups, and what makes a repeat harmless. What they take in part:
test_aws_batches.py."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slips import EventsFailed
from slips.errors import RegistrationError
from slips.sinks import Document, Sns, Sqs
from slips.sinks.messages import MOST_BYTES, MOST_MESSAGE_BYTES, _encode

from ..builders import config
from .aws_services import ServiceOfTheTest, patience, refusal, service
from .documents import documents, failures

__all__ = ["service"]

TOPIC = "arn:aws:sns:eu-central-1:123456789012:audit"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:audit"
URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/audit"

Messages = list[dict[str, Any]]


def sinks(suffix: str = "", **options: Any) -> list[Any]:
    return [Sqs("audit" + suffix, backoff=patience(), **options), Sns(TOPIC + suffix, backoff=patience(), **options)]


BOTH = pytest.mark.parametrize("sink", sinks(), ids=lambda sink: sink.kind)
FIFO = pytest.mark.parametrize("sink", sinks(".fifo"), ids=lambda sink: sink.kind)


def body_of(message: dict[str, Any]) -> str:
    return str(message.get("MessageBody") or message["Message"])


def size_of(message: dict[str, Any]) -> int:
    """As SQS and SNS count: the body, and of its attributes names, types and values."""
    attributes = message["MessageAttributes"].items()
    texts = [text for name, value in attributes for text in (name, value["DataType"], value["StringValue"])]
    return sum(len(text.encode()) for text in (body_of(message), *texts))


def test_a_message_of_sqs(service: ServiceOfTheTest) -> None:
    [document] = batch = documents({"b": "ü"})
    Sqs(URL).send(batch)
    attributes = {"event_id": {"DataType": "String", "StringValue": document.meta.event_id}}
    assert service.requests == [[{"Id": "0", "MessageBody": '{"b":"ü"}', "MessageAttributes": attributes}]]
    assert service.arguments == [{"QueueUrl": URL}]


def test_a_message_of_sns(service: ServiceOfTheTest) -> None:
    [document] = batch = documents({"b": "ü"})
    Sns(TOPIC, "An alert").send(batch)
    attributes = {"event_id": {"DataType": "String", "StringValue": document.meta.event_id}}
    assert service.requests == [
        [{"Id": "0", "Message": '{"b":"ü"}', "Subject": "An alert", "MessageAttributes": attributes}]
    ]
    assert service.arguments == [{"TopicArn": TOPIC}]


@pytest.mark.parametrize(
    ("queue", "asked"),
    [("audit", {}), (QUEUE, {"QueueOwnerAWSAccountId": "123456789012"})],
    ids=["name", "ARN"],
)
def test_the_url_of_a_queue_is_looked_up_once(service: ServiceOfTheTest, queue: str, asked: dict[str, str]) -> None:
    sink = Sqs(queue)
    sink.send(documents(1))
    sink.send(documents(2))
    assert service.arguments == [{"QueueName": "audit", **asked}, {"QueueUrl": URL}, {"QueueUrl": URL}]


@BOTH
def test_requests_are_within_the_limits(service: ServiceOfTheTest, sink: Any) -> None:
    whole = "x" * (MOST_BYTES // 2 - 48)  # With quotes and attributes, two of them are a request to the byte.
    for bodies, requests in (([whole] * 4, 2), ([whole + "x", whole], 2), (range(11), 2), (["x" * 30_000] * 8, 1)):
        service.requests.clear()
        assert failures(sink, documents(*bodies)) == {}
        assert [len(service.requests), sum(map(len, service.requests))] == [requests, len(bodies)]
        for request in service.requests:
            assert len(request) <= 10
            assert len({message["Id"] for message in request}) == len(request)
            assert sum(map(size_of, request)) <= MOST_BYTES


@BOTH
def test_a_large_message_goes_alone_and_the_destination_decides(service: ServiceOfTheTest, sink: Any) -> None:
    service.answers = [{}, refusal("BatchRequestTooLong")]
    failed = failures(sink, documents(1, "x" * (MOST_MESSAGE_BYTES - 48), 3))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "An error occurred (BatchRequestTooLong) when calling the Call operation: as planned"
    }
    assert [len(request) for request in service.requests] == [1, 1, 1]
    assert size_of(service.requests[1][0]) == MOST_MESSAGE_BYTES


@BOTH
def test_a_message_that_nobody_takes_fails_and_its_neighbours_go(service: ServiceOfTheTest, sink: Any) -> None:
    failed = failures(sink, documents(1, "x" * (MOST_MESSAGE_BYTES - 47), 3))
    assert {position: str(cause) for position, cause in failed.items()} == {
        2: "the document has 1,048,531 bytes, and the destination takes 1,048,530"
    }
    assert [len(request) for request in service.requests] == [2]


def test_the_subject_counts(service: ServiceOfTheTest) -> None:
    sink = Sns(TOPIC, "ü" * 4)
    assert failures(sink, documents("x" * (MOST_MESSAGE_BYTES - 48 - 8))) == {}
    assert list(failures(sink, documents("x" * (MOST_MESSAGE_BYTES - 48 - 7)))) == [1]


REFUSED = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that SQS refuses (API Reference, SendMessageBatch)."""


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x00\x0b\x1b\x7f\ufffe\uffff\U0001fffe")
def test_every_text_is_written_in_characters_that_sqs_takes(text: str) -> None:
    [document] = documents({text: text})
    written = _encode(document).decode()
    assert REFUSED.search(written) is None
    assert json.loads(written) == {text: text}


@BOTH
def test_a_standard_destination_has_no_groups_and_drops_nothing(service: ServiceOfTheTest, sink: Any) -> None:
    sink.send(documents(1))
    assert not {"MessageGroupId", "MessageDeduplicationId"} & service.requests[0][0].keys()


@pytest.mark.parametrize("sink", sinks(group_id="tenant"), ids=lambda sink: sink.kind)
def test_a_standard_destination_has_the_groups_that_it_is_given(service: ServiceOfTheTest, sink: Any) -> None:
    sink.send(documents({"tenant": "acme"}))
    assert service.requests[0][0]["MessageGroupId"] == "acme"
    assert "MessageDeduplicationId" not in service.requests[0][0]


@FIFO
def test_in_a_fifo_destination_no_event_waits_for_another(service: ServiceOfTheTest, sink: Any) -> None:
    batch = documents(1, 2)
    sink.send(batch)
    assert [message["MessageGroupId"] for message in service.requests[0]] == [each.meta.event_id for each in batch]


@pytest.mark.parametrize("sink", sinks(".fifo", group_id="tenant"), ids=lambda sink: sink.kind)
def test_a_group_that_fifo_does_not_take_costs_its_event(service: ServiceOfTheTest, sink: Any) -> None:
    failed = failures(sink, documents({"tenant": "acme"}, {"tenant": "a b"}))
    assert list(failed) == [2]
    assert [message["MessageGroupId"] for message in service.requests[0]] == ["acme"]


def deduplication_ids(service: ServiceOfTheTest) -> list[str]:
    return [message["MessageDeduplicationId"] for request in service.requests for message in request]


@FIFO
def test_the_same_document_of_an_event_is_dropped_when_it_comes_again(service: ServiceOfTheTest, sink: Any) -> None:
    sink.send(documents({"a": 1}))
    sink.send(documents({"a": 1}))
    first, again = deduplication_ids(service)
    assert first == again
    assert re.fullmatch(r"[!-~]{1,128}", first)
    assert first.startswith(documents(1)[0].meta.event_id + "-")


@FIFO
def test_no_two_documents_are_taken_for_one(service: ServiceOfTheTest, sink: Any) -> None:
    first, second = documents("same", "same")
    sink.send([first, second, Document(first.meta, "another of the same event")])
    assert len(set(deduplication_ids(service))) == 3


@FIFO
def test_what_is_sent_again_is_the_same_message(service: ServiceOfTheTest, sink: Any) -> None:
    service.answers = [{1: "ThrottlingException"}]
    sink.send(documents(1, 2))
    (_, second), (again,) = service.requests
    assert again | {"Id": second["Id"]} == second


@pytest.mark.parametrize(
    "queue",
    [
        "", "a b", "x" * 81, "x" * 76 + ".fifo", "audit.fifo.fifo", QUEUE.replace("sqs", "sns"), QUEUE + ":x",
        "https://sqs.eu-central-1.amazonaws.com/audit", "ftp://host/123456789012/audit", None, 7, "audit\n",
    ],
)  # fmt: skip
def test_what_is_no_queue_is_said_at_once(queue: Any) -> None:
    with pytest.raises(RegistrationError, match="write the name of a queue, its ARN, or its URL"):
        Sqs(queue)


@pytest.mark.parametrize("topic", ["", "audit", QUEUE, TOPIC + " ", TOPIC + ".fif", TOPIC + ":0c1b", None, "audit\n"])
def test_what_is_no_topic_is_said_at_once(topic: Any) -> None:
    with pytest.raises(RegistrationError, match="write the ARN of a topic"):
        Sns(topic)


@pytest.mark.parametrize("subject", ["", "x" * 100, "two\nlines", "\x07", b"bytes", 7])
def test_a_subject_that_sns_does_not_take_is_said_at_once(subject: Any) -> None:
    with pytest.raises(RegistrationError, match="subject is text of less than 100 characters"):
        Sns(TOPIC, subject)


@pytest.mark.parametrize(("kind", "where"), [(Sqs, "audit"), (Sns, TOPIC)])
def test_a_group_that_is_none_is_said_at_once(kind: Any, where: str) -> None:
    with pytest.raises(RegistrationError, match=f"{kind.__name__}: group_id is a field"):
        kind(where, group_id=7)


@pytest.mark.parametrize(
    ("queue", "destination", "actions", "resource"),
    [
        ("audit", "audit", ["sqs:SendMessage", "sqs:GetQueueUrl"], "arn:*:sqs:*:*:audit"),
        ("audit.fifo", "audit.fifo", ["sqs:SendMessage", "sqs:GetQueueUrl"], "arn:*:sqs:*:*:audit.fifo"),
        (QUEUE, "audit", ["sqs:SendMessage", "sqs:GetQueueUrl"], QUEUE),
        (URL, "audit", ["sqs:SendMessage"], "arn:*:sqs:*:123456789012:audit"),
        ("http://localhost:4566/queue/eu/000000000000/audit", "audit", ["sqs:SendMessage"],
         "arn:*:sqs:*:000000000000:audit"),
    ],
)  # fmt: skip
def test_the_policy_of_a_queue_allows_what_is_called(
    service: ServiceOfTheTest, queue: str, destination: str, actions: list[str], resource: str
) -> None:
    sink = Sqs(queue)
    sink.send(documents(1))
    assert sink.destination == destination
    assert sink.statements() == [{"Effect": "Allow", "Action": actions, "Resource": [resource]}]


def test_the_policy_of_a_topic_allows_what_is_called() -> None:
    sink = Sns(TOPIC)
    assert sink.destination == "audit"
    assert sink.statements() == [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [TOPIC]}]


def test_a_refused_queue_url_is_explained(service: ServiceOfTheTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def get_queue_url(**arguments: Any) -> Any:
        raise refusal("AWS.SimpleQueueService.NonExistentQueue")

    monkeypatch.setattr(service, "get_queue_url", get_queue_url)
    with pytest.raises(Exception, match=r"sqs audit: .*NonExistentQueue.* it must exist") as caught:
        Sqs("audit").send(documents(1))
    assert not isinstance(caught.value, EventsFailed)


@pytest.mark.parametrize("name", ["s3", "d"])
def test_a_topic_that_slips_reads_is_refused_at_import(name: str) -> None:
    arn = f"arn:aws:sns:eu-west-1:123456789012:{name}"
    Sns(f"{arn}-other").check(config(dead_letters="d"))
    with pytest.raises(RegistrationError, match="is a topic of this deployment"):
        Sns(arn).check(config(dead_letters="d"))
