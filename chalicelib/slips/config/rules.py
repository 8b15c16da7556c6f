"""`routing` and `bucket_mapping` of slips.yml."""

from __future__ import annotations

import re
from typing import Literal

from .chains import read_chain
from .field import Field
from .problems import quoted
from .scalars import choice, named, text
from .settings import Mapping, Rule

# Which names a bucket may have depends on its age and region (S3 User Guide, "Bucket naming rules"); none ever had
# slashes, colons or blanks, as URLs and ARNs do.
_BUCKET = re.compile(r"[A-Za-z0-9._-]+")
_BUCKET_ALLOWED = "write the name of a bucket alone"

_DESTS: tuple[Literal["fast", "slow", "drop"], ...] = ("fast", "slow", "drop")


def read_routing(field: Field) -> tuple[Rule, ...]:
    """The rules in the order of the file, in which they are asked."""
    return tuple(_rule(item) for item in field.items("write a list of rules"))


def _rule(field: Field) -> Rule:
    keys = field.keys("bucket", "prefix", "suffix", "match", "dest")
    if keys["dest"].absent:
        keys["dest"].reject('write where to send the objects: "fast", "slow" or "drop"')
    return Rule(
        bucket=named(keys["bucket"], _BUCKET, _BUCKET_ALLOWED),
        prefix=text(keys["prefix"]),
        suffix=text(keys["suffix"]),
        match=text(keys["match"]),
        dest=choice(keys["dest"], _DESTS, "fast"),
        path=field.path,
    )


def read_mappings(field: Field) -> tuple[Mapping, ...]:
    """All buckets' mappings, in the order of the file."""
    buckets = field.entries("write a mapping from buckets to lists of prefix and format")
    if not buckets and isinstance(field.value, dict | None):
        field.warn("maps no bucket, so that every object becomes an error item; add your buckets and their formats")
    return tuple(mapping for bucket, entry in buckets for mapping in _bucket(bucket, entry))


def _bucket(bucket: str, field: Field) -> list[Mapping]:
    if not _BUCKET.fullmatch(bucket):
        field.fault(f"{quoted(bucket)} is no bucket", _BUCKET_ALLOWED)
    if field.value in (None, []):
        field.warn("holds no mappings, so that every object of the bucket becomes an error item")
    return [_mapping(bucket, item) for item in field.items("write a list, each of it with prefix and format")]


def _mapping(bucket: str, field: Field) -> Mapping:
    keys = field.keys("prefix", "suffix", "match", "format")
    return Mapping(
        bucket=bucket,
        prefix=text(keys["prefix"]),
        suffix=text(keys["suffix"]),
        match=text(keys["match"]),
        chain=read_chain(keys["format"]),
        path=field.path,
    )
