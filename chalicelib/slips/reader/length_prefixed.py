"""`records`: records that were cut before, each behind its length (4 bytes, big-endian). Not for slips.yml: it is how
`slips.testing` gives captured records to the engine, whatever container they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from .framing import Batch, FramingOptions, RecordFilter, select


def framed(
    chunks: Iterable[bytes], record_filter: RecordFilter, _limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """All records, in one batch."""
    data, at = b"".join(chunks), 0
    records: list[bytes] = []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        records.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if records:
        yield from select(records, 1, record_filter)
