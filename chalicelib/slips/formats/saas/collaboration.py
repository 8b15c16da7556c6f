"""Where people work together: Slack, Zoom, Box, Dropbox, Asana, Zendesk, Notion."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="slack-audit",
        tag="slack.audit",
        time="date_create",  # seconds
        records_key="entries",
        signatures=("date_create, action, actor.type, entity.type, context",),
        description="Slack audit logs of an Enterprise Grid",
        document="Slack: Audit Logs API",
        example=b'{"id":"0123a45b","date_create":1772356502,"action":"user_login","actor":{"type":"user","user":{"id":"W123",'
        b'"email":"liz@example.com"}},"entity":{"type":"user","user":{"id":"W123"}},"context":{"ip_address":"192.0.2.41"}}',
    ),
    JsonFormat(
        name="slack-access",
        tag="slack.access",
        time=("date_last", "date_first"),  # seconds
        records_key="logins",
        signatures=("date_first, date_last, user_id, username, ip, count",),
        description="Slack access logs of a workspace",
        variants=("`date_last`, else `date_first`",),
        document="Slack: team.accessLogs",
        example=b'{"user_id":"U123","username":"liz","date_first":1772350000,"date_last":1772356502,"count":4,"ip":'
        b'"192.0.2.41","user_agent":"SlackWeb","isp":"Example ISP","country":"DE","region":"BE"}',
    ),
    JsonFormat(
        name="zoom-activity",
        tag="zoom.activity",
        time="time",
        records_key="activity_logs",
        signatures=("email, time, ip_address|client_type|version, type=Sign in|Sign out",),
        description="Zoom sign-in and sign-out activities",
        document="Zoom API: Get sign In / sign out activity report",
        example=b'{"email":"liz@example.com","time":"2026-03-01T09:15:02Z","type":"Sign in","ip_address":"192.0.2.41",'
        b'"client_type":"mac","version":"5.17.11"}',
    ),
    JsonFormat(
        name="zoom-operation",
        tag="zoom.operation",
        time="time",
        records_key="operation_logs",
        signatures=("time, operator, category_type, action, operation_detail",),
        description="Zoom operation logs of administrators",
        document="Zoom API: Get operation logs report",
        example=b'{"time":"2026-03-01T09:15:02Z","operator":"liz@example.com","category_type":"User","action":"Update",'
        b'"operation_detail":"Edit User kim@example.com - Type: from Basic to Licensed"}',
    ),
    JsonFormat(
        name="box-event",
        tag="box.event",
        time="created_at",
        records_key="entries",
        signatures=("event_id, event_type, created_by, source, created_at, session_id|ip_address|type",),
        description="Box enterprise events",
        document="Box API: Events",
        example=b'{"type":"event","event_id":"f82c3ba0","created_at":"2026-03-01T01:15:02-08:00","event_type":"DOWNLOAD",'
        b'"created_by":{"type":"user","id":"11446498","login":"liz@example.com"},"source":{"item_type":"file","item_name":'
        b'"plan.docx"},"ip_address":"192.0.2.41"}',
    ),
    JsonFormat(
        name="dropbox-event",
        tag="dropbox.team_event",
        time="timestamp",
        records_key="events",
        signatures=(
            "event_category|event_type..tag, event_type, actor, timestamp, origin|context|details|participants",
        ),
        description="Dropbox team events",
        document="Dropbox Business API: team_log/get_events",
        example=b'{"timestamp":"2026-03-01T09:15:02Z","event_category":{".tag":"sharing"},"event_type":{".tag":'
        b'"shared_link_create","description":"Created shared link"},"actor":{".tag":"user","user":{"email":'
        b'"liz@example.com"}},"origin":{"geo_location":{"ip_address":"192.0.2.41"}},"details":{}}',
    ),
    JsonFormat(
        name="asana-audit",
        tag="asana.audit",
        time="created_at",
        records_key="data",
        signatures=("gid, event_type, event_category, actor.actor_type, created_at, context|resource",),
        description="Asana audit log",
        document="Asana API: Audit log API",
        example=b'{"gid":"12345","created_at":"2026-03-01T09:15:02.150Z","event_type":"user_login_succeeded","event_category":'
        b'"logins","actor":{"actor_type":"user","gid":"777","email":"liz@example.com"},"context":{"client_ip_address":'
        b'"192.0.2.41"},"details":{"method":["SAML"]}}',
    ),
    JsonFormat(
        name="zendesk-audit",
        tag="zendesk.audit",
        time="created_at",
        records_key="audit_logs",
        signatures=("actor_id, source_type, source_label|source_id, change_description, action, created_at",),
        description="Zendesk audit logs",
        document="Zendesk API: Audit Logs",
        example=b'{"id":498483,"created_at":"2026-03-01T09:15:02Z","action":"update","actor_id":1234,"actor_name":"Liz",'
        b'"source_type":"user","source_label":"Kim","change_description":"Role changed from End User to Agent",'
        b'"ip_address":"192.0.2.41"}',
    ),
    JsonFormat(
        name="notion-audit",
        tag="notion.audit",
        time=("event.timestamp", "timestamp"),
        signatures=(
            "event.workspace_id, event.type, event.actor, event.timestamp, event.platform|event.ip_address",
            "workspace_id, type, actor, timestamp, platform|ip_address",
        ),
        description="Notion audit log of an Enterprise workspace",
        variants=("records under `event`, or bare",),
        document="Notion: Audit log; Audit log events",
        example=b'{"event":{"id":"8f1e","timestamp":"2026-03-01T09:15:02.123Z","workspace_id":"ea65","actor":{"id":"bd37",'
        b'"object":"user","type":"person","person":{"email":"liz@example.com"}},"ip_address":"192.0.2.41","platform":"web",'
        b'"type":"user.login","details":{"authType":"saml"}}}',
    ),
)
