"""What sinks write into buckets of the emulated account, as files: outbox/<bucket>/<key>."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...config.access import S3Access

if TYPE_CHECKING:
    from ...decorators import Slips

KIND: Final = "s3-archive"
"""The kind of those sinks; their destination is s3://<bucket>/<prefix>."""


class OutboxFolder:
    """A folder that gets the objects of sinks; files of earlier runs stay, unless they are written again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._etags: dict[Path, str] = {}

    def fetch(self, slips: Slips) -> int:
        """Fetch the objects that are new; return how many of them there were."""
        access, count = S3Access({}), 0
        for bucket, prefix in _places(slips):
            client = access.client(bucket)
            pages = client.get_paginator("list_objects_v2").paginate(**access.bucket_parameters(bucket), Prefix=prefix)
            for entry in (entry for page in pages for entry in page.get("Contents", [])):
                path = self.folder / bucket / entry["Key"]
                if self._etags.get(path) == entry["ETag"] or ".." in path.parts:
                    continue
                body = client.get_object(**access.bucket_parameters(bucket), Key=entry["Key"])["Body"].read()
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
                self._etags[path] = entry["ETag"]
                count += 1
        return count


def _places(slips: Slips) -> Iterator[tuple[str, str]]:
    for place in {sink.destination for sink in slips.sinks_by_function.values() if sink.kind == KIND}:
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        yield bucket, prefix
