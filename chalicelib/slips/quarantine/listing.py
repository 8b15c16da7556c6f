"""Reading the index `newest` in the order of time: its partitions, merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from heapq import merge
from typing import Final, NamedTuple

import msgspec

from ..aws.dynamodb import QueryPage, Table
from ..errors import BadRequest
from ..model import utc
from . import items, schema
from .items import UNKNOWN, ErrorRow

PAGE_ITEMS: Final = 250
"""Items that a query looks at: 16 such pages are held at once."""
EXPIRING_SECONDS: Final = 7 * utc.DAY
"""How long before DynamoDB deletes an item it is counted as one that is about to go: a week has working days in it."""
HOURS: Final = 24
_FIRST, _LAST = " ", "~"
_FIELDS: Final = {
    "bucket": "bucket_name",
    "format": "format",
    "processor": "processor",
    "fingerprint": "fingerprint",
    "state": "state",
    "stage": "stage",
}
_SEARCHED: Final = ("error_message", "object_key", "error_type")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which items; an empty field filters nothing, but without a `state`, those that have ended are left out.
    `prefix` is of the object's key; `text` is anywhere in the key, the error's type or its message, in the same case;
    `since <= failed_at < until`, both ISO 8601. Raises BadRequest for a time that is not one."""

    bucket: str = ""
    prefix: str = ""
    format: str = ""
    processor: str = ""
    fingerprint: str = ""
    state: str = ""
    stage: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            _normalize_time(name, getattr(self, name))

    @property
    def span(self) -> tuple[str, str]:
        """The first sort key and the one behind the last."""
        return _normalize_time("since", self.since) or _FIRST, _normalize_time("until", self.until) or _LAST

    @property
    def takes_most(self) -> bool:
        """Whether nearly every item matches."""
        return not (self.prefix or self.text or any(getattr(self, name) for name in _FIELDS))

    def build_expression(self, *, with_ended: bool = False) -> tuple[str, dict[str, object]]:
        """Write the filter expression, and its values; `with_ended`: leave nothing out."""
        fields: dict[str, object] = {name: getattr(self, name) for name in _FIELDS if getattr(self, name)}
        terms = [f"#{_FIELDS[name]} = :{name}" for name in fields]
        if self.prefix:
            fields["prefix"] = self.prefix
            terms.append("begins_with(#object_key, :prefix)")
        if self.text:
            fields["text"] = self.text
            terms.append("(" + " OR ".join(f"contains(#{name}, :text)" for name in _SEARCHED) + ")")
        if not (self.state or with_ended):
            fields |= {state: state for state in items.ENDED}
            terms.append(f"NOT #state IN ({', '.join(f':{state}' for state in items.ENDED)})")
        return " AND ".join(terms), {f":{name}": value for name, value in fields.items()}


class WalkStep(NamedTuple):
    """A step of a walk: everything before `sort_key` was looked at; `row` is None where nothing there matched."""

    sort_key: str
    row: ErrorRow | None


class Page(msgspec.Struct, frozen=True):
    """Items, newest first, and the cursor of the next page: "" at the end."""

    items: tuple[ErrorRow, ...]
    cursor: str = ""


class Cause(msgspec.Struct, kw_only=True):
    """All items of a fingerprint. Texts are those of the newest, whose id is `sample_id`; times are like `failed_at`.

    Of the `count` items, `waiting` are tried again by themselves, the first of them at `retry_at` (seconds since the
    epoch; 0 is unknown); `parked` are drained only by id, `draining` are claimed by a drain, and `expiring` are deleted
    by DynamoDB within EXPIRING_SECONDS. `hours` says how many failed in each of the last 24 hours, the last one last.
    """

    fingerprint: str
    count: int = 0
    hours: list[int] = msgspec.field(default_factory=lambda: [0] * HOURS)
    waiting: int = 0
    retry_at: int = 0
    parked: int = 0
    draining: int = 0
    expiring: int = 0
    failed_count: int = 0
    first_seen: str
    last_seen: str
    sample_id: str
    stage: str
    error_type: str
    error_message: str
    processor: str
    format: str


class Causes(msgspec.Struct, frozen=True):
    """All causes, the most frequent first. Not `complete` if time ran out: then only the newest items are counted."""

    causes: tuple[Cause, ...]
    complete: bool


class Walk:
    """A walk through the items that match, newest first unless `oldest_first`, from behind the sort key `after`.

    Each step costs one request at most, also where nothing matches: so a caller can stop in time and knows how far it
    got.
    """

    def __init__(
        self, table: Table, matching: Filter, *, after: str = "", oldest_first: bool = False, size: int = 0,
        with_ended: bool = False,
    ) -> None:  # fmt: skip
        self._table = table
        self._where, self._values = matching.build_expression(with_ended=with_ended)
        self._forward = oldest_first
        self._after = after
        self._size = size or PAGE_ITEMS
        low, high = matching.span
        self._low = max(low, after) if oldest_first else low
        self._high = min(high, after or high) if not oldest_first else high

    def __iter__(self) -> Iterator[WalkStep]:
        partitions = [self._partition(str(number)) for number in range(schema.PARTITIONS)]
        return merge(*partitions, key=lambda step: step.sort_key, reverse=not self._forward)

    def _partition(self, spread: str) -> Iterator[WalkStep]:
        low, high, edge = self._low, self._high, self._after
        while low <= high:  # DynamoDB refuses a BETWEEN of the other order.
            page = self._query(spread, low, high)
            for attributes in page["Items"]:
                row = items.decode_row(attributes)
                if row.sort_key != edge:
                    yield WalkStep(row.sort_key, row)
            if "LastEvaluatedKey" not in page:
                return
            # Not as ExclusiveStartKey: the item it names may be drained by then.
            edge = page["LastEvaluatedKey"][schema.INDEX_RANGE]["S"]
            low, high = (edge, high) if self._forward else (low, edge)
            yield WalkStep(edge, None)

    def _query(self, spread: str, low: str, high: str) -> QueryPage:
        return self._table.query(
            schema.INDEX,
            "#spread = :spread AND #sort_key BETWEEN :low AND :high",
            self._values | {":spread": spread, ":low": low, ":high": high},
            where=self._where,
            forward=self._forward,
            limit=self._size,
        )


def causes(walk: Walk, is_over: Callable[[], bool], now: float) -> Causes:
    """Count by fingerprint, until the end or until time is over. A claim that ended before `now` does not count."""
    by_fingerprint: dict[str, Cause] = {}
    begins = [utc.iso(now - back * utc.HOUR) for back in range(HOURS, 0, -1)]
    for _, row in walk:
        if row is not None:
            cause = by_fingerprint.setdefault(row.fingerprint, _start_cause(row))
            cause.count += 1
            hour = bisect_right(begins, row.sorted_at) - 1
            cause.hours[hour] += hour >= 0
            cause.waiting += row.state == items.WAITING
            cause.parked += row.state == "parked"
            cause.draining += row.state == "draining" and row.leased_until >= int(now)
            cause.expiring += _is_expiring(row, now)
            cause.failed_count += row.failed_count
            cause.first_seen = min(cause.first_seen, _first_seen(row))
        if is_over():
            return Causes(_most_frequent_first(by_fingerprint), complete=False)
    return Causes(_most_frequent_first(by_fingerprint), complete=True)


def count_expiring(walk: Walk, is_over: Callable[[], bool], now: float) -> int:
    """Count the items that are deleted within EXPIRING_SECONDS, until the end or until time is over."""
    count = 0
    for _, row in walk:
        count += row is not None and _is_expiring(row, now)
        if is_over():
            break
    return count


def _is_expiring(row: ErrorRow, now: float) -> bool:
    return row.expires_at is not None and row.expires_at <= now + EXPIRING_SECONDS


def _most_frequent_first(by_fingerprint: dict[str, Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(by_fingerprint.values(), key=lambda cause: -cause.count))


def _start_cause(newest: ErrorRow) -> Cause:
    return Cause(
        fingerprint=newest.fingerprint,
        first_seen=_first_seen(newest),
        last_seen=newest.sorted_at,
        sample_id=newest.request_id,
        stage=newest.stage,
        error_type=newest.error_type,
        error_message=newest.error_message,
        processor=newest.processor,
        format=newest.format,
    )


def _first_seen(row: ErrorRow) -> str:
    return row.sorted_at if row.first_seen == UNKNOWN else row.first_seen


def _normalize_time(name: str, text: str) -> str:
    try:
        return utc.normalize(text) if text else ""
    except ValueError as fault:
        raise BadRequest(f'{name}: "{text}" is not a time; write 2026-01-31T12:00:00Z') from fault
