"""Microsoft."""

from . import NOON, SECONDS, Case

SEVEN = "2026-03-01T12:00:00.0000000Z"
_XML = b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="a"/>'

CASES = {
    "azure-ad-event": Case("azure_ad.signin_event", {"value": [{"signinDateTime": SEVEN, "location": None}]}),
    "azure-ad-audit": Case("azure_ad.audit", {"activityDate": "", "activityDateTime": SEVEN}),
    "azure-ad-risk-event": Case(
        "azure_ad.risk_event", {"riskEventDateTime": SEVEN, "location": {"geoCoordinates": None}}
    ),
    "entra-signin": Case(
        "entra.signin",
        {"records": [{"time": "3/1/2026 12:00:00 PM", "category": "ManagedIdentitySignInLogs", "Level": "4"}]},
    ),
    "entra-audit": Case(
        "entra.audit", {"Records": [{"category": "AuditLogs", "properties": {"activityDateTime": SEVEN}}]}
    ),
    "entra-risk": Case("entra.risk", {"riskLastUpdatedDateTime": SEVEN, "riskState": "none", "riskDetail": "hidden"}),
    "azure-activity": Case(
        "azure.activity",
        {"eventTimestamp": SEVEN, "operationName": {"value": "a/b", "localizedValue": "A"}, "claims": {}},
    ),
    "m365-audit": Case("m365.audit", [{"CreationTime": "2026-03-01T12:00:00", "ExtendedProperties": [], "Item": None}]),
    "defender-alert": Case(
        "defender.alert", {"value": [{"alertCreationTime": SEVEN, "resolvedTime": None, "evidence": []}]}
    ),
    "defender-hunting": Case(
        "defender.hunting.DeviceNetworkEvents",
        {"category": "AdvancedHunting-EmailEvents", "time": NOON, "properties": {"Timestamp": None}},
        odd_tag="defender.hunting.EmailEvents",
    ),
    "windows-event": Case(
        "windows.event",
        {"TimeCreated": f"/Date({SECONDS}000)/", "Id": 1, "ProviderName": None, "Message": "a\r\nb"},
        has={"Id": 1},
        broken=(b"{", b'{"@timestamp":"noon"}', b"<Event><System></Event>"),
    ),
    "windows-event-xml": Case(
        "windows.event",
        _XML + b'<EventID Qualifiers="16384">7036</EventID>'
        b'<TimeCreated SystemTime="2026-03-01T12:00:00.000000000Z"/></System>'
        b"<EventData><Data>a &lt; b</Data><Data>c</Data><Binary>00</Binary></EventData></Event>",
        has={"EventData": {"Data": ["a < b", "c"], "Binary": "00"}},
        broken=(_XML, b"<Event/>", b'<!DOCTYPE a [<!ENTITY b "c">]><Event>&b;</Event>'),
    ),
    "sysmon": Case(
        "sysmon.3",
        {
            "winlog": {
                "event_id": 22,
                "provider_name": "Microsoft-Windows-Sysmon",
                "event_data": {"UtcTime": "2026-03-01 12:00:00.000"},
            },
            "@timestamp": "2026-03-01T12:00:09Z",
        },
        odd_tag="sysmon.22",
        broken=(b"{", _XML, b'{"UtcTime":"noon"}'),
    ),
}
