"""What a drain is asked for, and what it reports."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..quarantine import ENDED, ErrorSelection

MOST_DRAINED: Final = 1_000_000
"""More than a call gets done before its deadline."""
PARKED: Final = "parked"
CLAIMED: Final = "claimed"
NEWER: Final = "newer"
"""Why a drain leaves an item: it failed too often, another drain has it, or a later version knows its state."""


class DrainRequest(ErrorSelection, frozen=True, kw_only=True):
    """A selection to drain: without ids and filters, everything that is open; at most `limit` items. `dry_run` only
    counts. Raises BadRequest for a combination that makes no sense."""

    limit: Annotated[int, Meta(ge=1, le=MOST_DRAINED, description="At most this many items.")] | None = None
    dry_run: Annotated[bool, Meta(description="Only count the items.")] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.limit is not None and self.limit < 1:
            raise BadRequest(f"limit: {self.limit} is not at least 1")

    @property
    def takes_parked(self) -> bool:
        """Whether the request names what no filter takes: items by id, or those of a state that no drain takes."""
        return bool(self.ids) or self.state in (PARKED, *ENDED)


class DrainReport(msgspec.Struct, kw_only=True):
    """A report: how many items are back in their lanes (in a dry run: would be), and which are not, with reasons.

    With a `cursor` there may be more: call again with it. `remaining` is how many, as far as they could be counted in
    time. `left` counts what the filters match and this call left: `parked` items, which failed too often and go when
    `ids` or `state` names them, `claimed` ones, which another drain has, for five minutes at most, and `newer` ones,
    whose state a later version wrote. What waits is drained: `waiting` counts those of the `drained` that were waiting
    to be tried again, the first at `retry_at` (seconds since the epoch; 0: none waited). `whole` counts the work items
    of which the whole object runs again, by the reason. `GET /drain/{drain_id}` shows the outcome later.
    """

    drained: int = 0
    waiting: int = 0
    retry_at: int = 0
    remaining: int = 0
    cursor: str = ""
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    left: dict[str, int] = msgspec.field(default_factory=dict)
    whole: dict[str, int] = msgspec.field(default_factory=dict)
    dry_run: bool = False
    drain_id: str = ""

    def add(self, next_part: DrainReport) -> None:
        """Add the report of the next part of the same drain."""
        self.add_tries(next_part.waiting, next_part.retry_at)
        self.drained += next_part.drained
        self.failed = self.failed | next_part.failed
        self.left = dict(Counter(self.left) + Counter(next_part.left))
        self.whole = dict(Counter(self.whole) + Counter(next_part.whole))
        self.remaining, self.cursor = next_part.remaining, next_part.cursor
        self.drain_id = next_part.drain_id or self.drain_id

    def add_tries(self, waiting: int, retry_at: int) -> None:
        """Count items that were waiting, the first of them until `retry_at`."""
        self.waiting += waiting
        self.retry_at = min(filter(None, (self.retry_at, retry_at)), default=0)


class DrainOutcome(msgspec.Struct, kw_only=True):
    """The outcome of a drain: how many of the works that it put into the lanes are done, how many failed again, and how
    many wait or are in progress."""

    drain_id: str
    works: int
    succeeded: int = 0
    failed_again: int = 0
    pending: int = 0
