"""What is in a message of the redrive queue: the records of SNS events that no function took, and what others put into
the queue of notifications.

Shapes (Amazon SNS Developer Guide, "Amazon SNS dead-letter queues"; AWS Lambda Developer Guide, "Adding a
destination"):

    {"Type": "Notification", "TopicArn", "Message": "<text>", …}      SNS could not hand it to the function
    {"requestContext", "requestPayload": <the event>, …}              Lambda gave up on `report`
    {"source": "aws.s3", "detail", …}                                 an event that `dispatch_queue` did not take
    {"Records": [{"s3", "eventName", …}, …]}                          a notification of S3 that it did not take

The text of a dead letter is such a document of Lambda again, about `dispatch`. Then the innermost event counts: a
notification of S3 goes to `dispatch`, which puts it into its lane, and not to `report`, which would make an error item.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from .notifications import MAX_ENVELOPES, parse_notifications

_TOPIC = re.compile(r"arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+", re.ASCII)
"""A command ends at a name that SNS refuses."""


class UndeliveredRecord(msgspec.Struct, frozen=True):
    """A record of an SNS event, for the function that the topic calls."""

    topic: str
    """The ARN of the topic; empty for what came through none."""
    record: dict[str, Any]

    @property
    def is_notification(self) -> bool:
        """Whether it names an object of S3, new or restored, and so is for `dispatch`."""
        parsed = parse_notifications({"Records": [self.record]})
        return bool(parsed.refs or parsed.restored)


def parse_message(text: str) -> list[UndeliveredRecord]:
    """Find the records of a message; none where it is not of SNS or Lambda."""
    return _parse(text, 0)


def sns_record(envelope: dict[str, Any], subscription: str = "") -> dict[str, Any]:
    """Return a message of SNS in a queue as a record of Lambda's event (AWS Lambda Developer Guide, "Using Lambda with
    Amazon SNS")."""
    same = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature")
    message = {
        **{name: envelope.get(name) for name in same},
        "Subject": envelope.get("Subject"),
        "SigningCertUrl": envelope.get("SigningCertURL"),
        "UnsubscribeUrl": envelope.get("UnsubscribeURL"),
        "MessageAttributes": envelope.get("MessageAttributes") or {},
    }
    return {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription, "Sns": message}


def _parse(text: str, depth: int) -> list[UndeliveredRecord]:
    if depth > MAX_ENVELOPES:
        return []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    match document:
        case {"Type": "Notification", "TopicArn": str(), "Message": str()}:
            return _parse_records([sns_record(document)], depth)
        case {"source": "aws.s3", "detail": {"object": _}} | {"Records": [{"s3": _, "eventName": _}, *_]}:
            return [UndeliveredRecord("", sns_record({"Message": text}))]
        case {"requestPayload": {"Records": [_, *_] as records}} | {"Records": [_, *_] as records}:
            return _parse_records(records, depth)
    return []


def _parse_records(records: list[Any], depth: int) -> list[UndeliveredRecord]:
    """The records, or what is in their texts; nothing where one of them is not of SNS: it would be lost."""
    undelivered = []
    for record in records:
        match record:
            case {"Sns": {"TopicArn": str(topic), "Message": str(text)}} if _TOPIC.fullmatch(topic):
                undelivered += _parse_dead_letter(text, depth + 1) or [UndeliveredRecord(topic, record)]
            case _:
                return []
    return undelivered


def _parse_dead_letter(text: str, depth: int) -> list[UndeliveredRecord]:
    """The records of a dead letter of `dispatch`; a notification of S3 is none."""
    return _parse(text, depth) if '"requestPayload"' in text else []
