"""The kinds of files of an archive: lines of JSON, compressed, or Parquet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from .parquet_table import write_parquet


class FileKind(NamedTuple):
    """How lines of JSON become a file."""

    suffix: str
    content_type: str
    to_bytes: Callable[[bytes], bytes]


def _compress_gzip(lines: bytes) -> bytes:
    from isal import igzip

    return igzip.compress(lines, mtime=0)


def _compress_zstd(lines: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(lines)


FILE_KINDS: Final[Mapping[str, FileKind]] = {
    kind.suffix: kind
    for kind in (
        FileKind("ndjson.gz", "application/gzip", _compress_gzip),
        FileKind("ndjson.zst", "application/zstd", _compress_zstd),
        FileKind("parquet", "application/vnd.apache.parquet", write_parquet),
    )
}
"""By suffix, which is the `format` of S3Archive."""
