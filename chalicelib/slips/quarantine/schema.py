"""The ErrorTable as CloudFormation creates it: its keys, its index, what the index holds, its TTL attribute.

`request_id` alone is the table's key, as it was for the class-based SLIPS. Listings read the index `newest`: its items
are spread over `PARTITIONS` partition values, so that no single partition takes a flood of errors, and sorted by time.

    spread    "0" … "15", from a digest of the request_id
    sort_key  "<failed_at>#<request_id>", failed_at in the form 2026-01-31T12:00:00.000Z
    due       "<fingerprint>#<retry_at>", in the same form, where the item waits to be tried again;
              "restore:<digest of bucket and key>#<failed_at>", where its object is archived
"""

from __future__ import annotations

from typing import Final

KEY: Final = "request_id"
RESERVED_PREFIX: Final = "slips:"
"""Items whose request_id begins with it are notes of SLIPS itself, not errors: no listing shows them."""
INDEX: Final = "newest"
INDEX_HASH: Final = "spread"
INDEX_RANGE: Final = "sort_key"
PARTITIONS: Final = 16
DUE_INDEX: Final = "due"
"""Of items that are drained by themselves, at a time or once an object is restored: no other has `due`."""
DUE_RANGE: Final = "due"
DUE_PROJECTED: Final[tuple[str, ...]] = ("waiting_since",)
TTL_ATTRIBUTE: Final = "expires_at"
"""Seconds since the epoch, a number."""

ATTRIBUTES: Final[dict[str, str]] = {KEY: "S", INDEX_HASH: "S", INDEX_RANGE: "S", DUE_RANGE: "S"}
"""AttributeDefinitions: name and type of every key attribute."""

KEY_SCHEMA: Final[dict[str, str]] = {KEY: "HASH"}
INDEX_KEY_SCHEMA: Final[dict[str, str]] = {INDEX_HASH: "HASH", INDEX_RANGE: "RANGE"}
DUE_KEY_SCHEMA: Final[dict[str, str]] = {INDEX_HASH: "HASH", DUE_RANGE: "RANGE"}

PROJECTED: Final[tuple[str, ...]] = (
    "event_time",
    "failed_at",
    "first_seen",
    "bucket_name",
    "object_key",
    "object_size",
    "lane",
    "format",
    "stage",
    "processor",
    "position",
    "error_type",
    "error_message",
    "failed_count",
    "fingerprint",
    "attempts",
    "state",
    "leased_until",
    "work_items",
    "expires_at",
)
"""NonKeyAttributes of the index (projection INCLUDE; an index takes 20 at most): what a listing shows."""
