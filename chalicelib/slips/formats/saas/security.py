"""Security services of the cloud: Lacework, Netskope, Wiz."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="lacework",
        tag="lacework",
        time=(
            *("startTime", "START_TIME", "CREATED_TIME"),
            # Alerts over EventBridge, exported alerts, exported tables.
            *("detail.START_TIME", "EVENT_DETAILS.data.0.START_TIME", "BATCH_START_TIME", "time"),
        ),
        records_key="data",
        signatures=(
            "alertId, alertName, alertType, startTime, alertInfo|derivedFields",
            "EVENT_ID, EVENT_TYPE, START_TIME, EVENT_ACTOR|EVENT_MODEL|SEVERITY|EVENT_NAME",
            "detail.EVENT_ID, detail.START_TIME, detail.EVENT_TYPE|detail.EVENT_NAME, detail.LINK|detail.SUMMARY",
            "EVENT_DETAILS.data, EVENT_ID, EVENT_TYPE",
            "BATCH_START_TIME, BATCH_END_TIME",
            "MID, CREATED_TIME, RECORD_CREATED_TIME|HOSTNAME|TAGS",
        ),
        description="Lacework (FortiCNAPP) alerts, events and exported tables",
        variants=("alerts of the API, over EventBridge and exported, and exported tables",),
        document="Lacework API 2.0: Alerts; S3 data export",
        example=b'{"alertId":202655,"alertName":"New user","alertType":"NewAwsUser","severity":"Low","startTime":'
        b'"2026-03-01T09:15:02.000Z","endTime":"2026-03-01T10:00:00.000Z","status":"Open","alertInfo":{"subject":"liz"}}',
    ),
    JsonFormat(
        name="netskope",
        tag="netskope",
        time=("timestamp", "_insertion_epoch_timestamp"),  # seconds
        records_key=("result", "data"),
        signatures=(
            (
                "timestamp, type|alert_type|audit_log_event, ur_normalized|user|userip|srcip, "
                "organization_unit|access_method|ccl|appcategory|appsuite|traffic_type|userkey|activity, "
                "_insertion_epoch_timestamp|_id"
            ),
        ),
        description="Netskope alerts and events: application, page, network, audit",
        variants=("`timestamp`, else `_insertion_epoch_timestamp`, in seconds",),
        document="Netskope: REST API v2, events and alerts data export",
        example=b'{"_id":"1e589bef","timestamp":1772356502,"type":"nspolicy","activity":"Download","app":"Box","user":'
        b'"liz@example.com","srcip":"192.0.2.41","alert":"yes","alert_type":"DLP","action":"useralert"}',
    ),
    JsonFormat(
        name="wiz-audit",
        tag="wiz.audit",
        time=("timestamp", "createdAt"),
        records_key=("data.auditLogEntries.nodes", "auditLogEntries.nodes", "nodes"),
        signatures=("requestId, action, status, sourceIP|userAgent, actionParameters, user|serviceAccount",),
        description="Wiz audit logs",
        variants=("`timestamp`, else `createdAt`",),
        document="Wiz API: Audit log entries",
        example=b'{"id":"220d23be","action":"CreateUser","requestId":"0d9521b2","status":"SUCCESS","timestamp":'
        b'"2026-03-01T09:15:02.66643Z","sourceIP":"192.0.2.41","serviceAccount":null,"user":{"id":"liz@example.com"},'
        b'"actionParameters":{"input":{"role":"READER"}}}',
    ),
)
