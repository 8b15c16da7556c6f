"""The structs that routes answer, by the name that the route declares; only the description needs them all."""

from __future__ import annotations

from typing import Final

import msgspec

from ..drain import DrainOutcome, DrainReport
from ..ledger.ledger import LedgerItem
from ..quarantine import Causes, DiscardReport, ErrorItem, ErrorRow
from .stats import Stats


class ErrorPage(msgspec.Struct):
    """Error items, newest first; `cursor` is null at the end."""

    errors: tuple[ErrorRow, ...]
    cursor: str | None


class History(msgspec.Struct):
    """How an error failed before it was drained, a line each, the oldest first."""

    history: tuple[str, ...]


class Discarded(msgspec.Struct):
    """The id of the item that is gone."""

    discarded: str


class Objects(msgspec.Struct):
    """The books of the works on an object."""

    objects: tuple[LedgerItem, ...]


class Health(msgspec.Struct):
    """`parts` gives each stream's and table's status, or why there is none."""

    ok: bool
    parts: dict[str, str]


class Failed(msgspec.Struct):
    """What every error answers."""

    Code: str
    Message: str


ANY_OF: Final[dict[str, tuple[type, ...]]] = {
    "Errors": (ErrorPage, Causes),
    "Discarded": (Discarded,),
    "DrainReport": (DrainReport,),
    "DrainOutcome": (DrainOutcome,),
    "DiscardReport": (DiscardReport,),
    "Objects": (Objects,),
    "Stats": (Stats,),
    "Health": (Health,),
}
"""One of these structs."""

ALL_OF: Final[dict[str, tuple[type, ...]]] = {"Error": (ErrorItem, History)}
"""The fields of all of these together."""
