"""Keep an error item below DynamoDB's 400 KB, whatever failed: long texts are cut, long lists of positions or work
items are split over several items, so that nothing that must run again is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ..model import Failure, WorkItem, digest, escape_surrogates
from ..model.positions import Positions
from ..model.work_items import encode_work_item

KIB: Final = 1024
ITEM_BYTES: Final = 380 * KIB
"""Amazon DynamoDB, "Service quotas": an item holds 400 KB, names of attributes counted."""
POSITIONS_BYTES: Final = 128 * KIB
ARGUMENT_BYTES: Final = 128 * KIB
MOST_ARGUMENT_BYTES: Final = 340 * KIB
TRACEBACK_BYTES: Final = 16 * KIB
MESSAGE_BYTES: Final = 4 * KIB
NAME_BYTES: Final = 2 * KIB
LINE_BYTES: Final = 300
SHORT_BYTES: Final = 120


def truncate(text: str, limit: int) -> str:
    """Keep at most `limit` bytes of the beginning, and say how long the text was."""
    stored = escape_surrogates(text).encode()
    if len(stored) <= limit:
        return stored.decode()
    mark = f"… ({len(stored)} bytes)"
    return stored[: max(0, limit - len(mark.encode()))].decode("utf-8", "ignore") + mark


def truncate_middle(text: str, limit: int) -> str:
    """Keep at most `limit` bytes, a quarter from the beginning and the rest from the end: a traceback ends at its
    cause."""
    stored = escape_surrogates(text).encode()
    if len(stored) <= limit:
        return stored.decode()
    mark = f"\n… ({len(stored)} bytes)\n"
    room = limit - len(mark.encode())
    head, tail = stored[: room // 4], stored[len(stored) - (room - room // 4) :]
    return head.decode("utf-8", "ignore") + mark + tail.decode("utf-8", "ignore")


def split_failure(failure: Failure) -> Iterator[Failure]:
    """Split a failure that is too long for one item into several that together say the same. The first keeps the
    `request_id`; those of the others are the same in every delivery."""
    argument = [_drop_long_positions(item, bool(failure.positions)) for item in failure.argument]
    # Where there are no positions, the work items may have their room, too.
    room = ARGUMENT_BYTES if failure.positions else MOST_ARGUMENT_BYTES
    number = 0
    for items in _split_argument(argument, room):
        for positions in _split_positions(failure.positions):
            number += 1
            yield msgspec.structs.replace(
                failure,
                request_id=_part_id(failure, number),
                argument=items,
                positions=positions,
                failed_count=failure.failed_count if positions == failure.positions else _count_positions(positions),
            )


def _part_id(failure: Failure, number: int) -> str:
    return failure.request_id if number == 1 else digest(failure.request_id, failure.attempts, number)


def _drop_long_positions(item: WorkItem, narrowed: bool) -> WorkItem:
    """Drop positions that the failure names better, or that are too long to keep: then more runs again than failed,
    never less."""
    if narrowed:
        return msgspec.structs.replace(item, positions="")
    if len(item.positions) > POSITIONS_BYTES:
        first = Positions.parse(item.positions).first
        return msgspec.structs.replace(item, positions="", resume_from=max(item.resume_from, first))
    return item


def _split_argument(argument: Iterable[WorkItem], room: int) -> Iterator[tuple[WorkItem, ...]]:
    """The work items in order, each part below `room` bytes as JSON unless it is a single one."""
    part: list[WorkItem] = []
    size = 0
    for item in argument:
        length = len(encode_work_item(item))
        if part and size + length > room:
            yield tuple(part)
            part, size = [], 0
        part.append(item)
        size += length + 1
    yield tuple(part)


def _split_positions(positions: str) -> Iterator[str]:
    """The text cut at commas, each part at most POSITIONS_BYTES long."""
    while len(positions) > POSITIONS_BYTES and (at := positions.rfind(",", 0, POSITIONS_BYTES + 1)) > 0:
        yield positions[:at]
        positions = positions[at + 1 :]
    yield positions


def _count_positions(positions: str) -> int:
    """Count the records and events that the text names."""
    return sum(_length(part) for part in positions.split(","))


def _length(part: str) -> int:
    first, _, last = part.partition("-")
    return int(last) - int(first) + 1 if last else 1
