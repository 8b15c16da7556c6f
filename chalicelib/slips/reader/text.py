"""`s3-text`: the whole object as one record. `ignore`: no records, and nothing is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from ..errors import LimitExceeded
from .framing import Batch, FramingOptions, RecordFilter, select


def text(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """One batch of one record, none for an empty object. Raises LimitExceeded above `limits.max_line_bytes`."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size > limits.max_line_bytes:
            raise LimitExceeded(
                f"s3-text reads the object as one record, and it is longer than {limits.max_line_bytes} bytes: "
                "raise limits.max_line_bytes in slips.yml, or choose a container that splits it"
            )
    if size:
        yield from select([b"".join(held)], 1, record_filter)


def ignore(
    _chunks: Iterable[bytes], _record_filter: RecordFilter, _limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """No batches; the chunks are left unread."""
    return iter(())
