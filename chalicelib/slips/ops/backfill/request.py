"""What a backfill is asked for."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...model import digest


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Objects of `bucket` whose keys begin with `prefix`, written since and before these times (seconds since the
    epoch). `function` narrows to one function, `lane` "routed" means the one that slips.yml says. `again` queues also
    what the ledger has done.

    Without `until`, objects that were written after the backfill began, or shortly before and are not in the ledger
    yet, are left to their notifications: they would be delivered twice.
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
        """The same for the same request: so it finds its own state."""
        return digest(*(str(value) for value in msgspec.structs.astuple(self)))[:16]
