"""CrowdStrike Falcon: sensor telemetry, detections, the Event Streams API and the Falcon Data Replicator."""

from __future__ import annotations

from ..fields import Event, objects_at, tag_part
from ..json_format import JsonFormat
from ..registry import register


def _falcon_message(event: Event) -> None:
    targets = (event.get(name) for name in ("RemoteAddressIP4", "TargetFileName", "DomainName", "CommandLine"))
    target = next((value for value in targets if value), None)
    event["message"] = f"{event.get('name')} at {event.get('aip')} to {target}"


def _detection_message(event: Event) -> None:
    behaviors = objects_at(event, "behaviors")
    event["message"] = ", ".join(
        f"Detected {behavior.get('technique')} ({behavior.get('tactic')})" for behavior in behaviors
    )


def _stream_tag(event: Event) -> str:
    """crowdstrike.stream.<eventType>"""
    return f"crowdstrike.stream.{tag_part(event, 'metadata.eventType')}"


def _fdr_tag(event: Event) -> str:
    """crowdstrike.fdr.<event_simpleName>"""
    # Inventory files (aidmaster, managedassets, …) hold no events of the sensor; some exporters put the event inside.
    names = ("event_simpleName", "event.event_simpleName", "fdr_event_type", "EventType")
    return f"crowdstrike.fdr.{tag_part(event, *names)}"


register(
    JsonFormat(
        name="falcon",
        tag="falcon.event",
        time="timestamp",  # milliseconds as digits, or ISO 8601
        derive=_falcon_message,
        signatures=("event_simpleName, aid, name, timestamp",),
        description="CrowdStrike Falcon sensor telemetry",
        variants=("`timestamp` as digits or ISO 8601",),
        document="CrowdStrike: Falcon Data Replicator, Events Data Dictionary",
        example=b'{"event_simpleName":"NetworkConnectIP4","name":"NetworkConnectIP4V5","timestamp":"1772356502123",'
        b'"aip":"192.0.2.41","aid":"1ad825a8bc95","RemoteAddressIP4":"198.51.100.7","RemotePort":"443"}',
    ),
    JsonFormat(
        name="falcon-detection",
        tag="falcon.detection",
        time="created_timestamp",
        records_key="resources",
        derive=_detection_message,
        signatures=("detection_id, created_timestamp, behaviors, max_severity_displayname|max_severity|device",),
        description="CrowdStrike Falcon detections",
        document="CrowdStrike: Detections API, GetDetectSummaries",
        example=b'{"detection_id":"ldt:1ad8:17212","created_timestamp":"2026-03-01T09:15:02.123456Z","status":"new",'
        b'"max_severity_displayname":"High","behaviors":[{"tactic":"Execution","technique":"PowerShell","severity":70}]}',
    ),
    JsonFormat(
        name="crowdstrike-stream",
        tag=_stream_tag,
        # Milliseconds; seconds in some audit events. The vertices of a detection carry a time of their own.
        time=("metadata.eventCreationTime", "event.UTCTimestamp", "event.timestamp"),
        framing="s3-json-stream",
        signatures=(
            "metadata.eventType, metadata.offset, metadata.eventCreationTime, metadata.customerIDString, event",
        ),
        description="CrowdStrike Event Streams: detections, audit, identity protection, firewall and incidents",
        variants=(
            "`eventCreationTime` in milliseconds or seconds",
            "objects over several lines, one after another",
        ),
        document="CrowdStrike: Streaming API Event Dictionary",
        example=b'{"metadata":{"customerIDString":"46de","offset":14947764,"eventType":"AuthActivityAuditEvent",'
        b'"eventCreationTime":1772356502123,"version":"1.0"},"event":{"UserId":"liz@example.com","UserIp":"192.0.2.41",'
        b'"OperationName":"userAuthenticate","ServiceName":"CrowdStrike Authentication","Success":true}}',
    ),
    JsonFormat(
        name="crowdstrike-fdr",
        tag=_fdr_tag,
        time=(
            *("timestamp", "ContextTimeStamp", "ContextTimeStamp_decimal", "event.timestamp", "event.ContextTimeStamp"),
            *("_time", "Time"),  # the inventory files
        ),
        signatures=(
            "event_simpleName, aid, aip|cid, timestamp|ContextTimeStamp, cid|event_platform",
            "event.event_simpleName, event.aid, event.timestamp|event.ContextTimeStamp, event.cid",
            (
                "aid|aip, cid, Time|_time|FirstSeen|ComputerName|MAC, "
                "fdr_event_type|AgentVersion|GatewayMAC|UserSid_readable|LogonTime|ProductType|"
                "CurrentLocalIP|ConfigBuild"
            ),
        ),
        description="CrowdStrike Falcon Data Replicator: sensor events and inventory",
        variants=("events of the sensor, also inside `event`, and inventory files",),
        document="CrowdStrike: Falcon Data Replicator guide, Events Data Dictionary",
        example=b'{"event_simpleName":"ProcessRollup2","name":"ProcessRollup2V19","timestamp":"1772356502123","aid":'
        b'"1ad825a8bc95","cid":"46de","aip":"192.0.2.41","event_platform":"Win","ContextTimeStamp":"1772356502.011",'
        b'"ImageFileName":"\\\\Device\\\\HarddiskVolume2\\\\Windows\\\\System32\\\\cmd.exe","CommandLine":"cmd"}',
    ),
)
