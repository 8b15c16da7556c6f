"""Access and connection logs of Elastic Load Balancing."""

from __future__ import annotations

from ..patterns import Pattern
from ..registry import register
from .quoted import QuotedFormat

_SECONDS = frozenset((
    "request_processing_time", "target_processing_time", "backend_processing_time", "response_processing_time",
))  # fmt: skip
_COUNTS = frozenset((
    "elb_status_code", "target_status_code", "backend_status_code", "received_bytes", "sent_bytes",
    "matched_rule_priority",
))  # fmt: skip
# All of them write under one prefix, each with the time in another column.
_TIME = Pattern("time", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
_TYPE = Pattern("type", r"[a-z][a-z\d]{1,9}")
_SOCKET = Pattern("address with a port", r"\S+:\d{1,5}")
_STATUS = Pattern("status code", r"\d{3}")
# Cells that quotes inside a request leave behind where they are taken for its end.
_BEHIND_QUOTES = {
    "request": Pattern("request", r'[^"]*|.* HTTP/\d(?:\.\d)?'),
    "ssl_cipher": Pattern("cipher", r"[\w.-]+"),
    "ssl_protocol": Pattern("TLS version", r"[\w.-]+"),
}


def _unquote_protocols(cells: list[str]) -> None:
    # alpn_client_preference_list is the one column with quotes inside: "h2","http/1.1".
    if len(cells) > 20:
        cells[20] = cells[20].replace('","', ",")


register(
    QuotedFormat(
        name="alb",
        tag="aws.alb",
        time="time",
        columns=(
            "type", "time", "elb", "client:port", "target:port", "request_processing_time", "target_processing_time",
            "response_processing_time", "elb_status_code", "target_status_code", "received_bytes", "sent_bytes",
            "request", "user_agent", "ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "domain_name",
            "chosen_cert_arn", "matched_rule_priority", "request_creation_time", "actions_executed", "redirect_url",
            "error_reason", "target:port_list", "target_status_code_list", "classification", "classification_reason",
            "conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status",
        ),
        fewest=17,
        quoted=frozenset((
            "request", "user_agent", "trace_id", "domain_name", "chosen_cert_arn", "actions_executed", "redirect_url",
            "error_reason", "target:port_list", "target_status_code_list", "classification", "classification_reason",
            "transformed_host", "transformed_uri", "request_transform_status",
        )),
        integers=_COUNTS,
        decimals=_SECONDS,
        shapes={"type": _TYPE, "time": _TIME, "client:port": _SOCKET, "elb_status_code": _STATUS} | _BEHIND_QUOTES,
        signatures=("elb, elb_status_code, target_processing_time, type=http|https|h2|grpc|grpcs|ws|wss",),
        specificity=0.8,
        description="Application Load Balancer access logs, of every age",
        variants=(
            "quotes inside a request or user agent",
            "`-` and `-1` where no target answered",
        ),
        refused=(
            "rows of other load balancers under the same prefix, by type, time, client and status",
        ),
        document="Elastic Load Balancing, Application Load Balancers: Access log entries",
        example=b"https 2026-03-01T09:15:02.186641Z app/shop/50dc6c495c0c9188 192.0.2.41:52814 10.0.4.17:8080 0.000 "
        b'0.048 0.037 200 200 310 5723 "GET https://shop.example.com:443/cart?id=7 HTTP/2.0" "Mozilla/5.0 (X11)" '
        b"ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 "
        b"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc "
        b'"Root=1-69a40456-36d228ad5d99923122bbe354" "shop.example.com" '
        b'"arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d" 1 2026-03-01T09:15:02.101000Z "forward" "-" "-" '
        b'"10.0.4.17:8080" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-"',
    ),
    QuotedFormat(
        name="alb-connection",
        tag="aws.alb_connection",
        time="timestamp",
        columns=(
            "timestamp", "client_ip", "client_port", "listener_port", "tls_protocol", "tls_cipher",
            "tls_handshake_latency", "leaf_client_cert_subject", "leaf_client_cert_validity",
            "leaf_client_cert_serial_number", "tls_verify_status", "conn_trace_id", "tls_keyexchange",
        ),
        fewest=11,
        quoted=frozenset(("leaf_client_cert_subject",)),
        integers=frozenset(("client_port", "listener_port")),
        decimals=frozenset(("tls_handshake_latency",)),
        shapes={
            "timestamp": _TIME,
            "client_ip": Pattern("address", r"[\da-fA-F.:]{2,45}"),
            "client_port": Pattern("port", r"\d{1,5}"),
            "listener_port": Pattern("port", r"\d{1,5}"),
        },
        signatures=(
            (
                "client_ip=[0-9]*|*:*, client_port=[0-9]*, listener_port=[0-9]*, !client_port=*[.:]*, "
                "!listener_port=*[.:]*"
            ),
        ),
        specificity=0.7,
        description="Application Load Balancer connection logs: TLS handshakes, client certificates",
        variants=(
            "`-` where a client showed no certificate",
        ),
        refused=(
            "access log rows under the same prefix, by address and ports",
        ),
        document="Elastic Load Balancing, Application Load Balancers: Connection log entries",
        example=b"2026-03-01T09:15:02.171222Z 192.0.2.41 52814 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "
        b'"CN=device-7.example.com,O=Example" NotBefore=2025-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z '
        b"FEF257372D5C14D4 Success TID_1234abcd5678ef90",
    ),
    QuotedFormat(
        name="nlb",
        tag="aws.nlb",
        time="time",
        columns=(
            "type", "version", "time", "elb", "listener", "client:port", "destination:port", "connection_time",
            "tls_handshake_time", "received_bytes", "sent_bytes", "incoming_tls_alert", "chosen_cert_arn",
            "chosen_cert_serial", "tls_cipher", "tls_protocol_version", "tls_named_group", "domain_name",
            "alpn_fe_protocol", "alpn_be_protocol", "alpn_client_preference_list", "tls_connection_creation_time",
        ),
        fewest=17,
        integers=_COUNTS | {"connection_time", "tls_handshake_time", "incoming_tls_alert"},
        shapes={"type": _TYPE, "version": Pattern("version", r"\d\.\d"), "time": _TIME},
        arrange=_unquote_protocols,
        quoted_list="alpn_client_preference_list",
        signatures=("elb, listener, tls_protocol_version, type=tls",),
        specificity=0.8,
        description="Network Load Balancer access logs (TLS listeners)",
        variants=(
            "one protocol, several in quotes, or `-`",
        ),
        refused=(
            "rows of other load balancers under the same prefix, by type, version and time",
        ),
        document="Elastic Load Balancing, Network Load Balancers: Access log entries",
        example=b"tls 2.0 2026-03-01T09:15:02 net/shop/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.41:51341 10.0.4.17:443"
        b" 5 2 98 246 - arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d - ECDHE-RSA-AES128-SHA TLSv12 - "
        b'shop.example.com h2 h2 "h2","http/1.1" 2026-03-01T09:15:01',
    ),
    QuotedFormat(
        name="clb",
        tag="aws.clb",
        time="timestamp",
        columns=(
            "timestamp", "elb", "client:port", "backend:port", "request_processing_time", "backend_processing_time",
            "response_processing_time", "elb_status_code", "backend_status_code", "received_bytes", "sent_bytes",
            "request", "user_agent", "ssl_cipher", "ssl_protocol",
        ),
        fewest=12,
        quoted=frozenset(("request", "user_agent")),
        integers=_COUNTS,
        decimals=_SECONDS,
        shapes={"timestamp": _TIME, "client:port": _SOCKET, "elb_status_code": _STATUS} | _BEHIND_QUOTES,
        signatures=("elb, elb_status_code|backend_status_code, client:port=*:[0-9]*, !backend:port=[!0-9[]*",),
        specificity=0.7,
        description="Classic Load Balancer access logs",
        variants=(
            "TCP listeners, without a request",
            "quotes inside a request",
        ),
        refused=(
            "rows of other load balancers under the same prefix, by time, client and status",
        ),
        document="Elastic Load Balancing, Classic Load Balancers: Access log entries",
        example=b"2026-03-01T09:15:02.945958Z shop 192.0.2.41:2817 10.0.4.17:80 0.000073 0.001048 0.000057 200 200 0 "
        b'29 "GET http://shop.example.com:80/ HTTP/1.1" "curl/8.5.0" - -',
    ),
)  # fmt: skip
