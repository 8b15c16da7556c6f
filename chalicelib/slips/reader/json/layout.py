"""Detects the layout of an object's JSON, from its first 64 KiB and the format's array keys."""

from __future__ import annotations

import re

import msgspec
import orjson

from ..window import Window
from .members import ArraySeeker, key_tree
from .values import value_end

HEAD = 64 * 1024
PADDING = b" \t\r\n\x0b\x0c\0"
"""White space, and the NULs around what was written in between."""
FIRST_LINES = 8
USUAL = ("Records", "records", "value", "logEvents", "data", "events")
"""Keys under which vendors put a document's events."""
RECORD_SEPARATOR = 0x1E
"""What RFC 7464 puts before each document."""
OTHERS = 4
"""Members besides its events that a document of an unknown vendor may have (a cursor, a schema, a count)."""

_SCALAR_MEMBER = rb'"(?>(?s:[^"\\]++|\\.))*+"\s*+:\s*+(?:"(?>(?s:[^"\\]++|\\.))*+"|[\w.+-]++)\s*+,\s*+'
_OPENS_USUAL = re.compile(
    rb"\s*+\{\s*+(?>" + _SCALAR_MEMBER + rb"){0,4}+"
    rb'"(' + "|".join(USUAL).encode() + rb')"\s*+:\s*+\[\s*+\{'
)


class JsonLayout(msgspec.Struct, frozen=True):
    """`lines`: a value a line. Else documents one after another, whose arrays under `array_keys` hold the events."""

    lines: bool
    array_keys: tuple[str, ...] = ()


def detect_layout(window: Window, array_keys: tuple[str, ...], limit: int) -> JsonLayout:
    """Return the layout of the JSON at the start of `window`, which does not advance.

    1. `[`: documents; the elements of top-level arrays are the records.
    2. An object with an array under one of `array_keys`: documents; the elements of that array are the records.
    3. Without `array_keys`, a single object with an array of objects under a USUAL key, no other array or object, and
       at most OTHERS other members: the same.
    4. Values that fill their lines: lines.
    5. Everything else: documents, each a record.
    """
    whole = not window.ensure(HEAD + 1) and not window.failed
    head = window.data[window.at : window.at + HEAD].lstrip(PADDING)
    if head.startswith(b"["):
        return JsonLayout(lines=False, array_keys=array_keys)
    if array_keys and head.startswith(b"{") and ArraySeeker(Window([head]), key_tree(array_keys), limit).seek():
        return JsonLayout(lines=False, array_keys=array_keys)
    if whole and not array_keys and (usual := _usual_key(head)):
        return JsonLayout(lines=False, array_keys=(usual,))
    if _is_lines(head, whole):
        return JsonLayout(lines=True)
    if not whole and not array_keys and (opens := _OPENS_USUAL.match(head)):
        array_keys = (opens[1].decode(),)
    return JsonLayout(lines=False, array_keys=array_keys)


def _usual_key(document: bytes) -> str:
    """Return the USUAL key of a document that only wraps its events; empty for any other text."""
    try:
        members = orjson.loads(document.rstrip(PADDING))
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(members, dict) or len(members) > OTHERS + 1:
        return ""
    nested = [name for name, value in members.items() if isinstance(value, dict | list)]
    if len(nested) != 1 or nested[0] not in USUAL:
        return ""
    elements = members[nested[0]]
    return nested[0] if isinstance(elements, list) and elements and isinstance(elements[0], dict) else ""


def _is_lines(head: bytes, whole: bool) -> bool:
    """Tell whether the first lines are values of their own: at least half of them, since some may be broken, and none
    of them several values."""
    lines = head.split(b"\n")
    if not whole:
        lines.pop()  # Cut off by the end of the head.
    first = [bare for line in lines if (bare := line.strip(PADDING))][:FIRST_LINES]
    kinds = [_classify(line) for line in first]
    return bool(first) and "several" not in kinds and 2 * kinds.count("one") >= len(kinds)


def _classify(line: bytes) -> str:
    """Return `one` for a value, or for what is not JSON at all; `several` for values, or one with a comma or separator
    before or after it; `part` for a part of one."""
    if line[0] == RECORD_SEPARATOR:
        return "several"
    if line.startswith(b","):
        rest = line.lstrip(b", \t")
        return "several" if rest and rest[0] in b"{[" and _classify(rest) != "part" else "part"
    if line[0] not in b'{["-0123456789tfn]},:':
        return "one"
    end = value_end(line)
    if end == len(line):
        return "one" if line[0] in b"{[" else "part"
    if end >= 0 and line[0] in b"{[" and line[end:].lstrip(b", \t")[:1] in (b"", b"{", b"["):
        return "several"
    return "one" if line.startswith(b"{") and line.endswith(b"}") else "part"
