"""Auditbeat and Packetbeat, with the messages that the class-based SLIPS made."""

from __future__ import annotations

import json
from typing import Any

from tests.each_case import each_case

from ..reading import one
from ..rows import NOON, Row, at, broken_records, check_refused

ROWS = [
    *at(
        "auditbeat",
        "auditbeat.auditd",
        {"@timestamp": "2026-03-01T12:00:00.000Z", "event": {"module": "auditd"}},
        {"@timestamp": "2026-03-01 12:00:00", "auditd": None},
    ),
    *at("packetbeat", "packetbeat.dns", {"@timestamp": "2026-03-01T12:00:00.000Z", "type": "dns"}),
    *at("packetbeat", "packetbeat.unknown", {"@timestamp": NOON}, {"@timestamp": NOON, "type": {}}),
    *at("packetbeat", "packetbeat.flow", {"type": "flow"}, time=None),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


AUDITD = {"summary": {"how": "/bin/bash", "object": {"primary": "/usr/bin/id"}}}


@each_case(
    ("event", "message"),
    [
        (
            {"process": {"title": "id -u"}, "event": {"action": "executed"}, "auditd": AUDITD},
            "id -u executed /usr/bin/id by /bin/bash",
        ),
        ({"auditd": AUDITD, "message": "older"}, "None None /usr/bin/id by /bin/bash"),
        ({"auditd": {"summary": "text"}}, "None None None by None"),
        (
            {"event": {"module": "file_integrity", "action": ["created"]}},
            "{'module': 'file_integrity', 'action': ['created']}",
        ),
        ({}, "None"),
    ],
)
def test_the_message_of_auditbeat_is_what_happened_or_the_event(event: dict[str, Any], message: str) -> None:
    reading = one("auditbeat", json.dumps(event).encode())
    assert reading.message == reading["message"] == message


@each_case(
    ("event", "message"),
    [
        (
            {"type": "dns", "query": "class IN, type A, example.com", "client_ip": "10.0.4.17"},
            "class IN, type A, example.com from 10.0.4.17",
        ),
        ({"type": "dns", "query": "example.com", "client": {"ip": "10.0.4.17"}}, "example.com from 10.0.4.17"),
        ({"type": "dns"}, "None from None"),
        ({"type": "http", "query": "GET /"}, None),
        ({"type": "flow", "message": "its own"}, "its own"),
    ],
)
def test_the_message_of_packetbeat_is_a_query_and_its_client(event: dict[str, Any], message: str | None) -> None:
    assert one("packetbeat", json.dumps(event).encode()).message == message


@each_case(("name", "broken"), broken_records({"auditbeat": "@timestamp", "packetbeat": "@timestamp"}))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
