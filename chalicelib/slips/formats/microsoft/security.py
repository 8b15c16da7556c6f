"""Microsoft 365 and Microsoft Defender."""

from __future__ import annotations

from ..fields import Event, tag_part
from ..json_format import JsonFormat
from ..registry import register

_HUNTING = "advancedhunting-"


def _hunting_tag(event: Event) -> str:
    """defender.hunting.<table>"""
    category = tag_part(event, "category")
    if category.casefold().startswith(_HUNTING):
        return f"defender.hunting.{category[len(_HUNTING) :]}"
    # A row of a query, whose Category means something else.
    return f"defender.hunting.{tag_part(event, 'Type', 'TableName')}"


register(
    JsonFormat(
        name="m365-audit",
        tag="m365.audit",
        time=("CreationTime", "AuditData.CreationTime", "CreationDate"),
        records_key="value",
        signatures=(
            "CreationTime, Operation, Workload|RecordType, OrganizationId, UserType|UserId|UserKey",
            "AuditData.CreationTime|AuditData, CreationDate, Operations, RecordType, UserIds",
        ),
        description="Microsoft 365 unified audit log: Exchange, SharePoint, Teams, Entra and all other workloads",
        variants=("the Management API's objects, and exported ones with `AuditData`",),
        document="Office 365 Management Activity API schema",
        example=b'{"CreationTime":"2026-03-01T09:15:02","Id":"b4f48141","Operation":"FileDownloaded","OrganizationId":'
        b'"6f1e","RecordType":6,"UserType":0,"Workload":"SharePoint","UserId":"liz@example.com","ClientIP":"192.0.2.41",'
        b'"ObjectId":"https://example.sharepoint.com/plan.docx"}',
    ),
    JsonFormat(
        name="defender-alert",
        tag="defender.alert",
        time=(
            *("lastUpdateDateTime", "createdDateTime", "eventDateTime"),
            # Earlier and other sources: the API of Defender for Endpoint, and Graph's alert v1 in part.
            *("lastModifiedDateTime", "lastUpdateTime", "alertCreationTime", "creationTime", "lastUpdatedTime"),
            "TimeGenerated",  # as Log Analytics exports them
        ),
        records_key=("value", "records", "alerts"),
        signatures=(
            "azureTenantId, vendorInformation, severity, eventDateTime|createdDateTime, category|title, status",
            (
                "serviceSource|detectionSource, severity, evidence, "
                "lastUpdateDateTime|createdDateTime|firstActivityDateTime, title, incidentId|status"
            ),
            (
                "incidentId, detectionSource, severity, machineId|computerDnsName|investigationState, "
                "alertCreationTime|creationTime"
            ),
            "incidentId, alertId, serviceSource, severity, entities|devices, creationTime",
        ),
        description="Microsoft security alerts: Graph alert v1 and v2, Defender for Endpoint",
        variants=("Graph's alerts v1 and v2, Defender for Endpoint and Log Analytics",),
        document="Microsoft Graph: alert (v1) and microsoft.graph.security.alert (v2) resource types",
        example=b'{"id":"da637578995287051192","title":"Suspicious process","severity":"medium","status":"new",'
        b'"serviceSource":"microsoftDefenderForEndpoint","createdDateTime":"2026-03-01T09:13:40.1Z",'
        b'"lastUpdateDateTime":"2026-03-01T09:15:02.4833333Z","firstActivityDateTime":"2026-03-01T09:11:00Z",'
        b'"evidence":[]}',
    ),
    JsonFormat(
        name="defender-hunting",
        tag=_hunting_tag,
        time=("properties.Timestamp", "Timestamp", "properties.TimeGenerated", "TimeGenerated", "time"),
        records_key=("records", "Results"),
        signatures=(
            "properties, time, tenantId|operationName, category=AdvancedHunting-*",
            (
                "Timestamp, ReportId, ActionType|Application|AlertId|Subject|Category|Severity, "
                "DeviceId|DeviceName|AccountObjectId|NetworkMessageId|AlertId"
            ),
        ),
        description="Microsoft Defender XDR advanced hunting tables, as its streaming API writes them",
        variants=("tables of the streaming API, and rows of a query",),
        document="Microsoft Defender XDR: Streaming API; Advanced hunting schema",
        example=b'{"time":"2026-03-01T09:16:51.1543444Z","tenantId":"6f1e","operationName":"Publish","category":'
        b'"AdvancedHunting-DeviceNetworkEvents","properties":{"Timestamp":"2026-03-01T09:15:02.2831271Z","DeviceName":'
        b'"laptop-7.example.com","ActionType":"ConnectionSuccess","RemoteIP":"192.0.2.41","RemotePort":443}}',
    ),
)
