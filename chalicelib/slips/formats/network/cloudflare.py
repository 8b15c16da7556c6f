"""Cloudflare: the data sets of Logpush, and the audit log's API.

Times come as Logpush was told: RFC 3339, or seconds, milliseconds or nanoseconds since the epoch.
"""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="cloudflare-http",
        tag="cloudflare.http",
        time=("EdgeStartTimestamp", "EdgeEndTimestamp"),
        signatures=(
            (
                "EdgeStartTimestamp|EdgeEndTimestamp, ClientIP|ClientASN, "
                "ClientRequestHost|ClientRequestMethod|ClientRequestURI, "
                "EdgeResponseStatus|EdgeResponseBytes|EdgePathingOp|CacheCacheStatus"
            ),
            "EdgeStartTimestamp",
        ),
        description="Cloudflare HTTP requests",
        variants=("RFC 3339, or seconds to nanoseconds since the epoch",),
        document="Cloudflare Logs: HTTP requests",
        example=b'{"EdgeStartTimestamp":1772356502123000000,"EdgeEndTimestamp":1772356502130000000,"RayID":"72d807ff",'
        b'"ClientIP":"192.0.2.41","ClientRequestHost":"www.example.com","ClientRequestMethod":"GET","ClientRequestURI":"/",'
        b'"EdgeResponseStatus":200,"EdgeResponseBytes":4279}',
    ),
    JsonFormat(
        name="cloudflare-firewall",
        tag="cloudflare.firewall",
        time="Datetime",
        signatures=(
            "Datetime, Action, RuleID|Source|Kind, ClientRequestHost|ClientRequestPath|ClientIP, RayID",
            "Datetime, !date, !sha256",
        ),
        description="Cloudflare firewall events",
        variants=("RFC 3339, or seconds to nanoseconds since the epoch",),
        document="Cloudflare Logs: Firewall events",
        example=b'{"Datetime":"2026-03-01T09:15:02Z","RayID":"713d477539b55c29","Action":"block","Kind":"firewall","Source":'
        b'"firewallmanaged","RuleID":"e35c9a67","ClientIP":"192.0.2.41","ClientRequestHost":"www.example.com"}',
    ),
    JsonFormat(
        name="cloudflare-gateway",
        tag="cloudflare.gateway",
        time=("Datetime", "SessionStartTime"),
        signatures=(
            (
                "Datetime, DeviceID|DeviceName, PolicyID|PolicyName|ResolverDecision|Email, "
                "QueryName|HTTPHost|SourceIP, !RayID"
            ),
            "SessionStartTime, SessionID, DeviceID|Email, OriginIP|DestinationIP|SourceIP",
        ),
        description="Cloudflare Gateway: DNS, HTTP and network; Zero Trust network sessions",
        variants=(
            "RFC 3339, or seconds to nanoseconds since the epoch",
            "Zero Trust network sessions",
        ),
        document="Cloudflare Logs: Gateway DNS, Gateway HTTP, Gateway Network, Zero Trust Network Session",
        example=b'{"Datetime":"2026-03-01T09:15:02Z","Action":"block","Email":"liz@example.com","DeviceName":"LAPTOP-7",'
        b'"SourceIP":"192.0.2.41","DestinationIP":"198.51.100.7","DestinationPort":443,"Transport":"tcp"}',
    ),
    JsonFormat(
        name="cloudflare-dns",
        tag="cloudflare.dns",
        time="Timestamp",
        signatures=("Timestamp, QueryName, QueryType, ResponseCode|ResponseCached|SourceIP, !Datetime",),
        description="Cloudflare authoritative DNS queries",
        variants=("RFC 3339, or seconds to nanoseconds since the epoch",),
        document="Cloudflare Logs: DNS logs",
        example=b'{"Timestamp":"2026-03-01T09:15:02Z","QueryName":"www.example.com","QueryType":1,"ResponseCode":0,'
        b'"SourceIP":"192.0.2.41","ColoCode":"FRA","EDNSSubnet":""}',
    ),
    JsonFormat(
        name="cloudflare-spectrum",
        tag="cloudflare.spectrum",
        time=("Timestamp", "ConnectTimestamp", "DisconnectTimestamp"),
        signatures=(
            (
                "Timestamp|ConnectTimestamp, Application, ClientIP|ClientPort, "
                "OriginIP|OriginPort|ProxyProtocol, Event|Status"
            ),
            "ConnectTimestamp",
        ),
        description="Cloudflare Spectrum events",
        variants=("RFC 3339, or seconds to nanoseconds since the epoch",),
        document="Cloudflare Logs: Spectrum events",
        example=b'{"Timestamp":"2026-03-01T09:15:02Z","Event":"connect","Application":"7ef659a2","ClientIP":"192.0.2.41",'
        b'"ClientPort":52814,"OriginIP":"198.51.100.7","OriginPort":22,"Status":0}',
    ),
    JsonFormat(
        name="cloudflare-audit",
        tag="cloudflare.audit",
        time=("When", "ActionTimestamp", "action.time"),  # the first of version 1, the others of version 2
        records_key="result",
        signatures=(
            "When, ActionType, ActorEmail|ActorID|ActorType, Interface|ResourceType, ID|ActorIP",
            "ActionTimestamp, ActionType, AuditLogID, ActorEmail|ActorID, ResourceType",
            "action.time, action.type, actor.email|actor.id, account.id|resource",
            "when, action.type, actor.email|actor.id, interface, owner|resource",
        ),
        description="Cloudflare audit logs of an account, version 1 and 2",
        variants=("version 1 and 2",),
        document="Cloudflare Logs: Audit logs, Audit logs v2; API: List account audit logs",
        example=b'{"When":"2026-03-01T09:15:02Z","ID":"5cd42473","ActionType":"token_create","ActionResult":true,"ActorEmail":'
        b'"liz@example.com","ActorIP":"192.0.2.41","ActorType":"user","Interface":"UI","ResourceType":"account"}',
    ),
)
