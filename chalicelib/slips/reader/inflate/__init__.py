"""Stored bytes to inflated ones. The first bytes tell the compression, never the object's name.

gzip, bzip2, xz, zstd, LZ4 frames, framed Snappy, zip; whatever begins as none of these is read as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ...config.settings import Limits
from .bounds import gathered, within
from .detect import HEAD, opener
from .peekable import StoredBytes


def inflate(chunks: Iterable[bytes], limits: Limits, stored_size: int | None = None) -> Generator[bytes, None, None]:
    """The inflated bytes, in bounded memory: in chunks of 128 KiB to 1 MiB. Shorter may be the last one, and what comes
    between pieces of that size.

    `stored_size` is the size of the object in bytes, for messages. Raises CorruptObject where the stored bytes are
    damaged or end early and LimitExceeded where `limits` are passed, both after everything before the fault.
    """
    stored = StoredBytes(chunks, stored_size)
    pieces = opener(stored.peek(HEAD))
    yield from gathered(within(pieces(stored), stored, limits))
