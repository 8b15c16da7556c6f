"""Inflating stored bytes, for tests: all that came, and the error it ended with."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slips.config.settings import Limits
from slips.errors import ReadError
from slips.reader.inflate import inflate

from ..reading import cut


@dataclass(frozen=True)
class Inflated:
    """What came, in the chunks it came in, and how it ended."""

    chunks: tuple[bytes, ...]
    error: ReadError | None

    @property
    def content(self) -> bytes:
        """All bytes that came."""
        return b"".join(self.chunks)


def inflated(
    stored: bytes | Iterable[bytes],
    *,
    sizes: Sequence[int] = (),
    limits: Limits | None = None,
    stored_size: int | None = None,
) -> Inflated:
    """Inflate `stored` (or chunks), cut into chunks of `sizes`, over and over."""
    chunks: list[bytes] = []
    error: ReadError | None = None
    try:
        arriving = cut(stored, sizes) if isinstance(stored, bytes) else stored
        for chunk in inflate(arriving, limits or Limits(), stored_size):
            chunks.append(chunk)
    except ReadError as fault:
        error = fault
    return Inflated(tuple(chunks), error)


def log_lines(count: int, first: int = 0) -> bytes:
    """Lines of a log that compress, but not to nothing."""
    return b"".join(b'{"n":%d,"x":"%x"}\n' % (n, n * 2654435761 % 2**32) for n in range(first, first + count))


def inflating_peak(chunks: Iterable[bytes], limits: Limits | None = None) -> tuple[int, int, ReadError | None]:
    """How many bytes come of the chunks, the most that Python held on the way, none of them kept, and the error."""
    size, error = 0, None
    tracemalloc.start()
    try:
        for chunk in inflate(chunks, limits or Limits()):
            size += len(chunk)
    except ReadError as fault:
        error = fault
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size, held, error
