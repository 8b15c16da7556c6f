"""Use of secrets and access to machines: 1Password, Vault, Teleport, Tailscale."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

_ONEPASSWORD = b'"timestamp":"2026-03-01T09:15:02.123456Z","client":{"app_name":"1Password for Mac","ip_address":'

register(
    JsonFormat(
        name="onepassword-signin",
        tag="onepassword.signin",
        time="timestamp",
        records_key="items",
        signatures=("session_uuid, category, type, target_user, client",),
        description="1Password sign-in attempts",
        document="1Password Events API: signinattempts",
        example=b'{"uuid":"56YE2TYN","session_uuid":"UED4KFZ5","category":"success","type":"credentials_ok","country":"DE",'
        + _ONEPASSWORD
        + b'"192.0.2.41"},"target_user":{"uuid":"IR7VJHJ3","email":"liz@example.com"}}',
    ),
    JsonFormat(
        name="onepassword-item",
        tag="onepassword.item_usage",
        time="timestamp",
        records_key="items",
        signatures=("vault_uuid, item_uuid, timestamp, user, client",),
        description="1Password item usage",
        document="1Password Events API: itemusages",
        example=b'{"uuid":"56YE2TYN","vault_uuid":"VZSYVT2L","item_uuid":"SLBSTGYM","action":"fill","used_version":2,'
        + _ONEPASSWORD
        + b'"192.0.2.41"},"user":{"uuid":"IR7VJHJ3","email":"liz@example.com"}}',
    ),
    JsonFormat(
        name="vault-audit",
        tag="vault.audit",
        time="time",
        signatures=("time, auth, request.operation, request.path, request.id, type=request|response",),
        description="HashiCorp Vault audit: requests and responses",
        variants=("objects over several lines",),
        document="Vault: Audit Devices",
        example=b'{"time":"2026-03-01T09:15:02.123456789Z","type":"request","auth":{"display_name":"ldap-liz","policies":'
        b'["default"]},"request":{"id":"94db","operation":"read","path":"secret/data/shop","remote_address":"192.0.2.41"}}',
    ),
    JsonFormat(
        name="teleport-audit",
        tag="teleport.audit",
        time="time",
        records_key="events",
        signatures=("ei, event, uid, code, cluster_name|user|sid, time",),
        description="Teleport audit events",
        document="Teleport: Audit Events and Records",
        example=b'{"ei":0,"event":"session.start","code":"T2000I","time":"2026-03-01T09:15:02.932Z","uid":"d5f13a69","user":'
        b'"liz","login":"root","server_hostname":"web-3","sid":"e527ab2a","cluster_name":"teleport.example.com"}',
    ),
    JsonFormat(
        name="tailscale-audit",
        tag="tailscale.audit",
        # In a log stream (Splunk's HEC shape) the event is under `event`, and `time` is when it was sent.
        time=("eventTime", "event.eventTime", "fields.recorded", "time"),
        records_key="logs",
        signatures=(
            "eventGroupID, origin, actor.loginName|actor, target, action, eventTime",
            "event.eventGroupID, event.origin, event.actor, event.target, event.action",
        ),
        description="Tailscale configuration audit log",
        variants=("the API's records, and those of a log stream, under `event`",),
        document="Tailscale: Configuration audit logging; Log streaming",
        example=b'{"eventGroupID":"9f880e02","origin":"ADMIN_CONSOLE","actor":{"id":"uZ38yA","type":"USER","loginName":'
        b'"liz@example.com"},"target":{"id":"nQ2CNTRL","name":"web-3.example.ts.net","type":"NODE"},"action":"CREATE",'
        b'"eventTime":"2026-03-01T09:15:02.123456789Z"}',
    ),
)
