"""The top level of slips.yml, assembled from its sections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from .alarms import read_alarms
from .backend import read_backend
from .buckets import read_buckets, read_package_bucket
from .compliance import read_iam, read_kms_keys, read_tags
from .field import Field
from .handler import read_handler
from .patterns.settings import PatternFormat
from .rules import read_mappings, read_routing
from .scalars import read_choice, read_flag, read_matching, read_seconds, read_size, read_text, read_whole
from .settings import RETENTION_HOURS, ApiThrottle, Config, LaneConfig, Limits, Mapping, Policy
from .timezones import read_timezones

# CloudFormation API, CreateStack: letters, digits and "-", a letter first, at most 128; five are reserved for "-fast"
# and "-slow", since a Kinesis stream's name has at most 128 too.
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,122}")
_STACK_ALLOWED = 'write a name like "slips": letters, digits and "-", starting with a letter, at most 123 characters'

# CloudFormation User Guide, "Description": 1,024 bytes.
_LONGEST_DESCRIPTION = 1024

_LONGEST_RETRY = 14 * 24 * 3600
"""Seconds: whoever is away for two weeks wants to be told."""

_AUTHS: tuple[Literal["iam", "token", "none"], ...] = ("iam", "token", "none")

# The Fetch standard, "Origin": scheme, host and port, and nothing after them.
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")
_ORIGIN_ALLOWED = 'write one origin, like "https://security.example.com", in lowercase, without a path'

# Amazon API Gateway API, MethodSetting: its `throttlingBurstLimit` has 32 bits.
_MOST_REQUESTS = 2**31 - 1

_LANE = LaneConfig(name="fast", stream="")
_DEFAULT = Config(stack_name="", topics=(), fast=_LANE, slow=_LANE, error_table="", ledger_table="", dead_letters="")
"""The source of all defaults."""


def read_config(root: Field) -> Config:
    """Read the whole file. Problems go to `root.problems`; the result is valid only if there are no faults."""
    keys = root.keys(
        "stack_name",
        "description",
        "base",
        "sam",
        "backend",
        "handler",
        "routing",
        "bucket_mapping",
        "formats",
        "buckets",
        "limits",
        "alarms",
        "checkpoint_seconds",
        "ledger",
        "errors",
        "api",
        "tags",
        "kms_key",
        "iam",
        "package_bucket",
        "deletion_protection",
        "termination_protection",
        "retry",
        "timezones",
        "log_objects",
    )
    stack = _read_stack_name(keys["stack_name"])
    backend = read_backend(keys["backend"], stack)
    handler = read_handler(keys["handler"])
    if handler.policy != Policy() and (handler.role_arn or backend.roles.dispatcher):
        root.problems.warn("handler.policy", "has no effect on a role that this file names; give that role the policy")
    mappings = read_mappings(keys["bucket_mapping"])
    errors = keys["errors"].keys("sample", "ttl_days")
    retry = keys["retry"].keys("give_up_after")
    api = keys["api"].keys("auth", "cors", "access_log", "throttle")
    _note_sam(keys["sam"], keys["base"].keys("sam")["sam"])
    return Config(
        stack_name=stack,
        description=_read_description(keys["description"]),
        topics=backend.topics,
        queue=backend.queue,
        fast=backend.fast,
        slow=backend.slow,
        error_table=backend.error_table,
        error_table_arn=backend.error_table_arn,
        ledger_table=backend.ledger_table,
        dead_letters=backend.dead_letters,
        roles=backend.roles,
        handler=handler,
        routing=read_routing(keys["routing"]),
        mappings=mappings,
        formats=_read_formats(keys["formats"], mappings),
        buckets=read_buckets(keys["buckets"], mappings),
        limits=_read_limits(keys["limits"], errors["sample"]),
        alarms=read_alarms(keys["alarms"]),
        # Lambda ends an invocation after 900 s: a checkpoint later than that would never come.
        checkpoint_seconds=read_seconds(keys["checkpoint_seconds"], _DEFAULT.checkpoint_seconds, 0.01, 900),
        ledger_ttl_days=_read_ledger_days(keys["ledger"].keys("ttl_days")["ttl_days"]),
        retry_give_up_after=read_seconds(retry["give_up_after"], _DEFAULT.retry_give_up_after, 60, _LONGEST_RETRY),
        # More than ten years is a typing error.
        errors_ttl_days=read_whole(errors["ttl_days"], _DEFAULT.errors_ttl_days, 1, 3650),
        timezones=read_timezones(keys["timezones"]),
        tags=read_tags(keys["tags"]),
        kms_keys=read_kms_keys(keys["kms_key"]),
        iam=read_iam(keys["iam"]),
        package_bucket=read_package_bucket(keys["package_bucket"], mappings),
        deletion_protection=read_flag(keys["deletion_protection"], None),
        termination_protection=read_flag(keys["termination_protection"], None),
        api_auth=read_choice(api["auth"], _AUTHS, _DEFAULT.api_auth),
        api_cors=read_matching(api["cors"], _ORIGIN, _ORIGIN_ALLOWED),
        api_access_log=bool(read_flag(api["access_log"], False)),
        api_throttle=_read_throttle(api["throttle"]),
        log_objects=bool(read_flag(keys["log_objects"], _DEFAULT.log_objects)),
        warnings=tuple(root.problems.warnings),
        notes=tuple(root.problems.notes),
    )


def _read_formats(field: Field, mappings: Sequence[Mapping]) -> dict[str, PatternFormat]:
    if field.absent:
        return {}
    # Imported here: most files have none, and each Lambda function would pay for it.
    from .patterns.section import read_formats

    return read_formats(field, {name for mapping in mappings for name in mapping.chain})


def _read_stack_name(field: Field) -> str:
    if field.value in (None, ""):
        field.reject(_STACK_ALLOWED)
    return read_matching(field, _STACK_NAME, _STACK_ALLOWED)


def _read_description(field: Field) -> str:
    value = read_text(field)
    length = len(value.encode(errors="replace"))
    if length > _LONGEST_DESCRIPTION:
        field.fault(f"found {length} bytes", f"write at most {_LONGEST_DESCRIPTION}, CloudFormation's limit")
    return value


def _read_ledger_days(field: Field) -> int:
    """Read how long the ledger remembers: at least as long as a lane may deliver a record again."""
    low = RETENTION_HOURS // 24
    why = f"the lanes keep their records for {low} days, and what comes again must not be processed again"
    # Kinesis keeps records for at most 365 days; a ledger of more than ten years is a typing error.
    return read_whole(field, _DEFAULT.ledger_ttl_days, low, 3650, why=why)


def _read_throttle(field: Field) -> ApiThrottle | None:
    """Read both limits: one alone would leave the other to what the account has."""
    keys = field.keys("rate", "burst")
    if field.absent:
        return None
    for key in keys.values():
        if key.absent:
            key.fault("missing", f"write a whole number from 1 to {_MOST_REQUESTS}")
    rate, burst = (read_whole(keys[name], 1, 1, _MOST_REQUESTS) for name in ("rate", "burst"))
    return ApiThrottle(rate=rate, burst=burst)


def _note_sam(*fields: Field) -> None:
    for field in fields:
        if not field.absent:
            field.note("not needed, since Chalice creates the functions")


def _read_limits(field: Field, sample: Field) -> Limits:
    keys = field.keys(*Limits.__struct_fields__)
    default = _DEFAULT.limits
    # The sample shares an error item, 400 KB in DynamoDB, with its message, traceback and positions.
    sample_bytes = read_whole(keys["sample_bytes"], default.sample_bytes, 0, 65_536)
    if not _keeps_samples(sample):
        sample_bytes = 0
        if not keys["sample_bytes"].absent:
            keys["sample_bytes"].warn("has no effect while errors.sample is off")
    return Limits(
        max_line_bytes=read_size(keys["max_line_bytes"], default.max_line_bytes),
        max_object_bytes=read_size(keys["max_object_bytes"], default.max_object_bytes),
        max_inflate_ratio=read_whole(keys["max_inflate_ratio"], default.max_inflate_ratio, 1),
        max_attempts=read_whole(keys["max_attempts"], default.max_attempts, 1),
        errors_per_object=read_whole(keys["errors_per_object"], default.errors_per_object, 1),
        sample_bytes=sample_bytes,
    )


def _keeps_samples(field: Field) -> bool:
    # YAML 1.1 reads an `off` without quotes as false.
    return field.value is not False and read_choice(field, ("masked", "off"), "masked") == "masked"
