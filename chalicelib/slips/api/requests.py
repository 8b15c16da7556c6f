"""The structs of the routes' queries, and of bodies but those of drain and discard. Imported by the first request."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..quarantine import Filter
from ..quarantine.selection import LONGEST, Text

LIMIT: Final = 50
MOST: Final = 500
"""Items of a page; more could exceed API Gateway's limit of 10 MB."""
MOST_ENTRIES: Final = 100
MOST_MUTED: Final = 336
"""Two weeks of hours: for so long a cause is remembered."""
MOST_HOURS: Final = 168
"""A week; counters are kept for nine days."""

_Time = Annotated[str, Meta(min_length=1, max_length=LONGEST, extra_json_schema={"format": "date-time"})]


State = Literal["open", "waiting", "draining", "parked", "gone", "superseded"]


class ErrorQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the error items that match, or their causes. Raises BadRequest for causes with a limit, cursor
    or order."""

    bucket: Annotated[Text, Meta(description="Only objects of this bucket.")] = ""
    prefix: Annotated[Text, Meta(description="Only objects whose key begins with this.")] = ""
    format: Annotated[Text, Meta(description="Only this format.")] = ""
    processor: Annotated[Text, Meta(description="Only errors of this function.")] = ""
    fingerprint: Annotated[Text, Meta(description="Only this cause.")] = ""
    state: (
        Annotated[
            Literal["open", "waiting", "draining", "parked", "gone", "superseded"], Meta(description="Only this state.")
        ]
        | None
    ) = None
    stage: (
        Annotated[
            Literal["dispatch", "route", "read", "parse", "process", "crash"],
            Meta(description="Only failures in this stage."),
        ]
        | None
    ) = None
    since: Annotated[_Time, Meta(description="Only failures at this time or later (ISO 8601).")] = ""
    until: Annotated[_Time, Meta(description="Only failures before this time (ISO 8601).")] = ""
    text: Annotated[
        Text, Meta(description="Only errors with this text in the key, the type or the message; case matters.")
    ] = ""
    order: (
        Annotated[Literal["newest", "oldest"], Meta(description="Items: the newest first, by default, or the oldest.")]
        | None
    ) = None
    group: (
        Annotated[
            Literal["fingerprint"],
            Meta(description="List causes instead of items, all at once, without limit, cursor and order."),
        ]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=MOST, description=f"At most this many items; {LIMIT} by default.")] | None = (
        None
    )
    cursor: Annotated[
        str, Meta(max_length=LONGEST, description="The cursor of the last response; leave it out, or empty, to begin.")
    ] = ""

    def __post_init__(self) -> None:
        if self.group and (self.limit is not None or self.cursor or self.order):
            raise BadRequest("group: causes are listed all at once, without limit, cursor and order")

    def filter(self) -> Filter:
        """Return the filter of the listing. Raises BadRequest for an invalid time."""
        values = {name: getattr(self, name) or "" for name in Filter.__struct_fields__}
        return Filter(**values)


class DiscardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The reason to discard an item."""

    reason: Annotated[Text, Meta(description="The reason, for the log: a discarded item cannot be restored.")] = ""


class ObjectQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The name of an object."""

    bucket: Annotated[Text, Meta(description="The bucket.")]
    key: Annotated[Text, Meta(description="The whole key.")]


class MuteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that nobody has to look at for some time, and why. Raises BadRequest without a reason."""

    fingerprint: Annotated[Text, Meta(description="The cause.")]
    hours: Annotated[int, Meta(ge=0, le=MOST_MUTED, description="For how long; 0 ends it.")]
    note: Annotated[Text, Meta(description="Why, for the next person who looks; may be left out only to end it.")] = ""

    def __post_init__(self) -> None:
        if self.hours and not self.note.strip():
            raise BadRequest("note: say why, for the next person who looks")


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the audit trail."""

    limit: Annotated[int, Meta(ge=1, le=MOST_ENTRIES, description="At most this many entries.")] = LIMIT
    cursor: Annotated[
        str, Meta(max_length=LONGEST, description="The cursor of the last response; leave it out, or empty, to begin.")
    ] = ""


class StatsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The time that the numbers are of."""

    hours: Annotated[
        int, Meta(ge=1, le=MOST_HOURS, description="Of the current hour and this many before it; 24 by default.")
    ] = 24


class NoQuery(msgspec.Struct, frozen=True):
    """A query without parameters."""
