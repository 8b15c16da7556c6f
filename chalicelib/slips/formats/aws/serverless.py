"""EventBridge, Lambda and API Gateway."""

from __future__ import annotations

from ...errors import ParseError
from ..day_times import clf
from ..fields import Event, first_time, lookup
from ..json_format import JsonFormat
from ..registry import register


def _request_time(event: Event, reference: float) -> float | None:
    """requestTime, else requestTimeEpoch"""
    text = lookup(event, "requestTime")
    if isinstance(text, str) and "/" in text[:8]:
        try:
            return clf(text)
        except ParseError:
            pass  # It is read again with the other.
    return first_time(((text, None), (lookup(event, "requestTimeEpoch"), "ms")), reference)


register(
    JsonFormat(
        name="eventbridge",
        tag="aws.eventbridge",
        time="time",
        inner_paths=("detail",),
        signatures=("detail-type=*, detail, source, account",),
        description="EventBridge events; [eventbridge, NAME] reads their detail",
        document="Amazon EventBridge User Guide: Event structure",
        example=b'{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"EC2 Instance State-change",'
        b'"source":"aws.ec2","account":"123456789012","time":"2026-03-01T09:15:02Z","region":"eu-west-1",'
        b'"resources":["arn:aws:ec2:eu-west-1:123456789012:instance/i-0a1b2c3d"],'
        b'"detail":{"instance-id":"i-0a1b2c3d","state":"stopping"}}',
    ),
    JsonFormat(
        name="lambda-json",
        tag="aws.lambda",
        time=("timestamp", "time"),
        signatures=(
            "requestId|AWSRequestId|awsRequestId, level, message, timestamp",
            "type=platform.*|function|extension, time, record",
        ),
        description="Lambda's JSON logs: of the function, of the platform, of the extensions",
        variants=("records of the function, the platform and the Telemetry API",),
        document="AWS Lambda Developer Guide: Configuring JSON and plain text log formats; Telemetry API schema",
        example=b'{"timestamp":"2026-03-01T09:15:02.481Z","level":"INFO","message":"listening",'
        b'"logger":"shop.cart","requestId":"79b4f56e-95b1-4643-9700-2807f4e68189"}',
    ),
    JsonFormat(
        name="api-gateway-access",
        tag="aws.api_gateway",
        time=_request_time,
        signatures=(
            (
                "requestId|extendedRequestId, requestTime|requestTimeEpoch, httpMethod, "
                "resourcePath|routeKey|path, status|responseLength, ip|sourceIp|identity"
            ),
        ),
        description="API Gateway access logs in JSON",
        variants=("`requestTime` as in Apache's log, or `requestTimeEpoch`",),
        document="Amazon API Gateway Developer Guide: CloudWatch log formats for API Gateway",
        example=b'{"requestId":"79b4f56e-95b1-4643-9700-2807f4e68189","ip":"192.0.2.41","caller":"-","user":"-",'
        b'"requestTime":"01/Mar/2026:09:15:02 +0000","httpMethod":"GET","resourcePath":"/cart","status":"200",'
        b'"protocol":"HTTP/1.1","responseLength":"512"}',
    ),
)
