"""`routing` and `bucket_mapping` of slips.yml."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Literal

from .chains import CHAIN, read_chain
from .declarations import Entries, Items, Keys, Text, Whole, Word
from .field import Field
from .prefixes import has_literal_star
from .problems import quote
from .scalars import read_choice, read_matching, read_text, read_whole
from .settings import Mapping, Rule

# Which names a bucket may have depends on its age and region (S3 User Guide, "Bucket naming rules"); none ever had
# slashes, colons or spaces, as URLs and ARNs do.
BUCKET = Text(r"[A-Za-z0-9._-]+")
BUCKET_ALLOWED = "write only the name of the bucket"

_EVENTS = tuple(f"ObjectCreated:{kind}" for kind in ("Put", "Post", "Copy", "CompleteMultipartUpload"))
"""Amazon S3 User Guide, "Supported event types for SQS, SNS, and Lambda"."""
_ON_MISSING: tuple[Literal["error", "skip"], ...] = ("error", "skip")
_DESTS: tuple[Literal["fast", "slow", "drop"], ...] = ("fast", "slow", "drop")

_PREFIX = ("What the key begins with; a `*` alone between two slashes is any one folder.", Text())
_SUFFIX = ("What the key ends with.", Text())
_MATCH = ("A glob for the whole key, in which `*` matches slashes too.", Text())
ROUTING = Items(
    Keys(
        {
            "bucket": ("The bucket of the object.", BUCKET),
            "prefix": _PREFIX,
            "suffix": _SUFFIX,
            "match": _MATCH,
            "event": ("A glob for the name of the event, like `ObjectCreated:Copy`.", Text()),
            "dest": ("Where to send the objects: a lane, or `drop`.", Word(_DESTS, required=True)),
        }
    )
)
BUCKET_MAPPING = Entries(
    Items(
        Keys(
            {
                "prefix": _PREFIX,
                "suffix": _SUFFIX,
                "match": _MATCH,
                "format": (
                    "The name of a format, or its whole chain, like `[s3-lines, json, g-suite-login]`.",
                    CHAIN,
                ),
                "on_missing": (
                    "What an object leaves that is deleted or overwritten before it is read: an error item, or none.",
                    Word(_ON_MISSING),
                ),
                # More than a year is a typing error.
                "silent_minutes": (
                    "Minutes without an object until the mapping is called silent; `off`: never.",
                    Whole(0, 366 * 24 * 60, or_off=True),
                ),
            }
        )
    ),
    BUCKET,
)


def read_routing(field: Field) -> tuple[Rule, ...]:
    """Read the rules, in the order of the file: the first that matches wins."""
    return tuple(_read_rule(item) for item in field.items("write a list of rules"))


def _read_rule(field: Field) -> Rule:
    keys = field.keys()
    if keys["dest"].absent:
        keys["dest"].reject('write where to send the objects: "fast", "slow" or "drop"')
    return Rule(
        bucket=read_matching(keys["bucket"], BUCKET_ALLOWED),
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
            f"{quote(prefix)} has a * in a longer segment, where it means the character itself; "
            "to match any one segment, write * alone between slashes, or put a glob into `match`"
        )
    return prefix


def read_mappings(field: Field) -> tuple[Mapping, ...]:
    """Read all buckets' mappings, in the order of the file."""
    buckets = field.entries("write a mapping from buckets to lists of prefix and format")
    if not buckets and isinstance(field.value, dict | None):
        field.warn("maps no bucket, so every object becomes an error item; add your buckets and their formats")
    return tuple(mapping for bucket, entry in buckets for mapping in _read_bucket(bucket, entry))


def _read_bucket(bucket: str, field: Field) -> list[Mapping]:
    if not re.fullmatch(BUCKET.pattern, bucket):
        field.fault(f"{quote(bucket)} is not the name of a bucket", BUCKET_ALLOWED)
    if field.value in (None, []):
        field.warn("has no mappings, so every object of the bucket becomes an error item")
    return [
        _read_mapping(bucket, item) for item in field.items("write a list of mappings, each with prefix and format")
    ]


def _read_mapping(bucket: str, field: Field) -> Mapping:
    keys = field.keys()
    return Mapping(
        bucket=bucket,
        prefix=_read_prefix(keys["prefix"]),
        suffix=read_text(keys["suffix"]),
        match=read_text(keys["match"]),
        chain=read_chain(keys["format"]),
        on_missing=read_choice(keys["on_missing"], _ON_MISSING, ""),
        silent_minutes=read_whole(keys["silent_minutes"], None),
        path=field.path,
    )
