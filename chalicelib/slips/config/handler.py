"""`handler` of slips.yml: the arguments, role, policy and network of the user's functions."""

from __future__ import annotations

from typing import Any

from . import arns
from .declarations import ANYTHING, Entries, Items, Keys, Number, Removed, Text, Whole, pick
from .field import Field
from .policy import POLICY, read_policy
from .problems import describe_value, quote
from .scalars import read_seconds, read_texts, read_whole
from .settings import Handler

# Amazon EC2 API: ids are 8 or 17 hexadecimal digits after the prefix.
_GROUP = r"sg-([0-9a-f]{8}|[0-9a-f]{17})"
_SUBNET = r"subnet-([0-9a-f]{8}|[0-9a-f]{17})"
# Lambda API, VpcConfig.
_MOST_GROUPS, _MOST_SUBNETS = 5, 16

_SECRETS = {"ssm:": "ssm:/path/of/parameter", "secretsmanager:": "secretsmanager:name#key"}
HANDLER = Keys(
    {
        "args": (
            "What `@slips.on_setup` functions get. A value may be `ssm:/path` or `secretsmanager:name#key`.",
            Entries(ANYTHING),
        ),
        # SSM and Secrets Manager bill, or throttle, each request. A process of Lambda lives for hours, not for days.
        "secrets_max_age": ("Seconds after which the secrets of `args` are fetched again.", Number(30, 86_400)),
        "policy": (
            "What your functions may do in AWS, beyond what SLIPS needs itself: statements, or ARNs of policies.",
            POLICY,
        ),
        "role_arn": ("A role that exists already, for `process_fast` and `process_slow`.", arns.ROLE),
        # Lambda API, PutFunctionConcurrency. It takes 0 too, which would stop the function.
        "concurrency": ("Invocations at once of both lanes, which are reserved for them.", Whole(1)),
        "security_group_ids": (
            f"The security groups of functions that run in a VPC: at most {_MOST_GROUPS}, with `subnet_ids`.",
            Items(Text(_GROUP, required=True), most=_MOST_GROUPS),
        ),
        "subnet_ids": (
            f"The subnets of functions that run in a VPC: at most {_MOST_SUBNETS}, with `security_group_ids`.",
            Items(Text(_SUBNET, required=True), most=_MOST_SUBNETS),
        ),
        "path": ("Of the class-based SLIPS: move the handler class to functions in app.py.", Removed()),
    },
    defaults=Handler(),
    together=(("security_group_ids", "subnet_ids"),),
)


def read_handler(field: Field) -> Handler:
    """Read the section."""
    keys = field.keys()
    _reject_class(keys["path"])
    groups = read_texts(keys["security_group_ids"], "the id of a security group, sg-0123abcd")
    subnets = read_texts(keys["subnet_ids"], "the id of a subnet, subnet-0123abcd")
    for one, other in pick(field.declared, Keys).together:
        _check_vpc(keys[one], keys[other])
    return Handler(
        args=_read_args(keys["args"]),
        secrets_max_age=read_seconds(keys["secrets_max_age"], Handler().secrets_max_age),
        policy=read_policy(keys["policy"]),
        role_arn=arns.read_arn(keys["role_arn"]),
        concurrency=read_whole(keys["concurrency"], None),
        security_group_ids=groups,
        subnet_ids=subnets,
    )


def _reject_class(field: Field) -> None:
    if not field.absent:
        field.fault(
            f"found {describe_value(field.value)}, a handler class: SLIPS no longer loads it",
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
