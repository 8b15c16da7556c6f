"""Where software is built: GitHub, GitLab, Snyk, Atlassian, Tines, OpenAI, Anthropic."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="github-audit",
        tag="github.audit",
        time=("@timestamp", "created_at"),  # milliseconds
        signatures=(
            (
                "_document_id|@timestamp|created_at, action, actor, "
                "actor_id|actor_ip|actor_location|user|operation_type|visibility, org|business|repo"
            ),
        ),
        description="GitHub audit log of an organization or enterprise: streamed, exported or from the API",
        variants=("streamed, exported and the API's records: `@timestamp`, else `created_at`, in milliseconds",),
        document="GitHub: Audit log events; Streaming the audit log",
        example=b'{"@timestamp":1772356502123,"_document_id":"dGhpc2lz","action":"repo.create","actor":"liz","actor_ip":'
        b'"192.0.2.41","created_at":1772356502123,"org":"example","repo":"example/shop","visibility":"private"}',
    ),
    JsonFormat(
        name="gitlab-audit",
        tag="gitlab.audit",
        time=("time", "created_at"),
        signatures=("author_id, author_name, entity_id, entity_type, target_details|target_id|target_type|details",),
        description="GitLab audit events: audit_json.log, streamed or from the API",
        variants=("audit_json.log, streamed records and the API's",),
        document="GitLab: Log system, audit_json.log; Audit event streaming",
        example=b'{"severity":"INFO","time":"2026-03-01T09:15:02.523Z","author_id":3,"author_name":"Liz","entity_id":2,'
        b'"entity_type":"Project","change":"visibility","from":"Private","to":"Public","target_details":"example/shop"}',
    ),
    JsonFormat(
        name="gitlab-api",
        tag="gitlab.api",
        time="time",
        signatures=(
            (
                "duration_s|duration|db_duration_s, status, method, path|url, "
                "correlation_id|remote_ip|ua|meta.caller_id, time"
            ),
        ),
        description="GitLab requests: api_json.log, production_json.log and their kin",
        document="GitLab: Log system, api_json.log",
        example=b'{"time":"2026-03-01T09:15:02.123Z","severity":"INFO","duration_s":0.0091,"status":200,"method":"GET",'
        b'"path":"/api/v4/projects","host":"gitlab.example.com","remote_ip":"192.0.2.41","ua":"curl/8.5","username":"liz"}',
    ),
    JsonFormat(
        name="snyk-audit",
        tag="snyk.audit",
        time="created",
        records_key=("data.items", "items", "results", "data"),
        signatures=("created, event, groupId|orgId|group_id|org_id, userId|user_id, content",),
        description="Snyk audit logs of a group or organization",
        document="Snyk API: Audit Logs",
        example=b'{"created":"2026-03-01T09:15:02.123Z","event":"org.user.invite","groupId":"0d3728ec","orgId":"ce6e3d5a",'
        b'"userId":"88ec2a1b","content":{"email":"kim@example.com","isAdmin":false}}',
    ),
    JsonFormat(
        name="atlassian-audit",
        tag="atlassian.audit",
        time="attributes.time",
        records_key="data",
        signatures=(
            (
                "attributes.time, attributes.action, attributes.actor, "
                "attributes.context|attributes.location|attributes.container, id"
            ),
        ),
        description="Atlassian organization audit log",
        document="Atlassian: Organizations REST API, events",
        example=b'{"id":"7d5d7c3e","type":"events","attributes":{"time":"2026-03-01T09:15:02.123Z","action":'
        b'"user_added_to_group","actor":{"id":"5f3a","email":"liz@example.com"},"context":[],"location":'
        b'{"ip":"192.0.2.41"}}}',
    ),
    JsonFormat(
        name="tines-audit",
        tag="tines.audit",
        time="created_at",
        records_key="audit_logs",
        signatures=("operation_name, user_id|user_email, tenant_id, created_at, request_ip|request_user_agent|inputs",),
        description="Tines audit logs",
        document="Tines API: Audit logs",
        example=b'{"id":1234,"created_at":"2026-03-01T09:15:02Z","operation_name":"Login","user_id":7331,"user_email":'
        b'"liz@example.com","tenant_id":"1337","request_ip":"192.0.2.41"}',
    ),
    JsonFormat(
        name="openai-audit",
        tag="openai.audit",
        time="effective_at",  # seconds
        records_key="data",
        signatures=(
            "effective_at, type, actor.type|actor, id=audit_log*",
            "object=organization.audit_log, effective_at, type, id",
        ),
        description="OpenAI audit logs of an organization",
        document="OpenAI API reference: Audit logs",
        example=b'{"object":"organization.audit_log","id":"audit_log-4f1c","type":"api_key.created","effective_at":1772356502,'
        b'"actor":{"type":"session","session":{"user":{"id":"user-1","email":"liz@example.com"},"ip_address":"192.0.2.41"}},'
        b'"api_key.created":{"id":"key_1","data":{"scopes":["resource.operation"]}}}',
    ),
    JsonFormat(
        name="anthropic-activity",
        tag="anthropic.activity",
        time="created_at",
        records_key="data",
        signatures=(
            "organization_id|organization_uuid, created_at, type, id, actor.type=*_actor",
            "created_at, type, actor, id=activity_*",
        ),
        description="Anthropic compliance activities of an organization",
        document="Anthropic: Compliance API, Activity Feed",
        example=b'{"id":"activity_01","created_at":"2026-03-01T09:15:02Z","organization_id":"org_01","type":'
        b'"sso_login_succeeded","actor":{"type":"user_actor","email_address":"liz@example.com","ip_address":"192.0.2.41"}}',
    ),
)
