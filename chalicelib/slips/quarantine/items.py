"""Error items: as a listing shows them (ErrorRow), whole (ErrorItem), and as DynamoDB stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..aws.dynamodb import to_attributes
from ..errors import BadRequest, NotificationError
from ..model import Failure, WorkItem, digest, fingerprint, utc
from ..model.positions import Positions
from ..model.work_items import SHAPE, decode_argument, encode_argument
from ..observability import log_context
from . import bounds, schema

WAITING: Final = "waiting"
"""The state of an item that is tried again by itself."""
PARKED: Final = "parked"
"""The state of an item that failed too often."""
CLAIMABLE: Final = ("open", WAITING, "draining")
"""States of items that a drain takes, the last once its lease is over."""
ENDED: Final = ("gone", "superseded")
"""States of items that need nobody: listings show them on request alone."""
ENDED_DAYS: Final = 30
"""How long they stay, unless errors.ttl_days says otherwise."""
UNKNOWN: Final = "unknown"
"""What the class-based SLIPS did not record."""


class ErrorRow(msgspec.Struct, frozen=True, kw_only=True):
    """An error item in a listing, with defaults for what the class-based SLIPS did not write.

    One whose state is `waiting` is tried again by itself at `retry_at` (seconds since the epoch); the index does not
    hold that, so a listing reads it from the table. `failed_at` and `first_seen` differ if the item was drained and
    failed again. `leased_until` (seconds since the epoch) ends the claim of a `draining` item. DynamoDB deletes an item
    after `expires_at` (seconds since the epoch), and never where it is None. `position` is the beginning of
    `positions`, or "N-" if everything from record N on failed. `sort_key` begins with the time that listings sort by.
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
    retry_at: int = 0
    leased_until: int = 0
    work_items: int = 1
    expires_at: int | None = None

    @property
    def sorted_at(self) -> str:
        """The time that listings sort by: `failed_at`, or the object's time where that is unknown."""
        return self.sort_key.partition("#")[0]


class ErrorItem(ErrorRow, frozen=True, kw_only=True):
    """A whole error item. `argument` is empty if the object is unknown; `sample` then holds the message. `chain` is
    what `positions` and `resume_from` were counted by. One that waits has done so since `waiting_since` (seconds since
    the epoch), and `tries` is the number of its next try. Of one that is `untouched`, no work was begun. `refusals`
    says why it could not be drained, a line each, `unreadable` why this version cannot read it. `invocation` is the
    request id of the one that wrote it, as its log lines name it."""

    argument: tuple[WorkItem, ...] = ()
    traceback: str = ""
    positions: str = ""
    resume_from: int = 0
    chain: str = ""
    sample: str = ""
    claim_id: str = ""
    former_state: str = ""
    refusals: tuple[str, ...] = ()
    unreadable: str = ""
    tries: int = 0
    waiting_since: int = 0
    untouched: int = 0
    invocation: str = ""

    @property
    def history(self) -> tuple[str, ...]:
        """How it failed before it was drained, and why it could not be, the oldest first."""
        return (*(self.argument[0].history if self.argument else ()), *self.refusals)


_TYPES: Final = {
    field.name: "N" if field.type in (int, int | None) else "S"
    for field in msgspec.structs.fields(ErrorItem)
    if field.name not in ("argument", "refusals", "unreadable")
}


def partition(request_id: str) -> str:
    """Name the index partition of the item."""
    return str(int(digest(request_id)[:8], 16) % schema.PARTITIONS)


def sort_key(time: str, request_id: str) -> str:
    """Make the item's place in its index partition."""
    return f"{time}#{request_id}"


def decode_row(attributes: Mapping[str, Any]) -> ErrorRow:
    """Read the item as the index holds it. An attribute of another type than ours counts as missing."""
    return msgspec.convert(_own_attributes(attributes), ErrorRow, strict=False)


def decode_item(attributes: Mapping[str, Any]) -> ErrorItem:
    """Read the item as the table holds it; complete one of the class-based SLIPS from its work items."""
    argument, unreadable = read_argument(attributes)
    known = _own_attributes(attributes)
    if schema.INDEX_RANGE not in known:
        known = describe_work(argument) | known
    item = msgspec.convert(known, ErrorItem, strict=False)
    unreadable = _find_fault(item, attributes) or unreadable
    refusals = tuple(line["S"] for line in attributes.get("refusals", {}).get("L", ()) if "S" in line)
    return msgspec.structs.replace(item, argument=argument, refusals=refusals, unreadable=unreadable)


def read_argument(attributes: Mapping[str, Any]) -> tuple[tuple[WorkItem, ...], str]:
    """Read the item's work items, and say why that cannot be done: then there are none."""
    text = attributes.get("argument", {"S": "[]"}).get("S")
    if text is None:
        return (), "argument: not a text"
    try:
        return decode_argument(text), ""
    except NotificationError as fault:
        return (), f"argument: {fault}"


def _find_fault(item: ErrorItem, attributes: Mapping[str, Any]) -> str:
    """Say what of the item cannot be meant, or was written by a later version to be understood by it alone."""
    shape = attributes.get("v", {"N": "1"}).get("N", "?")
    if not shape.isdecimal() or int(shape) > SHAPE:
        return (
            f"the error item has the shape v={shape[:20]}, and this version of SLIPS reads up to {SHAPE}: it was "
            "written by a later version, which can drain it"
        )
    try:
        if item.positions and not Positions.parse(item.positions):
            return f"positions: {item.positions[:40]!r} names no record"
    except BadRequest as fault:
        return str(fault)
    numbers = {"resume_from": item.resume_from, "attempts": item.attempts}
    return next((f"{name}: {number} is negative" for name, number in numbers.items() if number < 0), "")


def describe_work(argument: tuple[WorkItem, ...]) -> dict[str, Any]:
    """Derive what the class-based SLIPS did not write from the work items."""
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


def encode_failure(failure: Failure, *, now: float, max_attempts: int, ttl_days: int | None) -> dict[str, Any]:
    """Write the item of a failure (one part of `bounds.split_failure`), below 400 KB. Without `ttl_days`, it stays."""
    failed_at = _normalize_time(failure.failed_at, now)
    rest = f"{failure.resume_from}-" if failure.resume_from else ""
    values = _short_texts(failure) | {
        "request_id": failure.request_id,
        "spread": partition(failure.request_id),
        "sort_key": sort_key(failed_at, failure.request_id),
        "failed_at": failed_at,
        "first_seen": bounds.truncate(_first_failed(failure) or failed_at, bounds.SHORT_BYTES),
        "argument": encode_argument(failure.argument),
        "work_items": len(failure.argument),
        "error_message": bounds.truncate(failure.error_message, bounds.MESSAGE_BYTES),
        "traceback": bounds.truncate_middle(failure.traceback, bounds.TRACEBACK_BYTES),
        "object_size": failure.object_size,
        "position": bounds.truncate(failure.positions or rest, bounds.SHORT_BYTES),
        "positions": failure.positions,
        "resume_from": failure.resume_from,
        "chain": failure.chain or None,
        "failed_count": failure.failed_count,
        "attempts": failure.attempts,
        "state": unclaimed_state(failure.attempts, max_attempts),
        "expires_at": None if ttl_days is None else int(utc.epoch(failed_at)) + ttl_days * utc.DAY,
        "untouched": 1 if failure.untouched else None,
        "invocation": log_context.invocation_id() or None,
    }
    if failure.ended:
        days = ENDED_DAYS if ttl_days is None else ttl_days
        values |= {"state": failure.ended, "expires_at": int(utc.epoch(failed_at)) + days * utc.DAY}
    if failure.retry_at:
        values |= {
            "state": WAITING,
            "retry_at": failure.retry_at,
            "waiting_since": failure.waiting_since,
            "tries": failure.tries,
            # The version before this state claims an item only where a lease is over.
            "leased_until": 0,
            schema.DUE_RANGE: due_key(str(values["fingerprint"]), failure.retry_at),
            "expires_at": None,
        }
    elif failure.archived:
        cause = restore_cause(failure.bucket_name, failure.object_key)
        values[schema.DUE_RANGE] = due_key(cause, utc.epoch(failed_at))
    attributes = to_attributes(values)
    room = bounds.ITEM_BYTES - measure(attributes)
    return attributes | to_attributes({"sample": bounds.truncate(failure.sample, room)})


def _first_failed(failure: Failure) -> str:
    return next((work.first_failed for work in failure.argument if work.first_failed), "")


def due_key(cause: str, retry_at: float) -> str:
    """Make the place of a waiting item in the index of what is due: by cause, then by time."""
    return f"{cause}#{utc.iso(retry_at)}"


def restore_cause(bucket: str, key: str) -> str:
    """What stands for a cause in that index where the item waits until somebody restores its object: behind all
    fingerprints, so that nobody tries it before."""
    return f"restore:{digest(bucket, key)}"


def unclaimed_state(attempts: int, max_attempts: int) -> str:
    """The state of an item that no drain has claimed."""
    return PARKED if attempts >= max_attempts else "open"


def measure(attributes: Mapping[str, Any]) -> int:
    """Count the bytes as DynamoDB does: names and values (numbers at most as long as their digits)."""
    texts = [text for name, value in attributes.items() for text in (name, *value.values())]
    return sum(len(text.encode()) for text in texts)


def _short_texts(failure: Failure) -> dict[str, object]:
    """The short texts."""
    names = ("event_time", "bucket_name", "object_key", "lane", "format", "stage", "processor", "error_type")
    cause = failure.fingerprint or fingerprint(failure.stage, failure.format, failure.processor, failure.error_type)
    texts = {"fingerprint": cause, **{name: getattr(failure, name) for name in names}}
    return {name: bounds.truncate(text, bounds.NAME_BYTES) for name, text in texts.items()}


def _normalize_time(text: str, now: float) -> str:
    try:
        return utc.normalize(text)
    except ValueError:
        return utc.iso(now)


def _own_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attributes[name][kind] for name, kind in _TYPES.items() if _is_ours(attributes.get(name, {}), kind)}


def _is_ours(value: Mapping[str, Any], kind: str) -> bool:
    return kind in value and (kind == "S" or value[kind].removeprefix("-").isdecimal())
