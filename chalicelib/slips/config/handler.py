"""`handler` of slips.yml: the arguments, role, policy and network of the user's functions."""

from __future__ import annotations

import re
from typing import Any

from . import arns
from .field import Field
from .policy import read_policy
from .problems import describe_value, quote
from .scalars import read_seconds, read_texts, read_whole
from .settings import Handler

# Amazon EC2 API: ids are 8 or 17 hexadecimal digits after the prefix.
_GROUP = re.compile(r"sg-([0-9a-f]{8}|[0-9a-f]{17})")
_SUBNET = re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})")

_SECRETS = {"ssm:": "ssm:/path/of/parameter", "secretsmanager:": "secretsmanager:name#key"}


def read_handler(field: Field) -> Handler:
    """Read the section."""
    keys = field.keys(
        "args", "secrets_max_age", "policy", "role_arn", "concurrency", "security_group_ids", "subnet_ids", "path"
    )
    _reject_class(keys["path"])
    # Lambda API, VpcConfig: at most 5 security groups and 16 subnets.
    groups = read_texts(keys["security_group_ids"], _GROUP, "the id of a security group, sg-0123abcd", 5)
    subnets = read_texts(keys["subnet_ids"], _SUBNET, "the id of a subnet, subnet-0123abcd", 16)
    _check_vpc(keys["security_group_ids"], keys["subnet_ids"])
    return Handler(
        args=_read_args(keys["args"]),
        # SSM and Secrets Manager bill, or throttle, each request. A process of Lambda lives for hours, not for days.
        secrets_max_age=read_seconds(keys["secrets_max_age"], Handler().secrets_max_age, 30, 86_400),
        policy=read_policy(keys["policy"]),
        role_arn=arns.read_arn(keys["role_arn"], arns.ROLE),
        # Lambda API, PutFunctionConcurrency. It takes 0 too, which would stop the function.
        concurrency=read_whole(keys["concurrency"], None, 1),
        security_group_ids=groups,
        subnet_ids=subnets,
    )


def _reject_class(field: Field) -> None:
    if not field.absent:
        field.fault(
            f"found {describe_value(field.value)}, a handler class, which is no longer loaded",
            "move it to app.py: recv(meta, event) becomes functions under @slips.on_format(...), setup(args) one under "
            "@slips.on_setup, result() one under @slips.on_result; then remove this key",
        )


def _check_vpc(groups: Field, subnets: Field) -> None:
    """Report one of the two without the other: Chalice and Lambda take both or neither."""
    for field, other in ((groups, "subnet_ids"), (subnets, "security_group_ids")):
        if field.value in (None, []) and (groups.value or subnets.value):
            field.fault("missing", f"a function in a VPC needs it in addition to {other}")


def _read_args(field: Field) -> dict[str, Any]:
    """Read the arguments. Values may be secrets, so no fault shows one."""
    entries = field.entries("write a mapping of the arguments that @slips.on_setup functions get")
    for _, entry in entries:
        for scheme, example in _SECRETS.items():
            if entry.value in (scheme, f"{scheme}/", f"{scheme}#"):
                entry.fault(f"found {quote(scheme)} without a name", f"write {example}")
    return {key: entry.value for key, entry in entries}
