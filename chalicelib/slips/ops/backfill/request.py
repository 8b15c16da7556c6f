"""The parameters of a backfill."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...model import digest


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request for the objects of `bucket` below `prefix`, written from `since` on and before `until` (seconds since
    the epoch). `function` restricts it to one function; `lane` "routed" is the lane that slips.yml gives. `again`
    includes objects that are done.

    Without `until`, objects written after the backfill began, or shortly before it and not yet in the ledger, are left
    to their notifications: otherwise they would be delivered twice.
    """

    stack: str
    bucket: str
    prefix: str = ""
    since: float | None = None
    until: float | None = None
    function: str = ""
    lane: Literal["fast", "slow", "routed"] = "slow"
    again: bool = False

    @property
    def id(self) -> str:
        """The same id for the same request, so that it finds its state."""
        return digest(*(str(value) for value in msgspec.structs.astuple(self)))[:16]
