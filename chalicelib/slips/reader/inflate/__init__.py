"""Stored bytes to inflated ones. The first bytes tell the compression, never the object's name.

gzip, bzip2, xz, zstd, LZ4 frames, framed Snappy, zip; anything else is read as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ...config.settings import Limits
from .bounds import enforce_limits, resize_chunks
from .detect import HEAD, detect_inflater
from .peekable import PeekableStream


def inflate(chunks: Iterable[bytes], limits: Limits, stored_size: int | None = None) -> Generator[bytes, None, None]:
    """Yield the inflated bytes, in bounded memory: chunks of 128 KiB to 1 MiB, except for the last one and those just
    before a larger piece.

    `stored_size` is the size of the object in bytes, for messages. Raises CorruptObject where the stored bytes are
    damaged or end early, and LimitExceeded above `limits`; both after everything before the fault.
    """
    stored = PeekableStream(chunks, stored_size)
    inflater = detect_inflater(stored.peek(HEAD))
    yield from resize_chunks(enforce_limits(inflater(stored), stored, limits))
