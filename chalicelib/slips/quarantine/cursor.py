"""Where a listing, a drain or a discard continues: opaque to the caller, checked when it comes back."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from ..errors import BadRequest

_DRAIN_ID = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_SORT_KEY = re.compile(rf"{_TIME.pattern}#.+", re.DOTALL)


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place: `after` is the sort key (or, among named items, the id) of the last item seen. `until` bounds a drain or
    discard to what had failed before that time, and so when it began; `drain_id` names the drain, or the discard."""

    after: str = ""
    until: str = ""
    drain_id: str = ""

    def __str__(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """Read a cursor; an empty text starts at the beginning. Raises BadRequest for anything we did not write."""
    if not text:
        return Cursor()
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise bad_cursor() from fault
    parts = ((_DRAIN_ID, cursor.drain_id), (_TIME, cursor.until))
    if any(value and not form.fullmatch(value) for form, value in parts):
        raise bad_cursor()
    return cursor


def position(cursor: Cursor) -> str:
    """Its place in the index; empty at the beginning. Raises BadRequest for a cursor of named items."""
    if cursor.after and not _SORT_KEY.fullmatch(cursor.after):
        raise bad_cursor()
    return cursor.after


def bad_cursor() -> BadRequest:
    return BadRequest("cursor: not one that SLIPS returned for this request; leave it out to begin at the beginning")
