"""`s3-json-stream`: JSON documents one after another, `}{`, a line each, or pretty-printed; each is a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...config.settings import Limits
from ..base import Batch, Shape, Want
from ..batches import numbered
from ..window import Feed
from .sequence import Documents


def json_stream(chunks: Iterable[bytes], want: Want, limits: Limits, shape: Shape) -> Iterator[Batch]:  # noqa: ARG001
    """Batches of documents. A broken one is a record as it stands, up to where the next one begins; one above
    `limits.max_line_bytes` is a fault of its own. Raises CorruptObject for a last one that is cut off."""
    feed = Feed(chunks)
    feed.skip_bom()
    return numbered(Documents(feed, limits.max_line_bytes).groups(), want, limits.max_line_bytes)
