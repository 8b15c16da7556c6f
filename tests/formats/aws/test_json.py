"""The JSON formats of AWS services that need no module of their own: their tags, times and refusals."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..reading import one
from ..rows import NOON, at, broken_records, check_refused, page

SECONDS = 1772366400


@each_case(
    "row",
    [
        *at("aws-config", "aws.config", {"configurationItemCaptureTime": NOON}),
        *at("aws-config", "aws.config", {"configurationItem": {"configurationItemCaptureTime": NOON}}),
        *at("aws-config", "aws.config", {"notificationCreationTime": NOON}, {"configurationItems": [
            {"configurationItemCaptureTime": NOON},
        ]}),
        *at("aws-config", "aws.config", {"resourceType": "AWS::S3::Bucket"}, time=None),
        *at("eventbridge", "aws.eventbridge", {"time": NOON, "detail": {"time": "x"}}),
        *at("route53-resolver", "aws.route53_resolver", {"query_timestamp": NOON, "answers": {"Rdata": "192.0.2.41"}}),
        *at("route53-resolver", "aws.route53_resolver", {"query_timestamp": "2026-03-01 12:00:00"}),
        *at("network-firewall", "aws.network_firewall.alert", {
            "event_timestamp": "9", "event": {"event_type": "alert", "timestamp": "2026-03-01T12:00:00.000000+0000"},
        }),
        *at("network-firewall", "aws.network_firewall.tls", {
            "event_timestamp": str(SECONDS), "event": {"event_type": "tls"},
        }),
        *at("network-firewall", "aws.network_firewall.unknown", {"event_timestamp": SECONDS}),
        *at("lambda-json", "aws.lambda", {"timestamp": NOON, "time": "x", "message": {"a": 1}}),
        *at("lambda-json", "aws.lambda", {"timestamp": "2026-03-01 12:00:00,000+0000"}),
        *at("lambda-json", "aws.lambda", {"time": NOON, "type": "platform.start", "record": {}}),
        *at("api-gateway-access", "aws.api_gateway", {"requestTime": "01/Mar/2026:13:00:00 +0100"}),
        *at("api-gateway-access", "aws.api_gateway", {"requestTime": NOON}, {"requestTime": SECONDS * 1000}),
        *at("api-gateway-access", "aws.api_gateway", {"requestTimeEpoch": str(SECONDS * 1000)}, {
            "requestTime": "-", "requestTimeEpoch": SECONDS * 1000,
        }),
        *at("api-gateway-access", "aws.api_gateway", {"requestTime": "-", "requestTimeEpoch": "-"}, time=None),
        *at("kubernetes-audit", "kubernetes.audit", {"stageTimestamp": NOON, "requestReceivedTimestamp": "x"}),
        *at("kubernetes-audit", "kubernetes.audit", {"requestReceivedTimestamp": NOON}, {
            "kind": "EventList", "items": [{"stageTimestamp": NOON}],
        }),
        *at("ecs-hako", "ecs.hako", {"time": NOON}),
        *at("ocsf", "ocsf.3002", {"class_uid": 3002, "time": SECONDS * 1000}, {"class_uid": "3002", "time": SECONDS}),
        *at("ocsf", "ocsf.unknown", {"time_dt": NOON}, {"time": "2026-03-01 12:00:00"}),
        *at("security-lake", "aws.security_lake", {"time": SECONDS * 1000, "time_dt": "x"}),
        *at("verified-access", "aws.verified_access", {"time": str(SECONDS * 1000)}, {"start_time": SECONDS * 1000}),
    ],
    ids=str,
)  # fmt: skip
def test_tags_and_times(row: Any) -> None:
    row.check()


@each_case(("format", "array_key"), [("aws-config", "ConfigurationItems"), ("kubernetes-audit", "items")])
def test_a_document_is_its_items(format: str, array_key: str) -> None:
    time = "configurationItemCaptureTime" if format == "aws-config" else "stageTimestamp"
    assert page(format, array_key, {time: NOON}, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


def test_a_lambda_functions_message_is_the_message() -> None:
    assert one("lambda-json", b'{"timestamp":"2026-03-01T12:00:00Z","message":"listening"}').message == "listening"
    assert one("lambda-json", b'{"timestamp":"2026-03-01T12:00:00Z","message":{"a":1}}').message is None


@each_case(
    ("format", "broken"),
    broken_records({
        "aws-config": "configurationItemCaptureTime", "eventbridge": "time", "route53-resolver": "query_timestamp",
        "network-firewall": "event.timestamp", "lambda-json": "timestamp", "api-gateway-access": "requestTime",
        "kubernetes-audit": "stageTimestamp", "ecs-hako": "time", "ocsf": "time", "security-lake": "time",
        "verified-access": "time",
    }),
)  # fmt: skip
def test_a_broken_record_is_refused(format: str, broken: Any) -> None:
    check_refused(format, broken)
