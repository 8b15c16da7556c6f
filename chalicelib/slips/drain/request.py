"""What a drain is asked for, and what it answers."""

from __future__ import annotations

from typing import Final

import msgspec

from ..errors import BadRequest
from ..quarantine import Filter

FILTERS: Final = ("fingerprint", "bucket", "prefix", "format")


class DrainRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to drain: the items of `ids`, or all that the filters match; `limit` items at most. `cursor` is that of the
    report before, to go on. `dry_run` only counts. Raises BadRequest where that makes no sense together."""

    ids: tuple[str, ...] = ()
    fingerprint: str = ""
    bucket: str = ""
    prefix: str = ""
    format: str = ""
    limit: int | None = None
    dry_run: bool = False
    cursor: str = ""

    def __post_init__(self) -> None:
        if self.ids and any(getattr(self, name) for name in FILTERS):
            raise BadRequest(f"ids: name items, or filter them by {', '.join(FILTERS)}; not both")
        if self.limit is not None and self.limit < 1:
            raise BadRequest(f"limit: {self.limit} is not at least 1")

    def filter(self, until: str) -> Filter:
        """What is asked for, as far as it had failed before that time."""
        return Filter(until=until, **{name: getattr(self, name) for name in FILTERS})


class DrainReport(msgspec.Struct, kw_only=True):
    """How many items are back in their lanes (of a dry run: would be), and which are not, with the reason of each.

    With a `cursor` there may be more: call again with it. `remaining` is how many, as far as that was soon known. With
    `drain_id` it can be asked later what became of them.
    """

    drained: int = 0
    remaining: int = 0
    cursor: str = ""
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    dry_run: bool = False
    drain_id: str = ""


class DrainOutcome(msgspec.Struct, kw_only=True):
    """What became of a drain: of the works that it put into the lanes, how many were done since, how many failed again,
    and how many wait or are at work."""

    drain_id: str
    works: int
    succeeded: int = 0
    failed_again: int = 0
    pending: int = 0
