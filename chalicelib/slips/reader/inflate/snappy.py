"""Snappy in its framing format (framing_format.txt of google/snappy): chunks of at most 64 KiB of content each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .peekable import PeekableStream

SIGNATURE = re.compile(rb"\xff\x06\0\0sNaPpY")
IDENTIFIER = b"\xff\x06\0\0sNaPpY"
COMPRESSED, UNCOMPRESSED = 0x00, 0x01
FIRST_SKIPPABLE, STREAM = 0x80, 0xFF
MOST_STORED = 4 + 76490
"""A checksum and the longest encoding of 65,536 bytes."""


def inflate_snappy(stored: PeekableStream) -> Iterator[bytes]:
    """Yield the content of each chunk. Raises CorruptObject for a damaged one."""
    from cramjam import DecompressionError, snappy

    while stored.peek(1):
        header = stored.take_exactly(4, "snappy")
        kind, length = header[0], int.from_bytes(header[1:], "little")
        if kind in (COMPRESSED, UNCOMPRESSED) and length <= MOST_STORED:
            body = stored.take_exactly(length, "snappy")
            try:
                yield bytes(snappy.decompress(IDENTIFIER + header + body))
            except DecompressionError as fault:
                raise stored.damaged_error("snappy", fault) from fault
        elif kind == STREAM and header + stored.peek(length) == IDENTIFIER:
            stored.take_peeked(length)
        elif FIRST_SKIPPABLE <= kind < STREAM:
            stored.skip(length, "snappy")
        else:
            raise stored.damaged_error("snappy", f"a chunk of type {kind:#04x} and {length} bytes")
