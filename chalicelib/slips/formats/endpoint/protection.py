"""Endpoint protection and management: Cylance, SentinelOne, Carbon Black, Sophos, Jamf."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

_CYLANCE = b'{"datetime":"2026-03-01T09:15:02.123Z","device":"LAPTOP-7","event_status":"Quarantined","file_name":'

register(
    JsonFormat(
        name="cylance",
        tag="cylance.event",
        time="datetime",
        signatures=("datetime, device, event_status|status, file_name, sha256",),
        description="Cylance events (cylance-event by its older name)",
        document="CylancePROTECT: Threat Data Report",
        example=_CYLANCE + b'"setup.exe","sha256":"9f86d081884c7d65"}',
    ),
    JsonFormat(
        name="cylance-event",
        tag="cylance.event",
        time="datetime",
        signatures=("datetime, device, event_status, file_name, sha256, event_id",),
        description="Cylance events: what happened to a file on a device",
        document="CylancePROTECT: Threat Data Report, events",
        example=_CYLANCE + b'"setup.exe","sha256":"9f86d081884c7d65","event_id":"37a6"}',
    ),
    JsonFormat(
        name="cylance-threat",
        tag="cylance.threat",
        time="datetime",
        signatures=("datetime, cylance_score, classification, file_name|sha256|device",),
        description="Cylance threats",
        document="CylancePROTECT: Threat Data Report, threats",
        example=_CYLANCE + b'"setup.exe","cylance_score":0.93,"classification":"Malware"}',
    ),
)

register(
    JsonFormat(
        name="sentinelone",
        tag="sentinelone",
        time=("createdAt", "threatInfo.createdAt", "alertInfo.createdAt", "threatInfo.identifiedAt"),
        records_key="data",
        signatures=(
            "activityType, createdAt, primaryDescription, accountId|accountName|siteId|data",
            (
                "threatInfo.threatId|threatInfo.identifiedAt|threatInfo.createdAt, agentRealtimeInfo, "
                "agentDetectionInfo, indicators|threatInfo.classification"
            ),
            "alertInfo, ruleInfo, agentDetectionInfo|agentRealtimeInfo, sourceProcessInfo|kubernetesInfo",
        ),
        description="SentinelOne activities, threats, alerts and deep visibility",
        variants=("activities, threats and alerts",),
        document="SentinelOne Management API: Activities, Threats, Alerts",
        example=b'{"id":"139658","activityType":27,"createdAt":"2026-03-01T09:15:02.034788Z","accountName":"example",'
        b'"primaryDescription":"The user liz logged in.","data":{"username":"liz","ipAddress":"192.0.2.41"}}',
    ),
    JsonFormat(
        name="sentinelone-funnel",
        tag="sentinelone.funnel",
        time=("event.time", "timestamp"),  # the keys of Cloud Funnel 2 hold the dots; milliseconds
        signatures=(
            (
                "event.time, event.type, event.category, endpoint.name|agent.uuid|endpoint.os, "
                "src.process.name|src.process.cmdline|src.process.uid|dataSource.name|meta.event.name|mgmt.id|site.id"
            ),
        ),
        description="SentinelOne Cloud Funnel 2: deep visibility telemetry",
        document="SentinelOne: Cloud Funnel 2.0 schema",
        example=b'{"event.time":1772356502123,"event.type":"Process Creation","event.category":"process",'
        b'"endpoint.name":"laptop-7","endpoint.os":"windows","src.process.cmdline":"cmd.exe /c dir"}',
    ),
    JsonFormat(
        name="carbonblack",
        tag="carbonblack",
        time=(
            *("device_timestamp", "create_time"),  # `2026-03-01 09:15:02.123 +0000 UTC` in endpoint events
            *("backend_timestamp", "detection_timestamp", "eventTime", "event_timestamp", "timestamp"),
        ),
        records_key=("results", "notifications"),
        signatures=(
            (
                "type, device_timestamp|create_time|backend_timestamp|detection_timestamp, "
                "device_name|device_id, "
                "org_key|process_guid|process_name|device_os|device_external_ip|alert_url|threat_id"
            ),
            "requestUrl, loginName, orgName, eventTime, eventId",
            (
                "type=watchlist.*|ingress.event.*|feed.*|alert.*|binaryinfo.*, timestamp|event_timestamp, "
                "cb_server|process_guid|sensor_id|computer_name"
            ),
        ),
        description="Carbon Black Cloud: endpoint events, alerts, watchlist hits, audit; EDR event forwarder",
        variants=("endpoint events, alerts and audit notifications",),
        document="Carbon Black Cloud: Data Forwarder Data Guide; Alerts API",
        example=b'{"type":"endpoint.event.netconn","device_timestamp":"2026-03-01 09:15:02.123 +0000 UTC",'
        b'"create_time":"2026-03-01T09:16:44.098Z","device_name":"LAPTOP-7","remote_ip":"198.51.100.7","remote_port":443,'
        b'"process_name":"c:\\\\windows\\\\system32\\\\curl.exe"}',
    ),
    JsonFormat(
        name="sophos-central",
        tag="sophos.central",
        time=("end", "when", "created_at", "rt", "raisedAt", "createdAt"),
        records_key="items",
        signatures=(
            "customer_id, type=Event::*, severity, endpoint_id|endpoint_type|dhost|suser|source|location",
            "customer_id, severity, datastream=event|alert, type|name, end|rt",
            "raisedAt, severity, tenant.id|tenant, category|product|managedAgent",
        ),
        description="Sophos Central events and alerts",
        document="Sophos Central: SIEM integration API, events and alerts",
        example=b'{"severity":"low","type":"Event::Endpoint::UpdateFailure","endpoint_type":"computer","endpoint_id":'
        b'"decb3c59","customer_id":"70511420","name":"Failed to apply updates.","group":"UPDATING",'
        b'"datastream":"event","end":"2026-03-01T09:15:02.033Z","rt":"2026-03-01T09:15:02.059Z","dhost":"LAPTOP-7","suser":"liz"}',
    ),
    JsonFormat(
        name="jamf-pro",
        tag="jamf.pro",
        time=(
            *("webhook.eventTimestamp", "timestamp", "dateTime", "date", "time", "general.lastContactTime"),
            *("general.reportDate", "lastContactTime", "reportDate", "lastUpdate", "event.lastUpdate"),
        ),
        records_key="results",
        signatures=(
            "webhook.webhookEvent|webhook.name, webhook.id, webhook.eventTimestamp, event",
            (
                "general.reportDate|general.lastContactTime|general.managementId, general, "
                "hardware|userAndLocation|udid|id"
            ),
            "dateTime|date|timestamp, objectType, objectId|objectName, note|changes|details|username",
            "event.udid|event.serialNumber|event.computer, webhook",
        ),
        description="Jamf Pro webhooks, logins, change log and inventory",
        document="Jamf Pro: Webhooks; Jamf Pro API",
        example=b'{"webhook":{"id":7,"name":"check-in","webhookEvent":"ComputerCheckIn","eventTimestamp":1772356502123},'
        b'"event":{"computer":{"deviceName":"laptop-7","serialNumber":"C02XK0","username":"liz"},"trigger":"CLIENT_CHECKIN"}}',
    ),
)
