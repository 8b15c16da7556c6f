"""The object to explain: one in S3, or a local file in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ....errors import ObjectMissing, ReadError
from ....model import ObjectRef
from ....model.utc import iso

if TYPE_CHECKING:
    from ....config.access import S3Access


def parts(url: str) -> tuple[str, str]:
    """Split `s3://bucket/key`; the key may contain `?`, `#` and `%`. Raises click.UsageError."""
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    if "://" not in url:
        raise click.UsageError(f"{url!r} does not begin with s3://; write s3://{url}")
    if scheme != "s3" or not bucket:
        raise click.UsageError(f"{url!r} is not an object; write s3://BUCKET/KEY")
    return bucket, key


def locate_object(url: str, access: S3Access, version_id: str = "") -> ObjectRef:
    """Find the object, as its notification would name it. Raises click.UsageError and ReadError."""
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key = parts(url)
    if not key:
        raise click.UsageError(f"{url!r} is a bucket; write s3://BUCKET/KEY")
    version: Any = {"VersionId": version_id} if version_id else {}
    try:
        head = access.client(bucket).head_object(**access.object_parameters(bucket), Key=key, **version)
    except ClientError as fault:
        if fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise ObjectMissing(f"{url}: there is no such object") from None
        raise ReadError(f"{url}: {fault}") from fault
    except BotoCoreError as fault:
        raise ReadError(f"{url}: {fault}") from fault
    version_id = head.get("VersionId", "")
    return ObjectRef(
        bucket=bucket,
        key=key,
        size=head["ContentLength"],
        etag=head["ETag"].strip('"'),
        version_id="" if version_id == "null" else version_id,
        event_time=iso(head["LastModified"].timestamp()),
    )


def object_of_file(path: Path, url: str) -> ObjectRef:
    """Return the file as the object of that name."""
    bucket, key = parts(url)
    if not path.is_file():
        raise click.UsageError(f"{path}: there is no such file")
    stat = path.stat()
    return ObjectRef(bucket=bucket, key=key or path.name, size=stat.st_size, event_time=iso(stat.st_mtime))


def is_url(text: str) -> bool:
    """Return whether the text names an object rather than a file."""
    return urlsplit(text).scheme == "s3"
