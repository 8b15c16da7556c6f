"""Open sensors of hosts and containers: osquery, Falco, Sysdig."""

from __future__ import annotations

from ..fields import Event, tag_part
from ..json_format import JsonFormat
from ..registry import register


def _osquery_tag(event: Event) -> str:
    """osquery.<name>"""
    is_status = "name" not in event and "filename" in event  # osqueryd's own log belongs to no query.
    return "osquery.status" if is_status else f"osquery.{tag_part(event, 'name')}"


register(
    JsonFormat(
        name="osquery",
        tag=_osquery_tag,
        time=("unixTime", "calendarTime"),
        records_key=("data", "logs"),
        signatures=(
            "hostIdentifier, calendarTime|unixTime, name, columns|snapshot|diffResults",
            "hostIdentifier, calendarTime|unixTime, filename, line, severity",
        ),
        description="osquery results (differential, batch, snapshot) and status",
        variants=("`unixTime`, else `calendarTime`",),
        document="osquery: Logging",
        example=b'{"name":"pack_it_processes","hostIdentifier":"web-3","calendarTime":"Sun Mar  1 09:15:02 2026 UTC",'
        b'"unixTime":1772356502,"epoch":0,"counter":12,"action":"added","columns":{"pid":"4711","name":"nginx"}}',
    ),
    JsonFormat(
        name="falco",
        tag="falco",
        time=("time", "output_fields.evt.time"),
        signatures=("rule, priority, output, output_fields, time",),
        description="Falco alerts",
        variants=("`time`, else `evt.time` in nanoseconds",),
        document="Falco: Output Formatting, JSON",
        example=b'{"hostname":"node-2","time":"2026-03-01T09:15:02.123456789Z","rule":"Terminal shell in container",'
        b'"priority":"Notice","source":"syscall","output":"A shell was spawned in a container","output_fields":'
        b'{"container.id":"4f1c","proc.name":"bash","evt.time":1772356502123456789}}',
    ),
    JsonFormat(
        name="sysdig-audit",
        tag="sysdig.audit",
        time=("timestamp", "timestampNs", "timestampRFC3339Nano"),
        records_key="data",
        signatures=(
            "timestamp, content, type=audittap|platform*|*audit*",
            (
                "timestamp|timestampRFC3339Nano|timestampNs, content, originator|source|category, "
                "agentId|labels|machineId|id"
            ),
            "timestampNs|timestamp, content.userLogin|content.username|content.ruleName, content",
        ),
        description="Sysdig platform audit and secure events",
        variants=("`timestamp` in nanoseconds, `timestampNs` or RFC 3339",),
        document="Sysdig: Event Forwarding, Platform Audit",
        example=b'{"id":"16f43920a0d70f005f136173fcec3375","type":"audittap","timestamp":1772356502123456789,"content":'
        b'{"userLogin":"liz@example.com","requestMethod":"POST","requestUri":"/api/users","userOriginIP":"192.0.2.41"}}',
    ),
)
