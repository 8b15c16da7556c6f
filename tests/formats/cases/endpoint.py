"""What runs on hosts and watches them."""

from . import NOON, SECONDS, Case

MS = SECONDS * 1000

CASES = {
    "auditbeat": Case(
        "auditbeat.auditd",
        {"@timestamp": "2026-03-01T12:00:00.000Z", "event": {"kind": "state"}},
        has={"message": "{'kind': 'state'}"},
    ),
    "packetbeat": Case("packetbeat.dns", {"@timestamp": NOON, "type": "flow"}, odd_tag="packetbeat.flow"),
    "falcon": Case("falcon.event", {"timestamp": str(MS)}, has={"message": "None at None to None"}),
    "falcon-detection": Case(
        "falcon.detection", {"resources": [{"created_timestamp": MS, "behaviors": []}]}, has={"message": ""}
    ),
    "crowdstrike-stream": Case(
        "crowdstrike.stream.AuthActivityAuditEvent",
        {"metadata": {"eventCreationTime": SECONDS, "offset": 0}, "event": {"AuditKeyValues": None}},
        odd_tag="crowdstrike.stream.unknown",
    ),
    "crowdstrike-fdr": Case(
        "crowdstrike.fdr.ProcessRollup2",
        {"ContextTimeStamp": f"{SECONDS}.000", "event_simpleName": "", "EventType": "Event_External"},
        odd_tag="crowdstrike.fdr.Event_External",
    ),
    "cylance": Case("cylance.event", {"datetime": "2026-03-01 12:00:00"}),
    "cylance-event": Case("cylance.event", {"datetime": "3/1/2026 12:00:00 PM"}),
    "cylance-threat": Case("cylance.threat", {"datetime": "2026-03-01T12:00:00", "cylance_score": -1}),
    "sentinelone": Case(
        "sentinelone", {"data": [{"threatInfo": {"createdAt": NOON}, "indicators": []}], "pagination": {}}
    ),
    "sentinelone-funnel": Case("sentinelone.funnel", {"event.time": str(MS), "src.process.cmdline": None}),
    "carbonblack": Case(
        "carbonblack",
        {"results": [{"create_time": "2026-03-01T12:00:00.000Z", "type": "CB_ANALYTICS"}], "num_found": 1},
    ),
    "sophos-central": Case(
        "sophos.central", {"has_more": False, "items": [{"when": NOON, "end": None, "core_remedy_items": {}}]}
    ),
    "jamf-pro": Case("jamf.pro", {"webhook": {"eventTimestamp": str(MS)}, "event": {}}),
    "osquery": Case(
        "osquery.pack_it_processes",
        {"calendarTime": "Sun Mar  1 12:00:00 2026 UTC", "unixTime": "", "filename": "a.cpp"},
        odd_tag="osquery.status",
    ),
    "falco": Case("falco", {"output_fields": {"evt.time": SECONDS * 1_000_000_000}, "time": None, "tags": []}),
    "sysdig-audit": Case("sysdig.audit", {"timestampRFC3339Nano": "2026-03-01T12:00:00.000000000Z", "content": {}}),
    "ossec": Case(
        "ossec.alert", {"timestamp": "2026-03-01T12:00:00.000+0000", "rule": {"level": 0}, "agent": {"id": "000"}}
    ),
}
