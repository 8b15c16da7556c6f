"""Identity providers and second factors: Okta, OneLogin, Auth0, Duo."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="okta",
        tag="okta.system_log",
        time=("published", "detail.published"),  # the second in an event of EventBridge
        records_key="data.events",  # an event hook's; the System Log API gives a bare array
        signatures=(
            "published, eventType, actor.alternateId|actor.id, outcome, displayMessage, legacyEventType|client|uuid",
        ),
        description="Okta System Log",
        variants=("a partner event of EventBridge, its record under `detail`",),
        document="Okta: System Log API, LogEvent object",
        example=b'{"uuid":"f790999f","published":"2026-03-01T09:15:02.777Z","eventType":"user.session.start","severity":'
        b'"INFO","displayMessage":"User login to Okta","actor":{"type":"User","alternateId":"liz@example.com"},'
        b'"client":{"ipAddress":"192.0.2.41"},"outcome":{"result":"SUCCESS"},"target":[]}',
    ),
    JsonFormat(
        name="onelogin",
        tag="onelogin.event",
        time=("event_timestamp", "created_at", "detail.event_timestamp"),
        records_key=("data", "events"),
        signatures=(
            (
                "event_type_id, account_id, user_id|user_name|actor_user_id, event_timestamp|created_at, "
                "ipaddr|actor_user_name|uuid"
            ),
        ),
        description="OneLogin events: event broadcaster and API",
        variants=(
            "the broadcaster's `event_timestamp`, or the API's `created_at`",
            "a partner event of EventBridge, its record under `detail`",
        ),
        document="OneLogin: Event Resource; SIEM event broadcaster",
        example=b'{"uuid":"6ce16f26","event_timestamp":"2026-03-01 09:15:02 UTC","event_type_id":5,"account_id":142,'
        b'"user_id":50361,"user_name":"Liz Blue","ipaddr":"192.0.2.41"}',
    ),
    JsonFormat(
        name="auth0",
        tag="auth0.log",
        time=("data.date", "date", "detail.data.date"),
        records_key="logs",
        signatures=(
            "log_id|_id, data.date, data.type, data.client_id|data.client_name|data.ip|data.description",
            "log_id|_id, date, type, client_id|client_name|user_agent, ip",
        ),
        description="Auth0 tenant logs: log streams and Management API",
        variants=(
            "log streams, with the record under `data`, and the Management API's",
            "a partner event of EventBridge, its record under `detail`",
        ),
        document="Auth0: Log Event Type Codes; Log streams",
        example=b'{"log_id":"90020260301","data":{"date":"2026-03-01T09:15:02.777Z","type":"s","description":"",'
        b'"client_name":"shop","ip":"192.0.2.41","user_name":"liz@example.com","log_id":"90020260301"}}',
    ),
    JsonFormat(
        name="duo-auth",
        tag="duo.authentication",
        time=("isotimestamp", "timestamp", "ts"),
        records_key=("response.authlogs", "authlogs", "response"),
        signatures=(
            "factor, result, reason, access_device|auth_device, txid|isotimestamp",
            "factor, result, integration, username, new_enrollment|eventtype",
        ),
        description="Duo authentication log",
        variants=("`isotimestamp`, else `timestamp` in seconds",),
        document="Duo Admin API: Authentication Logs",
        example=b'{"isotimestamp":"2026-03-01T09:15:02.123456+00:00","timestamp":1772356502,"event_type":"authentication",'
        b'"factor":"duo_push","result":"success","reason":"user_approved","user":{"name":"liz@example.com"},'
        b'"access_device":{"ip":"192.0.2.41"},"txid":"340a23e3"}',
    ),
    JsonFormat(
        name="duo-admin",
        tag="duo.administrator",
        time=("isotimestamp", "timestamp", "ts"),
        records_key=("response.items", "response"),
        signatures=(
            "action, username, object|description, isotimestamp|timestamp, !factor",
            "action.name|action, activity_id|akey, actor, target, ts",
        ),
        description="Duo administrator, activity and offline enrolment logs",
        variants=("administrator, activity and offline enrolment logs",),
        document="Duo Admin API: Administrator Logs, Activity Logs, Offline Enrollment Logs",
        example=b'{"isotimestamp":"2026-03-01T09:15:02+00:00","timestamp":1772356502,"action":"user_update","username":'
        b'"Liz Blue","object":"kim@example.com","description":"{\\"phones\\":\\"\\"}"}',
    ),
)
