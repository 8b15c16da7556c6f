"""Microsoft."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
SYSTEM = f'<System><Provider Name="A"/><EventID>1</EventID><TimeCreated SystemTime="{ISO}"/></System>'
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
EVENT = f'<Event xmlns="{NAMESPACE}">{SYSTEM}<EventData><Data Name="User">liz</Data></EventData></Event>'
PREFIXED = EVENT.replace("<", "<e:").replace("<e:/", "</e:").replace("xmlns=", "xmlns:e=")
SENT = "Graph's objects, and those of diagnostic settings with the fields under `properties`"
LIZ = {"EventData": {"User": "liz"}}

READ: Read = {
    "azure-ad-event": {"`signinDateTime`, or the later `createdDateTime`": written({"createdDateTime": ISO})},
    "azure-ad-audit": {"`activityDate`, or the later `activityDateTime`": written({"activityDateTime": ISO})},
    "azure-ad-risk-event": {"`riskEventDateTime`, or the later `activityDateTime`": written({"activityDateTime": ISO})},
    "entra-signin": {
        SENT: (
            written({"createdDateTime": ISO}),
            written({"time": ISO, "properties": {"createdDateTime": "2026-03-01T09:13:40Z"}}),
        )
    },
    "entra-audit": {
        SENT: (
            written({"activityDateTime": ISO}),
            written({"time": ISO, "properties": {"activityDateTime": "2026-03-01T09:13:40Z"}}),
        )
    },
    "entra-risk": {
        SENT: (
            written({"activityDateTime": ISO}),
            written({"time": "3/1/2026 9:17:03 AM", "properties": {"activityDateTime": ISO}}),
        ),
        "American times (`3/1/2026 9:15:02 AM`)": written({"time": "3/1/2026 9:15:02 AM", "properties": {}}),
    },
    "azure-activity": {
        "diagnostic settings, the REST API and an alert's webhook": (
            written({"time": ISO, "operationName": "a"}),
            written({"eventTimestamp": ISO, "operationName": {"value": "a"}}),
            written({"schemaId": "a", "data": {"context": {"activityLog": {"eventTimestamp": ISO}}}}),
        ),
    },
    "m365-audit": {
        "the Management API's objects, and exported ones with `AuditData`": (
            written({"CreationTime": "2026-03-01T09:15:02"}),
            written({"AuditData": {"CreationTime": "2026-03-01T09:15:02"}}),
        )
    },
    "defender-alert": {
        "Graph's alerts v1 and v2, Defender for Endpoint and Log Analytics": (
            written({"eventDateTime": ISO}),
            written({"lastUpdateDateTime": ISO}),
            written({"alertCreationTime": ISO}),
            written({"TimeGenerated": ISO}),
        )
    },
    "defender-hunting": {
        "tables of the streaming API, and rows of a query": (
            written(
                {"time": "2026-03-01T09:16:51Z", "category": "AdvancedHunting-A", "properties": {"Timestamp": ISO}}
            ),
            written({"Results": [{"Timestamp": ISO}]}),
        )
    },
    "windows-event": {
        "Winlogbeat, NXLog, EvtxECmd, evtx_dump, Get-WinEvent and Wazuh": (
            written({"@timestamp": ISO, "winlog": {"event_id": "1"}}),
            written({"EventTime": "2026-03-01 09:15:02", "EventID": 1}),
            written({"TimeCreated": ISO, "EventId": 1}),
            written({"Event": {"System": {"EventID": 1, "TimeCreated": {"#attributes": {"SystemTime": ISO}}}}}),
            written({"Id": 1, "TimeCreated": "/Date(1772356502000)/"}),
            written({"win": {"system": {"eventID": "1", "systemTime": ISO}}}),
        ),
        "XML, an event each": written(EVENT.encode(), LIZ),
    },
    "windows-event-xml": {
        "`<Events>` around, or events one after another, with or without a declaration": (
            written(f'<?xml version="1.0"?><Events>{EVENT}\n{EVENT}</Events>', LIZ, LIZ),
            written(EVENT + EVENT, LIZ, LIZ),
        ),
        "the `Record` lines of evtx_dump": written(
            f'Record 1\n<?xml version="1.0"?>\n{EVENT}\nRecord 2\n{EVENT}', LIZ, LIZ
        ),
        "a prefix of the namespace": written(PREFIXED, LIZ),
        "characters that XML forbids, as U+FFFD": written(
            EVENT.replace("liz", "l&#x1;z"), {"EventData": {"User": "l\ufffdz"}}
        ),
    },
    "sysmon": {
        "XML, on one line or several": (
            written(EVENT, {"EventData": {"User": "liz"}}),
            written(EVENT.replace("<System>", "\n<System>\n"), {"EventData": {"User": "liz"}}),
        ),
        "the JSON of any shipper, with `UtcTime` before the time of its envelope": (
            written(
                {"@timestamp": "2026-03-01T09:16:00Z", "winlog": {"event_data": {"UtcTime": "2026-03-01 09:15:02.000"}}}
            ),
            written({"data": {"win": {"system": {"systemTime": ISO, "eventID": "1"}}}}),
        ),
    },
}

REFUSED: Refused = {
    "windows-event": {
        "text of the Event Viewer and `.evtx` files": ("Information\t3/1/2026 9:15:02 AM\tA\t1", b"ElfFile\0\0")
    },
    "windows-event-xml": {
        "XML with other elements, or with declarations": (
            f"<Event>{SYSTEM}text</Event>",
            "<Event><EventData/></Event>",
        )
    },
    "sysmon": {"text of the Event Viewer": ("Information\t3/1/2026 9:15:02 AM\tSysmon\t1",)},
}
