"""Windows events and Sysmon, in the shapes of the usual shippers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.each_case import each_case

from ..reading import one, read
from ..rows import NOON, Row, at, broken_records, check_refused, nested, page
from ..whole import times_of

LATER = "2026-03-01T12:05:00Z"

SHAPES = {
    "winlogbeat": {"@timestamp": NOON, "event": {"code": "4624", "created": LATER}, "winlog": {"channel": "Security"}},
    "winlogbeat with seven digits": {"@timestamp": "2026-03-01T12:00:00.0000000Z"},
    "winlogbeat without its time": {"winlog": {"time_created": NOON}},
    "nxlog": {"EventTime": "2026-03-01 12:00:00", "EventID": 4624, "EventReceivedTime": LATER},
    "nxlog with an offset": {"EventTime": "2026-03-01T13:00:00.000000+01:00", "HOSTNAME": "dc-1"},
    "nxlog with the time as a number": {"EventTime": 1772366400000000, "EventID": 4624},
    "evtxecmd": {"TimeCreated": "2026-03-01T12:00:00.0000000+00:00", "EventId": 4624, "Payload": "{}"},
    "fluent bit": {"TimeCreated": "2026-03-01 13:00:00 +0100", "TimeGenerated": LATER},
    "get-winevent": {"TimeCreated": "/Date(1772366400000)/", "Id": 4624},
    "get-winevent of a zone": {"TimeCreated": "/Date(1772366400000+0100)/"},
    "get-winevent of powershell 7": {"TimeCreated": {"Value": "2026-03-01T12:00:00Z", "DateTime": "Sunday"}},
    "evtx_dump": nested("Event.System.TimeCreated.#attributes.SystemTime", "2026-03-01T12:00:00.000000Z"),
    "xml to json": nested("Event.System.TimeCreated.@SystemTime", NOON),
    "xml to json, inner": nested("System.TimeCreated.@SystemTime", NOON),
    "xml to json, innermost": nested("TimeCreated.@SystemTime", NOON),
    "the schema": nested("Event.System.TimeCreated.SystemTime", NOON),
    "the schema, inner": nested("System.TimeCreated.SystemTime", NOON),
    "the schema, innermost": nested("TimeCreated.SystemTime", NOON),
    "sentinel": {"TimeGenerated": NOON, "EventID": 4624},
    "opentelemetry": {"system_time": NOON},
    "wazuh": nested("win.system.systemTime", NOON),
    "wazuh, in an alert": nested("data.win.system.systemTime", NOON),
    "azure diagnostics": {"time": LATER, "properties": {"TimeCreated": NOON}},
    "azure diagnostics without": {"time": NOON, "category": "WindowsEventLogsTable"},
}


@each_case("shape", SHAPES)
def test_an_event_has_its_time_in_the_shape_of_each_shipper(shape: str) -> None:
    Row("windows-event", SHAPES[shape], "windows.event", NOON).check()


@each_case(
    "row",
    [
        *at("windows-event", "windows.event", {"@timestamp": NOON, "EventTime": LATER}),
        *at("windows-event", "windows.event", {"TimeCreated": {"SystemTime": NOON}, "EventTime": LATER}),
        *at("windows-event", "windows.event", {"event": {"code": "22"}}, {"TimeCreated": {}}, time=None),
    ],
    ids=str,
)
def test_of_several_times_the_first_of_the_documented_order_counts(row: Row) -> None:
    row.check()


XML = (
    b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>%d</EventID>'
    b'<TimeCreated SystemTime="2026-03-01T12:00:00.000000000Z"/></System><EventData>%s</EventData></Event>'
)


@each_case("name", ["windows-event-xml", "windows-event"])
def test_an_event_is_read_from_xml(name: str) -> None:
    Row(name, XML % (4624, b""), "windows.event", NOON).check()
    assert one(name, XML % (4624, b'<Data Name="LogonType">3</Data>'))["EventData"] == {"LogonType": "3"}


def test_a_document_of_xml_is_its_events() -> None:
    document = b'\xef\xbb\xbf<?xml version="1.0"?>\n<Events>' + XML % (1, b"") + XML % (2, b"") + b"</Events>"
    assert [event["System"]["EventID"] for event in read("windows-event-xml", document)] == [1, 2]


UTC = b'<Data Name="UtcTime">2026-03-01 12:00:00.000</Data>'

SYSMON = [
    *at("sysmon", "sysmon.3", XML.replace(b"12:00:00.0", b"12:05:00.0") % (3, UTC)),
    *at("sysmon", "sysmon.1", XML % (1, b""), XML % (1, b'<Data Name="UtcTime">-</Data>')),
    *at("sysmon", "sysmon.22", b"\xef\xbb\xbf" + XML % (22, UTC), (XML % (22, UTC)).decode().encode("utf-16")),
    *at("sysmon", "sysmon.13", {"EventID": 13, "EventTime": LATER, "UtcTime": "2026-03-01 12:00:00.000"}),
    *at(
        "sysmon",
        "sysmon.22",
        {"@timestamp": LATER, "winlog": {"event_id": "22", "event_data": {"UtcTime": "2026-03-01 12:00:00.000"}}},
        {"@timestamp": NOON, "event": {"code": "22"}},
        {"EventId": 22, "TimeCreated": NOON, "PayloadData1": "ProcessID: 1"},
        {"Id": 22, "TimeCreated": "/Date(1772366400000)/"},
        {"Event": {"System": {"EventID": {"#text": 22}}, "EventData": {"UtcTime": "2026-03-01 12:00:00"}}},
        {"System": {"EventID": 22}, "EventData": {"UtcTime": "2026-03-01 12:00:00"}},
        {"event_id": 22, "event_data": {"UtcTime": "2026-03-01 12:00:00"}},
        {"win": {"system": {"eventID": "22"}, "eventdata": {"utcTime": "2026-03-01 12:00:00"}}},
        {"data": {"win": {"system": {"eventID": "22"}, "eventdata": {"utcTime": "2026-03-01 12:00:00"}}}},
    ),
    *at("sysmon", "sysmon.unknown", {"UtcTime": NOON}, {"UtcTime": NOON, "EventID": []}),
]


@each_case("row", SYSMON, ids=str)
def test_a_sysmon_event_has_the_tag_of_its_id_and_the_time_that_sysmon_took(row: Row) -> None:
    row.check()


@each_case("array_key", ["records", "Events"])
@each_case("name", ["windows-event", "sysmon"])
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, {"EventTime": NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case("head", [b"", b'<?xml version="1.0" encoding="utf-8"?>\n'])
@each_case("document", [XML % (3, UTC), b'{\n "EventID": 3,\n "UtcTime": "2026-03-01 12:00:00.000"\n}'])
def test_documents_of_evtx_dump_have_labels_between_them(head: bytes, document: bytes) -> None:
    head = head if document[:1] == b"<" else b""
    content = b"".join(b"Record %d\n%s%s\n" % (number, head, document) for number in (7, 8))
    assert times_of("sysmon", content) == [datetime.fromisoformat(NOON).timestamp()] * 2


TIMES = {"windows-event": "EventTime", "windows-event-xml": "EventTime", "sysmon": "UtcTime"}


@each_case(
    ("name", "broken"), [row for row in broken_records(TIMES) if not isinstance(row.values[1], dict) or "day" in row.id]
)
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)


@each_case("name", TIMES)
def test_broken_xml_is_refused(name: str) -> None:
    check_refused(name, (XML % (1, UTC))[:-9])
    check_refused(name, XML.replace(b"2026-03-01T", b"yesterday ") % (1, b""))
