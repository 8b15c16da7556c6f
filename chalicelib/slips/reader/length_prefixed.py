"""`records`: records that were cut before, each after its length (4 bytes, big-endian).

Not for slips.yml: `slips.testing` gives captured records to the engine this way, whatever cut them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .batches import select
from .framing import Batch, FramingOptions, RecordFilter


def frame_length_prefixed(
    chunks: Iterable[bytes], record_filter: RecordFilter, _options: FramingOptions
) -> Iterator[Batch]:
    """Yield all records in one batch."""
    data, at = b"".join(chunks), 0
    records: list[bytes] = []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        records.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if records:
        yield from select(records, record_filter.first, record_filter)
