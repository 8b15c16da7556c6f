"""Findings: GuardDuty and Security Hub, exported, or in the EventBridge events that announce them."""

from __future__ import annotations

from typing import Any

from ..base import Decoded, ObjectInfo
from ..json_format import JsonFormat, JsonParser
from ..registry import register


class FindingFormat(JsonFormat):
    """A format of findings, alone or in an envelope."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return FindingParser(self, about)


class FindingParser(JsonParser):
    """A parser that takes findings out of an EventBridge event: `detail` is one, or holds `findings`."""

    def interpret(self, value: Any) -> Decoded:
        detail = value.get("detail") if isinstance(value, dict) and "detail-type" in value else None
        return super().interpret(detail if isinstance(detail, dict) else value)


register(
    FindingFormat(
        name="guardduty",
        tag="aws.guardduty",
        time=("updatedAt", "createdAt"),
        records_key="findings",
        signatures=(
            (
                "schemaVersion, service.detectorId|service.serviceName, resource.resourceType, severity, "
                "accountId, type=*:*/*"
            ),
        ),
        description="GuardDuty findings",
        variants=("findings that EventBridge announces",),
        document="Amazon GuardDuty User Guide: Finding details; Exporting findings to Amazon S3",
        example=b'{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws",'
        b'"id":"44b7c4e9781822beb75d3fbd518abf5b","type":"UnauthorizedAccess:EC2/SSHBruteForce","severity":2,'
        b'"resource":{"resourceType":"Instance"},"service":{"serviceName":"guardduty","count":3},'
        b'"createdAt":"2026-03-01T08:15:02.481Z","updatedAt":"2026-03-01T09:15:02.481Z","title":"SSH brute force"}',
    ),
    FindingFormat(
        name="security-hub",
        tag="aws.security_hub",
        time=("UpdatedAt", "CreatedAt", "time"),
        records_key="findings",
        signatures=(
            "ProductArn, AwsAccountId, GeneratorId, Resources, Types|Compliance, SchemaVersion=2018-10-08",
            "ProductArn, AwsAccountId, GeneratorId, Resources, Severity",
        ),
        description="Security Hub findings (ASFF), also inside an EventBridge event",
        variants=("findings that EventBridge announces, several in one",),
        document="AWS Security Hub User Guide: AWS Security Finding Format (ASFF)",
        example=b'{"SchemaVersion":"2018-10-08","Id":"arn:aws:securityhub:eu-west-1:123456789012:finding/0a1b2c3d",'
        b'"ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/securityhub","GeneratorId":"s3-1",'
        b'"AwsAccountId":"123456789012","Types":["Software and Configuration Checks"],'
        b'"CreatedAt":"2026-02-28T09:15:02.481Z","UpdatedAt":"2026-03-01T09:15:02.481Z",'
        b'"Severity":{"Label":"MEDIUM"},"Title":"Block public access","Resources":[{"Type":"AwsS3Bucket"}]}',
    ),
)
