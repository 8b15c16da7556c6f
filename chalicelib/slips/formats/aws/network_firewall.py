"""AWS Network Firewall."""

from __future__ import annotations

from ..fields import Event, lookup
from ..json_format import JsonFormat
from ..registry import register


def _firewall_tag(event: Event) -> str:
    """aws.network_firewall.<event_type>"""
    return f"aws.network_firewall.{lookup(event, 'event.event_type') or 'unknown'}"


register(
    JsonFormat(
        name="network-firewall",
        tag=_firewall_tag,
        time=("event.timestamp", "event_timestamp"),
        signatures=("firewall_name, availability_zone, event_timestamp, event.event_type|event.flow_id, event",),
        description="Network Firewall alert, flow and TLS logs",
        variants=("`event.timestamp`, else `event_timestamp` in seconds",),
        document="AWS Network Firewall Developer Guide: Contents of a Network Firewall log",
        example=b'{"firewall_name":"edge","availability_zone":"eu-west-1a","event_timestamp":"1772356502","event":'
        b'{"timestamp":"2026-03-01T09:15:02.481290+0000","flow_id":1582438383425873,"event_type":"alert",'
        b'"src_ip":"10.0.4.17","src_port":52814,"dest_ip":"192.0.2.41","dest_port":443,"proto":"TCP","alert":'
        b'{"action":"blocked","signature_id":2,"rev":1,"signature":"no such host","category":"","severity":1}}}',
    ),
)
