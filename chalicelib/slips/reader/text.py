"""`s3-text`: the whole object as one record. `ignore`: no records, nothing is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import LimitExceeded
from .batches import Group, batch_groups
from .framing import Batch, FramingOptions, RecordFilter


def frame_text(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield one batch of one record, or none for an empty object. Raises LimitExceeded above
    `limits.max_line_bytes`."""
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > options.max_line_bytes:
            raise LimitExceeded(
                f"s3-text reads the object as one record, and it is longer than {options.max_line_bytes} bytes: "
                "raise limits.max_line_bytes in slips.yml, or choose a format that splits it"
            )
    if size:
        content = b"".join(pieces)
        yield from batch_groups([Group(content, [content])], record_filter, options.max_line_bytes)


def frame_nothing(_chunks: Iterable[bytes], _record_filter: RecordFilter, _options: FramingOptions) -> Iterator[Batch]:
    """Yield nothing, and leave the chunks unread."""
    return iter(())
