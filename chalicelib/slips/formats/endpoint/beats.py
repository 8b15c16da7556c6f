"""Elastic's Beats that watch a host: Auditbeat and Packetbeat."""

from __future__ import annotations

from ..fields import Event, lookup
from ..json_format import JsonFormat
from ..registry import register


def _audit_message(event: Event) -> None:
    if "auditd" in event:
        what, action = lookup(event, "process.title"), lookup(event, "event.action")
        target, how = lookup(event, "auditd.summary.object.primary"), lookup(event, "auditd.summary.how")
        event["message"] = f"{what} {action} {target} by {how}"
    else:
        event["message"] = str(event.get("event"))


def _dns_message(event: Event) -> None:
    if event.get("type") == "dns":
        client = lookup(event, "client_ip") or lookup(event, "client.ip")  # since version 7 the fields of ECS
        event["message"] = f"{event.get('query')} from {client}"


register(
    JsonFormat(
        name="auditbeat",
        tag="auditbeat.auditd",
        time="@timestamp",
        derive=_audit_message,
        signatures=(
            "@timestamp, event, agent.type|@metadata.beat|beat.name=auditbeat",
            "@timestamp, event.action|event.type, auditd.result|auditd.summary|auditd.data, process|user",
            "@timestamp, event.action, event.module=auditd|file_integrity, event.outcome|file|process",
        ),
        description="Auditbeat: kernel audit, file integrity, system",
        variants=("records of the auditd, file integrity and system modules",),
        document="Auditbeat: Exported fields",
        example=b'{"@timestamp":"2026-03-01T09:15:02.123Z","event":{"module":"auditd","action":"executed","outcome":'
        b'"success"},"process":{"pid":4711,"title":"id -u","executable":"/usr/bin/id"},"auditd":{"result":"success",'
        b'"summary":{"how":"/bin/bash","object":{"primary":"/usr/bin/id","type":"file"}}}}',
    ),
    JsonFormat(
        name="packetbeat",
        tag="packetbeat.<type>",
        time="@timestamp",
        derive=_dns_message,
        signatures=(
            "@timestamp, type, agent.type|@metadata.beat|beat.name=packetbeat",
            (
                "@timestamp, client_ip|client.ip|source.ip|source, "
                "responsetime|event.duration|bytes_in|flow|network|query, status|server|destination|port, "
                "type=dns|http|flow|tls|icmp|mysql|pgsql|redis|mongodb|dhcpv4|cassandra|thrift|memcache|amqp|nfs|sip"
            ),
        ),
        description="Packetbeat: flows and the protocols it decodes",
        variants=("the fields of version 6 and earlier, and those of ECS",),
        document="Packetbeat: Exported fields",
        example=b'{"@timestamp":"2026-03-01T09:15:02.123Z","type":"dns","query":"class IN, type A, www.example.com",'
        b'"client_ip":"10.0.4.17","ip":"10.0.0.2","port":53,"status":"OK","responsetime":4}',
    ),
)
