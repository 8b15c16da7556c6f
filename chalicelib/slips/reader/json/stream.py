"""`s3-json-stream`: JSON documents one after another, `}{`, a line each, or pretty-printed; each is a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...config.settings import Limits
from ..batches import numbered
from ..framing import Batch, FramingOptions, RecordFilter
from ..window import Feed
from .sequence import Documents


def json_stream(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """Batches of documents. A broken one is a record as it stands, up to where the next one begins; one above
    `limits.max_line_bytes` is a fault of its own. Raises CorruptObject for a last one that is cut off."""
    feed = Feed(chunks)
    feed.skip_bom()
    return numbered(Documents(feed, limits.max_line_bytes).groups(), record_filter, limits.max_line_bytes)
