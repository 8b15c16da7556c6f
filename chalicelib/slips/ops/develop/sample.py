"""An object for each mapping of slips.yml, as a work item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ...config import Config, Mapping, routing
from ...config.prefixes import literal_head
from ...errors import RouteError
from ...model import ObjectRef, WorkItem, work_item
from ...model.utc import iso
from ...wording import plural

if TYPE_CHECKING:
    from ...config.access import S3Access


class Sampled(NamedTuple):
    """A mapping, with the work item of an object that it takes, or the reason why there is none."""

    mapping: Mapping
    item: WorkItem | None
    reason: str = ""


def sample(config: Config, access: S3Access, *, max_keys: int, min_size: int) -> Iterator[Sampled]:
    """Yield for each mapping the first object of at least `min_size` bytes among the first `max_keys` keys."""
    for mapping in config.mappings:
        yield _of(config, mapping, access, max_keys, min_size)


def _of(config: Config, mapping: Mapping, access: S3Access, max_keys: int, min_size: int) -> Sampled:
    from botocore.exceptions import ClientError

    try:
        entries = list(_listed(access, mapping, max_keys))
    except ClientError as fault:
        return Sampled(mapping, None, str(fault))
    for entry in entries:
        ref = ref_of(mapping.bucket, entry, access.client(mapping.bucket).meta.region_name)
        if entry["Size"] >= min_size and (lane := _lane(config, mapping, ref)):
            return Sampled(mapping, work_item(ref, lane))
    return Sampled(
        mapping,
        None,
        f"none of the first {len(entries)} keys is an object of this mapping of at least {plural(min_size, 'byte')}",
    )


def _listed(access: S3Access, mapping: Mapping, max_keys: int) -> Iterator[Any]:
    parameters = access.object_parameters(mapping.bucket)
    pages = (
        access.client(mapping.bucket)
        .get_paginator("list_objects_v2")
        .paginate(**parameters, Prefix=literal_head(mapping.prefix), PaginationConfig={"MaxItems": max_keys})
    )
    for page in pages:
        yield from page.get("Contents", ())


def _lane(config: Config, mapping: Mapping, ref: ObjectRef) -> str:
    """Return the stream of the object; empty if another mapping or none takes it, or it is dropped."""
    try:
        lane = routing.route(config, ref).lane
        match = routing.find_mapping(config, ref)
    except RouteError:
        return ""
    return "" if lane == "drop" or match is not mapping else config.lane(lane).stream


def ref_of(bucket: str, entry: Any, region: str = "") -> ObjectRef:
    """Return an entry of a listing as an object (Amazon S3 API Reference, ListObjectsV2), with its time of writing."""
    return ObjectRef(
        bucket=bucket,
        key=entry["Key"],
        size=entry["Size"],
        etag=entry["ETag"].strip('"'),
        region=region,
        event_time=iso(entry["LastModified"].timestamp()),
    )
