"""`records`: records that were cut before, each behind its length (4 bytes, big-endian). Not for slips.yml: it is how
`slips.testing` gives captured records to the engine, whatever container they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from .base import Batch, Shape, Want, pick


def framed(chunks: Iterable[bytes], want: Want, limits: Limits, shape: Shape) -> Iterator[Batch]:  # noqa: ARG001
    """All records, in one batch."""
    data, at = b"".join(chunks), 0
    records: list[bytes] = []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        records.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if records:
        yield from pick(records, 1, want)
