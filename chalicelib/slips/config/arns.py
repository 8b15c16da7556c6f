"""ARNs of slips.yml (IAM User Guide, "Amazon Resource Names")."""

from __future__ import annotations

import re

import msgspec

from .field import Field
from .problems import quote
from .scalars import read_text

_PARTITION = r"aws(-[a-z]+)*"
_REGION = r"[a-z]+(-[a-z]+)+-[0-9]+"
_ACCOUNT = r"[0-9]{12}"


class ArnKind(msgspec.Struct, frozen=True):
    """A kind of resource: its name in messages, its service, and the patterns of its region and resource part."""

    words: str
    service: str
    region: str
    resource: str
    example: str
    account: str = _ACCOUNT


# Amazon SNS API, CreateTopic: names of 1 to 256 letters, digits, "-" and "_". FIFO topics (which end in ".fifo") get
# neither S3 notifications nor Lambda subscribers.
TOPIC = ArnKind("an SNS topic", "sns", _REGION, r"[A-Za-z0-9_-]{1,256}", "arn:aws:sns:REGION:ACCOUNT:NAME")
# Kinesis API, CreateStream.
STREAM = ArnKind(
    "a Kinesis stream",
    "kinesis",
    _REGION,
    r"stream/[A-Za-z0-9_.-]{1,128}",
    "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME",
)
# DynamoDB API, CreateTable.
TABLE = ArnKind(
    "a DynamoDB table",
    "dynamodb",
    _REGION,
    r"table/[A-Za-z0-9_.-]{3,255}",
    "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME",
)
# IAM API, CreateRole: a path, and a name of at most 64 characters. IAM has no regions.
ROLE = ArnKind("an IAM role", "iam", "", r"role/([!-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}", "arn:aws:iam::ACCOUNT:role/NAME")
# AWS KMS API, KeyMetadata: a UUID, or "mrk-" and 32 digits. An alias names a key in calls, and never in a policy.
KEY = ArnKind("a KMS key", "kms", _REGION, r"key/[A-Za-z0-9-]{1,64}", "arn:aws:kms:REGION:ACCOUNT:key/ID")
# IAM API, CreatePolicy: a path, and a name of at most 128 characters. The account of AWS's own policies is "aws".
POLICY = ArnKind(
    "a managed policy",
    "iam",
    "",
    r"policy/([!-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
    "arn:aws:iam::ACCOUNT:policy/NAME",
    account=r"aws|[0-9]{12}",
)


def read_arn(field: Field, kind: ArnKind) -> str:
    """Read an ARN, empty if none is set. Reports the first part that does not fit the kind."""
    value = read_text(field, allowed=_allowed(kind))
    if value and (problem := _find_problem(value, kind)):
        field.fault(problem, _allowed(kind))
        return ""
    return value


def resource_name(arn: str) -> str:
    """Return the name of a stream or table, the last part of its ARN; empty for an empty ARN."""
    return arn.rpartition("/")[2]


def _find_problem(value: str, kind: ArnKind) -> str:
    parts = value.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return f"found the text {quote(value)}"
    patterns = {
        "partition": _PARTITION,
        "service": kind.service,
        "region": kind.region,
        "account": kind.account,
        "resource": kind.resource,
    }
    for (name, pattern), part in zip(patterns.items(), parts[1:], strict=True):
        if not re.fullmatch(pattern, part):
            return f"the {name} in the ARN is {quote(part)}"
    return ""


def _allowed(kind: ArnKind) -> str:
    return f"write the ARN of {kind.words}, {kind.example}"
