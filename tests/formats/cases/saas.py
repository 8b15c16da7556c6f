"""Software as a service."""

from . import NOON, SECONDS, Case

MS = SECONDS * 1000

CASES = {
    "slack-audit": Case("slack.audit", {"entries": [{"date_create": SECONDS, "details": {}, "entity": None}]}),
    "slack-access": Case(
        "slack.access", {"ok": True, "logins": [{"date_first": SECONDS, "country": None}], "paging": {}}
    ),
    "zoom-activity": Case("zoom.activity", {"activity_logs": [{"time": NOON, "type": "Sign out", "client_type": ""}]}),
    "zoom-operation": Case("zoom.operation", {"time": NOON, "operation_detail": "a\nb"}),
    "box-event": Case(
        "box.event", {"chunk_size": 1, "entries": [{"created_at": "2026-03-01T04:00:00-08:00", "source": None}]}
    ),
    "dropbox-event": Case(
        "dropbox.team_event", {"timestamp": NOON, "actor": {".tag": "anonymous"}, "involve_non_team_member": True}
    ),
    "asana-audit": Case(
        "asana.audit", {"data": [{"created_at": "2026-03-01T12:00:00.000Z", "actor": {"actor_type": "asana"}}]}
    ),
    "zendesk-audit": Case("zendesk.audit", {"created_at": NOON, "actor_id": -1, "ip_address": None}),
    "notion-audit": Case(
        "notion.audit", {"event": {"timestamp": "2026-03-01T12:00:00.000Z", "actor": {"type": "anonymous"}}}
    ),
    "mongodb-atlas": Case("mongodb.atlas", {"links": [], "results": [{"created": NOON, "raw": {}}], "totalCount": 1}),
    "databricks-audit": Case(
        "databricks.audit", {"event_time": "2026-03-01T12:00:00.000+00:00", "request_params": {"a": None}}
    ),
    "github-audit": Case("github.audit", {"created_at": MS, "@timestamp": None, "actor_is_bot": True}),
    "gitlab-audit": Case(
        "gitlab.audit", {"created_at": "2026-03-01T12:00:00.000Z", "details": {"custom_message": "a"}}
    ),
    "gitlab-api": Case(
        "gitlab.api", {"time": "2026-03-01T12:00:00.000Z", "params": [{"key": "a", "value": {"b": 1}}], "status": 500}
    ),
    "snyk-audit": Case(
        "snyk.audit", {"jsonapi": {}, "data": {"items": [{"created": NOON, "content": {}}]}, "links": {}}
    ),
    "atlassian-audit": Case(
        "atlassian.audit", {"data": [{"attributes": {"time": NOON, "location": None}}], "meta": {}}
    ),
    "tines-audit": Case("tines.audit", {"audit_logs": [{"created_at": NOON, "inputs": None}], "meta": {}}),
    "openai-audit": Case(
        "openai.audit", {"object": "list", "data": [{"effective_at": SECONDS, "actor": None}], "has_more": False}
    ),
    "anthropic-activity": Case(
        "anthropic.activity", {"data": [{"created_at": "2026-03-01T12:00:00.000000Z", "actor": {}}]}
    ),
    "lacework": Case("lacework", {"EVENT_ID": "1", "START_TIME": "2026-03-01 12:00:00.000 Z", "EVENT_MODEL": None}),
    "netskope": Case("netskope", {"_insertion_epoch_timestamp": SECONDS, "count": "1"}),
    "wiz-audit": Case(
        "wiz.audit", {"data": {"auditLogEntries": {"nodes": [{"timestamp": NOON, "user": None}], "pageInfo": {}}}}
    ),
    "salesforce-event-log": Case(
        "salesforce.Login",
        b'"EVENT_TYPE","TIMESTAMP","RUN_TIME"\r\n"API","20260301120000.000",""',
        has={"RUN_TIME": ""},
        odd_tag="salesforce.API",
        broken=(b'"EVENT_TYPE","TIMESTAMP"\n"API"', b'"a","b"\n"c","d"', b'"EVENT_TYPE","TIMESTAMP"\n"API","noon"'),
    ),
    "snowflake-login": Case(
        "snowflake.login",
        b"EVENT_TIMESTAMP,ERROR_CODE,EVENT_ID\n2026-03-01 04:00:00.000 -0800,\\N,7",
        has={"ERROR_CODE": None, "EVENT_ID": 7},
        broken=(b"{", b"EVENT_TIMESTAMP,A\n2026-03-01", b"1,2"),
    ),
    "snowflake-query": Case(
        "snowflake.query",
        b'QUERY_TEXT,START_TIME\n"select ""a"",\n1",2026-03-01 12:00:00.000000000 Z',
        has={"QUERY_TEXT": 'select "a",\n1'},
        broken=(b"[1]", b"QUERY_ID,START_TIME\na", b"QUERY_ID,START_TIME\na,noon"),
    ),
}
