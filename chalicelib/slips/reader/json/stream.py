"""`s3-json-stream`: JSON documents one after another, `}{`, a line each, or pretty-printed; each is a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..batches import batch_groups
from ..framing import Batch, FramingOptions, RecordFilter
from ..window import Window
from .sequence import Documents


def frame_json_stream(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of documents.

    A broken one is a record as it is, up to where the next one begins; one above `limits.max_line_bytes` is a fault of
    its own. Raises CorruptObject where the last one is cut off.
    """
    window = Window(chunks)
    window.skip_padding()
    return batch_groups(Documents(window, options.max_line_bytes).groups(), record_filter, options.max_line_bytes)
