"""`timezones` of slips.yml: what the names of zones mean that mean several, or that a device's owner made up."""

from __future__ import annotations

import re

from .declarations import Entries, Text
from .field import Field
from .problems import quote
from .scalars import read_matching

_NAME = r"[A-Z]{2,5}"
_FIXED = ("UT", "UTC", "GMT")
TIMEZONES = Entries(
    Text(r"[+-](?:0[0-9]|1[0-9]|2[0-3]):?[0-5][0-9]", required=True), Text(rf"(?!(?:{'|'.join(_FIXED)})$){_NAME}")
)


def read_timezones(field: Field) -> dict[str, str]:
    """Read the offset of each name, like `{IST: "+05:30"}`."""
    return {
        name: _read_offset(name, entry) for name, entry in field.entries('write a mapping like {IST: "+05:30"}')
    }  # fmt: skip


def _read_offset(name: str, field: Field) -> str:
    allowed = 'write an offset from UTC in quotes, like "+05:30"'
    if not re.fullmatch(_NAME, name):
        field.fault(f"{quote(name)} is not the name of a zone", "write 2 to 5 capital letters, as the log does")
    elif name in _FIXED:
        field.fault(f"{name} already has exactly one meaning", "remove it")
    return read_matching(field, allowed)
