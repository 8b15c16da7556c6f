"""Where a listing or a drain goes on: opaque to the caller, checked when it comes back."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from ..errors import BadRequest

_DRAIN_ID = re.compile(r"[0-9a-f]{32}")
_SORT_KEY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#.+", re.DOTALL)


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """`after` is the sort key (or, in a drain of named items, the id) of the last item seen; `until` bounds a drain to
    what had failed when it began, `drain_id` is its name."""

    after: str = ""
    until: str = ""
    drain_id: str = ""

    def __str__(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """The cursor of that text; an empty one starts at the beginning. Raises BadRequest for anything we did not give."""
    if not text:
        return Cursor()
    try:
        found = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise _broken() from fault
    if found.drain_id and not _DRAIN_ID.fullmatch(found.drain_id):
        raise _broken()
    return found


def position(cursor: Cursor) -> str:
    """Its place in the index. Raises BadRequest where it names none."""
    if cursor.after and not _SORT_KEY.fullmatch(cursor.after):
        raise _broken()
    return cursor.after


def _broken() -> BadRequest:
    return BadRequest("cursor: not one that a listing gave; leave it out to begin at the beginning")
