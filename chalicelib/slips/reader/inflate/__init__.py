"""Stored bytes to inflated ones. The first bytes tell the compression, never the object's name.

gzip, bzip2, xz, zstd, LZ4 frames, framed Snappy, zip, tar, and these in each other; UTF-16 and UTF-32 become UTF-8;
anything else is read as it is, unless it is known and not text.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ...config.settings import Limits
from .boundary import Boundary, Piece, join_streams, separate, split_documents
from .bounds import resize_chunks
from .nested import Unpacker
from .peekable import PeekableStream

__all__ = ["Boundary", "Piece", "inflate", "split_documents"]


def inflate(
    chunks: Iterable[bytes], limits: Limits, stored_size: int | None = None, *, is_text: bool = True
) -> Generator[Piece, None, None]:
    """Yield the inflated bytes, in bounded memory: chunks of 128 KiB to 1 MiB, except for the last one of a document
    and those just before a larger piece; and `Boundary.DOCUMENT` before each further document (a member of an archive).

    `stored_size` is the size of the object in bytes, for messages. Content that need not be text (`is_text`) is given
    as it is. Raises CorruptObject where the stored bytes are damaged, end early or are not read, and LimitExceeded
    above `limits`; both after everything before the fault.
    """
    unpacked = Unpacker(PeekableStream(chunks, stored_size), limits, is_text=is_text).unpack()
    yield from resize_chunks(separate(unpacked) if is_text else join_streams(unpacked))
