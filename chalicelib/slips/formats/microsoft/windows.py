"""Windows events and Sysmon, in the JSON of the usual shippers or the XML of Windows itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from ..base import Decoded, ObjectInfo
from ..fields import Event, first_time, lookup
from ..json_format import MOST_AROUND, JsonFormat, JsonParser, decode_json
from ..registry import register
from ..timestamps import Unit
from .event_xml import events

_TIMES = (
    "@timestamp",  # Winlogbeat, Elastic Agent
    # The event's own tree: XML, and what evtx_dump, Wazuh and others make of it.
    *("System.TimeCreated.SystemTime", "Event.System.TimeCreated.SystemTime", "TimeCreated.SystemTime"),
    *("Event.System.TimeCreated.@SystemTime", "Event.System.TimeCreated.#attributes.SystemTime"),
    *("System.TimeCreated.@SystemTime", "TimeCreated.@SystemTime"),
    "TimeCreated",  # EvtxECmd, Get-WinEvent, Fluent Bit
    "EventTime",  # NXLog
    *("TimeGenerated", "winlog.time_created", "system_time", "win.system.systemTime"),
    *("data.win.system.systemTime", "properties.TimeCreated", "time"),  # Wazuh; Azure diagnostics
    *("EventReceivedTime", "timestamp", "UtcTime"),
)
_UTC_TIMES = (
    *("EventData.UtcTime", "Event.EventData.UtcTime", "winlog.event_data.UtcTime", "event_data.UtcTime", "UtcTime"),
    *("win.eventdata.utcTime", "data.win.eventdata.utcTime", "utc_time", "event_data.utc_time"),
)
_IDENTIFIERS = (
    *("System.EventID", "Event.System.EventID", "winlog.event_id", "EventID", "EventId", "event.code", "event_id"),
    *("win.system.eventID", "data.win.system.eventID", "Id"),
)


def _first(event: Event, paths: Iterable[str]) -> Any:
    """Return the first text or number at one of the paths, also inside an element that has attributes."""
    for path in paths:
        value = lookup(event, path)
        if isinstance(value, dict):
            value = value.get("#text", value.get("Value"))
        if value not in (None, "", "-") and isinstance(value, str | int | float):
            return value
    return None


def _time_of(event: Event, reference: float) -> float | None:
    """@timestamp, TimeCreated.SystemTime, EventTime"""
    return first_time(_times(event, _TIMES), reference)


def _sysmon_time(event: Event, reference: float) -> float | None:
    """UtcTime, else TimeCreated"""
    return first_time(_times(event, (*_UTC_TIMES, *_TIMES)), reference)


_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)


def _times(event: Event, paths: Iterable[str]) -> Iterator[tuple[Any, Unit | None]]:
    for path in paths:
        value = _first(event, (path,))
        # ConvertTo-Json of Windows PowerShell writes milliseconds so; an offset after them does not move the instant.
        date = _DATE.fullmatch(value) if isinstance(value, str) else None
        yield (date[1], "ms") if date else (value, None)


def _sysmon_tag(event: Event) -> str:
    """sysmon.<EventID>"""
    identifier = _first(event, _IDENTIFIERS)
    return f"sysmon.{'unknown' if identifier is None else identifier}"


@dataclass(frozen=True, kw_only=True)
class WindowsFormat(JsonFormat):
    """A format of events as JSON of any shipper, or as XML."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return WindowsParser(self, about)


class WindowsParser(JsonParser):
    """A parser that tells XML from JSON by the first character."""

    def __init__(self, declared: WindowsFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        interpret, is_disjoint = self.interpret, self._names_around.isdisjoint

        def decode(record: bytes) -> Decoded:
            if record[:1] != b"{":
                return self._either(record)
            try:
                event: Event = decode_json(record)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                return self.json(record)  # Some text is JSON but for a repair.
            return event if len(event) > MOST_AROUND or is_disjoint(event) else interpret(event)

        self.use_decoder(decode)

    def _either(self, record: bytes) -> Decoded:
        if (
            record.lstrip()[:1] == b"<"
            or record[:7] == b"Record "
            or record[:2] in (b"\xff\xfe", b"\xfe\xff")
            or record[:4] == b"\xef\xbb\xbf<"
        ):
            return events(record)
        return self.json(record)


_SCHEMA = "Windows Event Log: Event Schema"

register(
    WindowsFormat(
        name="windows-event",
        tag="windows.event",
        time=_time_of,
        records_key=("records", "Events"),
        signatures=(
            "winlog.channel|winlog.provider_name, winlog.event_id, winlog.computer_name, @timestamp",
            "Event.System.EventID, Event.System.Provider|Event.System.Channel, Event.System.TimeCreated",
            "System.EventID, System.Provider|System.Channel, System.Computer, System.TimeCreated",
            (
                "EventTime|EventReceivedTime, EventID, Hostname|Computer, SourceName|ProviderGuid, "
                "Channel|RecordNumber|SourceModuleName"
            ),
            "EventId, Channel, Provider, Computer, EventRecordId|RecordNumber",
            (
                "EventID, Channel, Computer|ComputerName, TimeCreated|TimeGenerated, "
                "ProviderName|SourceName|StringInserts|Message"
            ),
            "Id, ProviderName, LogName, MachineName, TimeCreated",
            "win.system.eventID, win.system.providerName, win.system.channel|win.system.computer",
        ),
        specificity=0.0,
        description="Windows events as JSON: Winlogbeat, NXLog, EvtxECmd, evtx_dump, Fluent Bit, Get-WinEvent",
        variants=(
            "Winlogbeat, NXLog, EvtxECmd, evtx_dump, Get-WinEvent and Wazuh",
            "XML, an event each",
        ),
        refused=("text of the Event Viewer and `.evtx` files",),
        document=f"{_SCHEMA}; Winlogbeat: exported fields; NXLog: im_msvistalog; EvtxECmd",
        example=b'{"@timestamp":"2026-03-01T09:15:02.123Z","event":{"code":"4624","provider":'
        b'"Microsoft-Windows-Security-Auditing","action":"Logon","outcome":"success"},"winlog":{"channel":"Security",'
        b'"event_id":"4624","computer_name":"dc-1.example.com","event_data":{"TargetUserName":"liz","LogonType":"3"}}}',
    ),
    WindowsFormat(
        name="windows-event-xml",
        tag="windows.event",
        time=_time_of,
        framing="s3-xml:Event",
        signatures=("System.EventID, System.Provider|System.Channel, System.TimeCreated",),
        specificity=0.5,
        description="Windows events as XML: wevtutil, Event Viewer, forwarded events, evtx_dump",
        variants=(
            "`<Events>` around, or events one after another, with or without a declaration",
            "the `Record` lines of evtx_dump",
            "a prefix of the namespace",
            "characters that XML forbids, as U+FFFD",
        ),
        refused=("XML with other elements, or with declarations",),
        document=_SCHEMA,
        example=b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name='
        b'"Microsoft-Windows-Security-Auditing"/><EventID>4624</EventID><Level>0</Level><TimeCreated '
        b'SystemTime="2026-03-01T09:15:02.1234567Z"/><EventRecordID>7120</EventRecordID><Channel>Security</Channel>'
        b'<Computer>dc-1.example.com</Computer></System><EventData><Data Name="TargetUserName">liz</Data>'
        b'<Data Name="LogonType">3</Data></EventData></Event>',
    ),
    WindowsFormat(
        name="sysmon",
        tag=_sysmon_tag,
        time=_sysmon_time,
        records_key=("records", "Events"),
        # Lines of JSON, what evtx_dump writes before a document, and XML or JSON over several lines.
        framing=r"s3-multiline:^(?:<Event[\s>]|\{|Record \d)",
        signatures=(
            (
                "winlog.provider_name|winlog.channel|source_name|log_name|event.provider|Channel|Provider|"
                "ProviderName|SourceName|LogName|System.Provider.Name|System.Channel|System.Provider.@Name|"
                "Event.System.Provider.Name|Event.System.Channel|Event.System.Provider.@Name|"
                "Event.System.Provider.#attributes.Name|win.system.providerName|"
                "data.win.system.providerName=Microsoft-Windows-Sysmon*"
            ),
        ),
        specificity=0.8,
        description="Sysmon events as JSON of any shipper or as XML",
        variants=(
            "XML, on one line or several",
            "the JSON of any shipper, with `UtcTime` before the time of its envelope",
        ),
        refused=("text of the Event Viewer",),
        document=f"Sysinternals Sysmon: Events; {_SCHEMA}",
        example=b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name='
        b'"Microsoft-Windows-Sysmon"/><EventID>3</EventID><TimeCreated SystemTime="2026-03-01T09:15:03.5Z"/>'
        b'<Computer>laptop-7.example.com</Computer></System><EventData><Data Name="UtcTime">2026-03-01 09:15:02.123'
        b'</Data><Data Name="Image">C:\\Windows\\System32\\curl.exe</Data><Data Name="DestinationPort">443</Data>'
        b"</EventData></Event>",
    ),
)
