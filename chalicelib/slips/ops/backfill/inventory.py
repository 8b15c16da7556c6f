"""The objects that an S3 Inventory lists, page by page.

A manifest names gzipped CSV files without a header; their keys are URL-encoded (Amazon S3 User Guide, "Amazon S3
Inventory list").
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import msgspec

from ...errors import SlipsError
from ..develop.sample import ref_of
from .listing import ARCHIVED, Listed, Listing
from .request import Request

if TYPE_CHECKING:
    from ...config.access import S3Access

_NEEDED = ("Bucket", "Key", "Size", "LastModifiedDate", "ETag")
_MANIFEST = "manifest.json"


class _File(msgspec.Struct):
    key: str


class _Manifest(msgspec.Struct, rename="camel"):
    source_bucket: str
    file_format: str
    file_schema: str
    files: list[_File]

    @property
    def columns(self) -> list[str]:
        return [name.strip() for name in self.file_schema.split(",")]


def inventory_pages(
    bucket: str, path: str, request: Request, access: S3Access, page_size: int = 1000
) -> Iterator[Listing]:
    """Yield the current objects of an inventory that match the request. `path` is the key of a manifest.json, or the
    folder of the dated folders, of which the newest counts. Raises SlipsError where it cannot be read."""
    s3 = access.client(bucket)
    whose = access.object_parameters(bucket)
    key = path if path.endswith(_MANIFEST) else _find_newest(s3, whose, path)
    manifest = _read_manifest(s3, whose, key)
    if manifest.source_bucket != request.bucket:
        raise SlipsError(f"s3://{bucket}/{key}: is of the bucket {manifest.source_bucket}, not {request.bucket}")
    region = access.client(request.bucket).meta.region_name
    for file in manifest.files:
        body = s3.get_object(**whose, Key=file.key)["Body"]
        with closing(body), gzip.open(body, "rt", encoding="utf-8", newline="") as text:
            objects = _read_objects(text, manifest.columns, request, region, f"s3://{bucket}/{file.key}")
            while page := tuple(islice(objects, page_size)):
                yield Listing(page, page[-1].ref.key)


def _find_newest(s3: Any, whose: Any, folder: str) -> str:
    prefix = f"{folder.rstrip('/')}/" if folder else ""
    pages = s3.get_paginator("list_objects_v2").paginate(**whose, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    manifests = [key for key in keys if key.endswith(f"/{_MANIFEST}")]
    if not manifests:
        place = f"s3://{whose['Bucket']}/{prefix}"
        raise SlipsError(f"{place}: there is no {_MANIFEST} below; name the folder of an inventory")
    return str(max(manifests))  # Their folders are named by time: 2026-03-01T00-00Z.


def _read_manifest(s3: Any, whose: Any, key: str) -> _Manifest:
    bucket = whose["Bucket"]
    content = s3.get_object(**whose, Key=key)["Body"].read()
    try:
        manifest = msgspec.json.decode(content, type=_Manifest)
    except (msgspec.DecodeError, ValueError) as fault:
        raise SlipsError(f"s3://{bucket}/{key}: is not the manifest of an inventory: {fault}") from fault
    if manifest.file_format != "CSV":
        raise SlipsError(f"s3://{bucket}/{key}: the inventory is {manifest.file_format}; configure one as CSV")
    if missing := [name for name in _NEEDED if name not in manifest.columns]:
        raise SlipsError(f"s3://{bucket}/{key}: the inventory lacks {', '.join(missing)}; add them to its fields")
    return manifest


def _read_objects(
    text: Iterable[str], columns: list[str], request: Request, region: str, place: str
) -> Iterator[Listed]:
    try:
        for row in csv.reader(text):
            entry = dict(zip(columns, row, strict=True))
            if entry.get("IsLatest") == "false" or entry.get("IsDeleteMarker") == "true":
                continue
            key = unquote_plus(entry["Key"])
            modified = datetime.fromisoformat(entry["LastModifiedDate"].replace("Z", "+00:00"))
            time = (modified if modified.tzinfo else modified.replace(tzinfo=UTC)).timestamp()
            if not key.startswith(request.prefix) or time < (request.since or 0):
                continue
            listed = {"Key": key, "Size": int(entry["Size"] or 0), "ETag": entry["ETag"], "LastModified": modified}
            yield Listed(ref_of(request.bucket, listed, region), entry.get("StorageClass") in ARCHIVED)
    except (ValueError, EOFError, OSError, zlib.error, csv.Error) as fault:
        raise SlipsError(f"{place}: is not a file of this inventory: {fault}") from fault
