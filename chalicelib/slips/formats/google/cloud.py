"""Google Cloud: entries of Cloud Logging, as a sink writes them to a bucket or `entries.list` gives them."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

_TIMES = ("timestamp", "receiveTimestamp")

register(
    JsonFormat(
        name="gcp-audit",
        tag="gcp.audit",
        time=_TIMES,
        records_key="entries",
        signatures=(
            (
                "resource.type, receiveTimestamp|timestamp, "
                "protoPayload.methodName|protoPayload.resourceName|protoPayload.requestMetadata, "
                "protoPayload.serviceName|protoPayload.authenticationInfo, "
                "protoPayload.authorizationInfo|protoPayload.authenticationInfo|protoPayload.status"
            ),
        ),
        description="Google Cloud audit logs: admin activity, data access, system event, policy denied",
        variants=("`timestamp`, else `receiveTimestamp`",),
        document="Google Cloud: Understanding audit logs; AuditLog",
        example=b'{"insertId":"1f0aw2c1","logName":"projects/shop/logs/cloudaudit.googleapis.com%2Factivity",'
        b'"timestamp":"2026-03-01T09:15:02.123456789Z","receiveTimestamp":"2026-03-01T09:15:03.1Z","severity":"NOTICE",'
        b'"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"iam.googleapis.com",'
        b'"methodName":"google.iam.admin.v1.CreateServiceAccountKey","authenticationInfo":'
        b'{"principalEmail":"liz@example.com"},"requestMetadata":{"callerIp":"192.0.2.41"}},'
        b'"resource":{"type":"service_account","labels":{"project_id":"shop"}}}',
    ),
    JsonFormat(
        name="gcp-log",
        tag="gcp.log",
        time=_TIMES,
        records_key="entries",
        signatures=(
            (
                "insertId, logName, resource.type, receiveTimestamp|timestamp, "
                "textPayload|jsonPayload|protoPayload|httpRequest"
            ),
        ),
        description="Any Google Cloud log entry: VPC flow, firewall, GKE, Cloud Run, DNS and all others",
        variants=("`timestamp`, else `receiveTimestamp`",),
        document="Google Cloud Logging: LogEntry",
        example=b'{"insertId":"9kq1x","logName":"projects/shop/logs/compute.googleapis.com%2Fvpc_flows",'
        b'"timestamp":"2026-03-01T09:15:02.123456789Z","receiveTimestamp":"2026-03-01T09:15:09Z","jsonPayload":'
        b'{"connection":{"src_ip":"10.0.4.17","src_port":52814,"dest_ip":"10.0.5.2","dest_port":443,"protocol":6},'
        b'"bytes_sent":"1872","reporter":"SRC"},"resource":{"type":"gce_subnetwork","labels":{"project_id":"shop"}}}',
    ),
    JsonFormat(
        name="gcp-load-balancer",
        tag="gcp.load_balancer",
        time=_TIMES,
        records_key="entries",
        signatures=(
            "logName, insertId, httpRequest, resource.type=*load_balancer*|*_rule|network_lb*",
            "logName, httpRequest|jsonPayload, jsonPayload.@type=*loadbalancing*",
        ),
        description="Google Cloud load balancer requests, with those that Cloud Armor denied",
        variants=("`timestamp`, else `receiveTimestamp`",),
        document="Google Cloud Load Balancing: Application Load Balancer logging; LoadBalancerLogEntry",
        example=b'{"insertId":"u94q","logName":"projects/shop/logs/requests","timestamp":"2026-03-01T09:15:02.123456Z",'
        b'"httpRequest":{"requestMethod":"GET","requestUrl":"https://www.example.com/","status":200,"requestSize":"77",'
        b'"responseSize":"211","remoteIp":"192.0.2.41","latency":"0.048180s"},"jsonPayload":'
        b'{"@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry",'
        b'"statusDetails":"response_sent_by_backend"},"resource":{"type":"http_load_balancer","labels":{}}}',
    ),
)
