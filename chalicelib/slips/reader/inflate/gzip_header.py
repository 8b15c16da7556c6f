"""The header of a gzip member (RFC 1952, section 2.3). Parsed here because ISA-L goes wrong where one arrives in parts
and holds a checksum or several texts."""

from __future__ import annotations

from zlib import crc32

from ...config.settings import MIB
from .peekable import PeekableStream

FHCRC, FEXTRA, FNAME, FCOMMENT, RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0
DEFLATE = 8
LONGEST_TEXT = 1 * MIB
"""Bytes of a name or comment, for which the RFC has no bound."""


def skip_header(stored: PeekableStream) -> None:
    """Take the header. Raises CorruptObject where it is cut off or wrong."""
    fixed = stored.take_exactly(10, "gzip")
    flags = fixed[3]
    if fixed[2] != DEFLATE or flags & RESERVED:
        raise stored.damaged_error("gzip", f"a header of method {fixed[2]} with flags {flags:#04x}")
    checksum = crc32(fixed)
    if flags & FEXTRA:
        length = stored.take_exactly(2, "gzip")
        checksum = crc32(stored.take_exactly(int.from_bytes(length, "little"), "gzip"), crc32(length, checksum))
    for text in (FNAME, FCOMMENT):
        if flags & text:
            checksum = _skip_text(stored, checksum)
    if flags & FHCRC and int.from_bytes(stored.take_exactly(2, "gzip"), "little") != checksum & 0xFFFF:
        raise stored.damaged_error("gzip", "the header's checksum is wrong")


def _skip_text(stored: PeekableStream, checksum: int) -> int:
    """Take a text with the zero that ends it, and return the checksum up to there."""
    size = 0
    while piece := stored.take(256):
        text = piece[: piece.find(0) + 1] or piece
        checksum, size = crc32(text, checksum), size + len(text)
        if text.endswith(b"\0"):
            stored.give_back(piece[len(text) :])
            return checksum
        if size > LONGEST_TEXT:
            raise stored.damaged_error("gzip", "a name or comment in the header does not end")
    raise stored.truncated_error("gzip")
