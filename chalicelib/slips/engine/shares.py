"""A batch of a lane divided into shares, and their reports put together again."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ..config.settings import MIB
from ..errors import NotificationError
from ..lanes.kinesis import decode_record

TRACE_ID: Final = "_X_AMZN_TRACE_ID"
"""The variable of the environment that Lambda sets for each invocation, in the parent alone."""
UNKNOWN_SIZE: Final = MIB
"""Bytes that count for an object whose notification names no size."""
OBJECT_BYTES: Final = 32 * 1024
"""That count for each object in addition: what it costs besides its events."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a child gets: some `records` of the Kinesis event, and of the invocation the ids and the end, on the
    machine's monotonic clock. To the child it is also Lambda's context."""

    records: list[Any]
    aws_request_id: str = ""
    function_name: str = ""
    trace_id: str = ""
    end: float | None = None

    def get_remaining_time_in_millis(self) -> float:
        """Return how much time is left, as Lambda's own context does."""
        return math.inf if self.end is None else max(0.0, self.end - time.monotonic()) * 1000


def share_out(records: Sequence[Any], count: int, context: Any) -> list[Share]:
    """Divide a batch into at most `count` shares that take about as long. Works of one object stay together, in their
    order."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    end = time.monotonic() + remaining() / 1000 if remaining else None
    named = {name: getattr(context, name, None) or "" for name in ("aws_request_id", "function_name")}
    trace_id = os.environ.get(TRACE_ID, "")
    parts = divide(records, count) or [[]]
    return [Share(records=part, end=end, trace_id=trace_id, **named) for part in parts]


def divide(records: Sequence[Any], count: int) -> list[list[Any]]:
    """Divide records of a Kinesis event into at most `count` parts that weigh about the same, none of them empty."""
    groups: dict[str, list[int]] = {}
    weights: dict[str, int] = {}
    for number, record in enumerate(records):
        key, weight = _weigh(record)
        groups.setdefault(key, []).append(number)
        weights[key] = weights.get(key, 0) + weight
    parts: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for key in sorted(groups, key=lambda each: -weights[each]):  # The heaviest first, each to who has least.
        lightest = loads.index(min(loads))
        parts[lightest] += groups[key]
        loads[lightest] += weights[key]
    return [[records[number] for number in sorted(part)] for part in parts if part]


def _weigh(record: Any) -> tuple[str, int]:
    """Return the partition key of the record's work item, and how many bytes it counts."""
    try:
        item = decode_record(record)
    except NotificationError:  # The child makes an error item of it.
        return "", 0
    return item.partition_key, OBJECT_BYTES + (UNKNOWN_SIZE if item.object_size is None else item.object_size)


def merge_reports(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up reports of `InvocationTally`, of the same batch."""
    merged: dict[str, Any] = {}
    for report in reports:
        for name, value in report.items():
            if name in merged:
                merged[name] = _add_counts(merged[name], value) if name == "by_stage" else _add(merged[name], value)
            else:
                merged[name] = value
    return merged


def _add(one: Any, other: Any) -> Any:
    """Add numbers, join lists, and do so with the values of dicts."""
    if not isinstance(one, dict):
        return one + other
    shared = {name: _add(value, other[name]) for name, value in one.items() if name in other}
    return {**one, **other, **shared}


def _add_counts(one: Mapping[str, Sequence[int]], other: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
    """Add the pairs of counts that are of the same stage."""
    common = one.keys() & other.keys()
    shared = {name: [a + b for a, b in zip(one[name], other[name], strict=True)] for name in common}
    return {**one, **other, **shared}
