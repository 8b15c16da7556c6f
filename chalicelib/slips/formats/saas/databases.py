"""Data platforms: MongoDB Atlas, Databricks."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="mongodb-atlas",
        tag="mongodb.atlas",
        time="created",
        records_key="results",
        signatures=("eventTypeName, created, orgId|groupId, id, isGlobalAdmin|userId|links|publicKey",),
        description="MongoDB Atlas events of an organization or project",
        document="MongoDB Atlas Administration API: Events",
        example=b'{"id":"6480b713","created":"2026-03-01T09:15:02Z","eventTypeName":"JOINED_ORG","isGlobalAdmin":false,'
        b'"orgId":"12345x","remoteAddress":"192.0.2.41","userId":"647f654f","username":"liz@example.com"}',
    ),
    JsonFormat(
        name="databricks-audit",
        tag="databricks.audit",
        time=("timestamp", "event_time"),  # milliseconds; the system table has the other name
        signatures=(
            (
                "serviceName|service_name, actionName|action_name, userIdentity|user_identity, "
                "timestamp|event_time, "
                "requestParams|request_params|response|sourceIPAddress|auditLevel|workspaceId|"
                "source_ip_address"
            ),
        ),
        description="Databricks audit logs",
        variants=("delivered logs (`timestamp`), and rows of `system.access.audit` (`event_time`)",),
        document="Databricks: Audit log reference; system.access.audit",
        example=b'{"version":"2.0","auditLevel":"ACCOUNT_LEVEL","timestamp":1772356502123,"orgId":"0","sourceIPAddress":'
        b'"192.0.2.41","userIdentity":{"email":"liz@example.com"},"serviceName":"accounts","actionName":"login",'
        b'"requestParams":{"user":"liz@example.com"},"response":{"statusCode":200}}',
    ),
)
