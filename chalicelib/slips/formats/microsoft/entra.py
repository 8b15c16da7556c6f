"""Microsoft Entra (Azure Active Directory) and the Azure activity log.

Entra's logs come in two shapes: as Microsoft Graph gives them, and in the envelope of Azure's diagnostic settings,
which holds the same fields under `properties` and adds Azure's own time.
"""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

_PAGES = ("value", "records")

# What the class-based SLIPS read: the Graph API of 2018, beta. Later versions renamed the time.
register(
    JsonFormat(
        name="azure-ad-event",
        tag="azure_ad.signin_event",
        time=("signinDateTime", "createdDateTime"),
        records_key=_PAGES,
        signatures=("userPrincipalName, appDisplayName, ipAddress|loginStatus, signinDateTime=*",),
        description="Azure AD sign-ins of the Microsoft Graph beta",
        variants=("`signinDateTime`, or the later `createdDateTime`",),
        document="Microsoft Graph beta: signIn resource type",
        example=b'{"id":"66ea54eb-blue","signinDateTime":"2026-03-01T09:15:02.1234567Z","userDisplayName":"Liz Blue",'
        b'"userPrincipalName":"liz@example.com","appDisplayName":"Graph Explorer","ipAddress":"192.0.2.41",'
        b'"loginStatus":"Success"}',
    ),
    JsonFormat(
        name="azure-ad-audit",
        tag="azure_ad.audit",
        time=("activityDate", "activityDateTime"),
        records_key=_PAGES,
        signatures=("activity, category, actor|targets, activityDate=*",),
        description="Azure AD directory audit of the Microsoft Graph beta",
        variants=("`activityDate`, or the later `activityDateTime`",),
        document="Microsoft Graph beta: directoryAudit resource type",
        example=b'{"id":"Directory_7Q1","category":"Core Directory","activity":"Add user","activityDate":'
        b'"2026-03-01T09:15:02.1234567Z","activityResultStatus":"success","actor":{"userPrincipalName":"liz@example.com"}}',
    ),
    JsonFormat(
        name="azure-ad-risk-event",
        tag="azure_ad.risk_event",
        time=("riskEventDateTime", "activityDateTime"),
        records_key=_PAGES,
        signatures=("riskEventType, riskLevel, userPrincipalName|ipAddress, riskEventDateTime=*",),
        description="Azure AD Identity Protection risk events of the Microsoft Graph beta",
        variants=("`riskEventDateTime`, or the later `activityDateTime`",),
        document="Microsoft Graph beta: identityRiskEvent resource type",
        example=b'{"@odata.type":"#microsoft.graph.impossibleTravelRiskEvent","id":"90ca2","riskEventType":'
        b'"ImpossibleTravelRiskEvent","riskLevel":"medium","riskEventStatus":"active","riskEventDateTime":'
        b'"2026-03-01T09:15:02.1234567Z","userPrincipalName":"liz@example.com","ipAddress":"192.0.2.41"}',
    ),
)

register(
    JsonFormat(
        name="entra-signin",
        tag="entra.signin",
        time=("time", "createdDateTime", "properties.createdDateTime"),
        records_key=_PAGES,
        signatures=(
            "time, operationName, properties, resourceId|tenantId, category=*SignIn*",
            (
                "createdDateTime, appDisplayName|appId, ipAddress, "
                "userPrincipalName|servicePrincipalId|servicePrincipalName, "
                "status|conditionalAccessStatus|correlationId|clientAppUsed, !properties, !riskEventType"
            ),
        ),
        description="Entra sign-ins: users, service principals, managed identities; Graph or diagnostic settings",
        variants=("Graph's objects, and those of diagnostic settings with the fields under `properties`",),
        document="Microsoft Graph: signIn resource type; Entra: sign-in log schema in Azure Monitor",
        example=b'{"time":"2026-03-01T09:15:02.6799940Z","resourceId":"/tenants/6f1e/providers/Microsoft.aadiam",'
        b'"operationName":"Sign-in activity","category":"SignInLogs","resultType":"0","callerIpAddress":"192.0.2.41",'
        b'"Level":4,"properties":{"id":"4a77","createdDateTime":"2026-03-01T09:13:40.1Z","userPrincipalName":'
        b'"liz@example.com","appDisplayName":"Teams","status":{"errorCode":0}}}',
    ),
    JsonFormat(
        name="entra-audit",
        tag="entra.audit",
        time=("time", "activityDateTime", "properties.activityDateTime", "properties.createdDateTime"),
        records_key=_PAGES,
        signatures=(
            (
                "time, operationName, "
                "properties.activityDateTime|properties.initiatedBy|properties.targetResources, "
                "resourceId|tenantId, category=AuditLogs|*Provisioning*"
            ),
            "activityDateTime, activityDisplayName, initiatedBy, targetResources, loggedByService|result",
        ),
        description="Entra directory audit; Graph or diagnostic settings",
        variants=("Graph's objects, and those of diagnostic settings with the fields under `properties`",),
        document="Microsoft Graph: directoryAudit resource type; Entra: audit log schema in Azure Monitor",
        example=b'{"id":"Directory_3U6UD","category":"Device","activityDisplayName":"Update device","activityDateTime":'
        b'"2026-03-01T09:15:02.725625+00:00","result":"success","loggedByService":"Core Directory","initiatedBy":'
        b'{"user":{"userPrincipalName":"liz@example.com","ipAddress":"192.0.2.41"}},"targetResources":[]}',
    ),
    JsonFormat(
        name="entra-risk",
        tag="entra.risk",
        time=(
            *("activityDateTime", "properties.activityDateTime", "riskLastUpdatedDateTime"),
            *("properties.riskLastUpdatedDateTime", "time"),
        ),
        records_key=_PAGES,
        signatures=(
            (
                "time, operationName, properties.riskState|properties.riskLevel|properties.riskEventType, "
                "properties, category=*Risk*"
            ),
            (
                "riskLevel, riskState|riskDetail, riskEventType|riskLastUpdatedDateTime, "
                "userPrincipalName|servicePrincipalId|userId, !signinDateTime, !riskEventDateTime"
            ),
        ),
        description="Entra ID Protection: risk detections, risky users; Graph or diagnostic settings",
        variants=(
            "Graph's objects, and those of diagnostic settings with the fields under `properties`",
            "American times (`3/1/2026 9:15:02 AM`)",
        ),
        document="Microsoft Graph: riskDetection, riskyUser; Azure Monitor: AADUserRiskEvents, AADRiskyUsers",
        example=b'{"time":"3/1/2026 9:17:03 AM","operationName":"User Risk Detection","category":"UserRiskEvents",'
        b'"properties":{"id":"92c4","riskEventType":"unfamiliarFeatures","riskState":"atRisk","riskLevel":"low",'
        b'"activityDateTime":"2026-03-01T09:15:02.945Z","userPrincipalName":"liz@example.com","ipAddress":"192.0.2.41"}}',
    ),
    JsonFormat(
        name="azure-activity",
        tag="azure.activity",
        time=(
            *("time", "eventTimestamp", "properties.eventTimestamp", "submissionTimestamp"),
            "data.context.activityLog.eventTimestamp",
        ),
        records_key=("records", "value"),
        signatures=(
            (
                "time, operationName, resultType|level, correlationId|identity|callerIpAddress|properties, "
                "resourceId=/subscriptions/*"
            ),
            (
                "eventTimestamp, operationName, resourceId|resourceUri, authorization|caller, "
                "correlationId|subscriptionId|eventDataId"
            ),
            "schemaId, data.context.activityLog.eventTimestamp, data.context.activityLog, data.status",
        ),
        description="Azure activity log: diagnostic settings, event hub, REST API or an alert's webhook",
        variants=("diagnostic settings, the REST API and an alert's webhook",),
        document="Azure Monitor: Azure activity log event schema",
        example=b'{"time":"2026-03-01T09:15:02.1234567Z","resourceId":"/SUBSCRIPTIONS/6F1E/RESOURCEGROUPS/SHOP/PROVIDERS/'
        b'MICROSOFT.COMPUTE/VIRTUALMACHINES/WEB-3","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE",'
        b'"category":"Administrative","resultType":"Success","callerIpAddress":"192.0.2.41","level":"Information"}',
    ),
)
