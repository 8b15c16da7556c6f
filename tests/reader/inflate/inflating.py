"""Inflating stored bytes, for tests: the output, and the error it ended with."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from slips.config.settings import Limits
from slips.errors import ReadError
from slips.reader.inflate import inflate

from ..reading import cut


@dataclass(frozen=True)
class Inflated:
    """The output in its chunks, how many of them come before each further document, and the error."""

    chunks: tuple[bytes, ...]
    error: ReadError | None
    ends: tuple[int, ...] = ()

    @property
    def content(self) -> bytes:
        """The whole output."""
        return b"".join(self.chunks)

    @property
    def documents(self) -> list[bytes]:
        """The output, document by document."""
        return [b"".join(self.chunks[start:end]) for start, end in pairwise((0, *self.ends, len(self.chunks)))]


def inflate_all(
    stored: bytes | Iterable[bytes],
    *,
    sizes: Sequence[int] = (),
    limits: Limits | None = None,
    stored_size: int | None = None,
) -> Inflated:
    """Inflate `stored` (or chunks), cut into chunks of `sizes`, in turns."""
    chunks: list[bytes] = []
    ends: list[int] = []
    error: ReadError | None = None
    try:
        arriving = cut(stored, sizes) if isinstance(stored, bytes) else stored
        for chunk in inflate(arriving, limits or Limits(), stored_size):
            if isinstance(chunk, bytes):
                chunks.append(chunk)
            else:
                ends.append(len(chunks))
    except ReadError as fault:
        error = fault
    return Inflated(tuple(chunks), error, tuple(ends))


def log_lines(count: int, first: int = 0) -> bytes:
    """Return lines of a log that compress, but not to nothing."""
    return b"".join(b'{"n":%d,"x":"%x"}\n' % (n, n * 2654435761 % 2**32) for n in range(first, first + count))


def inflating_peak(chunks: Iterable[bytes], limits: Limits | None = None) -> tuple[int, int, ReadError | None]:
    """Return how many bytes the chunks inflate to, the most bytes that Python held, and the error."""
    size, error = 0, None
    tracemalloc.start()
    try:
        for chunk in inflate(chunks, limits or Limits()):
            size += len(chunk) if isinstance(chunk, bytes) else 0
    except ReadError as fault:
        error = fault
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size, held, error
