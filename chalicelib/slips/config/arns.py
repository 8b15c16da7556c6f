"""ARNs of slips.yml (IAM User Guide, "Amazon Resource Names")."""

from __future__ import annotations

import re

import msgspec

from .declarations import Arn, pick
from .field import Field
from .problems import quote
from .scalars import read_text

_PARTITION = r"aws(-[a-z]+)*"
_REGION = r"[a-z]+(-[a-z]+)+-[0-9]+"
_ACCOUNT = r"[0-9]{12}"


# Amazon SNS API, CreateTopic: names of 1 to 256 letters, digits, "-" and "_". FIFO topics (which end in ".fifo") get
# neither S3 notifications nor Lambda subscribers.
TOPIC = Arn("an SNS topic", "sns", _REGION, r"[A-Za-z0-9_-]{1,256}", "arn:aws:sns:REGION:ACCOUNT:NAME", _ACCOUNT)
# Kinesis API, CreateStream.
STREAM = Arn(
    "a Kinesis stream",
    "kinesis",
    _REGION,
    r"stream/[A-Za-z0-9_.-]{1,128}",
    "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME",
    _ACCOUNT,
)
# DynamoDB API, CreateTable.
TABLE = Arn(
    "a DynamoDB table",
    "dynamodb",
    _REGION,
    r"table/[A-Za-z0-9_.-]{3,255}",
    "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME",
    _ACCOUNT,
)
# IAM API, CreateRole: a path, and a name of at most 64 characters. IAM has no regions.
ROLE = Arn(
    "an IAM role", "iam", "", r"role/([!-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}", "arn:aws:iam::ACCOUNT:role/NAME", _ACCOUNT
)
# AWS KMS API, KeyMetadata: a UUID, or "mrk-" and 32 digits. An alias names a key in calls, and never in a policy.
KEY = Arn("a KMS key", "kms", _REGION, r"key/[A-Za-z0-9-]{1,64}", "arn:aws:kms:REGION:ACCOUNT:key/ID", _ACCOUNT)
# IAM API, CreatePolicy: a path, and a name of at most 128 characters. The account of AWS's own policies is "aws".
POLICY = Arn(
    "a managed policy",
    "iam",
    "",
    r"policy/([!-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
    "arn:aws:iam::ACCOUNT:policy/NAME",
    account=r"aws|[0-9]{12}",
)
KEY_REQUIRED = msgspec.structs.replace(KEY, required=True)
POLICY_REQUIRED = msgspec.structs.replace(POLICY, required=True)


def read_arn(field: Field) -> str:
    """Read an ARN, empty if none is set. Reports the first part that does not fit the declared kind."""
    kind = pick(field.declared, Arn)
    value = read_text(field, allowed=_allowed(kind))
    if value and (problem := _find_problem(value, kind)):
        field.fault(problem, _allowed(kind))
        return ""
    return value


def arn_pattern(kind: Arn) -> str:
    """Return the regular expression of the whole ARN."""
    return f"arn:{_PARTITION}:{kind.service}:{kind.region}:(?:{kind.account}):{kind.resource}"


def resource_name(arn: str) -> str:
    """Return the name of a stream or table, the last part of its ARN; empty for an empty ARN."""
    return arn.rpartition("/")[2]


def _find_problem(value: str, kind: Arn) -> str:
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


def _allowed(kind: Arn) -> str:
    return f"write the ARN of {kind.words}, {kind.example}"
