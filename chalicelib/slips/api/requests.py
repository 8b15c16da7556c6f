"""What the routes take in their query; bodies are the structs of drain and discard. Imported by the first request."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from ..errors import BadRequest
from ..quarantine import Filter
from ..quarantine.selection import LONGEST, Text

LIMIT: Final = 50
MOST: Final = 500
"""Items of a page: beyond it an answer comes near API Gateway's 10 MB."""

_Time = Annotated[str, Meta(max_length=LONGEST, extra_json_schema={"format": "date-time"})]


class ErrorQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which error items, and which page of them. Raises BadRequest for a page of causes."""

    bucket: Annotated[Text, Meta(description="Of objects of this bucket.")] = ""
    prefix: Annotated[Text, Meta(description="Of objects whose key begins with this.")] = ""
    format: Annotated[Text, Meta(description="Of this format.")] = ""
    processor: Annotated[Text, Meta(description="That this function raised.")] = ""
    fingerprint: Annotated[Text, Meta(description="Of this cause.")] = ""
    state: Annotated[Literal["open", "draining", "parked"], Meta(description="In this state.")] | None = None
    stage: (
        Annotated[
            Literal["dispatch", "route", "read", "parse", "process", "crash"],
            Meta(description="That failed in this stage."),
        ]
        | None
    ) = None
    since: Annotated[_Time, Meta(description="That failed at this time or later (ISO 8601).")] = ""
    until: Annotated[_Time, Meta(description="That failed before this time (ISO 8601).")] = ""
    group: (
        Annotated[
            Literal["fingerprint"], Meta(description="Causes instead of items, all at once, without limit and cursor.")
        ]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=MOST, description=f"Items at most; {LIMIT} where it is left out.")] | None = (
        None
    )
    cursor: Annotated[
        str, Meta(max_length=LONGEST, description="The cursor of the last answer; leave it out, or empty, to begin.")
    ] = ""

    def __post_init__(self) -> None:
        if self.group and (self.limit is not None or self.cursor):
            raise BadRequest("group: causes come all at once, without limit and cursor")

    def filter(self) -> Filter:
        """Return the filter of the listing. Raises BadRequest for a time that is not one."""
        values = {name: getattr(self, name) or "" for name in Filter.__struct_fields__}
        return Filter(**values)


class DiscardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Why one item is discarded."""

    reason: Annotated[Text, Meta(description="Why, for the log: what is discarded is gone.")] = ""


class ObjectQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One object."""

    bucket: Annotated[Text, Meta(description="The bucket.")]
    key: Annotated[Text, Meta(description="The whole key.")]


class NoQuery(msgspec.Struct, frozen=True):
    """Nothing is asked besides the path."""
