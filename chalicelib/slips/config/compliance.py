"""What companies require of all that a stack creates: `tags` of slips.yml."""

from __future__ import annotations

import re

from .field import Field
from .problems import quote
from .scalars import read_text

# AWS General Reference, "Tag naming limits and requirements"; CloudFormation takes no empty value.
_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_VALUE = re.compile(r"[\w .:/=+@-]{1,256}")
_ALLOWED = "letters, digits, spaces and _ . : / = + - @"
_RESERVED = ("aws:", "slips:", "aws-chalice")
"""What the tags of AWS, SLIPS and Chalice begin with."""
_MOST_TAGS = 45
"""AWS allows 50 a resource; SLIPS and Chalice add theirs."""


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
