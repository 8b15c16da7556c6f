"""The objects of a prefix, in the order of their keys, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from ...model import ObjectRef
from ..develop.sample import ref_of
from .request import Request
from .state import State

if TYPE_CHECKING:
    from ...config.access import S3Access

ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects cannot be read without a restore (Amazon S3 User Guide, "Understanding S3 Glacier
storage classes"); GLACIER_IR can."""


class Listed(msgspec.Struct, frozen=True):
    """A listed object, and whether it is archived."""

    ref: ObjectRef
    is_archived: bool = False


class Listing(msgspec.Struct, frozen=True):
    """A page: the objects that match the request, and the last key of the page."""

    objects: tuple[Listed, ...]
    last_key: str


def pages(state: State, access: S3Access, page_size: int = 1000) -> Iterator[Listing]:
    """Yield all objects of the backfill after the last key that was processed."""
    request, after = state.request, state.after
    if request.until is None:
        request = msgspec.structs.replace(request, until=state.began_at)
    s3 = access.client(request.bucket)
    region = s3.meta.region_name
    token: str | None = None
    while True:
        parameters: dict[str, Any] = {
            **access.object_parameters(request.bucket), "Prefix": request.prefix, "MaxKeys": page_size,
        }  # fmt: skip
        if token:
            parameters["ContinuationToken"] = token
        elif after:
            parameters["StartAfter"] = after
        answer = s3.list_objects_v2(**parameters)
        contents = answer.get("Contents", [])
        if contents:
            objects = tuple(_listed(request, entry, region) for entry in contents if _matches(request, entry))
            yield Listing(objects, contents[-1]["Key"])
        token = answer.get("NextContinuationToken")
        if not token:
            return


def _matches(request: Request, entry: Any) -> bool:
    time = entry["LastModified"].timestamp()
    return (request.since is None or time >= request.since) and (request.until is None or time < request.until)


def _listed(request: Request, entry: Any, region: str) -> Listed:
    return Listed(ref_of(request.bucket, entry, region), entry.get("StorageClass") in ARCHIVED)
