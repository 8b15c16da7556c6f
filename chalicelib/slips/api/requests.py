"""The structs of the routes' queries; those of bodies are in drain and discard. Imported by the first request."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..quarantine import Filter
from ..quarantine.selection import LONGEST, State, Text, Time

LIMIT: Final = 50
MOST: Final = 500
"""Items of a page; more could exceed API Gateway's limit of 10 MB."""


class ErrorQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the error items that match, or their causes. Raises BadRequest for causes with a limit or cursor."""

    bucket: Annotated[Text, Meta(description="Only objects of this bucket.")] = ""
    prefix: Annotated[Text, Meta(description="Only objects whose key begins with this.")] = ""
    format: Annotated[Text, Meta(description="Only this format.")] = ""
    processor: Annotated[Text, Meta(description="Only errors of this function.")] = ""
    fingerprint: Annotated[Text, Meta(description="Only this cause.")] = ""
    state: Annotated[State, Meta(description="Only this state.")] | None = None
    stage: (
        Annotated[
            Literal["dispatch", "route", "read", "parse", "process", "crash"],
            Meta(description="Only failures in this stage."),
        ]
        | None
    ) = None
    since: Annotated[Time, Meta(description="Only failures at this time or later (ISO 8601).")] = ""
    until: Annotated[Time, Meta(description="Only failures before this time (ISO 8601).")] = ""
    group: (
        Annotated[
            Literal["fingerprint"],
            Meta(description="List causes instead of items, all at once, without limit and cursor."),
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
        if self.group and (self.limit is not None or self.cursor):
            raise BadRequest("group: causes are listed all at once, without limit and cursor")

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


class NoQuery(msgspec.Struct, frozen=True):
    """A query without parameters."""
