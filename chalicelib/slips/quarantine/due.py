"""What waits, by cause: the index `due`, and a note about each cause that says how the last tries of it went.

The index sorts by cause and then by time, in each of its partitions: so one cause with a million items costs the others
nothing, and the causes are found by a query each. A note is an item of the table without index attributes:

    request_id                "slips:retry:<fingerprint>"
    drain_id, released_at     the last release, and when it was; both empty where it was judged and none followed
    size                      how many items it was to be
    version                   one more with each change: of two that change the same note, the later is refused
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from heapq import merge
from typing import Final, NamedTuple

import msgspec

from ..aws.dynamodb import Attributes, Table
from ..model import utc
from . import schema

NOTE: Final = f"{schema.RESERVED_PREFIX}retry:"
NOTE_TTL: Final = 7 * utc.DAY
"""Seconds."""
MOST_CAUSES: Final = 500
"""In a partition; more wait until some of these are gone."""
_LAST: Final = "~"
"""Behind all times."""
_END_OF_CAUSES: Final = "g"
"""Behind all fingerprints, which are hex digits."""


class DueItem(NamedTuple):
    """A waiting item: when it is to be tried again, and since when it waits (seconds since the epoch)."""

    retry_at: float
    request_id: str
    waiting_since: int


class RetryNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the tries of a cause."""

    cause: str
    drain_id: str = ""
    released_at: int = 0
    size: int = 0
    version: int = 0


def find_causes(table: Table, pool: Executor) -> list[str]:
    """Return the fingerprints of all that waits. Raises StoreError."""
    partitions = pool.map(lambda number: list(_causes_of(table, str(number))), range(schema.PARTITIONS))
    return sorted({cause for causes in partitions for cause in causes})


def _causes_of(table: Table, spread: str) -> Iterator[str]:
    after = ""
    for _ in range(MOST_CAUSES):
        found = _query(table, spread, after, _END_OF_CAUSES, 1)
        if not found:
            return
        cause = found[0][schema.DUE_RANGE]["S"].partition("#")[0]
        yield cause
        after = f"{cause}#{_LAST}"


def first_of_cause(table: Table, pool: Executor, cause: str, limit: int) -> list[DueItem]:
    """Return items of the cause, some `limit` of them, those that are due first in order. Raises StoreError."""
    share = limit // schema.PARTITIONS * 2 + 8  # A little more, since no partition has exactly its share.

    def read(number: int) -> list[DueItem]:
        page = _query(table, str(number), f"{cause}#", f"{cause}#{_LAST}", min(share, limit))
        return [_decode(attributes) for attributes in page]

    return list(merge(*pool.map(read, range(schema.PARTITIONS))))[:limit]


def _query(table: Table, spread: str, low: str, high: str, limit: int) -> Sequence[Attributes]:
    values = {":spread": spread, ":low": low or " ", ":high": high}
    condition = f"#spread = :spread AND #{schema.DUE_RANGE} BETWEEN :low AND :high"
    return table.query_all(schema.DUE_INDEX, condition, values, forward=True, limit=limit)


def _decode(attributes: Attributes) -> DueItem:
    time = attributes[schema.DUE_RANGE]["S"].partition("#")[2]
    since = attributes.get("waiting_since", {}).get("N", "0")
    return DueItem(utc.epoch(time), attributes[schema.KEY]["S"], int(since))


def read_note(table: Table, cause: str) -> RetryNote:
    """Read the note of a cause. Raises StoreError."""
    attributes = table.get(NOTE + cause) or {}
    texts = {name: value["S"] for name, value in attributes.items() if "S" in value}
    numbers = {name: int(value["N"]) for name, value in attributes.items() if "N" in value}
    known = {name: value for name, value in (texts | numbers).items() if name in RetryNote.__struct_fields__}
    return RetryNote(cause=cause, **known)


def write_note(table: Table, note: RetryNote, now: float) -> bool:
    """Write the note in place of the one that it was made of. False where another run was faster. Raises StoreError."""
    values = {
        ":drain_id": note.drain_id, ":released_at": note.released_at, ":size": note.size,
        ":version": note.version + 1, ":former": note.version, ":expires_at": int(now) + NOTE_TTL,
    }  # fmt: skip
    names = ("drain_id", "released_at", "size", "version", schema.TTL_ATTRIBUTE)
    condition = "#version = :former" if note.version else "attribute_not_exists(#version)"
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in names)
    return table.update(NOTE + note.cause, update, condition, values) is not None
