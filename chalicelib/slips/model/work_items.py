"""Work items as JSON: in the records of a lane, and in the `argument` of an error item.

Everything in an item is checked where it is read, so that no later step meets a surprise: what cannot be meant raises
NotificationError. Fields that this version does not know are kept, and written again.

An item names the number of its shape as `v`, where that is not 1. A later version raises the number only where an
earlier one would do something wrong with the item, so one with a higher number than SHAPE is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from ..errors import BadRequest, NotificationError
from . import WorkItem
from .positions import Positions

SHAPE: Final = 1
"""The highest number of a shape that this version understands."""
MOST_BYTES: Final = 128 * 1024
"""Of an item, without its positions: it must fit into an error item, which DynamoDB limits to 400 KB."""
RESERVED_PREFIX: Final = "slips:"
"""No work has an id that begins like this: those are notes of SLIPS itself."""
MOST_ID_BYTES: Final = 2048
"""Amazon DynamoDB, "Service quotas": a partition key."""
MOST_KEY_BYTES: Final = 4096
MOST: Final = 10**15
"""No number in an item is larger."""
_OURS: Final = ("unknown", "record_id")
"""Fields of the struct that no JSON holds."""
_WRITTEN: Final = {field.encode_name for field in msgspec.structs.fields(WorkItem) if field.name not in _OURS}


def encode_work_item(item: WorkItem) -> bytes:
    """Write the item as JSON."""
    return msgspec.json.encode(_to_document(item))


def encode_argument(items: tuple[WorkItem, ...]) -> str:
    """Write the items as a JSON list."""
    return msgspec.json.encode([_to_document(item) for item in items]).decode()


def show_work_items(items: tuple[WorkItem, ...]) -> list[dict[str, Any]]:
    """Return the items as a reader of their JSON gets them."""
    return [msgspec.to_builtins(_to_document(item)) for item in items]


def decode_work_item(data: bytes) -> WorkItem:
    """Read an item. Raises NotificationError for anything else."""
    return _from_document(_decode(data))


def decode_argument(text: str) -> tuple[WorkItem, ...]:
    """Read a list of items. Raises NotificationError where one of them, or the list, is anything else."""
    documents = _decode(text.encode())
    if not isinstance(documents, list):
        raise NotificationError(f"a list of work items was expected, not {type(documents).__name__}")
    items = []
    for number, document in enumerate(documents):
        try:
            items.append(_from_document(document))
        except NotificationError as fault:
            raise NotificationError(f"work item {number + 1} of {len(documents)}: {fault}") from fault
    return tuple(items)


def _decode(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise NotificationError(f"there is no work item: {fault}") from fault


def _to_document(item: WorkItem) -> Any:
    if not item.unknown:
        return msgspec.structs.replace(item, record_id="")
    written = msgspec.to_builtins(msgspec.structs.replace(item, unknown={}, record_id=""))
    return {**item.unknown, **written}


def _from_document(document: Any) -> WorkItem:
    if not isinstance(document, dict):
        raise NotificationError(f"a work item was expected, not {type(document).__name__}")
    shape = document.get("v", 1)
    if not isinstance(shape, int) or isinstance(shape, bool) or shape > SHAPE:
        raise NotificationError(
            f"the work item has the shape v={str(shape)[:20]}, and this version of SLIPS reads up to {SHAPE}: it was "
            "written by a later version, which can drain it"
        )
    unknown = {name: value for name, value in document.items() if name not in _WRITTEN}
    known = {name: value for name, value in document.items() if name in _WRITTEN and value is not None}
    try:
        item = msgspec.convert(known, WorkItem, strict=False)
    except (msgspec.ValidationError, ValueError) as fault:
        raise NotificationError(f"there is no work item: {fault}") from fault
    item = _complete(msgspec.structs.replace(item, unknown=unknown) if unknown else item)
    for reason in _faults(item, len(msgspec.json.encode(document))):
        raise NotificationError(f"not a work item: {reason}")
    return item


def _complete(item: WorkItem) -> WorkItem:
    """Make one of the class-based SLIPS like the others: it had no id, and its key stood as S3 sent it, encoded."""
    if item.work_id:
        return item
    if not (item.version_id or item.sequencer):
        try:
            key = unquote_to_bytes(item.object_key.replace("+", " ")).decode()
        except UnicodeError:  # No key of S3: it stands as it is.
            key = item.object_key
        if key != item.object_key:
            item = msgspec.structs.replace(item, object_key=key, raw_key=item.object_key)
    return msgspec.structs.replace(item, work_id=item.ref.work_id)


def _faults(item: WorkItem, size: int) -> Iterator[str]:
    """Say what cannot be meant. `size` is that of the item's JSON, in bytes."""
    if not item.bucket_name or not item.object_key:
        yield "it names no object: bucket_name and object_key may not be empty"
    if len(item.object_key.encode()) > MOST_KEY_BYTES:
        yield f"object_key: longer than {MOST_KEY_BYTES} bytes; S3 allows 1,024"
    if len(item.work_id.encode()) > MOST_ID_BYTES or item.work_id.startswith(RESERVED_PREFIX):
        yield f"work_id: {item.work_id[:40]!r} … is not an id: at most {MOST_ID_BYTES} bytes, and none of SLIPS's own"
    if "" in (*item.processors, *item.suspended):
        yield "processors, given_up: no function has an empty name"
    for name, least in (("resume_from", 1), ("attempt", 0), ("object_size", 0), ("not_before", 0), ("split", 1)):
        number = getattr(item, name)
        if number is not None and not least <= number <= MOST:
            yield f"{name}: {number} is not a number from {least} on"
    try:
        if item.positions and not Positions.parse(item.positions):
            yield f"positions: {item.positions[:40]!r} names no record"
    except BadRequest as fault:
        yield str(fault)
    if size - len(item.positions) > MOST_BYTES:
        yield f"its positions aside it is longer than {MOST_BYTES} bytes"
