"""Error items: as a listing shows them (ErrorRow), whole (ErrorItem), and as DynamoDB stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..model import Failure, WorkItem, digest, utc
from . import schema
from .bounds import (
    ITEM_BYTES,
    MESSAGE_BYTES,
    NAME_BYTES,
    SHORT_BYTES,
    TRACEBACK_BYTES,
    clean,
    truncate,
    truncate_middle,
)

UNKNOWN: Final = "unknown"
"""What the class-based SLIPS did not write down."""
DAY: Final = 86_400


class ErrorRow(msgspec.Struct, frozen=True, kw_only=True):
    """An error item as listings show it; defaults stand for what the class-based SLIPS did not write.

    `failed_at` and `first_seen` differ where a drain failed again. `leased_until` (seconds since the epoch) ends the
    claim of a `draining` item. `position` is the beginning of `positions`, or "N-" where all from record N on failed.
    `sort_key` begins with the time that listings sort by.
    """

    request_id: str
    sort_key: str = ""
    event_time: str = ""
    failed_at: str = UNKNOWN
    first_seen: str = UNKNOWN
    bucket_name: str = ""
    object_key: str = ""
    object_size: int | None = None
    lane: str = UNKNOWN
    format: str = UNKNOWN
    stage: str = UNKNOWN
    processor: str = ""
    position: str = ""
    error_type: str = UNKNOWN
    error_message: str = UNKNOWN
    failed_count: int = 1
    fingerprint: str = UNKNOWN
    attempts: int = 1
    state: str = "open"
    leased_until: int = 0
    work_items: int = 1
    expires_at: int | None = None

    @property
    def sorted_at(self) -> str:
        """The time that listings sort by: `failed_at`, or the object's time where that is unknown."""
        return self.sort_key.partition("#")[0]


class ErrorItem(ErrorRow, frozen=True, kw_only=True):
    """An error item, whole. `argument` is empty where no object could be named; `sample` then holds the message."""

    argument: tuple[WorkItem, ...] = ()
    traceback: str = ""
    positions: str = ""
    resume_from: int = 0
    sample: str = ""
    claim_id: str = ""

    @property
    def history(self) -> tuple[str, ...]:
        """How it failed before it was drained, the oldest first."""
        return self.argument[0].history if self.argument else ()


_TYPES: Final = {
    field.name: "N" if field.type in (int, int | None) else "S"
    for field in msgspec.structs.fields(ErrorItem)
    if field.name != "argument"
}


def partition(request_id: str) -> str:
    """The index partition of the item."""
    return str(int(digest(request_id)[:8], 16) % schema.SPREAD)


def sort_key(time: str, request_id: str) -> str:
    """The item's place in its index partition."""
    return f"{time}#{request_id}"


def row(attributes: Mapping[str, Any]) -> ErrorRow:
    """The item as the index holds it. An attribute of another type than ours counts as missing."""
    return msgspec.convert(_known(attributes), ErrorRow, strict=False)


def item(attributes: Mapping[str, Any]) -> ErrorItem:
    """The item as the table holds it, one of the class-based SLIPS completed from its work items."""
    argument = work_items(attributes)
    known = _known(attributes)
    if schema.INDEX_RANGE not in known:
        known = describe(argument) | known
    return msgspec.convert(known | {"argument": argument}, ErrorItem, strict=False)


def work_items(attributes: Mapping[str, Any]) -> tuple[WorkItem, ...]:
    """The item's argument; empty where it is no list of work items."""
    try:
        text = attributes["argument"]["S"]
        return msgspec.json.decode(text, type=tuple[WorkItem, ...], strict=False)
    except (KeyError, ValueError):
        return ()


def describe(argument: tuple[WorkItem, ...]) -> dict[str, Any]:
    """What the work items of an item of the class-based SLIPS tell about it."""
    if not argument:
        return {"work_items": 0}
    first = argument[0]
    return {
        "event_time": first.event_time,
        "bucket_name": first.bucket_name,
        "object_key": first.object_key,
        "object_size": first.object_size,
        "work_items": len(argument),
    }


def stored(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as DynamoDB attributes; None is left out."""
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": clean(str(value))}
        for name, value in values.items()
        if value is not None
    }


def attributes(failure: Failure, *, now: float, max_attempts: int, ttl_days: int) -> dict[str, Any]:
    """The item of a failure (one of `bounds.parts`), below 400 KB."""
    failed_at = _time(failure.failed_at, now)
    values = _names(failure) | {
        "request_id": failure.request_id,
        "spread": partition(failure.request_id),
        "sort_key": sort_key(failed_at, failure.request_id),
        "failed_at": failed_at,
        "first_seen": next((each.first_failed for each in failure.argument if each.first_failed), failed_at),
        "argument": msgspec.json.encode(failure.argument).decode(),
        "work_items": len(failure.argument),
        "error_message": truncate(failure.error_message, MESSAGE_BYTES),
        "traceback": truncate_middle(failure.traceback, TRACEBACK_BYTES),
        "object_size": failure.object_size,
        "position": truncate(
            failure.positions or (f"{failure.resume_from}-" if failure.resume_from else ""), SHORT_BYTES
        ),
        "positions": failure.positions,
        "resume_from": failure.resume_from,
        "failed_count": failure.failed_count,
        "attempts": failure.attempts,
        "state": state(failure.attempts, max_attempts),
        "expires_at": int(utc.epoch(failed_at)) + ttl_days * DAY,
    }
    made = stored(values)
    return made | stored({"sample": truncate(failure.sample, ITEM_BYTES - size(made))})


def state(attempts: int, max_attempts: int) -> str:
    """What an item is that no drain has claimed."""
    return "parked" if attempts >= max_attempts else "open"


def size(attributes: Mapping[str, Any]) -> int:
    """In bytes, as DynamoDB counts: names and values (numbers at most as long as their digits)."""
    texts = [text for name, value in attributes.items() for text in (name, *value.values())]
    return sum(len(text.encode()) for text in texts)


def _names(failure: Failure) -> dict[str, object]:
    """The short texts."""
    names = ("event_time", "bucket_name", "object_key", "lane", "format", "stage", "processor", "error_type")
    cause = failure.fingerprint or digest(failure.stage, failure.format, failure.processor, failure.error_type)
    texts = {"fingerprint": cause, **{name: getattr(failure, name) for name in names}}
    return {name: truncate(text, NAME_BYTES) for name, text in texts.items()}


def _time(text: str, now: float) -> str:
    try:
        return utc.normal(text)
    except ValueError:
        return utc.iso(now)


def _known(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attributes[name][kind] for name, kind in _TYPES.items() if kind in attributes.get(name, ())}
