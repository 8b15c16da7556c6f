"""The structs of the responses, by the name that the route declares. Only the description needs them all."""

from __future__ import annotations

from typing import Final

import msgspec

from ..drain import DrainOutcome, DrainReport
from ..ledger.audit import AuditPage
from ..ledger.items import LedgerItem
from ..ledger.netting import NetBooks
from ..quarantine import DiscardReport, ErrorItem, ErrorRow
from .causes import CauseReports
from .stats import Stats


class ErrorPage(msgspec.Struct):
    """A page of error items, newest first; `cursor` is null at the end."""

    errors: tuple[ErrorRow, ...]
    cursor: str | None


class Muted(msgspec.Struct):
    """Until when the cause is muted, in seconds since the epoch; 0: it is not."""

    fingerprint: str
    muted_until: int


class History(msgspec.Struct):
    """The earlier failures of an error that was drained, one line each, the oldest first."""

    history: tuple[str, ...]


class Discarded(msgspec.Struct):
    """The id of the discarded item."""

    discarded: str


class Objects(msgspec.Struct):
    """The books of an object, one for each work; and their sum, one for each version of the object."""

    objects: tuple[LedgerItem, ...]
    net: tuple[NetBooks, ...]


class RecentObjects(msgspec.Struct):
    """Books of works, those that changed last first."""

    objects: tuple[LedgerItem, ...]


class Health(msgspec.Struct):
    """The version of SLIPS, and the status of each stream, table and queue; instead, the error code, or what is wrong
    with the table's index. A topic is `ACTIVE` if what it cannot deliver goes into the queue, else `no redrive`."""

    ok: bool
    version: str
    parts: dict[str, str]


class Failed(msgspec.Struct):
    """The body of every error."""

    Code: str
    Message: str


ANY_OF: Final[dict[str, tuple[type, ...]]] = {
    "Errors": (ErrorPage, CauseReports),
    "Discarded": (Discarded,),
    "DrainReport": (DrainReport,),
    "DrainOutcome": (DrainOutcome,),
    "DiscardReport": (DiscardReport,),
    "Muted": (Muted,),
    "Objects": (Objects,),
    "RecentObjects": (RecentObjects,),
    "Stats": (Stats,),
    "AuditPage": (AuditPage,),
    "Health": (Health,),
}
"""One of these structs."""

ALL_OF: Final[dict[str, tuple[type, ...]]] = {"Error": (ErrorItem, History)}
"""The fields of all of these together."""
