"""What companies require of all that a deployment creates: `tags`, `kms_key` and `iam` of slips.yml."""

from __future__ import annotations

import re

from . import arns
from .declarations import Either, Entries, Items, Keys, Text, pick
from .field import Field
from .problems import quote
from .scalars import read_matching, read_text
from .settings import NewRoles

# AWS General Reference, "Tag naming limits and requirements"; CloudFormation takes no empty value.
_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_VALUE = re.compile(r"[\w .:/=+@-]{1,256}")
_ALLOWED = "letters, digits, spaces and _ . : / = + - @"
_RESERVED = ("aws:", "slips:", "aws-chalice")
"""What the tags of AWS, SLIPS and Chalice begin with."""
_MOST_TAGS = 45
"""AWS allows 50 a resource; SLIPS and Chalice add theirs."""
TAGS = Entries(Text(most=256, required=True), Text(most=128), most=_MOST_TAGS)


def read_tags(field: Field) -> dict[str, str]:
    """Read the tags. IAM, alone of all services, takes no two keys that differ in case only."""
    entries = field.entries('write a mapping from keys to values, like {team: security, cost-center: "1234"}')
    if len(entries) > _MOST_TAGS:
        field.fault(f"found {len(entries)} tags", f"write at most {_MOST_TAGS}; AWS allows 50, ours included")
    keys: dict[str, str] = {}
    for key, entry in entries:
        if not _KEY.fullmatch(key):
            entry.fault(f"{quote(key)} is not the key of a tag", f"write at most 128 {_ALLOWED}")
        elif key.lower().startswith(_RESERVED):
            entry.fault(f"{quote(key)} is reserved", f"choose a key that does not begin with {', '.join(_RESERVED)}")
        elif (other := keys.setdefault(key.lower(), key)) != key:
            entry.fault(f"differs from {quote(other)} in case only", "remove one of the two")
    return {key: _read_value(entry) for key, entry in entries}


def _read_value(field: Field) -> str:
    value = read_text(field)
    allowed = f"write 1 to 256 {_ALLOWED}"
    if field.value in (None, "") or (value and not _VALUE.fullmatch(value)):
        field.reject(allowed)
    return value


AWS_KEY = "aws"
"""In `kms_key`: the key that AWS manages for each service."""
_MOST_KEYS = 5
# The first of a list may be `aws`.
KMS_KEY = Either(
    (arns.KEY, Items(Either((arns.KEY_REQUIRED, Text(AWS_KEY, required=True))), most=_MOST_KEYS)), optional=True
)


def read_kms_keys(field: Field) -> tuple[str, ...]:
    """Read a key, or a list: the first encrypts, and the others may still decrypt what waits in a lane. An empty text
    is the key that AWS manages; none at all means the same."""
    items = field.items("write the ARN of a key, or a list") if isinstance(field.value, list) else [field]
    if len(items) > _MOST_KEYS:
        field.fault(f"found {len(items)} keys", f"write at most {_MOST_KEYS}")
    keys: dict[str, str] = {}
    for number, item in enumerate(items):
        if number == 0 and item.value == AWS_KEY and len(items) > 1:
            keys[""] = item.path
        elif item.value in (None, "") and isinstance(field.value, list):
            item.reject("write the ARN of a key")
        elif key := arns.read_arn(item):
            _check_key(item, key, keys)
    return tuple(keys)


def _check_key(field: Field, key: str, keys: dict[str, str]) -> None:
    """Add a key to those that were read; report one that is not of their region, as it could not be used."""
    if (other := keys.setdefault(key, field.path)) != field.path:
        field.fault(f"is the key of {other}, too", "remove one of the two")
    regions = {each.split(":")[3]: path for each, path in keys.items() if each}
    if len(regions) > 1:
        field.fault(f"is of another region than {regions[next(iter(regions))]}", "name keys of one region")


# IAM API, CreateRole.
_PATH_ALLOWED = 'write a path like "/teams/security/", at most 512 characters'
IAM = Keys(
    {
        "permissions_boundary": ("The managed policy that bounds what the roles may do.", arns.POLICY),
        "path": ("The path of the roles.", Text(r"/([A-Za-z0-9_+=,.@-]+/)*", most=512)),
    }
)


def read_iam(field: Field) -> NewRoles:
    """Read what the roles have that a deployment creates."""
    keys = field.keys()
    path = read_matching(keys["path"], _PATH_ALLOWED)
    if len(path) > (pick(keys["path"].declared, Text).most or 0):
        keys["path"].fault(f"found {len(path)} characters", _PATH_ALLOWED)
    return NewRoles(permissions_boundary=arns.read_arn(keys["permissions_boundary"]), path=path)
