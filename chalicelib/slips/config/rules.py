"""`routing` and `bucket_mapping` of slips.yml."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Literal

from .alarms import read_off
from .chains import read_chain
from .field import Field
from .prefixes import has_literal_star
from .problems import quote
from .scalars import read_choice, read_matching, read_text, read_whole
from .settings import Mapping, Rule

# Which names a bucket may have depends on its age and region (S3 User Guide, "Bucket naming rules"); none ever had
# slashes, colons or spaces, as URLs and ARNs do.
BUCKET = re.compile(r"[A-Za-z0-9._-]+")
BUCKET_ALLOWED = "write only the name of the bucket"

_EVENTS = tuple(f"ObjectCreated:{kind}" for kind in ("Put", "Post", "Copy", "CompleteMultipartUpload"))
"""Amazon S3 User Guide, "Supported event types for SQS, SNS, and Lambda"."""
_ON_MISSING: tuple[Literal["error", "skip"], ...] = ("error", "skip")
_DESTS: tuple[Literal["fast", "slow", "drop"], ...] = ("fast", "slow", "drop")


def read_routing(field: Field) -> tuple[Rule, ...]:
    """Read the rules, in the order of the file: the first that matches wins."""
    return tuple(_read_rule(item) for item in field.items("write a list of rules"))


def _read_rule(field: Field) -> Rule:
    keys = field.keys("bucket", "prefix", "suffix", "match", "event", "dest")
    if keys["dest"].absent:
        keys["dest"].reject('write where to send the objects: "fast", "slow" or "drop"')
    return Rule(
        bucket=read_matching(keys["bucket"], BUCKET, BUCKET_ALLOWED),
        prefix=_read_prefix(keys["prefix"]),
        suffix=read_text(keys["suffix"]),
        match=read_text(keys["match"]),
        event=_read_event(keys["event"]),
        dest=read_choice(keys["dest"], _DESTS, "fast"),
        path=field.path,
    )


def _read_event(field: Field) -> str:
    event = read_text(field).removeprefix("s3:")
    if event and not any(fnmatchcase(name, event) for name in _EVENTS):
        field.warn(f"no event has a name like {quote(event)}; write one of {', '.join(_EVENTS)}, or a glob")
    return event


def _read_prefix(field: Field) -> str:
    prefix = read_text(field)
    if has_literal_star(prefix):
        field.warn(
            f"{quote(prefix)} has a * in a longer segment, where it is a character like any other; "
            "write it alone between slashes for any one segment, or a glob into `match`"
        )
    return prefix


def read_mappings(field: Field) -> tuple[Mapping, ...]:
    """Read all buckets' mappings, in the order of the file."""
    buckets = field.entries("write a mapping from buckets to lists of prefix and format")
    if not buckets and isinstance(field.value, dict | None):
        field.warn("maps no bucket, so every object becomes an error item; add your buckets and their formats")
    return tuple(mapping for bucket, entry in buckets for mapping in _read_bucket(bucket, entry))


def _read_bucket(bucket: str, field: Field) -> list[Mapping]:
    if not BUCKET.fullmatch(bucket):
        field.fault(f"{quote(bucket)} is not the name of a bucket", BUCKET_ALLOWED)
    if field.value in (None, []):
        field.warn("has no mappings, so every object of the bucket becomes an error item")
    return [
        _read_mapping(bucket, item) for item in field.items("write a list of mappings, each with prefix and format")
    ]


def _read_mapping(bucket: str, field: Field) -> Mapping:
    keys = field.keys("prefix", "suffix", "match", "format", "on_missing", "silent_minutes")
    read_off(keys["silent_minutes"])
    return Mapping(
        bucket=bucket,
        prefix=_read_prefix(keys["prefix"]),
        suffix=read_text(keys["suffix"]),
        match=read_text(keys["match"]),
        chain=read_chain(keys["format"]),
        on_missing=read_choice(keys["on_missing"], _ON_MISSING, ""),
        # More than a year is a typing error.
        silent_minutes=read_whole(keys["silent_minutes"], None, 0, 366 * 24 * 60),
        path=field.path,
    )
