"""What AWS writes."""

from . import NOON, SECONDS, Case

MS = SECONDS * 1000
_ALB = b"- - - - - - "

CASES = {
    "cloudtrail": Case(
        "aws.cloudtrail.AwsApiCall",
        {
            "eventVersion": "1.10",
            "userIdentity": {"type": "AWSService", "invokedBy": "x.amazonaws.com"},
            "eventTime": NOON,
            "eventName": "AssumeRole",
            "eventType": "AwsServiceEvent",
            "requestParameters": None,
            "errorCode": "AccessDenied",
        },
        odd_tag="aws.cloudtrail.AwsServiceEvent",
        has={"description": "AwsServiceEvent AssumeRole by None on None"},
    ),
    "cloudtrail-insight": Case(
        "aws.cloudtrail_insight",
        {
            "Records": [
                {
                    "eventTime": NOON,
                    "eventType": "AwsCloudTrailInsight",
                    "insightDetails": {
                        "state": "End",
                        "insightType": "ApiErrorRateInsight",
                        "errorCode": "Throttled",
                        "insightContext": {},
                    },
                }
            ]
        },
    ),
    "cloudtrail-digest": Case(
        "aws.cloudtrail_digest",
        {
            "digestEndTime": NOON,
            "previousDigestS3Bucket": None,
            "logFiles": [{"newestEventTime": "2026-03-01T11:00:00Z"}],
        },
    ),
    "cloudtrail-lake": Case(
        "aws.cloudtrail_lake",
        {"eventMetadata": {}, "eventData": {"eventTime": "2026-03-01 12:00:00.000", "UID": None}},
    ),
    "guardduty": Case(
        "aws.guardduty",
        {
            "version": "0",
            "detail-type": "GuardDuty Finding",
            "time": "2026-03-01T12:05:00Z",
            "detail": {"type": "Recon:EC2/Portscan", "createdAt": NOON, "severity": 0.5},
        },
        has={"severity": 0.5},
    ),
    "security-hub": Case(
        "aws.security_hub",
        {
            "detail-type": "Security Hub Findings - Imported",
            "detail": {
                "findings": [
                    {
                        "ProductArn": "p",
                        "CreatedAt": NOON,
                        "UpdatedAt": "",
                        "Severity": {"Normalized": 0},
                        "ProductFields": {},
                    }
                ]
            },
        },
        has={"ProductArn": "p"},
    ),
    "aws-config": Case(
        "aws.config",
        {
            "messageType": "ConfigurationItemChangeNotification",
            "configurationItemDiff": None,
            "configurationItem": {
                "configurationItemCaptureTime": NOON,
                "configurationItemStatus": "ResourceDeleted",
                "configuration": None,
            },
        },
    ),
    "eventbridge": Case(
        "aws.eventbridge", {"version": "0", "source": "own", "time": NOON, "resources": [], "detail": {}}
    ),
    "vpc-flow": Case(
        "aws.vpc_flow",
        b"2 123456789012 eni-0a1b - - - - - - - 1772366400 1772366460 - NODATA",
        has={"srcaddr": None, "bytes": None, "log-status": "NODATA", "end": 1772366460},
        broken=(b"2 123456789012 eni-0a1b", b"2 1 eni-0 a b c d e f g noon later ACCEPT OK", b"2 1\xff"),
    ),
    "transit-gateway-flow": Case(
        "aws.transit_gateway_flow",
        b"6 TransitGateway 1 tgw-1 - - - - - - - - - - - - - - - - - - - 1772366400 1772366460 SKIPDATA",
        has={"log-status": "SKIPDATA", "packets": None},
        broken=(b"6 TransitGateway 1 tgw-1", b"6 " + b"- " * 22 + b"noon later OK"),
    ),
    "alb": Case(
        "aws.alb",
        b'h2 2026-03-01T12:00:00.000000Z app/a/b [2001:db8::1]:2 - -1 -1 -1 460 - 0 0 "- http://a:80- -" "a "b" c" - '
        b"- - "
        b'"-" "-" "-" -1 2026-03-01T12:00:00.000000Z "waf-failed" "-" "-" "-" "-" '
        b'"Ambiguous" "UriSpaceInUriNonCompliant"',
        has={"target:port": None, "elb_status_code": 460, "target_status_code": None, "user_agent": 'a "b" c'},
        broken=(b"http 2026-03-01T12:00:00Z app/a/b", b'h2 noon a b c 0 0 0 200 200 1 1 "r" "u" - - -'),
    ),
    "alb-connection": Case(
        "aws.alb_connection",
        b"2026-03-01T12:00:00.000000Z 192.0.2.1 1 443 - - - - - - Failed:ClientCertMaxChainDepthExceeded",
        has={"tls_protocol": None},
        broken=(b"2026-03-01T12:00:00Z 192.0.2.1", b"noon 192.0.2.1 1 443 - - - - - - -"),
    ),
    "nlb": Case(
        "aws.nlb",
        b"tls 2.0 2026-03-01T12:00:00 net/a/b c 192.0.2.1:1 10.0.0.1:443 - - 0 0 internal_error - - - - - - - - - -",
        broken=(b"tls 2.0 2026-03-01T12:00:00 net/a/b", b"tls 2.0 noon " + b"- " * 19),
    ),
    "clb": Case(
        "aws.clb",
        b'2026-03-01T12:00:00.000000Z a 192.0.2.1:1 - -1 -1 -1 503 0 0 0 "GET http://a:80/ HTTP/1.1"',
        has={"elb_status_code": 503, "backend:port": None, "request_processing_time": -1.0},
        broken=(b"2026-03-01T12:00:00Z a", b'noon a b c 0 0 0 200 200 0 0 "- - - "'),
    ),
    "s3-access": Case(
        "aws.s3_access",
        b'o b [01/Mar/2026:13:00:00 +0100] - - R S3.EXPIRE.OBJECT k "-" - InternalError - '
        b'11 - - "-" "-" - h - - - - - - - - x',
        has={"http_status": None, "operation": "S3.EXPIRE.OBJECT", "requester": None},
        broken=(b"o b [01/Mar/2026:12:00:00 +0000] 192.0.2.1", b"o b 01/Mar/2026 " + b"- " * 20),
    ),
    "cloudfront": Case(
        "aws.cloudfront",
        b"#Fields: cs-uri-stem time date\n/a%2520b\t12:00:00\t2026-03-01",
        has={"cs-uri-stem": "/a%2520b"},
        broken=(b"#Version: 1.0\n2026-03-01\t12:00:00", b"#Fields: date time\n2026-03-01\tnoon"),
    ),
    "cloudfront-realtime": Case(
        "aws.cloudfront_realtime",
        b"1772366400.000\t192.0.2.1",
        has={"extra": ["192.0.2.1"]},
        broken=(b"noon\t192.0.2.1",),
    ),
    "aws-waf": Case(
        "aws.waf.log",
        {
            "timestamp": str(MS),
            "action": "CAPTCHA",
            "terminatingRuleId": "a",
            "httpRequest": {"headers": [], "uri": "/"},
        },
        has={"message": "WAF CAPTCHA from None to None/ at None"},
    ),
    "route53-resolver": Case(
        "aws.route53_resolver",
        {"query_timestamp": NOON, "query_name": ".", "answers": [], "firewall_rule_action": "ALERT"},
    ),
    "route53-public-dns": Case(
        "aws.route53_public_dns",
        b"1.0 2026-03-01T12:00:00.000Z Z1 a\\052.example.com TYPE65 REFUSED UDP FRA2 2001:db8::1 -",
        has={"edns_client_subnet": None, "query_name": "a\\052.example.com"},
        broken=(b"1.0 2026-03-01T12:00:00Z Z1", b"1.0 noon Z1 a A NOERROR UDP FRA2 192.0.2.1 -"),
    ),
    "network-firewall": Case(
        "aws.network_firewall.alert",
        {"firewall_name": "a", "event_timestamp": str(SECONDS), "event": {"event_type": "tls", "tls_inspected": True}},
        odd_tag="aws.network_firewall.tls",
    ),
    "cloudwatch-logs": Case(
        "aws.cloudwatch_logs",
        {"messageType": "DATA_MESSAGE", "logGroup": "a", "logEvents": [{"id": "1", "timestamp": MS, "message": ""}]},
        has={"message": "", "logGroup": "a"},
        broken=(b'{"messageType":"DATA_MESSAGE"}', b'{"logEvents":[1]}', b"[1]"),
    ),
    "cloudwatch-export": Case(
        "aws.cloudwatch_export",
        b"2026-03-01T12:00:00.000Z Traceback\n  File a\n\nError",
        has={"message": "Traceback\n  File a\n\nError"},
        broken=(b"START RequestId", b"2026-02-30T12:00:00.000Z a"),
    ),
    "kubernetes-audit": Case(
        "kubernetes.audit",
        {"kind": "EventList", "items": [{"stage": "Panic", "requestReceivedTimestamp": NOON, "user": {}}]},
        has={"stage": "Panic"},
    ),
    "rds-mysql-audit": Case(
        "aws.rds_mysql_audit",
        b"1772366400000000,a,rdsadmin,localhost,1,0,FAILED_CONNECT,,,1045,SSL/TLS",
        has={"operation": "FAILED_CONNECT", "retcode": 1045, "database": ""},
        broken=(b"20260301 12:00:00,a,b", b"noon,a,b,c,1,2,QUERY,d,'e',0"),
    ),
    "rds-postgresql": Case(
        "aws.rds_postgresql",
        b"2026-03-01 12:00:00.000 UTC::@:[1]:LOG:  a\n\tb:c",
        has={"user_name": None, "process_id": 1},
        broken=(b"2026-03-01 12:00:00 UTC LOG: a", b"2026-02-30 12:00:00 UTC::@:[1]:LOG:  a"),
    ),
    "redshift-connection": Case(
        "aws.redshift.connection",
        b"initiating session |Sun, 1 Mar 2026 12:00:00:000|::1 | |1|a |b |x |0| | |0| | ",
        has={"remoteport": None, "event": "initiating session"},
        broken=(b"a|b|c", b"a|noon|" + b"|" * 12),
    ),
    "redshift-useractivity": Case(
        "aws.redshift.useractivity",
        b"'2026-03-01T12:00:00Z UTC [ db=a b user=c pid=1 userid=2 xid=3 ]' LOG: select ']' LOG: x\n\n;",
        has={"db": "a b", "query": "select ']' LOG: x\n\n;"},
        broken=(b"select 1", b"'2026-02-30T12:00:00Z UTC [ db=a user=b pid=1 userid=2 xid=3 ]' LOG: x"),
    ),
    "lambda-json": Case(
        "aws.lambda",
        {"time": NOON, "type": "platform.report", "record": {"metrics": {"durationMs": 1.5}, "spans": []}},
    ),
    "api-gateway-access": Case(
        "aws.api_gateway",
        {"requestTimeEpoch": str(MS), "requestTime": "-", "status": "-", "ip": "2001:db8::1"},
        broken=(b'{"requestTime":"noon"}', b"{"),
    ),
    "verified-access": Case(
        "aws.verified_access", {"time_dt": "2026-03-01T12:00:00Z", "actor": None, "status_code": "403"}
    ),
    "security-lake": Case("aws.security_lake", {"time": SECONDS, "time_dt": None, "unmapped": {"a": "b"}}),
    "ocsf": Case("ocsf.3002", {"time": MS * 1000, "class_uid": 0}, odd_tag="ocsf.0"),
    "s3-inventory": Case(
        "aws.s3_inventory",
        b'"shop","a%2Fb+c","","true","true","","2026-03-01T12:00:00.000Z","",""',
        has={"Key": "a%2Fb+c", "IsDeleteMarker": "true", "Size": None},
        broken=(b'"b"', b'"b","k","no shape of a column"', b'"b","k","open'),
    ),
    "ecs-hako": Case("ecs.hako", {"time": "2026-03-01T13:00:00+0100", "log": "a"}),
}
