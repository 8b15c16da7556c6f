"""ARNs of slips.yml (IAM User Guide, "Amazon Resource Names")."""

from __future__ import annotations

import re

import msgspec

from .field import Field
from .problems import quoted
from .scalars import text

_PARTITION = r"aws(-[a-z]+)*"
_REGION = r"[a-z]+(-[a-z]+)+-[0-9]+"
_ACCOUNT = r"[0-9]{12}"


class ArnKind(msgspec.Struct, frozen=True):
    """What an ARN has to name: its words in a fault, the service, and patterns of the region and of the resource."""

    words: str
    service: str
    region: str
    resource: str
    example: str


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


def arn(field: Field, kind: ArnKind) -> str:
    """The ARN as it stands, empty where there is none. Reports the part of it that is not of the kind."""
    value = text(field, allowed=_allowed(kind))
    if value and (found := _odd_part(value, kind)):
        field.fault(found, _allowed(kind))
        return ""
    return value


def name_of(arn: str) -> str:
    """The name of a stream or table, the last part of its ARN; empty for an empty ARN."""
    return arn.rpartition("/")[2]


def _odd_part(value: str, kind: ArnKind) -> str:
    parts = value.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return f"found the text {quoted(value)}"
    wanted = {
        "partition": _PARTITION,
        "service": kind.service,
        "region": kind.region,
        "account": _ACCOUNT,
        "resource": kind.resource,
    }
    for (name, pattern), part in zip(wanted.items(), parts[1:], strict=True):
        if not re.fullmatch(pattern, part):
            return f"the {name} in the ARN is {quoted(part)}"
    return ""


def _allowed(kind: ArnKind) -> str:
    return f"write the ARN of {kind.words}, {kind.example}"
