"""AWS WAF."""

from __future__ import annotations

from typing import Any

from ..fields import Event, objects_at
from ..json_format import JsonFormat
from ..registry import register


def derive(event: Event) -> None:
    """Add what the class-based SLIPS made: `httpRequest.header`, a map for the list `headers`, and `message`."""
    request = event.get("httpRequest")
    header: dict[str, Any] = {}
    if isinstance(request, dict):
        header = {str(field.get("name")): field.get("value") for field in objects_at(request, "headers")}
        request["header"] = header
    else:
        request = {}
    host = next((value for name, value in header.items() if name.lower() == "host"), None)
    event["message"] = (
        f"WAF {event.get('action')} from {request.get('clientIp')} to {host}{request.get('uri')} "
        f"at {event.get('httpSourceId')}"
    )


register(
    JsonFormat(
        name="aws-waf",
        tag="aws.waf.log",
        time="timestamp:ms",
        derive=derive,
        signatures=("webaclId, terminatingRuleId, httpRequest.clientIp, action, httpSourceName|httpSourceId",),
        description="AWS WAF full logs; records of the default action are kept",
        document="AWS WAF Developer Guide: Log fields for web ACL traffic",
        example=b'{"timestamp":1772356502123,"formatVersion":1,"webaclId":"arn:aws:wafv2:eu-west-1:111122223333:regional/'
        b'webacl/edge/1e3f","terminatingRuleId":"Default_Action","action":"ALLOW","httpSourceId":"111122223333-app/edge/50dc",'
        b'"httpRequest":{"clientIp":"192.0.2.41","headers":[{"name":"Host","value":"shop.example.com"}],"uri":"/cart",'
        b'"httpMethod":"GET"}}',
    ),
)
