"""Which items a drain or a discard takes, and the walk through them in chunks that ends before a deadline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..model import utc
from .cursor import Cursor, bad_cursor, decode, position
from .items import WAITING, ErrorRow
from .listing import Filter
from .store import Quarantine

FILTERS: Final = ("fingerprint", "bucket", "prefix", "format", "processor", "state", "since", "until")
FIRST_CHUNK_SECONDS: Final = 2.0
"""How long a chunk is assumed to take before one was timed."""
MOST_IDS: Final = 500
LONGEST: Final = 2048
"""Characters of a text: S3 allows keys of 1,024 bytes, DynamoDB keys of 2,048."""

Text = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Time = Annotated[str, Meta(min_length=1, max_length=LONGEST, extra_json_schema={"format": "date-time"})]
State = Literal["open", "waiting", "draining", "parked", "gone", "superseded"]


class ErrorSelection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The items of `ids`, or all that the filters match. Raises BadRequest for both together, and for a time that is
    not one.

    A decoded request never holds an empty filter: who drains the cause "" forgot to set it, and would drain all.
    """

    ids: Annotated[
        tuple[Text, ...],
        Meta(
            min_length=1,
            max_length=MOST_IDS,
            description="Only these items, including parked ones; not together with a filter.",
        ),
    ] = ()
    fingerprint: Annotated[Text, Meta(description="Only this cause.")] = ""
    bucket: Annotated[Text, Meta(description="Only objects of this bucket.")] = ""
    prefix: Annotated[Text, Meta(description="Only objects whose key begins with this.")] = ""
    format: Annotated[Text, Meta(description="Only this format.")] = ""
    processor: Annotated[Text, Meta(description="Only errors of this function.")] = ""
    state: Annotated[State, Meta(description="Only this state.")] | None = None
    since: Annotated[Time, Meta(description="Only failures at this time or later (ISO 8601).")] = ""
    until: Annotated[Time, Meta(description="Only failures before this time (ISO 8601).")] = ""
    cursor: Annotated[
        str,
        Meta(max_length=LONGEST, description="The cursor of the last response; leave it out, or empty, to begin."),
    ] = ""

    def __post_init__(self) -> None:
        if self.ids and self.filters():
            raise BadRequest(f"ids: name items, or filter them by {', '.join(FILTERS)}; not both")
        self.matching()

    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: getattr(self, name) for name in FILTERS if getattr(self, name)}

    def matching(self, before: str = "") -> Filter:
        """The items that the filters match, of those that failed before a time. Raises BadRequest."""
        values: dict[str, Any] = self.filters()
        bounds = [utc.normalize(time) for time in (before, self.until) if time and Filter(until=time)]
        return Filter(**{**values, "until": min(bounds, default="")})

    def describe(self) -> str:
        """Say in words which items are meant."""
        if self.ids:
            return f"{len(self.ids)} named items" if len(self.ids) > 1 else f"item {self.ids[0]!r}"
        return ", ".join(f"{name} {value!r}" for name, value in self.filters().items())


class _Step(NamedTuple):
    """A place in the walk, and the item there: None where there is none, or where it is left, for the reason `left`."""

    mark: str
    request_id: str | None
    left: str = ""
    waits: bool = False


class SelectionWalk:
    """Goes through a selection chunk by chunk, the oldest item first. `cursor` is where the next call continues.
    `leave` says in a word why a listed item is not taken; empty: it is. `left` counts those before the cursor, by word.
    `waiting` are the ids of the current chunk that the index lists as waiting; of named items nobody knows it.

    Items that failed after the first call began are left out: what fails again must not come round a second time. The
    bound is the newest item of the table, not the caller's clock, which may differ by minutes from those that wrote the
    items. Raises BadRequest for a broken cursor, StoreError.
    """

    def __init__(
        self,
        selection: ErrorSelection,
        quarantine: Quarantine,
        deadline: float,
        clock: utc.Clock,
        *,
        leave: Callable[[ErrorRow], str] = lambda row: "",  # noqa: ARG005
    ) -> None:
        self.cursor = decode(selection.cursor)
        self.at_end = False
        self.left: Counter[str] = Counter()
        self.waiting: list[str] = []
        self._deadline = deadline
        self._clock = clock
        self._slowest = FIRST_CHUNK_SECONDS
        if selection.ids:
            self._steps = _named_steps(selection.ids, self.cursor)
        else:
            until = self.cursor.until or _time_after(quarantine.newest_time())
            self.cursor = msgspec.structs.replace(self.cursor, until=until)
            walk = quarantine.oldest(selection.matching(until), position(self.cursor))
            self._steps = (_step(mark, row, leave) for mark, row in walk)

    def chunks(self, size: Callable[[], int]) -> Iterator[list[str]]:
        """The ids, at most `size()` at a time: until that is 0, or the end, or while there is time for another chunk.

        The cursor moves when the caller asks for the next chunk: it stays before one that the caller breaks off at.
        """
        while not self.at_end and (most := size()) > 0 and self._has_time():
            ids, mark, left = self._next_ids(most)
            started = self._clock()
            yield ids
            self._slowest = max(self._slowest, self._clock() - started)
            self.cursor = msgspec.structs.replace(self.cursor, after=mark)
            self.left += left

    def count_rest(self, seconds: float) -> int:
        """Count the items that are left, for at most that long."""
        count = 0
        end = min(self._deadline, self._clock() + seconds)
        while self._clock() < end and (step := self._next_step()):
            count += step.request_id is not None
        return count

    def _next_ids(self, most: int) -> tuple[list[str], str, Counter[str]]:
        """The next items, the place of the last, and how many before it are left, by reason."""
        ids: list[str] = []
        self.waiting = []
        left: Counter[str] = Counter()
        mark = self.cursor.after
        while len(ids) < most and self._has_time() and (step := self._next_step()):
            mark = step.mark
            if step.request_id is not None:
                ids.append(step.request_id)
                self.waiting += [step.request_id] if step.waits else []
            left.update([step.left] if step.left else [])
        return ids, mark, left

    def _next_step(self) -> _Step | None:
        step = next(self._steps, None)
        self.at_end = step is None
        return step

    def _has_time(self) -> bool:
        """For one more chunk."""
        return self._clock() + self._slowest < self._deadline


def _step(mark: str, row: ErrorRow | None, leave: Callable[[ErrorRow], str]) -> _Step:
    if row is None:
        return _Step(mark, None)
    reason = leave(row)
    return _Step(mark, None if reason else row.request_id, reason, row.state == WAITING)


def _time_after(time: str) -> str:
    """The next millisecond; the epoch where there is no time."""
    return utc.iso(utc.epoch(time) + 0.001 if time else 0.0)


def _named_steps(ids: tuple[str, ...], cursor: Cursor) -> Iterator[_Step]:
    """The items of these ids, each once, from behind the cursor on."""
    unique = list(dict.fromkeys(ids))
    if cursor.after and cursor.after not in unique:
        raise bad_cursor()
    first = unique.index(cursor.after) + 1 if cursor.after else 0
    return (_Step(request_id, request_id) for request_id in unique[first:])
