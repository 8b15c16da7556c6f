"""CrowdStrike Falcon: what the class-based SLIPS read, the Event Streams API and the Falcon Data Replicator."""

from __future__ import annotations

import json
from typing import Any

from tests.each_case import each_case

from ..reading import one
from ..rows import NOON, Row, at, broken_records, check_refused, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "falcon",
        "falcon.event",
        {"timestamp": "1772366400000", "name": "DnsRequestV4"},
        {"timestamp": 1772366400000},
        {"timestamp": "2026-03-01T12:00:00Z"},
        {"timestamp": "2026-03-01 12:00:00.000"},
    ),
    *at(
        "falcon-detection",
        "falcon.detection",
        {"created_timestamp": "2026-03-01T12:00:00.000000000Z", "behaviors": []},
        {"created_timestamp": "1772366400000", "behaviors": None},
        {"created_timestamp": 1772366400000},
    ),
    *at(
        "crowdstrike-stream",
        "crowdstrike.stream.AuthActivityAuditEvent",
        {"metadata": {"eventType": "AuthActivityAuditEvent", "eventCreationTime": 1772366400000}, "event": {}},
        {"metadata": {"eventType": "AuthActivityAuditEvent", "eventCreationTime": 1772366400}},
        {"metadata": {"eventType": "AuthActivityAuditEvent", "eventCreationTime": "2026-03-01 12:00:00.000000000"}},
        {"metadata": {"eventType": "AuthActivityAuditEvent"}, "event": {"UTCTimestamp": 1772366400}},
    ),
    *at(
        "crowdstrike-stream",
        "crowdstrike.stream.Vertex",
        {"metadata": {"eventType": "Vertex", "edge": {}}, "event": {"timestamp": "2026-03-01T12:00:00Z"}},
    ),
    *at("crowdstrike-stream", "crowdstrike.stream.unknown", {"metadata": {"offset": 7}}, time=None),
    *at(
        "crowdstrike-fdr",
        "crowdstrike.fdr.ProcessRollup2",
        {"event_simpleName": "ProcessRollup2", "timestamp": "1772366400000", "ContextTimeStamp": "1772366395.011"},
        {"event_simpleName": "ProcessRollup2", "timestamp": 1772366400000},
        {"event_simpleName": "ProcessRollup2", "ContextTimeStamp": "1772366400.000"},
        {"event_simpleName": "ProcessRollup2", "ContextTimeStamp_decimal": "1772366400.000"},
        {"fdr_event_type": "ProcessRollup2", "timestamp": "2026-03-01 12:00:00.000", "event": {}},
        {"event": {"event_simpleName": "ProcessRollup2", "timestamp": "1772366400000"}},
        {"event": {"event_simpleName": "ProcessRollup2", "ContextTimeStamp": "1772366400"}},
    ),
    *at(
        "crowdstrike-fdr",
        "crowdstrike.fdr.Event_ExternalApiEvent",
        {"EventType": "Event_ExternalApiEvent", "_time": NOON},
    ),
    *at(
        "crowdstrike-fdr",
        "crowdstrike.fdr.unknown",
        {"Time": "1772366400.123", "aid": "1ad8"},
        time="2026-03-01T12:00:00.123Z",
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TARGETS = ("RemoteAddressIP4", "TargetFileName", "DomainName", "CommandLine")


@each_case("first", range(4))
def test_the_message_of_telemetry_names_the_first_target_there_is(first: int) -> None:
    targets = {name: "" if number < first else f"the {name}" for number, name in enumerate(TARGETS)}
    event = one("falcon", json.dumps({"name": "Event", "aip": "192.0.2.41", **targets}).encode())
    assert event.message == event["message"] == f"Event at 192.0.2.41 to the {TARGETS[first]}"


def test_what_telemetry_does_not_say_is_none_in_its_message() -> None:
    assert one("falcon", b"{}").message == "None at None to None"


def test_the_message_of_a_detection_names_each_technique_and_tactic() -> None:
    behaviors = b'[{"technique":"PowerShell","tactic":"Execution"},{"tactic":"Impact"},7]'
    detection = one("falcon-detection", b'{"behaviors":%s}' % behaviors)
    assert detection.message == "Detected PowerShell (Execution), Detected None (Impact)"


def test_a_detection_without_behaviors_has_an_empty_message() -> None:
    assert one("falcon-detection", b"{}")["message"] == ""


def test_the_answer_of_the_detections_api_is_its_resources() -> None:
    assert page("falcon-detection", "resources", {"created_timestamp": NOON}, {}) == [
        "2026-03-01T12:00:00.000000+00:00",
        None,
    ]


TIMES = {
    "falcon": "timestamp",
    "falcon-detection": "created_timestamp",
    "crowdstrike-stream": "metadata.eventCreationTime",
    "crowdstrike-fdr": "timestamp",
}


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
