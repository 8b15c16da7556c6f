"""The top level of slips.yml, assembled from its sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .alarms import ALARMS, read_alarms
from .backend import BACKEND, read_backend
from .buckets import BUCKETS, read_buckets, read_package_bucket
from .compliance import IAM, KMS_KEY, TAGS, read_iam, read_kms_keys, read_tags
from .declarations import ANYTHING, Anything, Flag, Keys, Number, Size, Text, Whole, Word
from .field import Field
from .handler import HANDLER, read_handler
from .patterns.settings import PatternFormat
from .rules import BUCKET, BUCKET_MAPPING, ROUTING, read_mappings, read_routing
from .scalars import read_choice, read_flag, read_matching, read_seconds, read_size, read_text, read_whole
from .settings import RETENTION_HOURS, ApiThrottle, Config, LaneConfig, Limits, Mapping, Policy
from .timezones import TIMEZONES, read_timezones

# CloudFormation API, CreateStack: letters, digits and "-", a letter first, at most 128; five are reserved for "-fast"
# and "-slow", since a Kinesis stream's name has at most 128 too.
_STACK_NAME = r"[A-Za-z][A-Za-z0-9-]{0,122}"
_STACK_ALLOWED = 'write a name like "slips": letters, digits and "-", starting with a letter, at most 123 characters'

# CloudFormation User Guide, "Description": 1,024 bytes.
_LONGEST_DESCRIPTION = 1024

_LONGEST_RETRY = 14 * 24 * 3600
"""Seconds: whoever is away for two weeks wants to be told."""

_AUTHS: tuple[Literal["iam", "token", "none"], ...] = ("iam", "token", "none")

# The Fetch standard, "Origin": scheme, host and port, and nothing after them.
_ORIGIN = r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?"
_ORIGIN_ALLOWED = 'write one origin, like "https://security.example.com", in lowercase, without a path'

# Amazon API Gateway API, MethodSetting: its `throttlingBurstLimit` has 32 bits.
_MOST_REQUESTS = 2**31 - 1

_LANE = LaneConfig(name="fast", stream="")
_DEFAULT = Config(stack_name="", topics=(), fast=_LANE, slow=_LANE, error_table="", ledger_table="", dead_letters="")
"""The source of all defaults."""
_SAMPLES: tuple[Literal["masked", "off"], ...] = ("masked", "off")
_REMEMBERED_DAYS = RETENTION_HOURS // 24
_WHY_REMEMBERED = (
    f"the lanes keep their records for {_REMEMBERED_DAYS} days, and what comes again must not be processed again"
)

_SAM = "Of the class-based SLIPS: accepted, without effect."
_LIMITS = Keys(
    {
        "max_line_bytes": ("The size of the longest record that is read.", Size()),
        "max_object_bytes": ("The size of the largest object that is read, inflated.", Size()),
        "max_inflate_ratio": ("Inflated bytes for one stored byte.", Whole(1)),
        "max_attempts": ("Crashes of an object, and drains of an error item, before it is set aside.", Whole(1)),
        "errors_per_object": (
            "Failed calls of a function in an object; the rest of the object is then one error item.",
            Whole(1),
        ),
        # The sample shares an error item, 400 KB in DynamoDB, with its message, traceback and positions.
        "sample_bytes": ("Bytes of the failing record that its error item keeps.", Whole(0, 65_536)),
    },
    defaults=_DEFAULT.limits,
)
_THROTTLE = Keys(
    {
        "rate": ("Requests a second; others get 429. With `burst`.", Whole(1, _MOST_REQUESTS, required=True)),
        "burst": ("Requests at once. With `rate`.", Whole(1, _MOST_REQUESTS, required=True)),
    },
    optional=True,
)
_API = Keys(
    {
        "auth": (
            "Who may call: `iam` (signed requests), `token` (a bearer token), or `none` (anybody, on this machine).",
            Word(_AUTHS),
        ),
        "cors": ("The one other origin whose pages may call the API.", Text(_ORIGIN)),
        "access_log": ("Whether API Gateway logs each request.", Flag()),
        "throttle": ("How many requests the API takes; it refuses others.", _THROTTLE),
    }
)
CONFIG = Keys(
    {
        "stack_name": (
            "The name of the CloudFormation stack. The names of what SLIPS creates begin with it.",
            Text(_STACK_NAME, required=True),
        ),
        "description": ("The description of the stack.", Text(most=_LONGEST_DESCRIPTION)),
        "base": ("Of the class-based SLIPS.", Keys({"sam": (_SAM, ANYTHING)})),
        "sam": (_SAM, ANYTHING),
        "backend": ("Topics, lanes, tables and roles.", BACKEND),
        "handler": ("What your functions get, and what they run with.", HANDLER),
        "routing": (
            "Which lane an object takes: the first rule that matches.",
            ROUTING,
        ),
        "bucket_mapping": ("What the objects of each bucket hold: the longest prefix that matches.", BUCKET_MAPPING),
        # Its own declaration is imported with its reader: see _read_formats.
        "formats": ("Formats of your own, as patterns instead of code.", Anything()),
        "buckets": ("What the calls on a bucket need beyond its name.", BUCKETS),
        "limits": ("What bounds broken or hostile objects. What passes a limit becomes an error item.", _LIMITS),
        "alarms": ("When alarms ring, in five minutes where nothing else is said; `off`: never.", ALARMS),
        # Lambda ends an invocation after 900 s: a checkpoint later than that would never come.
        "checkpoint_seconds": (
            "Seconds between two checkpoints in an object: what a crash repeats at most.",
            Number(0.01, 900),
        ),
        "ledger": (
            "What was done.",
            Keys(
                {
                    "ttl_days": (
                        "Days that the ledger remembers what was done.",
                        # Kinesis keeps records for at most 365 days; more than ten years is a typing error.
                        Whole(_REMEMBERED_DAYS, 3650, why=_WHY_REMEMBERED),
                    )
                }
            ),
        ),
        "errors": (
            "What failed.",
            Keys(
                {
                    "sample": (
                        "Whether an error item keeps the beginning of the failing record, with secrets masked.",
                        Word(_SAMPLES, or_off=True),
                    ),
                    # More than ten years is a typing error.
                    "ttl_days": ("Days after which DynamoDB deletes an error item, drained or not.", Whole(1, 3650)),
                }
            ),
        ),
        "api": ("The REST API.", _API),
        "tags": ("Tags of the stack, and of all that it and the deployment create.", TAGS),
        "kms_key": (
            "The key that encrypts streams, tables, topics, the queue and logs; in a list, the new key first.",
            KMS_KEY,
        ),
        "iam": ("What the roles have that a deployment creates.", IAM),
        "package_bucket": ("The bucket through which a package of more than 50 MiB goes to Lambda.", BUCKET),
        "deletion_protection": ("Whether DynamoDB refuses to delete the tables.", Flag()),
        "termination_protection": ("Whether CloudFormation refuses to delete the stack.", Flag()),
        "retry": (
            "How long SLIPS retries what may pass, such as a destination that is down.",
            Keys(
                {
                    "give_up_after": (
                        "Seconds for which SLIPS tries again by itself, before it needs a person.",
                        Number(60, _LONGEST_RETRY),
                    )
                }
            ),
        ),
        "timezones": ("The offset of each zone whose name means several, such as IST.", TIMEZONES),
        "log_objects": ("Whether each object has a line in the log when it is dispatched and when it is done.", Flag()),
    },
    defaults=_DEFAULT,
)
"""The whole file."""


def read_config(root: Field) -> Config:
    """Read the whole file. Problems go to `root.problems`; the result is valid only if there are no faults."""
    keys = root.keys()
    stack = _read_stack_name(keys["stack_name"])
    backend = read_backend(keys["backend"], stack)
    handler = read_handler(keys["handler"])
    if handler.policy != Policy() and (handler.role_arn or backend.roles.dispatcher):
        root.problems.warn("handler.policy", "has no effect on a role that this file names; give that role the policy")
    mappings = read_mappings(keys["bucket_mapping"])
    errors = keys["errors"].keys()
    retry = keys["retry"].keys()
    api = keys["api"].keys()
    _note_sam(keys["sam"], keys["base"].keys()["sam"])
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
        checkpoint_seconds=read_seconds(keys["checkpoint_seconds"], _DEFAULT.checkpoint_seconds),
        ledger_ttl_days=read_whole(keys["ledger"].keys()["ttl_days"], _DEFAULT.ledger_ttl_days),
        retry_give_up_after=read_seconds(retry["give_up_after"], _DEFAULT.retry_give_up_after),
        errors_ttl_days=read_whole(errors["ttl_days"], _DEFAULT.errors_ttl_days),
        timezones=read_timezones(keys["timezones"]),
        tags=read_tags(keys["tags"]),
        kms_keys=read_kms_keys(keys["kms_key"]),
        iam=read_iam(keys["iam"]),
        package_bucket=read_package_bucket(keys["package_bucket"], mappings),
        deletion_protection=read_flag(keys["deletion_protection"], None),
        termination_protection=read_flag(keys["termination_protection"], None),
        api_auth=read_choice(api["auth"], _AUTHS, _DEFAULT.api_auth),
        api_cors=read_matching(api["cors"], _ORIGIN_ALLOWED),
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
    from .patterns.keys import FORMATS
    from .patterns.section import read_formats

    return read_formats(
        Field(field.value, field.path, field.problems, FORMATS),
        {name for mapping in mappings for name in mapping.chain},
    )


def _read_stack_name(field: Field) -> str:
    return read_matching(field, _STACK_ALLOWED)


def _read_description(field: Field) -> str:
    value = read_text(field)
    length = len(value.encode(errors="replace"))
    if length > _LONGEST_DESCRIPTION:
        field.fault(f"found {length} bytes", f"write at most {_LONGEST_DESCRIPTION}, CloudFormation's limit")
    return value


def _read_throttle(field: Field) -> ApiThrottle | None:
    """Read both limits: one alone would leave the other to what the account has."""
    keys = field.keys()
    if field.absent:
        return None
    for key in keys.values():
        if key.absent:
            key.fault("missing", f"write a whole number from 1 to {_MOST_REQUESTS}")
    rate, burst = (read_whole(keys[name], 1) for name in ("rate", "burst"))
    return ApiThrottle(rate=rate, burst=burst)


def _note_sam(*fields: Field) -> None:
    for field in fields:
        if not field.absent:
            field.note("not needed, since Chalice creates the functions")


def _read_limits(field: Field, sample: Field) -> Limits:
    keys = field.keys()
    default = _DEFAULT.limits
    sample_bytes = read_whole(keys["sample_bytes"], default.sample_bytes)
    if not _keeps_samples(sample):
        sample_bytes = 0
        if not keys["sample_bytes"].absent:
            keys["sample_bytes"].warn("has no effect while errors.sample is off")
    return Limits(
        max_line_bytes=read_size(keys["max_line_bytes"], default.max_line_bytes),
        max_object_bytes=read_size(keys["max_object_bytes"], default.max_object_bytes),
        max_inflate_ratio=read_whole(keys["max_inflate_ratio"], default.max_inflate_ratio),
        max_attempts=read_whole(keys["max_attempts"], default.max_attempts),
        errors_per_object=read_whole(keys["errors_per_object"], default.errors_per_object),
        sample_bytes=sample_bytes,
    )


def _keeps_samples(field: Field) -> bool:
    # YAML 1.1 reads an `off` without quotes as false.
    return field.value is not False and read_choice(field, _SAMPLES, "masked") == "masked"
