"""How the JSON of an object is laid out, told from its first 64 KiB and the format's container keys."""

from __future__ import annotations

import re

import msgspec
import orjson

from ..window import Feed
from .members import Members, paths
from .values import value_end

HEAD = 64 * 1024
FIRST_LINES = 8
USUAL = ("Records", "records", "value", "logEvents", "data", "events")
"""Keys under which vendors put a document's events."""
RECORD_SEPARATOR = 0x1E
"""What RFC 7464 puts before each document."""
OTHERS = 4
"""Members beside its events that a document of an unknown vendor may have (a cursor, a schema, a count)."""

_SCALAR_MEMBER = rb'"(?s:[^"\\]++|\\.)*+"\s*+:\s*+(?:"(?s:[^"\\]++|\\.)*+"|[\w.+-]++)\s*+,\s*+'
_OPENS_USUAL = re.compile(
    rb"\s*+\{\s*+(?:" + _SCALAR_MEMBER + rb"){0,4}+"
    rb'"(' + "|".join(USUAL).encode() + rb')"\s*+:\s*+\[\s*+\{'
)


class Layout(msgspec.Struct, frozen=True):
    """`lines`: a value a line. Else documents one after another, in which the arrays of these names hold the events."""

    lines: bool
    containers: tuple[str, ...] = ()


def layout(feed: Feed, containers: tuple[str, ...], limit: int) -> Layout:
    """The layout of what `feed` stands at the start of; nothing of it is used up.

    1. `[`: documents; a top-level array's elements are the records.
    2. An object that holds one of `containers` as an array: documents, and that array's elements are the records.
    3. Without any `containers`, one single object that holds nothing but an array of objects under a USUAL key, and at
       most OTHERS members that are no objects or arrays: the same.
    4. Values that fill their lines: lines.
    5. Everything else: documents, each a record.
    """
    whole = not feed.hold(HEAD + 1) and not feed.failed
    head = feed.data[feed.at : feed.at + HEAD].lstrip()
    if head.startswith(b"["):
        return Layout(lines=False, containers=containers)
    if containers and head.startswith(b"{") and Members(Feed([head]), paths(containers), limit).seek():
        return Layout(lines=False, containers=containers)
    if whole and not containers and (usual := _single(head)):
        return Layout(lines=False, containers=(usual,))
    if _is_lines(head, whole):
        return Layout(lines=True)
    if not whole and not containers and (opens := _OPENS_USUAL.match(head)):
        containers = (opens[1].decode(),)
    return Layout(lines=False, containers=containers)


def _single(document: bytes) -> str:
    """The USUAL key of a document that is nothing but a container; empty for any other text."""
    try:
        members = orjson.loads(document)
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
    """Whether the first lines are values of their own: at least half of them, since some may be broken, and none of
    them several at once."""
    lines = head.split(b"\n")
    if not whole:
        lines.pop()  # Cut off by the end of the head.
    first = [line.strip() for line in lines if line.strip()][:FIRST_LINES]
    kinds = [_kind(line) for line in first]
    return bool(first) and "several" not in kinds and 2 * kinds.count("one") >= len(kinds)


def _kind(line: bytes) -> str:
    """`one` value, or what is no JSON at all; `several`, or what says so, as a comma before or behind a whole one does;
    or `part` of one."""
    if line[0] == RECORD_SEPARATOR:
        return "several"
    if line.startswith(b","):
        rest = line.lstrip(b", \t")
        return "several" if rest and rest[0] in b"{[" and _kind(rest) != "part" else "part"
    if line[0] not in b'{["-0123456789tfn]},:':
        return "one"
    end = value_end(line)
    if end == len(line):
        return "one" if line[0] in b"{[" else "part"
    if end >= 0 and line[0] in b"{[" and line[end:].lstrip(b", \t")[:1] in (b"", b"{", b"["):
        return "several"
    return "one" if line.startswith(b"{") and line.endswith(b"}") else "part"
