"""What a drain is asked for, and what it reports."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..quarantine import ENDED, ErrorSelection

MOST_DRAINED: Final = 1_000_000
"""More than a call gets done before its deadline."""
PARKED: Final = "parked"
CLAIMED: Final = "claimed"
"""Why a drain leaves an item: it failed too often, or another drain has it."""


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
    `ids` or `state` names them, and `claimed` ones, which another drain has, for five minutes at most. What waits is
    drained. `whole` counts the work items of which the whole object runs again, by the reason. `GET /drain/{drain_id}`
    shows the outcome later.
    """

    drained: int = 0
    remaining: int = 0
    cursor: str = ""
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    left: dict[str, int] = msgspec.field(default_factory=dict)
    whole: dict[str, int] = msgspec.field(default_factory=dict)
    dry_run: bool = False
    drain_id: str = ""


class DrainOutcome(msgspec.Struct, kw_only=True):
    """The outcome of a drain: how many of the works that it put into the lanes are done, how many failed again, and how
    many wait or are in progress."""

    drain_id: str
    works: int
    succeeded: int = 0
    failed_again: int = 0
    pending: int = 0
