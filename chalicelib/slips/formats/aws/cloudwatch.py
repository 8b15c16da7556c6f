"""CloudWatch Logs: what a subscription delivers, and what an export task writes."""

from __future__ import annotations

from typing import Any

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event, objects_at
from ..json_format import JsonFormat, JsonParser
from ..line_format import line_format
from ..patterns import Pattern
from ..registry import register

ENVELOPE = ("owner", "logGroup", "logStream", "subscriptionFilters")
"""The fields of a document that each of its log events gets."""


class SubscriptionFormat(JsonFormat):
    """A format of documents of log events."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return SubscriptionParser(self, about)


class SubscriptionParser(JsonParser):
    """A parser that makes an event of each log event, with the group and stream it came from."""

    def interpret(self, value: Any) -> Decoded:
        """Return the events of a document, or of several in an array; none for a control message, which CloudWatch Logs
        sends to test a destination."""
        if not isinstance(value, dict):
            return super().interpret(value)
        if value.get("messageType") == "CONTROL_MESSAGE":
            return None
        if isinstance(value.get("logEvents"), list):
            shared = {name: value[name] for name in ENVELOPE if name in value}
            return [{**shared, **event} for event in _log_events(value)]
        if "message" in value and "timestamp" in value:  # One that was taken out of its document.
            return value
        raise ParseError("neither a document with logEvents nor a log event")


def _log_events(document: Event) -> list[Event]:
    events = objects_at(document, "logEvents")
    if len(events) < len(document["logEvents"]):
        raise ParseError("logEvents holds something other than log events")
    return events


register(
    SubscriptionFormat(
        name="cloudwatch-logs",
        tag="aws.cloudwatch_logs",
        time="timestamp:ms",
        framing="s3-json-stream",
        signatures=("logGroup, logStream, owner, message, timestamp|id",),
        description="CloudWatch Logs by subscription (Firehose); [cloudwatch-logs, NAME] reads the messages",
        variants=(
            "documents one after another, or in an array",
            "log events taken out of their document",
            "control messages, which are skipped",
        ),
        refused=("JSON that is neither a document with `logEvents` nor a log event",),
        document="Amazon CloudWatch Logs User Guide: Log group-level subscription filters",
        example=b'{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/lambda/shop",'
        b'"logStream":"2026/03/01/[$LATEST]0a1b2c3d","subscriptionFilters":["all"],"logEvents":'
        b'[{"id":"37199773595581154154810589279545129148442535997644275712","timestamp":1772356502481,'
        b'"message":"listening"}]}',
    )
)

_LINE = Pattern("exported log event", r"(?s:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)(?: (.*))?)")


@line_format(
    "cloudwatch-export",
    tag="aws.cloudwatch_export",
    time="timestamp",
    framing=r"s3-multiline:^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z( |$)",  # Messages may have several lines.
    signatures=("timestamp=????-??-??t??:??:??.???z",),
    specificity=0.4,
    variants=("messages of several lines, and empty ones",),
    refused=("records that do not begin with an ISO time in UTC",),
    document="Amazon CloudWatch Logs User Guide: Exporting log data to Amazon S3",
    example=b"2026-03-01T09:15:02.481Z START RequestId: 79b4f56e-95b1-4643-9700-2807f4e68189 Version: $LATEST",
)
def cloudwatch_export(record: str) -> Event:
    """CloudWatch Logs export tasks: time and message; [cloudwatch-export, NAME] reads the messages."""
    timestamp, message = _LINE.match(record.rstrip("\r\n")).groups()
    return {"timestamp": timestamp, "message": message or ""}
