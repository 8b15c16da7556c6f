"""`buckets` of slips.yml: what the calls on a bucket need beyond its name."""

from __future__ import annotations

import re
from collections.abc import Collection

from . import arns
from .declarations import Entries, Flag, Keys, Text
from .field import Field
from .problems import quote
from .rules import BUCKET, BUCKET_ALLOWED
from .scalars import read_flag, read_matching
from .settings import Bucket, Mapping

_OWNER_ALLOWED = 'write the id of the account that owns the bucket, 12 digits in quotes, like "123456789012"'
BUCKETS = Entries(
    Keys(
        {
            "kms_key": ("The key that encrypts the objects; the functions may then decrypt with it.", arns.KEY),
            "requester_pays": ("Whether you agree to pay for requests and transfer.", Flag()),
            "role_arn": ("The role to assume for a bucket of another account.", arns.ROLE),
            "expected_owner": (
                "The account that must own the bucket; S3 refuses calls if another one does.",
                Text(r"[0-9]{12}"),
            ),
        }
    ),
    BUCKET,
)


def read_buckets(field: Field, mappings: Collection[Mapping]) -> dict[str, Bucket]:
    """Read the section; warn of buckets that no mapping names."""
    mapped = {mapping.bucket for mapping in mappings}
    return {name: _read_bucket(name, entry, mapped) for name, entry in field.entries("write a mapping from buckets")}


def _read_bucket(name: str, field: Field, mapped: Collection[str]) -> Bucket:
    if not re.fullmatch(BUCKET.pattern, name):
        field.fault(f"{quote(name)} is not the name of a bucket", BUCKET_ALLOWED)
    elif name not in mapped:
        field.warn("has no effect, because bucket_mapping does not name this bucket; map it, or remove this")
    keys = field.keys()
    bucket = Bucket(
        kms_key=arns.read_arn(keys["kms_key"]),
        requester_pays=bool(read_flag(keys["requester_pays"], False)),
        role_arn=arns.read_arn(keys["role_arn"]),
        expected_owner=read_matching(keys["expected_owner"], _OWNER_ALLOWED),
    )
    if bucket.kms_key and bucket.role_arn:
        keys["kms_key"].warn("has no effect with role_arn: that role needs kms:Decrypt on the key")
    return bucket


def read_package_bucket(field: Field, mappings: Collection[Mapping]) -> str:
    """Read the bucket through which packages go to Lambda: one that SLIPS reads would have them as logs."""
    bucket = read_matching(field, BUCKET_ALLOWED)
    if bucket and any(mapping.bucket == bucket for mapping in mappings):
        field.fault("bucket_mapping maps this bucket", "name another one, or SLIPS would read the package as a log")
    return bucket
