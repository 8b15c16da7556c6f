"""What people and drains did about a cause: that it is muted, and when it was drained or discarded.

They are further attributes of the items of `causes`, one a fingerprint:

    muted_until, muted_by, mute_note   until when nobody has to look at it, who says so, and why
    resolved_at                        when all of it was drained or discarded

Times are in seconds since the epoch.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

import msgspec

from ..aws.dynamodb import DynamoDB, Table
from ..model import utc
from ..quarantine.bounds import truncate
from .causes import KNOWN_SECONDS, PREFIX
from .items import read_number, read_text
from .ledger import KEY, TTL_ATTRIBUTE

MOST_MUTED_SECONDS: Final = KNOWN_SECONDS
"""No longer than a cause is remembered: its item has one time to live."""
_LONGEST: Final = 1000
"""Bytes."""


class CauseNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a cause besides its items; times are in seconds since the epoch, 0 is never. It failed at
    `seen_at`, right to a day, and before that at `before_at`."""

    seen_at: int = 0
    before_at: int = 0
    resolved_at: int = 0
    muted_until: int = 0
    muted_by: str = ""
    mute_note: str = ""


class CauseNotes:
    """The notes in a table. `clock` is in seconds since the epoch. Every method raises StoreError."""

    def __init__(self, client: DynamoDB, table: str, clock: utc.Clock = time.time) -> None:
        self._table = Table(client, table, KEY)
        self._clock = clock

    def read(self, fingerprints: Iterable[str]) -> dict[str, CauseNote]:
        """Read what is known of these causes, by fingerprint."""
        keys = [f"{PREFIX}{each}" for each in dict.fromkeys(fingerprints)]
        found = self._table.get_many(keys, consistent=False) if keys else ()
        return {
            item[KEY]["S"].removeprefix(PREFIX): CauseNote(
                seen_at=read_number(item, "seen_at"),
                before_at=read_number(item, "before_at"),
                resolved_at=read_number(item, "resolved_at"),
                muted_until=read_number(item, "muted_until"),
                muted_by=read_text(item, "muted_by"),
                mute_note=read_text(item, "mute_note"),
            )
            for item in found
        }

    def mute(self, fingerprint: str, seconds: int, by: str, note: str) -> int:
        """Mute the cause for so long, at most MOST_MUTED_SECONDS; return until when. With 0 seconds, end that."""
        until = int(self._clock()) + min(seconds, MOST_MUTED_SECONDS) if seconds else 0
        values: dict[str, object] = {
            ":until": until, ":by": truncate(by, _LONGEST) or "-", ":note": truncate(note, _LONGEST) or "-",
        }  # fmt: skip
        self._set(fingerprint, "#muted_until = :until, #muted_by = :by, #mute_note = :note", values)
        return until

    def note_resolved(self, fingerprint: str) -> None:
        """Note that all of the cause was drained or discarded."""
        self._set(fingerprint, "#resolved_at = :at", {":at": int(self._clock())})

    def _set(self, fingerprint: str, what: str, values: dict[str, object]) -> None:
        expires = int(self._clock()) + KNOWN_SECONDS + utc.DAY
        self._table.update(
            f"{PREFIX}{fingerprint}", f"SET {what}, #{TTL_ATTRIBUTE} = :ttl", values=values | {":ttl": expires}
        )
