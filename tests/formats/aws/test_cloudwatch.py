"""CloudWatch Logs: subscriptions and exports."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo, events_of
from slips.formats.chain import compile_chain
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

SOURCES = frozenset({"s3-json-stream", "s3-multiline"})
NOON = "2026-03-01T12:00:00.000000+00:00"


def document(*messages: str, **fields: Any) -> bytes:
    events = [{"id": str(at), "timestamp": 1772366400000 + at, "message": text} for at, text in enumerate(messages)]
    return json.dumps({
        "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "group", "logStream": "stream",
        "logEvents": events, **fields,
    }).encode()  # fmt: skip


def test_every_log_event_keeps_where_it_came_from() -> None:
    first, second = read("cloudwatch-logs", document("a", "b", subscriptionFilters=["all"]))
    assert first.event == {
        "owner": "123456789012",
        "logGroup": "group",
        "logStream": "stream",
        "subscriptionFilters": ["all"],
        "id": "0",
        "timestamp": 1772366400000,
        "message": "a",
    }
    assert (first.tag, first.time, first.message) == ("aws.cloudwatch_logs", NOON, "a")
    assert (second["id"], second.time) == ("1", "2026-03-01T12:00:00.001000+00:00")


def test_fields_that_a_filter_extracted_are_kept() -> None:
    events = [{"id": "1", "timestamp": 1772366400000, "message": "7", "extractedFields": {"count": "7"}}]
    assert one("cloudwatch-logs", document(logEvents=events))["extractedFields"] == {"count": "7"}


def test_a_control_message_holds_no_event() -> None:
    assert read("cloudwatch-logs", document("CWL CONTROL MESSAGE", messageType="CONTROL_MESSAGE")) == []


def test_a_log_event_may_come_without_its_document() -> None:
    assert one("cloudwatch-logs", b'{"timestamp":1772366400000,"message":"a"}').time == NOON


@each_case(
    "broken",
    [
        b"",
        b"{",
        b"[1]",
        b"{}",
        b"\xff",
        document(logEvents=None),
        document(logEvents=["a"]),
        document(logEvents=[{"timestamp": "soon", "message": "a"}]),
        b'{"message":"a"}',
    ],
)
def test_what_is_not_a_document_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cloudwatch-logs", broken)


def test_messages_are_read_by_the_next_format_of_the_chain() -> None:
    chain = compile_chain(["cloudwatch-logs", "vpc-flow"], SOURCES)
    row = "2 123456789012 eni-0a1b 192.0.2.41 10.0.4.17 52814 443 6 20 4249 {} 1772356562 ACCEPT OK"
    parser = chain.parser(ObjectInfo())
    decoded = list(
        events_of(parser.decode(document(row.format("1772356502"), row.format("-").replace("1772356562", "-"))))
    )
    assert [(overrides, event["start"]) for overrides, event in decoded] == [
        ({}, 1772356502),
        ({"timestamp": 1772366400.001}, None),
    ]


@each_case(
    ("record", "message"),
    [
        (b"2026-03-01T12:00:00.000Z listening", "listening"),
        (b"2026-03-01T12:00:00Z {\n  1\n}\n", "{\n  1\n}"),
        (b"2026-03-01T12:00:00.000Z ", ""),
        (b"2026-03-01T12:00:00.000Z", ""),
    ],
)
def test_an_exported_event_is_its_time_and_message(record: bytes, message: str) -> None:
    event = one("cloudwatch-export", record)
    assert (event["message"], event.tag, event.time) == (message, "aws.cloudwatch_export", NOON)


def test_an_export_is_cut_where_a_time_begins_a_line() -> None:
    start = re.compile(get("cloudwatch-export").framing.removeprefix("s3-multiline:"))
    assert start.match("2026-03-01T12:00:00.000Z listening")
    assert not start.match("  at 2026-03-01T12:00:00.000Z")


@each_case("broken", [b"", b"listening", b"2026-03-01 listening", b"2026-13-01T12:00:00Z a", b"\xff"])
def test_what_is_not_an_exported_event_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cloudwatch-export", broken)
